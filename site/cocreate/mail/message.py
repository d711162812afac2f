"""The messages: words from ``templates/mail``, in the member's language, as plain text and HTML.

Nothing that a visitor typed goes into a message: it may be sent to somebody who asked for nothing.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from email.header import Header
from email.headerregistry import Address
from email.message import EmailMessage
from email.policy import EmailPolicy
from email.utils import format_datetime, parseaddr
from typing import Any
from urllib.parse import urlsplit

from babel.lists import format_list
from flask import Flask, g, render_template
from markupsafe import Markup

from cocreate import communities
from cocreate.config import Config
from cocreate.gettext import _, ngettext, plain, translator
from cocreate.languages import BY_SLUG, ENGLISH, Language
from cocreate.pages import SITE_NAME
from cocreate.storage.crypto import ascii_domain

# English says one community and two alike; not every language does.
SUBJECTS: dict[str, Callable[..., Markup]] = {
    # L10n: subject of the e-mail that asks to confirm; %(communities)s is STACK, Tech Kaki or both
    "confirm": lambda number, **names: ngettext(
        "Please confirm: join %(communities)s",
        "Please confirm: join %(communities)s",
        number,
        **names,
    ),
    # L10n: subject of the e-mail to somebody who joins again
    "member": lambda number, **names: ngettext(
        "You have already joined %(communities)s",
        "You have already joined %(communities)s",
        number,
        **names,
    ),
}


# Python counts a few characters less than it writes: encoded words end at 75 (RFC 2047).
LONGEST_LINE = 72


class HousePolicy(EmailPolicy):
    """Folds headers as RFC 5322 asks, but for two that Python would spoil.

    A long address never goes into encoded words: no mail program finds the unsubscribe link there.
    Of a subject in several encoded words Python loses a space that stands where one ends.
    """

    def fold(self, name: str, value: str) -> str:
        if name == "List-Unsubscribe":
            return f"{name}: {value}{self.linesep}"
        if name == "Subject" and not value.isascii():
            words = Header(value, "utf-8", LONGEST_LINE, name).encode(linesep=self.linesep)
            return f"{name}: {words}{self.linesep}"
        return str(super().fold(name, value))

    def fold_binary(self, name: str, value: str) -> bytes:
        if name in ("List-Unsubscribe", "Subject"):
            return self.fold(name, value).encode()
        return bytes(super().fold_binary(name, value))


POLICY = HousePolicy(linesep="\r\n", max_line_length=LONGEST_LINE)


@dataclass(frozen=True)
class Letter:
    """What a message is made from; kept encrypted until it is sent."""

    kind: str  # name of its template
    to: str
    language: str
    communities: tuple[str, ...]
    confirm: str  # token of the link that finishes joining; empty: nothing to confirm
    manage: str  # token of the link that shows, changes and ends the membership

    def links(self, config: Config) -> dict[str, str]:
        root = f"{config.site_url}{self.language}/"
        return {
            "home": root,
            "confirm": f"{root}confirm/{self.confirm}/" if self.confirm else "",
            "manage": f"{root}manage/{self.manage}/",
        }


def write(app: Flask, letter: Letter, message_id: str, created_at: int) -> EmailMessage:
    """The message for ``letter``; the same every time it is written.

    Its ``message_id``, the left part of the header, tells that a second copy is one.
    """
    config: Config = app.config["COCREATE"]
    language = BY_SLUG.get(letter.language, ENGLISH)
    links = replace(letter, language=language.slug).links(config)
    message = envelope(config, letter.to, message_id, created_at, links["manage"])
    if config.public_contact:
        message["Reply-To"] = address_header(config.public_contact)
    with app.app_context():
        g.language = language
        message["From"] = address_header(config.mail_from, name=plain(_(SITE_NAME)))
        names = name_communities(letter.communities, language)
        subject = plain(SUBJECTS[letter.kind](len(letter.communities), communities=names))
        message["Subject"] = subject
        text, html = compose(
            letter.kind,
            subject,
            communities=names,
            met=[communities.COMMUNITY_BY_SLUG[code] for code in letter.communities],
            config=config,
            links=links,
            days=config.retention_days[0],
            host=urlsplit(config.site_url).netloc,
        )
    fill(message, text, html, cte="8bit")
    message["Content-Language"] = language.tag
    return message


def envelope(
    config: Config, to: str, message_id: str, created_at: int, manage: str
) -> EmailMessage:
    """A message without words: whom it is for, and how one leaves (the address ``manage``)."""
    message = EmailMessage(policy=POLICY)
    message["Message-ID"] = f"<{message_id}@{host_of(config)}>"
    message["Date"] = format_datetime(datetime.fromtimestamp(created_at, UTC))
    message["To"] = address_header(to)
    message["Auto-Submitted"] = "auto-generated"  # RFC 3834: no out-of-office answers, please
    message["List-Unsubscribe"] = f"<{manage}>"
    message["List-Unsubscribe-Post"] = "List-Unsubscribe=One-Click"  # RFC 8058
    return message


def host_of(config: Config) -> str:
    """The site's, in its ASCII form."""
    return ascii_domain(urlsplit(config.site_url).hostname or "")


def address_header(address: str, name: str = "") -> Address:
    """As a header takes it: CR and LF are refused, an international domain in its ASCII form;
    ``name`` is for an address without one.
    """
    given, spec = parseaddr(address)
    local, _at, domain = spec.rpartition("@")
    return Address(given or name, local, ascii_domain(domain))


def compose(
    kind: str, subject: str, body: tuple[str, str] = ("", ""), **values: Any
) -> tuple[str, str]:
    """The plain text and the HTML of ``templates/mail/KIND.txt``, which needs ``values``.

    In both, ``body`` stands before the template's own paragraphs.
    """
    name = f"mail/{kind}.txt"
    text = render_template(name, link=_bare_link, button=_bare_link, **values)
    rich = render_template(name, link=_named_link, button=_button, **values)
    parts = _as_paragraphs(rich)
    html = render_template("mail/layout.html", subject=subject, body=body[1], **parts)
    return body[0] + _as_text(text), html


def fill(message: EmailMessage, text: str, html: str, cte: str | None = None) -> None:
    """Put both forms of its words into ``message``."""
    message.set_content(text, cte=cte)
    message.add_alternative(html, subtype="html", cte=cte)
    message.set_boundary("=_" + str(message["Message-ID"]).strip("<>").partition("@")[0])


def _as_text(text: str) -> str:
    """Without markup, and with one empty line between paragraphs."""
    lines = "\n".join(plain(line) for line in text.splitlines())
    return re.sub(r"\n{3,}", "\n\n", lines).strip("\n") + "\n"


def _as_paragraphs(rich: str) -> dict[str, list[Markup]]:
    """What is said, and the small print after the line ``--``."""
    found = [Markup(part) for part in re.split(r"\n\s*\n", rich.strip())]  # noqa: S704  # ours
    end = [part.strip() for part in found].index(Markup("--"))
    return {"paragraphs": found[:end], "small": found[end + 1 :]}


def name_communities(codes: tuple[str, ...], language: Language) -> Markup:
    """``STACK and Tech Kaki``, listed as the language does, each name marked English."""
    names = [
        translator(language).gettext(communities.COMMUNITY_BY_SLUG[code].name) for code in codes
    ]
    said = format_list(names, locale=language.locale) if language.says_and else ""
    return Markup(said or language.comma.join(names))  # noqa: S704  # names of our own


def _bare_link(label: Markup, address: str) -> Markup:
    """For plain text: the address on a line of its own, where every mail program finds it."""
    return label + Markup("\n") + address


def _button(label: Markup, address: str) -> Markup:
    """The one thing to do; its address below, for who would rather read it before."""
    return Markup(render_template("mail/button.html", label=label, address=address))  # noqa: S704


def _named_link(label: Markup, address: str) -> Markup:
    return Markup('<a class="alone" href="{}">{}</a>').format(address, label)
