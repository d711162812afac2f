"""What the links in our mails open: confirm, manage, withdraw. GET shows, only POST acts."""

from __future__ import annotations

from typing import Any

from flask import Blueprint, Flask, Response, abort, current_app, g, render_template, request

from cocreate.gettext import N_
from cocreate.languages import BY_SLUG, Language
from cocreate.pages import HOME
from cocreate.storage import letters, membership, signups
from cocreate.storage.addresses import SEALED_FIELDS
from cocreate.storage.membership import Membership
from cocreate.web import ratelimit
from cocreate.web.fields import CheckboxesField, EmailField
from cocreate.web.formbase import (
    NOT_ANSWERS,
    HouseForm,
    JoinForm,
    mail_language,
    name_field,
    questions,
)
from cocreate.web.forms import FORMS
from cocreate.web.security import OWN_BROWSER, check_body, require_same_origin

blueprint = Blueprint("membership", __name__)

# RFC 9110: 410 for what was there once, 404 for what we never issued.
STATUS = {"ready": 200, "used": 410, "expired": 410, "replaced": 410, "unknown": 404}


class ResendForm(HouseForm):
    """Somebody whose link no longer works types the address again: we cannot read it ourselves."""

    email = EmailField(
        N_("Enter your e-mail address"),
        hint=N_(
            "The one that you gave when you joined."
            " If it still waits for you to confirm, we send the new link there."
        ),
    )


class ManageForm(HouseForm):
    """What every member may change. The questions of the communities come to it by themselves."""

    mail_language = mail_language()
    name = name_field()


def manage_form(found: list[Membership], posted: Any = None) -> ManageForm:
    """Every question of the communities joined, and any other with an answer kept, as answered.

    What was never answered may stay so: who joined both by one form saw the questions of one.
    """
    kept = {name: codes for joined in found for name, codes in joined.answers.items() if codes}
    communities = {joined.community for joined in found}
    asked: dict[str, Any] = {}
    own: set[str] = set()
    for kind in (kind for kind in FORMS.values() if issubclass(kind, JoinForm)):
        names = {field.name for field in questions(kind())} - NOT_ANSWERS
        own |= names if kind.community in communities else set()
        asked |= {name: getattr(kind, name) for name in names & (own | kept.keys())}
    answered = {
        name: codes if asked[name].field_class is CheckboxesField else codes[0]
        for name, codes in kept.items()
        if name in asked
    }
    form: ManageForm = type("ManageForm", (ManageForm,), asked)(
        posted, mail_language=found[0].language.slug, **answered
    )
    for name in asked.keys() - (own & kept.keys()):
        question: Any = form[name]
        question.missing = ""
    return form


@blueprint.get("/<language:language>/confirm<token:token>")
def show_confirm(language: Language, token: str) -> Response:
    """One button. Mail scanners follow links, so a GET changes nothing."""
    return link_page(token, signups.look_up(token))


@blueprint.post("/<language:language>/confirm<token:token>")
def confirm(language: Language, token: str) -> Response:
    require_same_origin()
    if request.form.get("action") == "resend":
        return resend(language, token)
    link = signups.confirm(token)
    if link.state == "ready" or link.just_used:  # a second press is as good as one
        return token_page("confirmed", f"confirm/{token}/", link=link)
    return link_page(token, link)


def resend(language: Language, token: str) -> Response:
    """A new link to the address typed, if it waits for one; the answer does not tell."""
    form = ResendForm(request.form)
    if not form.validate():
        return link_page(token, signups.look_up(token), form, status=422)
    if (wait := ratelimit.seconds_to_wait("join")) is not None:
        form.trouble = ratelimit.TOO_MANY
        response = link_page(token, signups.look_up(token), form, status=429)
        response.headers["Retry-After"] = str(wait)
        return response
    signups.resend(token, form.email.data or "", language)
    ratelimit.count("join")
    return token_page("resent", f"confirm/{token}/")


@blueprint.get("/<language:language>/manage<token:token>")
def show_manage(language: Language, token: str) -> Response:
    return manage_page(token)


@blueprint.post("/<language:language>/manage<token:token>")
def manage(language: Language, token: str) -> Response:
    if is_one_click():
        # No redirect; the token is the authority, and twice is as good as once.
        return withdraw(token)
    require_same_origin()
    action, community = request.form.get("action"), request.form.get("community") or None
    if action == "withdraw" and community in {None, *FORMS}:
        return withdraw(token, community)
    if action != "change":
        abort(400)
    return change(token)


def is_one_click() -> bool:
    """Whether a mail program wants to unsubscribe: RFC 8058, and as they really send it.

    Some name no type or another one, add a line break, or send no body at all. No browser posts
    without saying from where.
    """
    body = request.get_data()
    if not body:
        return not {"Origin", "Sec-Fetch-Site", "Referer"}.intersection(request.headers.keys())
    said = request.form.get("List-Unsubscribe", "")
    return said.strip() == "One-Click" or body.strip() == b"List-Unsubscribe=One-Click"


def withdraw(token: str, community: str | None = None) -> Response:
    membership.withdraw(token, community)
    return token_page("withdrawn", f"manage/{token}/")


def change(token: str) -> Response:
    """Store good answers; give any other back with everything that was typed."""
    check_body()
    found = membership.memberships(token)
    form = manage_form(found, request.form) if found else None
    if form is None or not form.validate():
        return manage_page(token, form)
    answers = {field.name: field.data for field in questions(form)}
    membership.change(token, BY_SLUG[answers.pop("mail_language")], **answers)
    return manage_page(token, saved=True)


def manage_page(token: str, form: ManageForm | None = None, *, saved: bool = False) -> Response:
    found = membership.memberships(token)
    if not found:
        return token_page("unmanageable", f"manage/{token}/", status=404)
    return token_page(
        "manage",
        f"manage/{token}/",
        status=422 if form else 200,
        memberships=found,
        answered=letters.answers_by(token),
        saved=saved,
        form=form or manage_form(found),
        sealed=("name", *SEALED_FIELDS),
    )


def link_page(
    token: str, link: signups.Link, form: ResendForm | None = None, status: int | None = None
) -> Response:
    """What a confirm link is worth: one button, or why it does not work and a form for another."""
    status = status or STATUS[link.state]
    return token_page("confirm", f"confirm/{token}/", status, link=link, form=form or ResendForm())


def token_page(name: str, path: str, status: int = 200, **values: object) -> Response:
    """A personal page: ``system/NAME.html``, at ``path`` below each language."""
    g.path_in_language = path
    body = render_template(f"system/{name}.html", page=HOME, layout="layouts/base.html", **values)
    return current_app.make_response((body, status, {"Cache-Control": OWN_BROWSER}))


@blueprint.after_request
def limit_referrer(response: Response) -> Response:
    """The address of this page opens it: not even our own server is told it with the style sheet.

    Not ``no-referrer``, which would take the Origin off the forms (fetch.spec.whatwg.org, 3.2).
    """
    response.headers["Referrer-Policy"] = "strict-origin"
    return response


def init_app(app: Flask) -> None:
    app.register_blueprint(blueprint)
