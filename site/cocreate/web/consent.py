"""The words of consent, and the version that tells which a member agreed to (PDPA s 13 to 16)."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator, Mapping

from flask import Flask, g, render_template

from cocreate.gettext import N_, _, plain
from cocreate.languages import LANGUAGES, Language
from cocreate.urls import use_absolute_links
from cocreate.web.forms import FORMS, HouseForm, MemberForm, uses


def consent_words(form: MemberForm) -> str:
    """What ``form`` asks to agree to in the language being rendered, without mark-up."""
    shown = plain(render_template("components/consent-words.html"))
    return " ".join(f"{shown} {plain(_(form.consent.label.text))}".split())


def consent_version(form: MemberForm) -> str:
    """16 hexadecimal digits that change with any word of :func:`consent_words` (SHA-256)."""
    return hashlib.sha256(consent_words(form).encode()).hexdigest()[:16]


def consent_has_changed(form: HouseForm, sent: Mapping[str, str]) -> bool:
    """Whether somebody agreed to other words than today's: an older page's, another copy's.

    Then the box is unticked, and says why. A client that names no version is taken to know them.
    """
    seen = sent.get("consent_version")
    if not isinstance(form, MemberForm) or seen in (None, consent_version(form)):
        return False
    form.consent.data = False
    form.consent.errors = [
        N_("These words have changed since you opened the form. Read them and tick the box again")
    ]
    return True


def every_consent(app: Flask) -> Iterator[tuple[Language, str, str]]:
    """Language, version and words of each consent that ``app`` asks for."""
    for language in LANGUAGES:
        with app.test_request_context():
            g.language = language
            use_absolute_links()
            forms = [form() for form in FORMS.values() if issubclass(form, MemberForm)]
            asked = {consent_version(form): consent_words(form) for form in forms}
        yield from ((language, version, words) for version, words in asked.items())


def init_app(app: Flask) -> None:
    app.jinja_env.globals.update(consent_version=consent_version, uses=uses)
