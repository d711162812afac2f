"""What the forms share: how they are read, checked and kept. The forms are in ``forms.py``."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any, ClassVar

from werkzeug.datastructures import MultiDict
from wtforms import Form, StringField
from wtforms.form import BaseForm

from cocreate.gettext import N_
from cocreate.languages import LANGUAGES
from cocreate.web.fields import (
    CheckboxField,
    ConsentField,
    EmailField,
    Question,
    RadioField,
    TextField,
)

OWN_NAMES = [(language.slug, language.own_name) for language in LANGUAGES]
# Asked on the form, but not answers to store as they are.
NOT_ANSWERS = {"trap", "name", "email", "mail_language", "also", "consent"}


def name_field(missing: str = "") -> TextField:
    """What to call somebody, asked on a form and changed with a membership."""
    return TextField(
        N_("Name"),
        missing,
        too_long=N_("Use a name of up to %(limit)s characters"),
        hint=N_("What should we call you when we write? One name is enough."),
        render_kw={"autocomplete": "name"},
    )


def mail_language() -> RadioField:
    """The language of all our mail, asked on a form and changed with a membership."""
    return RadioField(
        N_("Which language should our e-mail be in?"),
        OWN_NAMES,
        N_("Choose a language"),
        hint=N_("We write to you in this language."),
    )


class HouseForm(Form):
    """What every form has: a trap for bots that no person sees, hears or reaches.

    Bots like to fill a subject in; password managers and browsers have nothing to put there.
    """

    trap = StringField(name="subject")

    # What a template has to know besides the fields; set by the view.
    is_live = False
    action = ""
    trouble: tuple[str, str] | None = None
    doubted_email = ""  # an address that was asked about
    # What an answer is used for, by question, where the hint under the question does not say so.
    uses: ClassVar[dict[str, str]] = {}

    def __init__(self, sent: MultiDict[str, str] | None = None, **kept: Any) -> None:
        """What a browser ``sent``; where nothing was, answers that are ``kept``, by field.

        The button of an offer (``use_email``) carries the corrected address, which takes the place
        of the one typed.
        """
        self.sent = MultiDict[str, str](sent or ())
        if corrected := self.sent.get("use_email"):
            self.sent["email"] = corrected
        super().__init__(None if sent is None else self.sent, **kept)

    @property
    def email_suggestion(self) -> str:
        """A likelier address than the one typed; empty where there is none to offer."""
        return ""


class AddressForm(HouseForm):
    """A form with a page of its own: it asks once about an address that looks mistyped."""

    @property
    def email_suggestion(self) -> str:
        email: Any = self["email"]
        return email.suggestion() if self.doubted_email or not email.errors else ""

    def validate(self, extra_validators: Any = None) -> bool:
        """Sent again unchanged, a doubted address is taken as typed."""
        is_valid = super().validate(extra_validators)
        email: Any = self["email"]
        if not self.email_suggestion or email.data in self.sent.getlist("keep_email"):
            return is_valid
        self.doubted_email = email.data
        email.errors = [N_("Check the part after @, or send the form again to keep what you typed")]
        return False


class JoinForm(AddressForm):
    """What every community asks.

    A form that offers to join an ``other`` community too has a box ``also`` for it.
    """

    community: str
    other = ""
    also: CheckboxField
    consent: ConsentField
    uses: ClassVar[dict[str, str]] = {
        "name": N_("To call you by it when we write."),
        "also": N_(
            "To join both communities with one form: once you confirm, you are a member of both."
        ),
        "consent": N_(
            "To prove your consent. We keep when you gave it, in which language, and a code that"
            " tells which words you read."
        ),
    }
    name = name_field(N_("Enter your name"))
    email = EmailField(
        N_("Enter your e-mail address"),
        hint=N_("We first send you a link to confirm, then news of each community that you join."),
    )

    @property
    def answers(self) -> dict[str, Any]:
        """What to store beside name and address, by column name."""
        return {name: value for name, value in self.data.items() if name not in NOT_ANSWERS}


def questions(form: BaseForm) -> Iterable[Question]:
    """The fields that a person answers, in order; not the honeypot."""
    return (field for field in form if isinstance(field, Question))


def typed(form: BaseForm) -> MultiDict[str, str]:
    """What was answered, as a browser would send it."""
    answers = MultiDict[str, str]()
    for field in questions(form):
        data = "yes" if field.data is True else field.data or []
        answers.setlist(field.name, data if isinstance(data, list) else [data])
    return answers
