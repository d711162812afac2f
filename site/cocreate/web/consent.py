"""The words of consent, and the version that tells which a member agreed to (PDPA s 13 to 16)."""

from __future__ import annotations

import hashlib
from typing import Any

from flask import render_template

from cocreate.gettext import N_, _, plain
from cocreate.web.fields import Fault, TickField

CHANGED = N_("These words have changed since you opened the form. Read them and tick the box again")


class ConsentField(TickField):
    """The box of consent, together with the words that it agrees to.

    The page sends back the version of the words that it showed. Where these are not today's (an
    older page, another copy's), the box is unticked and says why. A client that names no version is
    taken to know the words.
    """

    def __init__(self, **kw: Any) -> None:
        super().__init__(N_("I agree"), N_("Tick the box to give your consent"), **kw)

    @property
    def words(self) -> str:
        """All that is agreed to, in the language being rendered, without mark-up."""
        shown = plain(render_template("components/consent-words.html"))
        return " ".join(f"{shown} {plain(_(self.label.text))}".split())

    @property
    def version(self) -> str:
        """16 hexadecimal digits that change with any of the words (SHA-256)."""
        return hashlib.sha256(self.words.encode()).hexdigest()[:16]

    def pre_validate(self, form: Any) -> None:
        seen = form.sent.get("consent_version")
        if self.data and seen is not None and seen != self.version:
            self.data = False
            raise Fault(CHANGED)
