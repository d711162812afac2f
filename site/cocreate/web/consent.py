"""The words of consent, and the version that tells which a member agreed to (PDPA s 13 to 16)."""

from __future__ import annotations

import hashlib

from flask import Flask, render_template

from cocreate.gettext import _, plain
from cocreate.web.forms import MemberForm, uses


def consent_words(form: MemberForm) -> str:
    """What ``form`` asks to agree to in the language being rendered, without mark-up."""
    shown = plain(render_template("components/consent-words.html"))
    return " ".join(f"{shown} {plain(_(form.consent.label.text))}".split())


def consent_version(form: MemberForm) -> str:
    """16 hexadecimal digits that change with any word of :func:`consent_words` (SHA-256)."""
    return hashlib.sha256(consent_words(form).encode()).hexdigest()[:16]


def init_app(app: Flask) -> None:
    app.jinja_env.globals.update(consent_version=consent_version, uses=uses)
