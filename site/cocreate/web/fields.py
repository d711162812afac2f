"""The house fields: a kind for its macro, a hint that says why, messages in the reader's words.

Labels, hints and messages are English msgids; ``components/form.html`` translates them.
"""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from typing import Any

from email_validator import EmailNotValidError, validate_email
from flask import render_template
from wtforms import BooleanField, Field, SelectField, SelectMultipleField, StringField
from wtforms.validators import StopValidation

from cocreate.gettext import N_, Text, _, plain
from cocreate.web.providers import likelier_domain
from cocreate.web.text import count_characters, fault_in, tidy, tidy_address

TOO_LONG = N_("Use up to %(limit)s characters; this is %(over)s too many")
CHANGED = N_("These words have changed since you opened the form. Read them and tick the box again")


class Fault(StopValidation):
    """What is wrong with a field, in words; with values in them where ``message`` is a Text."""

    def __init__(self, message: str | Text) -> None:
        super().__init__(message)  # type: ignore[arg-type]  # WTForms keeps it as it is


class Question(Field):
    """What a person answers; it may be left out where ``missing`` has no words for that.

    ``kind`` chooses its HTML in ``components/form.html``.
    """

    kind: str

    def __init__(self, label: str, missing: str = "", *, hint: str = "", **kw: Any) -> None:
        super().__init__(label, description=hint, **kw)
        self.missing = missing

    @property
    def optional(self) -> bool:
        return not self.missing

    def pre_validate(self, form: Any) -> None:
        if self.missing and not self.data:
            raise Fault(self.missing)


class TextField(Question, StringField):
    """One line of text. ``too_long`` may show ``limit`` and ``over``."""

    kind = "text"
    input_type = "text"
    lines = False  # more than one

    def __init__(
        self,
        label: str,
        missing: str = "",
        *,
        limit: int = 200,
        too_long: str = TOO_LONG,
        **kw: Any,
    ) -> None:
        self.limit, self.too_long = limit, too_long
        super().__init__(label, missing, filters=[self.clean], **kw)

    def clean(self, value: str | None) -> str:
        return tidy(value, lines=self.lines)

    def pre_validate(self, form: Any) -> None:
        super().pre_validate(form)
        answer = self.data or ""
        if fault := fault_in(answer, lines=self.lines):
            raise Fault(fault)
        over = count_characters(answer) - self.limit
        if over > 0:
            raise Fault(Text(self.too_long, limit=self.limit, over=over))


class AreaField(TextField):
    """Several lines of text."""

    kind = "area"
    lines = True


class EmailField(TextField):
    """An e-mail address: valid by syntax (RFC 5321), any script after @, never looked up in DNS."""

    input_type = "email"

    def __init__(self, missing: str = "", **kw: Any) -> None:
        super().__init__(
            N_("E-mail address"),
            missing,
            limit=254,
            too_long=N_("Use an e-mail address of up to %(limit)s characters"),
            render_kw={"autocomplete": "email", "inputmode": "email", "spellcheck": "false"},
            **kw,
        )

    def clean(self, value: str | None) -> str:
        return tidy_address(value)

    def pre_validate(self, form: Any) -> None:
        """Refuse what is no address, and say so where it is one that we cannot write to.

        Mail servers that take other scripts before the @ (SMTPUTF8, RFC 6531) are few, and whether
        ours does is known only when it has the letter: a letter that cannot go must not be
        promised.
        """
        super().pre_validate(form)
        if not self.data:
            return
        message = N_("Enter an e-mail address in the correct format, like name@example.com")
        try:
            found = validate_email(self.data, check_deliverability=False)
        except EmailNotValidError:
            raise Fault(message) from None
        if found.ascii_email is None:
            raise Fault(
                N_(
                    "We cannot write to this address yet:"
                    " before the @ we can only use letters a to z"
                )
            )
        self.data = found.normalized

    def suggestion(self) -> str:
        """A likelier address where the domain looks like a slip of a common one, else empty."""
        local, _at, domain = (self.data or "").rpartition("@")
        likelier = likelier_domain(domain.lower()) if local else ""
        return likelier and f"{local}@{likelier}"


class ChoiceField(Question, SelectField):
    """Codes with their words to choose from."""

    def __init__(
        self, label: str, choices: Sequence[tuple[str, str]], missing: str = "", **kw: Any
    ) -> None:
        words = dict(choices)  # WTForms 3.4 takes no pairs
        self.codes = words.keys()
        super().__init__(label, missing, choices=words, coerce=tidy, **kw)


class RadioField(ChoiceField):
    """One of a few."""

    kind = "radios"

    def pre_validate(self, form: Any) -> None:
        super().pre_validate(form)
        if self.data and self.data not in self.codes:
            raise Fault(self.missing or N_("Choose one of the options shown"))


class DropdownField(RadioField):
    """One of many."""

    kind = "select"


class CheckboxesField(ChoiceField, SelectMultipleField):
    """Any of a few."""

    kind = "checks"

    def pre_validate(self, form: Any) -> None:
        self.data = list(dict.fromkeys(self.data or ()))
        if not self.codes >= set(self.data):
            raise Fault(N_("Choose from the options shown"))
        super().pre_validate(form)


class CheckboxField(Question, BooleanField):
    """One box, never ticked beforehand. Anything but its own value counts as unticked."""

    kind = "tick"

    def process_formdata(self, valuelist: list[Any]) -> None:
        self.data = valuelist == ["yes"]


class ConsentField(CheckboxField):
    """The box of consent, together with the words that it agrees to (PDPA s 13 to 16).

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
        super().pre_validate(form)
