"""From sign-up to member and out again, on SQLite and on PostgreSQL."""

from __future__ import annotations

import itertools
import sqlite3
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import pytest
from flask import Flask

from cocreate.config import Config, load_config
from cocreate.languages import BY_SLUG, ENGLISH
from cocreate.mail import worker
from cocreate.storage import (
    crypto,
    database,
    engines,
    exports,
    keys,
    membership,
    retention,
    signups,
)
from cocreate.storage.database import StorageUnavailable
from fixtures.backend import (
    MovedClock,
    body,
    config_of,
    configure,
    confirmed,
    letters,
    rows,
    signup,
    token_in,
)
from processes import PATIENCE

TAMIL = BY_SLUG["ta"]
BOTH = ("stack", "tech-kaki")


def names(app: Flask) -> list[str]:
    """Of everybody who has sent a form, as the managers read them."""
    identities = crypto.read_identities([config_of(app).data_dir / "seal.key"])
    return [crypto.unseal(row.sealed, identities)["name"] for row in rows("signups")]


@pytest.fixture
def patient(backend: Flask, monkeypatch: pytest.MonkeyPatch) -> Flask:
    """The site; a database waits for its turn as long as a busy machine needs."""
    waits = f"busy_timeout = {PATIENCE * 1000}"
    monkeypatch.setattr(engines, "PRAGMAS", (waits, *engines.PRAGMAS[1:]))
    monkeypatch.setattr(engines, "LIMITS", {})
    database.current().close()
    database.init_app(backend)
    return backend


def at_once(app: Flask, threads: int, work: Callable[[int], object]) -> list[Any]:
    """What ``work`` answered in each of so many threads."""

    def in_context(number: int) -> object:
        with app.app_context():
            return work(number)

    with ThreadPoolExecutor(threads) as pool:
        return list(pool.map(in_context, range(threads)))


def last_link(app: Flask) -> str:
    """The token of the newest letter to confirm with, or ''."""
    return token_in(letters(app)[-1])


# Joining


@pytest.mark.parametrize("name", ["shoe_size", "confirmed_at"])
def test_an_answer_without_a_place_is_a_mistake_of_ours_not_a_silent_loss(
    small_site: Flask, name: str
) -> None:
    with pytest.raises(LookupError, match=name):
        signups.join(signup(answers={name: "43"}))
    assert rows("signups") == []


def test_a_new_question_costs_one_column(small_site: Flask) -> None:
    with database.writing() as connection:
        connection.exec_driver_sql("ALTER TABLE signups ADD COLUMN shoe_size TEXT")
    database.current().forget_tables()  # as after a restart
    manage = confirmed(small_site, signup(answers={"shoe_size": "43"}))
    assert membership.memberships(manage)[0].answers["shoe_size"] == ("43",)
    assert "shoe_size" in exports.member_sheet("stack", 0).names


def test_joining_twice_is_one_signup_with_the_newest_answers_and_link(backend: Flask) -> None:
    signups.join(signup())
    first = last_link(backend)
    signups.join(signup("Ann@Example.com", name="Ann T.", answers={"role": "designer"}))
    second = last_link(backend)
    (row,) = rows("signups")
    assert (row.role, row.interests) == ("designer", None)
    assert names(backend) == ["Ann T."]
    assert signups.look_up(first).state == signups.confirm(first).state == "replaced"
    assert signups.confirm(second).state == "ready"


def test_a_letter_whose_link_was_replaced_before_it_left_is_not_sent(backend: Flask) -> None:
    signups.join(signup())
    signups.join(signup(name="Ann T."))
    (message,) = letters(backend)
    assert signups.look_up(token_in(message)).state == "ready"


def test_a_member_of_one_who_asks_for_both_confirms_only_the_other(backend: Flask) -> None:
    confirmed(backend)
    signups.join(signup(communities=BOTH, name="Mallory"))
    message = letters(backend)[-1]
    assert signups.look_up(token_in(message)).communities == ("tech-kaki",)
    assert "STACK" not in body(message)
    assert names(backend) == ["Ann Tan", "Mallory"]  # the confirmed one is untouched


def test_a_member_who_joins_again_is_told_so_by_mail_alone(backend: Flask) -> None:
    confirmed(backend)
    before = rows("signups")
    signups.join(signup(name="Mallory", answers={"role": "other"}))
    message = letters(backend)[-1]
    assert token_in(message) == ""
    assert membership.memberships(token_in(message, "manage"))[0].community == "stack"
    assert rows("signups") == before


def test_sixty_joins_of_one_address_bring_three_mails_and_lose_nothing(
    backend: Flask, moved_clock: MovedClock
) -> None:
    for number in range(60):
        signups.join(signup(answers={"role": f"role-{number}"}))
        worker.send_due(backend)
    sent = letters(backend)
    assert len(sent) == 3
    assert rows("signups")[0].role == "role-2"  # as in the last letter that left
    assert signups.look_up(token_in(sent[0])).state == "replaced"
    assert signups.confirm(token_in(sent[-1])).state == "ready"  # the last one mailed stays good
    moved_clock.forward(days=1, seconds=1)
    signups.join(signup())
    assert len(letters(backend)) == 4


def test_many_at_once_lose_nothing_and_keep_the_limit(patient: Flask) -> None:
    def join_often(number: int) -> None:
        for i in range(8):
            signups.join(signup("ann@example.com", name=f"Ann {number}.{i}"))
            signups.join(signup(f"p{number}.{i}@example.com"))

    at_once(patient, 4, join_often)
    assert len(rows("signups")) == 33
    assert len([row for row in rows("mail_requests") if row.granted]) == 32 + 3


# Links


@pytest.mark.parametrize("raw", ["a" * 32, None], ids=["never issued", "no token"])
def test_what_is_no_link_opens_nothing(small_site: Flask, raw: str) -> None:
    confirmed(small_site)
    assert signups.look_up(raw) == signups.confirm(raw) == signups.Link("unknown")
    assert membership.memberships(raw) == []
    assert membership.change(raw, TAMIL, interests=["events"]) is False
    assert membership.withdraw(raw) is False
    signups.resend(raw, "nobody@example.com", ENGLISH)
    assert len(rows("signups")) == len(letters(small_site)) == 1


def test_each_link_opens_only_what_it_is_for(backend: Flask) -> None:
    signups.join(signup())
    message = letters(backend)[-1]
    assert signups.look_up(token_in(message, "manage")).state == "unknown"
    assert membership.memberships(token_in(message, "confirm")) == []
    assert membership.withdraw(token_in(message, "confirm")) is False


def test_a_link_expires_after_48_hours_and_a_new_one_can_be_had(
    backend: Flask, moved_clock: MovedClock
) -> None:
    signups.join(signup())
    old = last_link(backend)
    moved_clock.forward(hours=48, seconds=-60)
    assert signups.look_up(old).state == "ready"
    moved_clock.forward(seconds=61)
    assert signups.look_up(old).state == signups.confirm(old).state == "expired"
    assert rows("signups")[0].confirmed_at is None
    signups.resend(old, " ANN@example.com ", TAMIL)
    message = letters(backend)[-1]
    assert message["Content-Language"] == "ta"
    assert signups.look_up(old).state == "replaced"
    assert signups.confirm(token_in(message)).state == "ready"


def test_a_link_cannot_be_used_to_send_mail_to_somebody_else(backend: Flask) -> None:
    signups.join(signup())
    signups.join(signup("ben@example.com"))
    mine = token_in(letters(backend)[0])
    signups.resend(mine, "ben@example.com", ENGLISH)
    signups.resend(mine, "nobody@example.com", ENGLISH)
    assert len(letters(backend)) == 2
    assert len(rows("mail_requests")) == 4  # though the work was the same


def test_a_link_pressed_by_many_at_once_works_exactly_once(patient: Flask) -> None:
    signups.join(signup())
    token = last_link(patient)
    states = at_once(patient, 6, lambda _: signups.confirm(token).state)
    assert sorted(states) == ["ready", *["used"] * 5]


# What a member does later


def test_a_manage_link_shows_a_signup_that_still_waits(backend: Flask) -> None:
    signups.join(signup())
    manage = token_in(letters(backend)[-1], "manage")
    assert [m.since for m in membership.memberships(manage)] == [None]
    assert membership.withdraw(manage) is True


def test_withdrawing_erases_everything_at_once_and_twice_is_as_good(backend: Flask) -> None:
    ben = confirmed(backend, signup("ben@example.com"))
    confirmed(backend)
    signups.join(signup(communities=("tech-kaki",)))
    manage = token_in(letters(backend)[-1], "manage")
    signups.join(signup(communities=("tech-kaki",)))  # a letter that has not left yet
    assert membership.withdraw(manage) is True
    for name in ("signups", "tokens", "outbox", "mail_requests"):
        assert len({row.email_hash for row in rows(name)}) == (name != "outbox"), name
    assert membership.withdraw(manage) is False
    assert membership.memberships(manage) == []
    assert len(membership.memberships(ben)) == 1, "others are left alone"
    assert len(letters(backend)) == 1, "those in a mail folder go along"
    assert membership.memberships(confirmed(backend)), "one can join again"


def test_one_of_two_communities_can_be_left(backend: Flask) -> None:
    manage = confirmed(backend, signup(communities=BOTH))
    assert membership.withdraw(manage, "stack") is True
    assert [m.community for m in membership.memberships(manage)] == ["tech-kaki"]
    assert membership.withdraw(manage, "stack") is False
    assert membership.withdraw(manage, "no such") is False
    assert len(letters(backend)) == 1, "as long as one is left, the mail folder keeps its letters"
    assert membership.withdraw(manage, "tech-kaki") is True
    assert rows("tokens") == []


def test_what_is_unconfirmed_vanishes_after_its_days_and_members_stay(
    backend: Flask, moved_clock: MovedClock
) -> None:
    manage = confirmed(backend, signup("stays@example.com"))
    signups.join(signup("old@example.com"))
    membership.give_feedback("stack", "Hello", "", ENGLISH)
    moved_clock.forward(days=6.9)
    gone = retention.purge()
    assert not any(gone[kind] for kind in ("signups", "feedback"))
    moved_clock.forward(days=0.2)
    gone = retention.purge()
    assert (gone["signups"], gone["letters"], gone["feedback"]) == (1, 1, 0)
    assert len(membership.memberships(manage)) == 1
    assert len(rows("tokens")) == 2
    assert rows("mail_requests") == []
    moved_clock.forward(days=359)
    assert retention.purge()["feedback"] == 1
    assert [row.purpose for row in rows("tokens")] == ["manage"]  # the used link is forgotten
    assert len(rows("signups")) == 1


# What lies in the files


def contents(app: Flask) -> dict[str, bytes]:
    folder = config_of(app).data_dir
    return {str(file): file.read_bytes() for file in folder.rglob("*") if file.is_file()}


def test_nothing_in_the_data_folder_is_in_the_clear(small_site: Flask) -> None:
    secret = signup(
        "zebedee@example.com",
        name="Zebedee Qx",
        communities=("tech-kaki",),
        answers={"access_needs": "Xylophone"},
    )
    signups.join(secret)
    membership.give_feedback("stack", "Yesteryear", "zebedee@example.com", ENGLISH)
    for name, content in contents(small_site).items():
        for word in (b"ebedee", b"Xylophone", b"Yesteryear"):
            assert word not in content, f"{word!r} in {name}"


def test_after_withdrawing_not_even_the_sealed_bytes_are_left(small_site: Flask) -> None:
    manage = confirmed(small_site)
    (row,) = rows("signups")
    assert any(row.sealed in content for content in contents(small_site).values())
    membership.withdraw(manage)
    for name, content in contents(small_site).items():
        for trace in (row.sealed[200:], bytes(row.email_hash)):
            assert trace not in content, name


# A database that does not answer


def test_a_locked_database_is_unavailable_and_nothing_is_kept(
    small_site: Flask, monkeypatch: pytest.MonkeyPatch
) -> None:
    impatient = ("busy_timeout = 50", *engines.PRAGMAS[1:])
    monkeypatch.setattr(engines, "PRAGMAS", impatient)
    file = database.current().file
    assert file
    other = sqlite3.connect(file, isolation_level=None)
    other.execute("BEGIN IMMEDIATE")
    with pytest.raises(StorageUnavailable):
        signups.join(signup())
    assert rows("signups") == []  # reading goes on
    assert not database.is_writable()
    other.close()
    signups.join(signup())
    assert len(rows("signups")) == 1


def test_a_full_disk_is_unavailable_and_nothing_is_kept(
    small_site: Flask, monkeypatch: pytest.MonkeyPatch
) -> None:
    with database.reading() as connection:
        pages = connection.exec_driver_sql("PRAGMA page_count").scalar_one()
    database.current().close()
    full = (*engines.PRAGMAS, f"max_page_count = {pages + 5}")
    monkeypatch.setattr(engines, "PRAGMAS", full)
    kept = itertools.count()

    def join_on_and_on() -> None:
        for number in kept:
            signups.join(signup(f"{number}@example.com"))

    with pytest.raises(StorageUnavailable, match="full"):
        join_on_and_on()
    assert len(rows("signups")) == len(rows("outbox")) == next(kept) - 1 > 0


def test_a_database_without_tables_is_unavailable_until_it_has_them(
    tmp_path: Path, make_site: Callable[[Config], Flask]
) -> None:
    config = load_config({"COCREATE_DATA_DIR": str(tmp_path / "data")})
    with make_site(config).app_context():
        assert not database.is_writable()
        assert not (tmp_path / "data").exists()  # asking made nothing
        keys.prepare(config)
        assert database.is_writable()


def test_a_site_without_a_key_stores_nothing(small_site: Flask) -> None:
    configure(small_site, secret_key=())
    with pytest.raises(StorageUnavailable):
        signups.join(signup())
