"""The rules that every page obeys, with no switches: what a strict parser alone can see.

``check_document`` holds for anything that we answer as HTML, error pages included;
``check_page`` adds what holds for the rows of the catalogue. Both list every fault at once.
"""

from __future__ import annotations

import re
import tomllib
from collections import Counter
from collections.abc import Callable, Iterable, Iterator
from itertools import pairwise
from typing import Any
from urllib.parse import urlsplit
from xml.etree.ElementTree import Element

from cocreate.config import PACKAGE
from cocreate.gettext import NAME, plain, translator
from cocreate.languages import ENGLISH, LANGUAGES, Language
from cocreate.pages import Page
from cocreate.urls import absolute_url, page_path
from cocreate.web.forms import AGE_BANDS
from documents import Document, name_of, text_of

SCRIPTS = {"Latin": "[A-Za-z]{2,}", "Han": "[\u4e00-\u9fff]", "Tamil": "[\u0b80-\u0bff]"}
WRITTEN_IN = {"zh-Hans": "Han", "ta": "Tamil"}  # everything else is written in Latin letters
SEED = re.compile(  # editor's notes, staging links and slips of the text that this site grew from
    r"amplifyapp|staging|link to get involved|move crowdtask|skillfuture\b|singaporerediscover"
    r"|telegramto|compris(es|ing) of|platform/product|co creation|, etc\.,",
    re.IGNORECASE,
)
EMAIL = re.compile(r"\S+@\S+")
NUMBER = r"(?<![\d,.])\d[\d,.]*(?!\d*月)(?<=\d)"  # 5,000 and 4.0.1, but no month of a Chinese date
VAGUE = {"here", "click here", "more", "read more", "learn more", "link"}
IDREFS = set("for form headers list".split()) | {
    f"aria-{name}"
    for name in "activedescendant controls describedby details errormessage labelledby owns".split()
}
FOREIGN = set("img picture video audio iframe object embed canvas text".split())
ADDRESSES = {"href", "src", "action", "formaction"}
LOADED = {"src", "srcset", "poster", "data"}
LINKED = {"href", "{http://www.w3.org/1999/xlink}href"}
LONG = 150  # words; a text beyond this has sections
LOADING_LINKS = {"stylesheet", "icon", "preload", "modulepreload", "manifest", "apple-touch-icon"}


def parse(d: Document) -> Iterator[str]:
    yield from (f"HTML error at {error}" for error in d.errors)
    yield from (f"id {i!r} stands twice" for i, times in Counter(d.ids).items() if times > 1)
    for e in d.elements:
        for key in e.attrib.keys() & IDREFS:
            missing = set(e.attrib[key].split()) - set(d.ids)
            yield from (f"{key}={name!r} points nowhere" for name in missing)
        for key in e.attrib.keys() & ADDRESSES:
            if re.search(r"\s", e.attrib[key].strip()):
                yield f"<{e.tag} {key}>: a space in an address is %20"


def inert(d: Document) -> Iterator[str]:
    """Nothing inline, nothing from elsewhere, no window opened, no moving on (WCAG 3.2.5)."""
    for e in d.elements:
        given = e.attrib
        yield from (f"<{e.tag} {key}>" for key in given if key.startswith("on") or key == "style")
        if e.tag.rpartition("}")[2] in FOREIGN:
            yield f"<{e.tag}>: pictures are drawn in the page, and hold no text"
        if e.tag == "style" or (e.tag == "script" and "src" not in given):
            yield f"inline <{e.tag}>"
        loads = e.tag.endswith("}use") or LOADING_LINKS & set(given.get("rel", "").split())
        for key in given.keys() & (LOADED | (LINKED if loads else set())):
            if urlsplit(given[key]).netloc:
                yield f"loads {given[key]}"
        if "target" in given or "javascript:" in given.get("href", "").lower():
            yield f"<{e.tag}> opens a window or runs a script"
        if "http-equiv" in given:
            yield "moves on by itself"


def drawings(d: Document) -> Iterator[str]:
    """They keep their size without style."""
    for e in (e for e in d.elements if e.tag.rpartition("}")[2] == "svg"):
        sides = [float(e.attrib.get(side, 0)) for side in ("width", "height")]
        if not all(0 < side <= 240 for side in sides):
            yield f"<svg> of {sides}"


def names_of(d: Document, tag: str) -> list[str]:
    return [e.attrib.get("aria-labelledby") or e.attrib.get("aria-label", "") for e in d.all(tag)]


def landmarks(d: Document) -> Iterator[str]:
    sections = {"article", "aside", "main", "nav", "section"}
    for tag, label in (("header", "banner"), ("main", "main"), ("footer", "contentinfo")):
        found = [e for e in d.all(tag) if not {p.tag for p in d.lineage(e)} & (sections - {tag})]
        if len(found) != 1:
            yield f"{len(found)} {label} landmarks"
    names = names_of(d, "nav")
    if not names or "" in names or len(set(names)) < len(names):
        yield f"navigation landmarks need a name each: {names}"
    # A section that has a heading needs no second name, which would be said before it.
    for e in d.all("section", "article", "aside", "div"):
        named = {"aria-label", "aria-labelledby"} & e.attrib.keys()
        if e.tag == "aside" or (named and e.attrib.get("role") not in {"alert", "img"}):
            yield f"<{e.tag}> is one landmark too many"
    if any(e.attrib.get("role") == "status" and not text_of(e) for e in d.elements):
        yield "an empty status"


def forms(d: Document) -> Iterator[str]:
    """Several forms are told apart by name. ARIA 1.2: no radio button is invalid."""
    names = names_of(d, "form")
    if len(names) > 1 and ("" in names or len(set(names)) < len(names)):
        yield f"forms need a name each: {names}"
    for e in d.all("input"):
        if e.attrib.get("type") == "radio" and "aria-invalid" in e.attrib:
            yield f"aria-invalid stands on the radio button {e.attrib.get('id')!r}"
    told = {i for e in d.elements for i in e.attrib.get("aria-describedby", "").split()}
    for i in (e.attrib.get("id", "") for e in d.all("p")):
        if i.endswith(("-hint", "-error")) and i not in told:
            yield f"{i!r} is said with no field"


def headings(d: Document) -> Iterator[str]:
    levels = [int(e.tag[1]) for e in d.all("h1", "h2", "h3", "h4", "h5", "h6")]
    if levels.count(1) != 1 or levels[:1] != [1]:
        yield f"the outline needs one h1, first: {levels}"
    yield from (f"h{a} is followed by h{b}" for a, b in pairwise(levels) if b > a + 1)
    for main in d.all("main"):  # WCAG 2.4.10; in words, so hardly in Chinese
        sections = {"h2", "legend"} & {e.tag for e in main.iter()}
        if len(text_of(main).split()) > LONG and not sections:
            yield "a long text without sections"


def links(d: Document) -> Iterator[str]:
    anchors = d.all("a")
    if not anchors or anchors[0].attrib.get("href") != "#main":
        yield "the first link does not skip to #main"
    if anchors and not {e.tag for e in d.lineage(anchors[0])} & {"header", "nav"}:
        yield "the skip link stands outside of every landmark"
    targets: dict[str, str] = {}
    for e in anchors:
        href = e.attrib.get("href", "")
        if not name_of(e) or name_of(e).lower() in VAGUE:
            yield f"link {href!r} says nothing: {name_of(e)!r}"
        if href.startswith("#") and href[1:] not in d.ids:
            yield f"link {href!r} points nowhere"
        if targets.setdefault(name_of(e), href) != href:  # WCAG 2.4.9
            yield f"{name_of(e)!r} leads to {href!r} and {targets[name_of(e)]!r}"
        marked = re.search(r"[(（]", name_of(e)) and "external" in e.attrib.get("rel", "")
        if href.startswith("http") and not marked:
            yield f"{name_of(e)!r} does not say in words that it leaves the site"


def words(d: Document) -> Iterator[str]:
    """Each passage in its declared language, and ready to be read. <option> takes no marks, those
    within a label would be read once more beside it (Orca), and what a visitor typed is in whatever
    language it is.
    """
    for text, tag in d.passages("option", "textarea", "label"):
        passage = EMAIL.sub("", text)  # an address is in no language
        own = WRITTEN_IN.get(tag, "Latin")
        for script, pattern in SCRIPTS.items():
            if script != own and re.search(pattern, passage):
                yield f"{script} in a passage marked {tag!r}: {passage.strip()[:60]!r}"
        if tag == "ms" and (found := NAME.search(passage)):
            yield f"English name not marked: {found[0]!r}"
        if re.search(r"%\(|%%|&\w+;|</?\w+|^\s*None\s*$|Undefined", passage):
            yield f"unformatted: {passage.strip()[:60]!r}"


def languages_in(d: Document, element: Element) -> Iterator[str]:
    """Of each run of words within ``element``."""
    for e in element.iter():
        if (e.text or "").strip():
            yield d.language_of(e)
        if e is not element and (e.tail or "").strip():
            yield d.language_of(d.parents[e])


def controls(d: Document) -> Iterator[str]:
    """A name that is in another language as a whole: its control says so, not a part within it."""
    inputs = {e.attrib.get("id"): e for e in d.all("input")}
    for e in d.all("a", "button", "summary", "label", "option"):
        found = {d.language_of(d.root)} if "aria-label" in e.attrib else set(languages_in(d, e))
        spoken = {d.language_of(e)}
        if "choice" in e.attrib.get("class", ""):
            spoken.add(d.language_of(inputs[e.attrib["for"]]))
        if len(found) == 1 and found != spoken:
            yield f"{text_of(e)!r} is heard as {spoken}"


def pieces(d: Document) -> Iterator[str]:
    """Words that only ears meet stand in a box of their own: in a heading, a link, a button or a
    label they would be one more utterance. A choice has its words in the label itself.
    """
    for e in d.all("h1", "h2", "h3", "h4", "a", "button", "summary", "label", "legend"):
        _, *inside = e.iter()
        unseen = any("unseen" in x.attrib.get("class", "").split() for x in inside)
        bare = {x.tag for x in inside} <= {"input", "i", "span"}
        if unseen or ("choice" in e.attrib.get("class", "") and not bare):
            yield f"{text_of(e)!r} is heard in pieces"


def gaps(d: Document) -> Iterator[str]:
    """A full stop of full width holds its own room."""
    for e in d.all("h1", "h2", "h3", "p", "li", "dd", "label", "title"):
        if found := re.search(r"\S+[。，：；！？] \S+", text_of(e)):
            yield f"a space after a full-width mark: {found[0]!r}"


def leftovers(d: Document) -> Iterator[str]:
    """No mark-up in attributes, nothing of the seed's notes and slips."""
    for e in d.elements:
        for key, value in e.attrib.items():
            if "<" in value or "%(" in value or value == "None":
                yield f"{key}={value[:60]!r} holds mark-up or a placeholder"
    yield from (f"from the seed: {found[0]!r}" for found in SEED.finditer(d.html))


ANYWHERE: tuple[Callable[[Document], Iterator[str]], ...] = (parse, inert, drawings, leftovers)
RULES = (*ANYWHERE, landmarks, forms, headings, links, words, controls, pieces, gaps)


def broken(rules: Iterable[Callable[..., Iterator[str]]], *judged: object) -> list[str]:
    return [f"{rule.__name__}: {fault}" for rule in rules for fault in rule(*judged)]


def faults_of(html: str) -> list[str]:
    """Every rule that an answer breaks. htmx gets a part of a page, held to what holds anywhere."""
    part = not html.lstrip().lower().startswith("<!doctype html>")
    return broken(ANYWHERE if part else RULES, Document(html, part=part))


def check_document(html: str, language: Language) -> Document:
    """Assert what holds for every HTML answer of the site.

    Raises:
        AssertionError: listing each fault on a line of its own.
    """
    d = Document(html)
    faults = broken(RULES, d)
    if d.root.attrib.get("lang") != language.tag:
        faults.append(f"lang is {d.root.attrib.get('lang')!r}, not {language.tag!r}")
    titles = [text_of(e) for e in d.all("title") if d.parents[e].tag == "head"]
    if len(titles) != 1 or not re.fullmatch(r"\S.* – \S.*", titles[0]):
        faults.append(f"title is not 'page – site': {titles}")
    assert not faults, "\n".join(["", *faults])
    return d


def check_page(html: str, page: Page, language: Language) -> None:
    """Assert what holds for every page of the catalogue. Needs an application context."""
    faults = broken(PAGE_RULES, check_document(html, language), page, language)
    assert not faults, "\n".join(["", *faults])


def head(d: Document, page: Page, language: Language) -> Iterator[str]:
    """Title, description, canonical address and alternates, which every language gives alike."""
    translate = translator(language).gettext
    title = text_of(d.all("title")[0])
    if not title.startswith(f"{plain(translate(page.title))} – "):
        yield f"title {title!r} does not begin with the page's"
    for name in ("description", "og:description"):
        if metas(d, name) != [plain(translate(page.description))]:
            yield f"{name} is {metas(d, name)}"
    links = [e.attrib for e in d.all("link")]
    canonical = [a["href"] for a in links if a["rel"] == "canonical"]
    if canonical != [absolute_url(page_path(page, language))]:
        yield "the canonical address is not the page's own"
    alternates = {a["hreflang"]: a["href"] for a in links if a["rel"] == "alternate"}
    if alternates != expected_alternates(page):
        yield f"alternates are {alternates}"


def metas(d: Document, name: str) -> list[str]:
    return [e.attrib["content"] for e in d.named_meta(name)]


def previews(d: Document, page: Page, language: Language) -> Iterator[str]:
    known = [one for one in LANGUAGES if one.og_locale]
    for name, expected in (
        ("og:locale", [one.og_locale for one in known if one == language]),
        ("og:locale:alternate", [one.og_locale for one in known if one != language]),
        ("twitter:card", ["summary_large_image"]),
    ):
        if metas(d, name) != expected:
            yield f"{name} is {metas(d, name)}"


def switcher(d: Document, page: Page, language: Language) -> Iterator[str]:
    """Each language is named in itself, with ``lang``; the current one is marked."""
    own = {other.own_name: other.tag for other in LANGUAGES}
    found = [e for e in d.all("a", "button", "span") if text_of(e) in own and "lang" in e.attrib]
    if {text_of(e): e.attrib["lang"] for e in found} != own:
        yield f"languages are {[text_of(e) for e in found]}"
    current = [text_of(e) for e in d.elements if e.attrib.get("aria-current") == "true"]
    if current != [language.own_name]:
        yield f"the current language is {current}"


def places(d: Document, page: Page, language: Language) -> Iterator[str]:
    """WCAG 2.4.8: the page is marked in the menu or footer that lists it. A translated one asks for
    better words.
    """
    if len(d.all("nav")) != 3:
        yield f"menus are {names_of(d, 'nav')}"
    current = [e for e in d.all("a") if e.attrib.get("aria-current") == "page"]
    if len(current) != bool(page.place):
        yield f"{len(current)} links are marked as this page"
    footer = [e for line in d.all("footer")[0].iter("p") for e in line]
    asked = [e for e in footer if e.attrib.get("href", "").endswith(f"?page={page.name}")]
    if len(asked) != (language is not ENGLISH):
        yield f"{len(asked)} links ask for better words"


def expected_alternates(page: Page) -> dict[str, str]:
    """The same for every language of a page, and so reciprocal. Home's default is the chooser."""
    each = {language.tag: absolute_url(page_path(page, language)) for language in LANGUAGES}
    return each | {"x-default": each["en"] if page.path else absolute_url()}


FACTS, AUDITED = (
    tomllib.loads((PACKAGE / name).read_text(encoding="utf-8"))
    for name in ("facts.toml", "audited.toml")
)


def known_numbers(value: Any) -> Iterator[str]:
    if isinstance(value, dict | list):
        for item in value.values() if isinstance(value, dict) else value:
            yield from known_numbers(item)
    else:
        yield from re.findall(r"\d[\d,.]*\d|\d", str(value))


# What the site says of itself: hours of a link, days of keeping; pixels, per cent of zoom, size of
# a target; letters of a long answer; steps, contrast of 7 to 1; htmx, as vendored.
OWN_NUMBERS = set("48 7 365 320 400 44 1000 5000 1 2 3 4.0.1".split())


def numbers(d: Document, page: Page, language: Language) -> Iterator[str]:
    """A figure on a page is one of facts.toml or audited.toml, of our own promises or of the
    page's date.
    """
    ages = [words for _, words in AGE_BANDS]
    allowed = {*known_numbers([FACTS, AUDITED, ages]), *OWN_NUMBERS}
    allowed |= {str(page.updated.day), str(page.updated.year)}
    for passage, _ in d.passages():
        for found in re.findall(NUMBER, re.sub(r"https?://\S+", "", passage)):
            if found.replace(",", "") not in allowed:
                yield f"{found} is not in facts.toml: {passage.strip()[:60]!r}"


PAGE_RULES = (head, previews, switcher, places, numbers)
