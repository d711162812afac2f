"""The house fields: a kind for its macro, a hint that says why, messages in the reader's words.

Labels, hints and messages are English msgids; ``components/form.html`` translates them.
"""

from __future__ import annotations

import difflib
import re
import unicodedata
from collections.abc import Callable, Iterable, Sequence
from functools import lru_cache, partial
from typing import Any

from email_validator import EmailNotValidError, validate_email
from wtforms import BooleanField, Field, SelectField, SelectMultipleField, StringField
from wtforms.form import BaseForm
from wtforms.validators import DataRequired, Optional, StopValidation, ValidationError

from cocreate.gettext import N_, Text, text

# Left-to-right and right-to-left overrides and isolates: they make text look like other text.
BIDI = re.compile("[\u202a-\u202e\u2066-\u2069]")
COMMON_DOMAINS = (
    "gmail.com",
    "hotmail.com",
    "outlook.com",
    "yahoo.com",
    "yahoo.com.sg",
    "icloud.com",
    "live.com",
    "singnet.com.sg",
    "starhub.net.sg",
)


class WrongError(ValidationError):
    """A fault whose message has values in it."""

    def __init__(self, message: Text) -> None:
        super().__init__(message)  # type: ignore[arg-type]  # WTForms keeps it as it is


UNSEEN = N_("Remove characters that cannot be shown, or type this again")


def tidy(value: str | None, longest: int = 100) -> str:
    """Trimmed, line ends as LF, and in Unicode NFC.

    NFC costs the square of a run of accents: what is over ``longest`` characters, and so refused
    anyway, is left as it is.
    """
    value = (value or "").replace("\r\n", "\n").strip()
    return unicodedata.normalize("NFC", value) if len(value) <= longest else value


def readable(form: BaseForm, field: Any) -> None:
    """Refuse what cannot be typed or seen: NUL, control and bidi characters, broken UTF-8."""
    value = field.data or ""
    allowed = "\n\t" if field.kind == "area" else ""
    for character in value:
        unseen = unicodedata.category(character) in ("Cc", "Cs", "Cn", "Co", "Zl", "Zp")
        if (unseen and character not in allowed) or BIDI.match(character) or character == "\ufffd":
            raise StopValidation(UNSEEN)
    if value and all(unicodedata.category(c) in ("Cf", "Mn", "Zs") for c in value):
        raise StopValidation(UNSEEN)


def at_most(limit: int, message: str) -> Callable[[BaseForm, Field], None]:
    """Refuse more than ``limit`` characters; ``message`` may show ``limit`` and ``over``."""

    def check(form: BaseForm, field: Field) -> None:
        length = len(field.data or "")
        if length > limit:
            raise WrongError(text(message, limit=limit, over=length - limit))

    return check


class TextField(StringField):
    """One line of text."""

    kind = "text"
    input_type = "text"

    def __init__(
        self,
        label: str,
        missing: str,
        too_long: str,
        *,
        limit: int = 200,
        hint: str = "",
        **kw: Any,
    ) -> None:
        self.limit = limit
        first = DataRequired(missing) if missing else Optional()
        validators = [first, readable, at_most(limit, too_long), *kw.pop("validators", ())]
        filters = [partial(tidy, longest=2 * limit)]
        super().__init__(label, validators, filters=filters, description=hint, **kw)


class AreaField(TextField):
    """Several lines of text."""

    kind = "area"


class EmailField(TextField):
    """An e-mail address: valid by syntax (RFC 5321, 6531), any script, never looked up in DNS."""

    input_type = "email"

    def __init__(self, missing: str, *, hint: str, **kw: Any) -> None:
        too_long = N_("Use an e-mail address of up to %(limit)s characters")
        kw["render_kw"] = {"autocomplete": "email", "inputmode": "email", "spellcheck": "false"}
        super().__init__(
            N_("E-mail address"),
            missing,
            too_long,
            limit=254,
            hint=hint,
            validators=[_address],
            **kw,
        )

    def suggestion(self) -> str:
        """A likelier address where the domain looks like a slip of a common one, else empty."""
        local, _, domain = (self.data or "").rpartition("@")
        likelier = _likelier(domain.lower()) if local else ""
        return likelier and f"{local}@{likelier}"


@lru_cache(1000)
def _likelier(domain: str) -> str:
    if domain in COMMON_DOMAINS:
        return ""
    return next(iter(difflib.get_close_matches(domain, COMMON_DOMAINS, n=1, cutoff=0.85)), "")


def _address(form: BaseForm, field: Any) -> None:
    message = N_("Enter an e-mail address in the correct format, like name@example.com")
    try:
        found = validate_email(field.data, check_deliverability=False, allow_smtputf8=False)
    except EmailNotValidError:
        raise StopValidation(message) from None
    field.data = found.normalized


Choices = Sequence[tuple[str, str]]


def codes(field: Any) -> set[str]:
    """The answers that a choice field knows. A dict: WTForms 3.4 takes no pairs."""
    return set(field.choices)


class RadioField(SelectField):
    """One of a few."""

    kind = "radios"

    def __init__(
        self, label: str, choices: Choices, missing: str, *, hint: str = "", **kw: Any
    ) -> None:
        self.missing = missing or N_("Choose one of the options shown")
        super().__init__(
            label, choices=dict(choices), description=hint, coerce=tidy, validate_choice=False, **kw
        )
        self.flags.optional = not missing

    def pre_validate(self, form: BaseForm) -> None:
        left_out = self.flags.optional and not self.data
        if not left_out and self.data not in codes(self):
            raise StopValidation(self.missing)


class DropField(RadioField):
    """One of many."""

    kind = "select"


class ChecksField(SelectMultipleField):
    """Any of a few; one at least where ``missing`` says how to ask for it."""

    kind = "checks"

    def __init__(
        self, label: str, choices: Choices, missing: str, *, hint: str = "", **kw: Any
    ) -> None:
        self.missing = missing
        super().__init__(
            label, choices=dict(choices), description=hint, validate_choice=False, **kw
        )
        self.flags.optional = not missing

    def pre_validate(self, form: BaseForm) -> None:
        self.data = list(dict.fromkeys(self.data or ()))
        if not codes(self).issuperset(self.data):
            raise StopValidation(N_("Choose from the options shown"))
        if self.missing and not self.data:
            raise StopValidation(self.missing)


class TickField(BooleanField):
    """One box, never ticked beforehand. Anything but its own value counts as unticked."""

    kind = "tick"

    def __init__(self, label: str, missing: str = "", *, hint: str = "", **kw: Any) -> None:
        validators = [DataRequired(missing)] if missing else []
        super().__init__(label, validators, description=hint, **kw)
        self.flags.optional = not missing

    def process_formdata(self, valuelist: list[Any]) -> None:
        self.data = valuelist == ["yes"]


def questions(form: BaseForm) -> Iterable[Field]:
    """The fields that a person answers, in order; not the honeypot."""
    return (field for field in form if hasattr(field, "kind"))
