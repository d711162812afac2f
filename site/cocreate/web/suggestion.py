"""An address that looks mistyped: what to offer, and what somebody chose. Never forced."""

from __future__ import annotations

from flask import request

from cocreate.gettext import N_
from cocreate.web.fields import EmailField
from cocreate.web.forms import HouseForm


def email_suggestion(form: HouseForm) -> str:
    email = form._fields.get("email")
    if not isinstance(email, EmailField) or not email.data or email.errors:
        return ""
    return email.suggestion()


def doubts_address(form: HouseForm) -> bool:
    """Whether to ask once about a likely slip. Sent again unchanged, it is taken as typed."""
    suggestion = email_suggestion(form)
    if not suggestion or form["email"].data in request.form.getlist("keep_email"):
        return False
    form.doubted_email, form.email_suggestion = form["email"].data, suggestion
    form["email"].errors = [
        N_("Check the part after @, or send the form again to keep what you typed")
    ]
    return True


def take_suggestion(form: HouseForm) -> None:
    """The button of the offer carries the corrected address."""
    email = form._fields.get("email")
    if isinstance(email, EmailField) and request.form.get("use_email"):
        email.raw_data = [request.form["use_email"]]
        email.data = email.clean(email.raw_data[0])
