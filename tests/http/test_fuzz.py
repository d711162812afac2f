"""Whatever strangers send to a real server, and whatever lies in files that we read.

0 answers of 5xx, 0 hangs, memory level. ``make fuzz`` is the long form; FUZZ says how many cases.
"""

from __future__ import annotations

import os
import re
import socket
import tempfile
from http.client import HTTPException, HTTPResponse
from pathlib import Path
from urllib.parse import quote_from_bytes, urlencode

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from cocreate import config
from cocreate.catalogues import CatalogueError, compile_catalogues
from cocreate.config import ConfigError, load_config
from cocreate.l10n.lint import lint_file
from cocreate.languages import BY_SLUG, LANGUAGES
from cocreate.pages import PAGES
from fixtures.server import Server
from processes import PATIENCE

CASES = int(os.environ.get("FUZZ", "400"))
MOST = 176 * 1024  # kilobytes resident, all processes: 160 MB at the start, level within 10 %
long_form = settings(max_examples=CASES)

octets = st.binary(max_size=60)
line = octets.map(lambda value: re.sub(rb"[\0-\x1f\x7f]", b"", value))
token = st.one_of(
    st.text("aB3_-", min_size=32, max_size=32),
    st.text("aB3_-=%/ ", max_size=70),
    octets.map(quote_from_bytes),
)
slugs = st.sampled_from([*(one.slug for one in LANGUAGES), "EN", "xx", ""])
pages = st.sampled_from([page.path for page in PAGES])
queries = st.one_of(
    st.just(""),
    octets.map(lambda value: "?" + quote_from_bytes(value)),
    st.tuples(st.sampled_from(["page", "draft", "utm_source"]), token).map("?{0[0]}={0[1]}".format),
)
paths = st.one_of(
    st.builds("/{}/{}{}".format, slugs, pages, queries),
    st.builds("/{}/{}sent/{}".format, slugs, pages, queries),
    st.builds(
        "/{}/{}{}/{}".format, slugs, st.sampled_from(["confirm/", "manage/"]), token, queries
    ),
    st.sampled_from(["/", "*", "/healthz", "/readyz", "/metrics", "/sitemap.xml", "http://x/en/"]),
    octets.map(lambda value: "/" + quote_from_bytes(value)),
    octets.map(lambda value: "/" + re.sub(rb"[\0-\x20\x7f-\xff]", b"", value).decode()),
)
KNOWN = {  # headers that are read somewhere, with values that mean something
    "Accept-Language": [b"ta", b"zh-Hant;q=x", b"*;q=0", b"en" * 900],
    "Accept-Encoding": [b"br", b"gzip;q=0, *", b"br;q=nan", b", " * 300],
    "If-None-Match": [b"*", b'W/"', b'"x", ' * 400],
    "Origin": [b"null", b"http://[", b"https://a:99999999", b"http://127.0.0.1:8000"],
    "Referer": [b"//", b"http://[::1", b"http://127.0.0.1:8000/en/"],
    "Sec-Fetch-Site": [b"same-origin", b"cross-site", b"none"],
    "HX-Request": [b"true", b"false"],
    "HX-Target": [b"main", b"<"],
    "X-Forwarded-For": [b"1.2.3.4", b"::ffff:1.2.3.4, [", b"," * 500],
    "Host": [b"x", b"", b"[", b"xn--a.example:0", b"a b", "bücher.example".encode()],
    "Content-Type": [
        b"application/x-www-form-urlencoded",
        b"application/x-www-form-urlencoded; charset=utf-7",
        *(b"multipart/form-data; boundary=b", b"multipart/form-data", b"text/plain", b";"),
    ],
    "Range": [b"bytes=0-1"],
    "Cookie": [b"a=b"],
    "Content-Encoding": [b"gzip"],
}
fields = st.sampled_from(
    "name email role interests mail_language consent also age_band devices sessions access_needs"
    " spoken message page subject check language_switch use_email draft action community"
    " List-Unsubscribe trap".split()
)
words = st.one_of(
    st.text(max_size=30),
    st.sampled_from("ann@example.com a@gmial.com stack en yes developer events change".split()),
)
forms = st.lists(st.tuples(fields, words), max_size=12).map(
    lambda pairs: urlencode(pairs, errors="surrogatepass").encode()
)
joins = st.fixed_dictionaries(
    {"name": words, "role": st.just("developer"), "interests": st.just("events")}
    | {"mail_language": slugs, "consent": st.just("yes")}
    | {"email": st.one_of(words, st.emails())}
).map(lambda pairs: urlencode(pairs).encode())
parts = st.tuples(fields, octets).map(
    lambda pair: (
        b'--b\r\nContent-Disposition: form-data; name="%s"\r\n\r\n%s\r\n'
        % (pair[0].encode(), pair[1])
    )
)
bodies = st.one_of(
    st.just(b""), forms, joins, octets, st.lists(parts).map(lambda all_: b"".join(all_) + b"--b--")
)


@st.composite
def strange(draw: st.DrawFn) -> bytes:
    """Each part of it right, odd or garbage."""
    method = draw(st.sampled_from(["GET", "GET", "POST", "POST", "HEAD", "PUT", "OPTIONS", "X"]))
    names = draw(st.lists(st.sampled_from(sorted(KNOWN)), max_size=4))
    lines = [name.encode() + b": " + draw(st.sampled_from(KNOWN[name]) | line) for name in names]
    if "Host" not in names:
        lines.append(b"Host: 127.0.0.1")
    body = draw(bodies)
    length = draw(st.sampled_from([b"%d" % len(body)] * 9 + [b"0", b"-1", b"x"]))
    return request(f"{method} {draw(paths)}", lines, length, body)


def request(asked: str, lines: list[bytes], length: bytes, body: bytes) -> bytes:
    lines = [f"{asked} HTTP/1.1".encode(), *lines, b"Connection: close"]
    return b"\r\n".join([*lines, b"Content-Length: " + length]) + b"\r\n\r\n" + body


SENT = [b"Host: x", b"Content-Type: application/x-www-form-urlencoded"]
senders = st.sampled_from([b"same-origin"] * 5 + [b"cross-site"])
form_pages = st.sampled_from([page.path for page in PAGES if page.form] + ["manage/" + "a" * 32])


def post(slug: str, page: str, sender: bytes, body: bytes) -> bytes:
    """As pages post, mostly our own, with anything in the fields."""
    lines = [*SENT, b"Sec-Fetch-Site: " + sender]
    return request(f"POST /{slug}/{page}", lines, b"%d" % len(body), body)


posts = st.builds(post, slugs, form_pages, senders, forms | joins)


def status(port: int, asked: bytes) -> int:
    """Of the answer; 0 where the server hung up, as it may on what is no HTTP."""
    with socket.create_connection(("127.0.0.1", port), timeout=PATIENCE) as wire:
        try:
            wire.sendall(asked)
            answer = HTTPResponse(wire, method=asked.split(b" ")[0].decode())
            answer.begin()
            answer.read()
        except (ConnectionError, HTTPException):
            return 0
        return answer.status


def test_no_request_breaks_the_server_or_fills_it(server: Server) -> None:
    seen: dict[int, int] = {}

    @long_form
    @given(strange() | posts)
    def send(asked: bytes) -> None:
        found = status(server.port, asked)
        seen[found] = seen.get(found, 0) + 1
        assert found < 500, asked

    send()
    now = server.resident()
    print(f"\n{seen}; resident: {now:,} KB at the end")
    assert {200, 303, 400, 403, 404, 422} <= seen.keys(), "some kind of answer was never reached"
    assert seen.get(0, 0) < CASES / 5, "most of it was no HTTP"
    assert now < MOST
    log = server.log.read_text("utf-8")
    assert "Traceback" not in log
    assert " ERROR " not in log


PIECES = [
    'msgid "Yes"', 'msgstr "ஆம்"', 'msgid ""', 'msgstr ""', '"Plural-Forms: plural=n;\\n"',
    '"Content-Type: text/plain; charset=UTF-8\\n"', 'msgid_plural "Y"', 'msgstr[0] "a"',
    'msgstr[1] "b"', 'msgctxt "c"', "#, fuzzy", "#~ msgid", "#~| x", "#|", "#: a:1", "", "\\", '"',
    "msgstr[9]", "<<<<<<< HEAD",
]  # fmt: skip
odd_files = st.one_of(
    octets,
    st.lists(st.one_of(st.sampled_from(PIECES), st.text(max_size=20))).map(
        lambda lines: "\n".join(lines).encode("utf-8", "replace")
    ),
)


@long_form
@given(odd_files)
def test_no_catalogue_breaks_its_reader(content: bytes) -> None:
    """It is read by the start and by lint, or refused by both."""
    with tempfile.TemporaryDirectory() as folder:
        po = Path(folder) / "ta/LC_MESSAGES/messages.po"
        po.parent.mkdir(parents=True)
        po.write_bytes(content)
        try:
            compile_catalogues(Path(folder))
            refused = False
        except CatalogueError:
            refused = True
        found = lint_file(po, BY_SLUG["ta"])
    assert refused is any(fault.rule == "syntax" for fault in found)


SETTINGS = [f"COCREATE_{name.upper()}" for name in config.SETTINGS]
LINES = st.tuples(st.sampled_from(SETTINGS), st.sampled_from("= =' : \\".split()), st.text())
env_files = st.one_of(
    octets,
    st.lists(LINES.map("".join)).map(lambda lines: "\n".join(lines).encode("utf-8", "replace")),
)


@long_form
@given(env_files)
def test_no_file_of_settings_breaks_its_reader(content: bytes) -> None:
    """A value is taken, or refused in one line."""
    with tempfile.NamedTemporaryFile() as file, pytest.MonkeyPatch.context() as patch:
        file.write(content)
        file.flush()
        patch.setenv(config.ENV_FILE_VARIABLE, file.name)
        try:
            load_config()
            said = ""
        except ConfigError as error:
            said = str(error)
    assert len(said.splitlines()) < 2
