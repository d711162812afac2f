"""A letter as its manager writes it: a folder, read and checked, with the line of each fault."""

from __future__ import annotations

import json
import re
import secrets
from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime, time
from pathlib import Path

from cocreate.clock import SINGAPORE
from cocreate.communities import COMMUNITIES
from cocreate.config import DEFAULT_ADDRESS, ROOT, Config
from cocreate.kinds import MAILBOX, SITE_URL
from cocreate.languages import LANGUAGES
from cocreate.letters import markdown
from cocreate.letters.entries import NAME, Fault, LetterFile, Unreadable
from cocreate.storage.letters import Audience, Question
from cocreate.web.fields import ChoiceField
from cocreate.web.formbase import JoinForm, questions
from cocreate.web.forms import FORMS

SPECIMEN = ROOT / "templates/letter"
KNOWN = {"id", "site", "operator", "sender", "subject", "audience", "in_english", "question"}
SLUGS = [language.slug for language in LANGUAGES]


@dataclass(frozen=True)
class Letter:
    """What to send."""

    name: str  # its id; the same for as long as it is the same letter
    site: str  # address of the site whose members get it
    operator: str  # body that runs the site; empty for a demonstration
    sender: str
    audience: Audience
    question: Question | None
    subjects: dict[str, str]  # by language
    words: dict[str, str]  # by language; Markdown

    @property
    def config(self) -> Config:
        """The settings that its frame is written with: those of the site."""
        return replace(Config(), site_url=self.site, operator=self.operator)

    def narrowed(self, communities: Sequence[str]) -> Letter:
        """The same for some of its communities only; for all of them where none is named."""
        known = self.audience.communities
        if not known.keys() >= set(communities):
            raise Unreadable([Fault(NAME, 1, f"communities: {', '.join(known)} and no other")])
        kept = {name: known[name] for name in communities or known}
        return replace(self, audience=replace(self.audience, communities=kept))


def start_letter(folder: Path, config: Config) -> None:
    """Write a new letter's folder.

    Raises:
        FileExistsError: it is there already.
    """
    folder.mkdir(parents=True)
    given = {
        "id": secrets.token_hex(6),
        "site": config.site_url,
        "operator": config.operator,
        "sender": "" if config.mail_from == DEFAULT_ADDRESS else config.mail_from,
    }
    # JSON's escapes are TOML's too.
    values = {name: json.dumps(text, ensure_ascii=False)[1:-1] for name, text in given.items()}
    values["communities"] = ", ".join(f'"{community.slug}"' for community in COMMUNITIES)
    for file in sorted(SPECIMEN.iterdir()):
        text = re.sub(r"@(\w+)@", lambda found: values[found[1]], file.read_text("utf-8"))
        (folder / file.name).write_text(text, "utf-8")


def read_letter(folder: Path, *, words: bool = True) -> Letter:
    """The letter in ``folder``; without its ``words``, ``letter.toml`` is enough.

    Raises:
        Unreadable: with every fault, each with its line.
    """
    entries = LetterFile(folder)
    english = entries.table("in_english", list)
    written = [slug for slug in SLUGS if slug not in english or slug == "en"]
    for key in entries.given.keys() - KNOWN:
        entries.fault(key, "no such entry; 'cocreate letters new' writes all that there are")
    site = entries.checked("site", SITE_URL.parse)
    letter = Letter(
        name=entries.checked("id", _name),
        site=site,
        operator=str(entries.given.get("operator", "")),
        sender=entries.checked("sender", MAILBOX.parse),
        audience=_audience(entries),
        question=_question(entries, written),
        subjects=entries.in_each("subject", entries.table("subject", dict), written),
        words={slug: _words(entries, slug, site) for slug in written} if words else {},
    )
    if entries.faults:
        raise Unreadable(sorted(entries.faults, key=lambda fault: (fault.file != NAME, fault)))
    return letter


def _audience(entries: LetterFile) -> Audience:
    given = dict(entries.table("audience", dict))
    forms = {kind.community: kind for kind in FORMS.values() if issubclass(kind, JoinForm)}
    communities = entries.listed("communities", given.pop("communities", None), list(forms))
    languages, since = given.pop("languages", []), given.pop("since", None)
    if languages:  # none: all
        languages = entries.listed("languages", languages, SLUGS)
    joined_after = 0
    if isinstance(since, date):
        joined_after = int(datetime.combine(since, time(), SINGAPORE).timestamp())
    elif since is not None:
        entries.fault("since", "write a day like 2026-11-01", "audience")
    asked = {
        community: {
            field.name: set(field.codes)
            for field in questions(forms[community]())
            if isinstance(field, ChoiceField) and field.name != "mail_language"
        }
        for community in communities
    }
    for question, chosen in given.items():
        choices = [codes[question] for codes in asked.values() if question in codes]
        if choices:
            given[question] = entries.listed(question, chosen, sorted(set().union(*choices)))
        else:
            entries.fault(question, "no form of these communities asks that", "audience")
    narrowed = {
        community: {name: given[name] for name in names if name in given}
        for community, names in asked.items()
    }
    return Audience(narrowed, languages, joined_after)


def _question(entries: LetterFile, written: list[str]) -> Question | None:
    given = entries.table("question", dict)
    if not given:
        return None
    answers = given.get("answers", [])
    if not isinstance(answers, list) or not 2 <= len(answers) <= 5:
        entries.fault("question", "needs two to five answers")
        answers = []
    return {
        "words": entries.in_each("question", given, written),
        "answers": [entries.in_each("question.answers", one, written) for one in answers],
    }


def _words(entries: LetterFile, slug: str, site: str) -> str:
    name = f"{slug}.md"
    try:
        text = entries.content(name)
    except Unreadable as error:
        fault = f"{error.faults[0].words}; write it, or name the language in in_english"
        entries.faults.append(Fault(name, 1, fault))
        return ""
    found = markdown.faults(text, site) if text.strip() else [(1, "empty")]
    entries.faults += [Fault(name, *one) for one in found]
    return text


def _name(raw: str) -> str:
    if not re.fullmatch(r"[0-9a-z-]{6,32}", raw):
        raise ValueError("keep what 'cocreate letters new' wrote: it tells one letter from another")
    return raw
