"""A letter as its readers get it: in the frame of all our mail, written once a language."""

from __future__ import annotations

import re
from dataclasses import dataclass
from email.message import EmailMessage
from functools import cache

import css_inline
from flask import Flask, g, render_template
from markupsafe import Markup, escape

from cocreate.app import create_app
from cocreate.gettext import N_, _, plain
from cocreate.languages import LANGUAGES, Language
from cocreate.letters import markdown
from cocreate.letters.letter import Letter
from cocreate.mail import message
from cocreate.urls import absolute_url

TOKEN = "TOKEN" + 27 * "0"  # where each member's own stands
NAME = "{name}"
SOMEBODY = "Mala"  # in previews and tests
# L10n: at the top of an e-mail that stands in English, though its reader asked for this language
NOT_TRANSLATED = N_("This e-mail is not translated. It stands here in English.")


@dataclass(frozen=True)
class Rendered:
    """A letter in one language, before a member's name and token are put in."""

    letter: Letter
    language: Language
    subject: str
    text: str
    html: str

    def to(self, address: str, name: str, token: str, message_id: str, at: int) -> EmailMessage:
        """The message for one member: ``name`` in place of ``{name}``, ``token`` in its links."""
        config = self.letter.config
        manage = f"{config.site_url}{self.language.slug}/manage/{token}/"
        made = message.envelope(config, address, message_id, at, manage)
        made["From"] = message.address_header(self.letter.sender)
        communities = "-".join(sorted(self.letter.audience.communities))
        made["List-Id"] = f"<{communities}.{message.host_of(config)}>"
        made["Subject"] = self.subject
        text, html = (one.replace(TOKEN, token) for one in (self.text, self.html))
        message.fill(made, text.replace(NAME, name), html.replace(NAME, str(escape(name))))
        made["Content-Language"] = self.language.tag
        return made


class Renderer:
    """Writes the languages of a letter, each once."""

    def __init__(self, letter: Letter) -> None:
        self.letter = letter
        self._app: Flask = create_app(letter.config, static=True)
        self.in_language = cache(self._render)

    def _render(self, language: Language, communities: tuple[str, ...]) -> Rendered:
        letter, source = self.letter, self._source(language)
        subject = letter.subjects.get(language.slug, letter.subjects["en"])
        heading, words, body = escape(subject), markdown.text(source), markdown.html(source)
        with self._app.app_context():
            g.language = language
            if language.slug not in letter.subjects:
                notice = _(NOT_TRANSLATED)
                heading = Markup('<i lang="en">{}</i>').format(subject)
                words = f"{plain(notice)}\n\n{words}"
                body = Markup('<p>{}</p><div lang="en">{}</div>').format(notice, body)
            root = absolute_url(f"{language.slug}/")
            text, html = message.compose(
                "letter",
                heading,
                (f"{words}\n\n", body),
                question=letter.question,
                names=message.name_communities(communities, language),
                number=len(communities),
                contact=message.address_header(letter.sender).addr_spec,
                config=letter.config,
                links={
                    "home": root,
                    "manage": f"{root}manage/{TOKEN}/",
                    "answer": f"{root}answer/{TOKEN}/",
                },
            )
        html = css_inline.inline(html, keep_at_rules=True)
        return Rendered(letter, language, subject, text, html)

    def _source(self, language: Language) -> str:
        """What the managers wrote, in English where that is all there is, and their question."""
        letter = self.letter
        slug = language.slug if language.slug in letter.words else "en"
        if not letter.question:
            return letter.words[slug]
        words = literally(letter.question["words"][slug])
        answers = [f"- {literally(one[slug])}" for one in letter.question["answers"]]
        return "\n".join([letter.words[slug], "", f"**{words}**", "", *answers])

    def preview(self) -> str:
        """A page that shows each language as plain text, and as HTML in light and in dark."""
        shown = []
        for language in LANGUAGES:
            made = self.in_language(language, tuple(self.letter.audience.communities))
            html, text = (one.replace(NAME, SOMEBODY) for one in (made.html, made.text))
            both = [(scheme, as_in(html, scheme)) for scheme in ("light", "dark")]
            shown.append((language, made.subject, text, both))
        with self._app.app_context():
            return render_template("layouts/letters.html", shown=shown)


def as_in(html: str, scheme: str) -> str:
    """``html`` as a mail program shows it where one has asked for ``light`` or ``dark``."""
    media = "@media all" if scheme == "dark" else "@media not all"
    html = html.replace("@media (prefers-color-scheme: dark)", media)
    return html.replace("color-scheme: light dark", f"color-scheme: {scheme}")


def literally(words: str) -> str:
    """``words`` as Markdown that shows them as they are."""
    return re.sub(r"[\\*_\[\]#]", r"\\\g<0>", words)
