"""The house fields: a kind for its macro, a hint that says why, messages in the reader's words.

Labels, hints and messages are English msgids; ``components/form.html`` translates them.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

from email_validator import EmailNotValidError, validate_email
from wtforms import BooleanField, Field, SelectField, SelectMultipleField, StringField
from wtforms.form import BaseForm
from wtforms.validators import DataRequired, Optional, StopValidation

from cocreate.gettext import N_, Text, text
from cocreate.web.providers import likelier_domain
from cocreate.web.text import fault_in, letters_in, tidy, tidy_address


class Fault(StopValidation):
    """What is wrong with a field, in words; with values in them where ``message`` is a Text."""

    def __init__(self, message: str | Text) -> None:
        super().__init__(message)  # type: ignore[arg-type]  # WTForms keeps it as it is


def readable(form: BaseForm, field: Any) -> None:
    """Refuse the few characters that endanger a reader, and say which."""
    fault = fault_in(field.data or "", lines=field.lines)
    if fault is not None:
        raise Fault(fault)


def at_most(limit: int, message: str) -> Callable[[BaseForm, Field], None]:
    """Refuse more than ``limit`` letters; ``message`` may show ``limit`` and ``over``."""

    def check(form: BaseForm, field: Field) -> None:
        over = letters_in(field.data or "") - limit
        if over > 0:
            raise Fault(text(message, limit=limit, over=over))

    return check


class TextField(StringField):
    """One line of text."""

    kind = "text"
    input_type = "text"
    lines = False  # more than one

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
        super().__init__(label, validators, filters=[self.clean], description=hint, **kw)

    def clean(self, value: str | None) -> str:
        return tidy(value, lines=self.lines)


class AreaField(TextField):
    """Several lines of text."""

    kind = "area"
    lines = True


class EmailField(TextField):
    """An e-mail address: valid by syntax (RFC 5321), any script after @, never looked up in DNS."""

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

    def clean(self, value: str | None) -> str:
        return tidy_address(value)

    def suggestion(self) -> str:
        """A likelier address where the domain looks like a slip of a common one, else empty."""
        local, _, domain = (self.data or "").rpartition("@")
        likelier = likelier_domain(domain.lower()) if local else ""
        return likelier and f"{local}@{likelier}"


def _address(form: BaseForm, field: Any) -> None:
    """Refuse what is no address, and say so where it is one that we cannot write to.

    Mail servers that take other scripts before the @ (SMTPUTF8, RFC 6531) are few, and whether
    ours does is known only when it has the letter: a letter that cannot go must not be promised.
    """
    message = N_("Enter an e-mail address in the correct format, like name@example.com")
    try:
        found = validate_email(field.data, check_deliverability=False)
    except EmailNotValidError:
        raise Fault(message) from None
    if found.ascii_email is None:
        raise Fault(
            N_("We cannot write to this address yet: before the @ we can only use letters a to z")
        )
    field.data = found.normalized


class ChoiceField(SelectField):
    """Codes with their words to choose from; optional where ``missing`` is empty."""

    def __init__(
        self,
        label: str,
        choices: Sequence[tuple[str, str]],
        missing: str,
        *,
        hint: str = "",
        **kw: Any,
    ) -> None:
        self.missing, self.codes = missing, dict(choices).keys()
        # A dict: WTForms 3.4 takes no pairs.
        kw |= {"choices": dict(choices), "coerce": tidy, "validate_choice": False}
        super().__init__(label, description=hint, **kw)
        self.flags.optional = not missing


class RadioField(ChoiceField):
    """One of a few."""

    kind = "radios"

    def pre_validate(self, form: BaseForm) -> None:
        left_out = self.flags.optional and not self.data
        if not left_out and self.data not in self.codes:
            raise Fault(self.missing or N_("Choose one of the options shown"))


class DropField(RadioField):
    """One of many."""

    kind = "select"


class ChecksField(ChoiceField, SelectMultipleField):
    """Any of a few; at least one where ``missing`` says how to ask for it."""

    kind = "checks"

    def pre_validate(self, form: BaseForm) -> None:
        self.data = list(dict.fromkeys(self.data or ()))
        if not self.codes >= set(self.data):
            raise Fault(N_("Choose from the options shown"))
        if self.missing and not self.data:
            raise Fault(self.missing)


class TickField(BooleanField):
    """One box, never ticked beforehand. Anything but its own value counts as unticked."""

    kind = "tick"

    def __init__(self, label: str, missing: str = "", *, hint: str = "", **kw: Any) -> None:
        validators = [DataRequired(missing)] if missing else []
        super().__init__(label, validators, description=hint, **kw)
        self.flags.optional = not missing

    def process_formdata(self, valuelist: list[Any]) -> None:
        self.data = valuelist == ["yes"]
