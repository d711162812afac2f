"""What translators are told of every message, read off the source: its role, and its placeholders.

Comments that begin with ``L10n:`` come before that: what only a person can know.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path

from cocreate.pages import PAGES

WRONG = "what is wrong with an answer"
# What stands nearest before a message says what it is.
ROLES = {
    r"<h[1-6]\b|\bui\.chapter\(|\bset heading\b|\bset headings\b": "heading",
    r"<(?:p|dd|td|div)\b|\bset nexts\b": "text",
    r"<li\b": "item of a list",
    r"<(?:legend|label)\b": "question of a form",
    r"<option\b": "choice",
    r"<button\b|\bui\.button\(": "button",
    r"<a\b|\bui\.link\(|[^.\w]link\(": "link",
    r"\bui\.external\(|\bLink\(": "link to another website",
    r"\baria-label=": "heard by screen reader users, not seen",
    r"<(?:dt|th)\b": "name of a row",
    r"<summary\b": "opens a hidden part",
    r"\bui\.hero\(|\bui\.figure\(": "opening words of a page",
    r"\bcall way\(": "name of a way to take part, then what stands in its rows",
    r"\bui\.call\(": "end of a page: heading, then text, then button",
    r"\bui\.title\(|<title\b|\bmacro title\b": "name of the page in the browser",
    r"\bmacro joining\b": "step: heading, then text",
    r"\bcontent=": "described to search engines and screen readers, not seen",
    r"\bhint=": "hint under a question",
    r'\("[\w-]*", (?=N_\($)': "choice",
    r"\b(?:TROUBLE|TOO_MANY|NOT_STORED) = \(": "failure above a form: heading, then text",
    r"\braise \w+\(|\.errors = \[|(?:message|missing|too_long|TOO_LONG|CHANGED|TRAPPED)\b": WRONG,
    r"^UNTRANSLATED": "notice at the top of a page",
    r'"(?:short_)?name":|"description":': "name of the site where it is installed as an app",
}
CLOSED = re.compile(r"\{\{.*?\}\}", re.DOTALL)  # an expression before ours says nothing of ours
FIELD = re.compile(r"\b\w+Field\(")
OF_PAGES = {
    **{page.description: "description of a page for search engines" for page in PAGES},
    **{page.label: "name of a page in menus" for page in PAGES},
    **{page.title: "heading of a page, and its name in the browser" for page in PAGES},
}
VALUES = {
    "address": "an e-mail address",
    "axe": "a version, such as 4.14.1",
    "body": "name of the body whose communities these are, such as GovTech",
    "chromium": "a version, such as 156",
    "code": "a link with words of its own",
    "communities": "STACK, Tech Kaki, or both joined by “and”",
    "community": "name of a community, such as STACK",
    "count": "a number",
    "date": "a day, such as 24 November 2026",
    "firefox": "a version, such as 140",
    "forms": "links to forms",
    "languages": "a number, such as 4",
    "limit": "a number",
    "link": "a link with words of its own",
    "number": "a number, such as 5,000",
    "operator": "name of the body that runs the site",
    "over": "a number",
    "page": "the heading of the page",
    "privacy": "a link with words of its own",
    "question": "the question",
    "renderings": "a number, such as 4",
    "site": "the name of the site",
    "states": "a number, such as 169",
    "time": "a length of time, such as “7 days”",
    "title": "the heading of the page",
    "version": "a number, such as 2.2",
    "webkit": "a version, such as 2.50",
    "orca": "a version, such as 43.1",
    "letters": "a number of e-mails, such as “3 e-mails”",
    "write": "a link with words of its own",
    "year": "a year, such as 2019",
}


def role_in(file: Path, line: int, message: str) -> str:
    """What the message that begins on ``line`` of ``file``, or soon after it, is on its page."""
    source = file.read_text(encoding="utf-8")
    start = len(source) - len(source.split("\n", line - 1)[-1])
    at = source.find(f'"{message[:12]}', start)
    before = source[: max(at, start)]
    return role_of(message, before) or ("in an e-mail" if "mail" in file.parts else "")


def role_of(message: str, before: str) -> str:
    """What ``message`` is on the page; '' where that cannot be told.

    Args:
        message: the English.
        before: the source up to where the message begins.
    """
    if message in OF_PAGES:
        return OF_PAGES[message]
    near = CLOSED.sub("", before[-1200:])
    found = [
        (match.start(), role)
        for pattern, role in ROLES.items()
        for match in re.finditer(pattern, near, re.MULTILINE)
    ]
    for match in FIELD.finditer(near):  # its question comes first, what may be wrong after it
        first = near.count("N_(", match.end()) <= 1
        found.append((match.start(), "question of a form" if first else WRONG))
    return max(found, default=(0, ""))[1]


def values_in(message: str, told: str) -> Iterator[str]:
    """What each placeholder of ``message`` will be, unless the comment ``told`` names it."""
    for name in dict.fromkeys(re.findall(r"%\((\w+)\)s", message)):
        if name in VALUES and f"%({name})s" not in told:
            yield f"%({name})s: {VALUES[name]}"
