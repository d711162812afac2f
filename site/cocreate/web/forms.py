"""The three forms. A new question is one line here (and one migration where its answer is stored).

We ask only for what is used, and say why under the field. Choices are stored as their codes.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import ClassVar, NamedTuple

from flask import Flask, g

from cocreate.gettext import N_
from cocreate.languages import LANGUAGES, Language
from cocreate.pages import PAGES
from cocreate.urls import use_absolute_links
from cocreate.web.fields import (
    AreaField,
    CheckboxesField,
    CheckboxField,
    ConsentField,
    DropdownField,
    EmailField,
    RadioField,
    TextField,
)
from cocreate.web.formbase import (
    OWN_NAMES,
    AddressForm,
    HouseForm,
    JoinForm,
    mail_language,
    questions,
)

ROLES = (
    ("developer", N_("I write software")),
    ("designer", N_("I design")),
    ("product", N_("I look after a product or a team")),
    ("data", N_("I work with data")),
    ("security", N_("I work in security or operations")),
    ("student", N_("I am studying")),
    ("other", N_("Something else")),
)
INTERESTS = (
    ("events", N_("Meetups and other events")),
    ("conference", N_("The STACK developer conference")),
    ("open-source", N_("Open-source technology")),
    ("sg-tech-stack", N_("The SG Tech Stack")),
)
AGE_BANDS = (
    ("under-21", N_("Under 21")),
    ("21-34", N_("21 to 34")),
    ("35-49", N_("35 to 49")),
    ("50-64", N_("50 to 64")),
    ("65-over", N_("65 or over")),
)
DEVICES = (
    ("phone", N_("With a phone")),
    ("tablet", N_("With a tablet")),
    ("computer", N_("With a computer")),
    ("shared", N_("On a device that I share, or in a public place")),
    ("helped", N_("With somebody’s help")),
)
SESSIONS = (
    ("focus-group", N_("Focus group discussions")),
    ("user-testing", N_("User-testing sessions")),
    ("other", N_("Anything else that comes up")),
)


class StackForm(JoinForm):
    """Join STACK."""

    community, other = "stack", "tech-kaki"
    role = RadioField(
        N_("What do you do?"),
        ROLES,
        N_("Choose what comes closest to what you do"),
        hint=N_("So that events suit the people who come."),
    )
    interests = CheckboxesField(
        N_("What would you like to hear about?"),
        INTERESTS,
        N_("Choose at least one subject"),
        hint=N_("We write to you about these subjects only. You can change them later."),
    )
    mail_language = mail_language()
    also = CheckboxField(
        N_("I would like to join Tech Kaki too"),
        hint=N_("Tick this, and you need not fill in its form. One e-mail confirms both."),
    )
    consent = ConsentField()


class TechKakiForm(JoinForm):
    """Join Tech Kaki."""

    community, other = "tech-kaki", "stack"
    uses: ClassVar[dict[str, str]] = JoinForm.uses | {
        "sessions": N_("To invite you to what you chose, and to nothing else.")
    }
    sessions = CheckboxesField(
        N_("What would you like to take part in?"),
        SESSIONS,
        N_("Choose at least one kind of session"),
        hint=N_(
            "In a focus group, a few people talk about one service."
            " In user testing, you try one out. We invite you to these sessions only."
        ),
    )
    spoken = CheckboxesField(
        N_("Which languages are you comfortable in?"),
        OWN_NAMES,
        N_("Choose at least one language"),
        hint=N_("So that you can say what you think in a language that you feel at ease in."),
    )
    age_band = RadioField(
        N_("How old are you?"), AGE_BANDS, hint=N_("So that services are tested by all ages.")
    )
    devices = CheckboxesField(
        N_("How do you go online?"), DEVICES, hint=N_("So that services work for you too.")
    )
    access_needs = AreaField(
        N_("What do you need so that you can take part?"),
        limit=1000,
        hint=N_(
            "So that we can include you: for example with step-free access,"
            " a sign language interpreter or large print."
        ),
    )
    also = CheckboxField(
        N_("I would like to join STACK too"),
        hint=N_("Tick this, and you need not fill in its form. One e-mail confirms both."),
    )
    consent = ConsentField()


class FeedbackForm(AddressForm):
    """An open channel."""

    uses: ClassVar[dict[str, str]] = {
        "message": N_("To read what you say, and to mend what is wrong.")
    }

    page = DropdownField(
        N_("What is your feedback about?"),
        [
            ("", N_("Something else")),
            *((page.name, page.label) for page in PAGES),
            ("vulnerability", N_("A security weakness")),
        ],
        hint=N_("So that it reaches the people who can do something about it."),
    )
    message = AreaField(
        N_("Your message"),
        N_("Enter your message"),
        limit=5000,
        hint=N_(
            "What happened, or what would you change?"
            " Please leave out identity card and account numbers."
        ),
    )
    better = AreaField(
        N_("If a sentence is wrong, how would you write it?"),
        limit=1000,
        hint=N_("So that we can mend it everywhere on this site."),
    )
    email = EmailField(hint=N_("To answer you, if you want an answer. We use it for nothing else."))


FORMS: dict[str, type[HouseForm]] = {
    "stack": StackForm,
    "tech-kaki": TechKakiForm,
    "feedback": FeedbackForm,
}


def every_consent(app: Flask) -> Iterator[tuple[Language, str, str]]:
    """Language, version and words of each consent that ``app`` asks for."""
    for language in LANGUAGES:
        with app.test_request_context():
            g.language = language
            use_absolute_links()
            forms = [form() for form in FORMS.values() if issubclass(form, JoinForm)]
            asked = {form.consent.version: form.consent.words for form in forms}
        yield from ((language, version, words) for version, words in asked.items())


class Use(NamedTuple):
    """One row of the table on the privacy page: a question, the pages that ask it, and why.

    Sealed is what this server cannot read again: free text is, choices are not.
    """

    question: str
    forms: tuple[str, ...]
    sealed: bool
    purpose: str


def uses() -> list[Use]:
    """Every use of every question of every form; what several forms ask alike stands once."""
    found: dict[tuple[str, bool, str], list[str]] = {}
    for page in PAGES:
        for field in questions(FORMS[page.form]()) if page.form else ():
            purpose = FORMS[page.form].uses.get(field.name) or field.description
            key = (field.label.text, isinstance(field, TextField), purpose)
            found.setdefault(key, []).append(page.label)
    return [Use(text, tuple(forms), sealed, why) for (text, sealed, why), forms in found.items()]


def init_app(app: Flask) -> None:
    app.jinja_env.globals["uses"] = uses
