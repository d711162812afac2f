"""What the messages say, in four languages, and what they never say."""

from __future__ import annotations

import email
import re
from dataclasses import replace
from email.header import decode_header, make_header
from email.message import EmailMessage
from email.utils import parsedate_to_datetime
from typing import Any
from xml.etree.ElementTree import Element

import html5lib
import pytest
from flask import Flask

from cocreate.communities import COMMUNITIES
from cocreate.config import ROOT
from cocreate.gettext import plain, translator
from cocreate.languages import BY_SLUG, LANGUAGES, Language
from cocreate.mail import message
from cocreate.mail.message import Letter
from cocreate.pages import SITE_NAME
from cocreate.storage import signups
from fixtures.backend import body, configure, letters, read, signup
from matrix import every_language

LETTER = Letter("confirm", "ann@example.com", "en", ("stack",), "c" * 32, "m" * 32)
EACH_LETTER = pytest.mark.parametrize(
    "letter",
    [
        replace(LETTER, kind=kind, language=language.slug, communities=("stack", "tech-kaki"))
        for kind in message.SUBJECTS
        for language in LANGUAGES
    ],
    ids=lambda letter: f"{letter.kind}-{letter.language}",
)


def as_sent(app: Flask, **changes: Any) -> bytes:
    letter = replace(LETTER, **changes)
    return message.write(app, letter, "20261124T0900.abc", 1_795_487_190).as_bytes()


def written(app: Flask, **changes: Any) -> EmailMessage:
    """The message as a mail program reads it."""
    return read(as_sent(app, **changes))


def tree_of(message: EmailMessage) -> Element:
    parser = html5lib.HTMLParser(strict=True, namespaceHTMLElements=False)
    found: Element = parser.parse(body(message, "html"))
    return found


@EACH_LETTER
def test_a_letter_is_small_valid_says_its_language_and_loads_nothing(
    small_site: Flask, letter: Letter
) -> None:
    raw = as_sent(small_site, **vars(letter))
    assert len(raw) < 30_000
    assert max(map(len, raw.split(b"\r\n"))) <= 998  # RFC 5322, section 2.1.1
    tree = tree_of(read(raw))
    assert tree.get("lang") == BY_SLUG[letter.language].tag
    assert len(tree.findall(".//h1")) == 1
    assert tree.findtext(".//title")
    assert all("".join(link.itertext()).strip() for link in tree.iter("a"))
    assert not re.search(r"<(img|script|link|iframe)|url\(", body(read(raw), "html"))


@every_language
def test_the_plain_text_has_no_markup_and_each_address_on_its_own_line(
    small_site: Flask, language: Language
) -> None:
    told = body(written(small_site, language=language.slug))
    assert not re.search(r"[<>]|&\w+;", told)
    addresses = [line for line in told.splitlines() if "http" in line]
    assert len(addresses) == 3
    assert all(re.fullmatch(r"http://\S+", line) for line in addresses)


def test_the_confirm_mail_says_what_to_do_and_what_if_it_was_not_you(small_site: Flask) -> None:
    message = written(small_site)
    told = body(message)
    assert message["Subject"] == "Please confirm: join STACK"
    for words in ("press the button", "works once, for 48 hours", "If it was not you", "7 days"):
        assert words in told


@every_language
def test_both_communities_are_named_with_the_language_s_own_and(
    small_site: Flask, language: Language
) -> None:
    told = body(written(small_site, language=language.slug, communities=("stack", "tech-kaki")))
    words = {"en": " and ", "zh": "和", "ms": " dan ", "ta": ", "}
    assert f"STACK{words[language.slug]}Tech Kaki" in told
    with small_site.app_context():
        three = message.name_communities(("stack", "tech-kaki", "stack"), language)
    assert plain(three).endswith(f"Tech Kaki{words[language.slug]}STACK")


def test_nothing_that_was_typed_goes_into_a_message(small_site: Flask) -> None:
    signups.join(signup(name="BUY NOW http://evil.example", answers={"role": "EVIL ROLE"}))
    (message,) = letters(small_site)
    whole = message.as_string()
    for words in ("BUY NOW", "evil.example", "EVIL ROLE"):
        assert words not in whole  # no shorter: a token may have any three letters


@pytest.mark.parametrize(
    "site_url", ["http://127.0.0.1:8000/", f"https://co.{'long-' * 11}name.example/{'sub/' * 20}"]
)
def test_one_click_unsubscribe_stands_in_the_headers_whole(
    small_site: Flask, site_url: str
) -> None:
    configure(small_site, site_url=site_url)
    message, raw = written(small_site), as_sent(small_site)
    assert message["List-Unsubscribe"] == f"<{site_url}en/manage/{'m' * 32}/>"
    assert message["List-Unsubscribe-Post"] == "List-Unsubscribe=One-Click"
    assert b"\r\nList-Unsubscribe: <http" in raw
    assert b"=?" not in raw.split(b"\r\n\r\n")[0]


def decoded(raw: bytes, name: str) -> str:
    """A header by the letter of RFC 2047: no space between encoded words, which `default` puts."""
    return str(make_header(decode_header(email.message_from_bytes(raw)[name])))


@every_language
@pytest.mark.parametrize("communities", [("stack",), ("tech-kaki",), ("stack", "tech-kaki")])
@pytest.mark.parametrize("kind", message.SUBJECTS)
def test_a_subject_is_folded_into_encoded_words_that_every_program_reads(
    small_site: Flask, language: Language, communities: tuple[str, ...], kind: str
) -> None:
    raw = as_sent(small_site, kind=kind, language=language.slug, communities=communities)
    head = raw.split(b"\r\n\r\n", maxsplit=1)[0]
    assert all(len(word) <= 75 for word in re.findall(rb"=\?\S+\?=", head))  # RFC 2047, section 2
    assert all(len(line) <= 78 for line in head.split(b"\r\n") if b"<http" not in line)
    meant = str(tree_of(read(raw)).findtext(".//title"))
    assert decoded(raw, "Subject") == " ".join(meant.split())


def test_headers_tell_machines_what_it_is(small_site: Flask) -> None:
    message = written(small_site)
    assert message["Auto-Submitted"] == "auto-generated"
    assert message["Message-ID"] == "<20261124T0900.abc@127.0.0.1>"
    assert parsedate_to_datetime(message["Date"]).timestamp() == 1_795_487_190
    assert message["Reply-To"] is None  # nobody has set an address to write to


def test_the_same_letter_is_written_the_same_way_twice(small_site: Flask) -> None:
    assert as_sent(small_site) == as_sent(small_site)


@every_language
def test_the_sender_has_the_site_s_name_in_the_reader_s_language(
    small_site: Flask, language: Language
) -> None:
    configure(small_site, mail_from="post@co.example", contact_email="us@co.example")
    raw = as_sent(small_site, language=language.slug)
    expected = plain(translator(language).gettext(SITE_NAME))
    assert decoded(raw, "From") == f"{expected} <post@co.example>"
    assert read(raw)["Reply-To"] == "us@co.example"


def test_sender_and_receiver_are_written_as_mail_servers_know_them(small_site: Flask) -> None:
    configure(small_site, mail_from="Kaki பேட்டை <team@bücher.example>")
    message = written(small_site, to="o'brien+tag@bücher.example")
    (sender,), (receiver,) = message["From"].addresses, message["To"].addresses
    assert sender.display_name == "Kaki பேட்டை"
    assert sender.addr_spec == "team@xn--bcher-kva.example"
    assert receiver.addr_spec == "o'brien+tag@xn--bcher-kva.example"


@pytest.mark.parametrize(
    "typed", ["ann@example.com\r\nBcc: all@example.com", "ann@example.com, ben@example.com"]
)
def test_a_second_recipient_or_header_cannot_be_smuggled_in(small_site: Flask, typed: str) -> None:
    try:
        message = written(small_site, to=typed)
    except ValueError:
        return
    assert message["Bcc"] is None
    assert len(message["To"].addresses) <= 1


def test_a_language_that_is_gone_falls_back_to_english(small_site: Flask) -> None:
    message = written(small_site, language="xx")
    assert message["Content-Language"] == "en"
    assert "/en/confirm/" in body(message)


@EACH_LETTER
def test_a_letter_says_why_it_comes_who_writes_and_how_to_leave_at_its_end(
    small_site: Flask, letter: Letter
) -> None:
    configure(small_site, site_url="https://co.example/")
    whole = body(written(small_site, **vars(letter))).replace("\r\n", "\n")
    said, _, end = whole.partition("\n-- \n")
    assert "co.example" in end
    assert "/manage/" in whole
    assert end.rstrip().endswith(f"https://co.example/{letter.language}/")
    assert ("/manage/" in end) == (letter.kind == "confirm"), "one thing to do, the rest at its end"
    assert said.count("https://co.example/") == 1


@EACH_LETTER
def test_a_letter_has_one_button_with_the_bare_address_under_it(
    small_site: Flask, letter: Letter
) -> None:
    tree = tree_of(written(small_site, **vars(letter)))
    (button,) = tree.iterfind(".//a[@class='button']")
    (address,) = tree.iterfind(".//span[@class='address']")
    href = button.get("href") or ""
    assert address.text == href
    assert ("/confirm/" in href) == (letter.kind == "confirm")


@EACH_LETTER
def test_a_letter_says_the_same_as_text_and_as_html(small_site: Flask, letter: Letter) -> None:
    message = written(small_site, **vars(letter))
    shown = " ".join("".join(p.itertext()) for p in tree_of(message).iter("p"))
    words = {line.strip() for line in body(message).splitlines()} - {"", "--"}
    missing = [line for line in words if not line.startswith("http") and line not in shown]
    assert missing == []


def test_a_letter_names_who_runs_the_site_or_that_it_is_a_demonstration(small_site: Flask) -> None:
    assert "This is a demonstration. GovTech does not run it" in body(written(small_site))
    configure(small_site, operator="Friends of Open Source")
    told = body(written(small_site))
    assert "This site is run by Friends of Open Source." in told
    assert "demonstration" not in told


@every_language
def test_a_member_reads_where_each_community_is_met(small_site: Flask, language: Language) -> None:
    both = tuple(community.slug for community in COMMUNITIES)
    message = written(small_site, kind="member", language=language.slug, communities=both)
    for community in COMMUNITIES:
        for link in community.links:
            assert link.address in body(message)
            assert link.address in body(message, "html")


def test_the_colours_of_letters_are_those_of_the_site() -> None:
    letter, site = (
        set(re.findall("#[0-9a-f]{6}", (ROOT / name).read_text("utf-8")))
        for name in ("templates/mail/layout.html", "static/css/site.css")
    )
    assert letter
    assert letter <= site
