"""From sign-up to member and out again, on SQLite and on PostgreSQL."""

from __future__ import annotations

import sqlite3
import threading
import time
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

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
from fixtures.backend import MovedClock, body, confirmed, letters, rows, signup, token_in

TAMIL = BY_SLUG["ta"]
ABSURD: list[object] = ["", "x", "a" * 32, "a" * 100_000, "\0" * 32, "../../etc/passwd"]
ABSURD += ["’; DROP TABLE signups; --", b"a" * 32, None, 7, "தமிழ்" * 20]


def private_of(app: Flask) -> list[dict[str, str]]:
    """What the managers see of every sign-up."""
    config: Config = app.config["COCREATE"]
    identities = crypto.read_identities([config.data_dir / "seal.key"])
    return [crypto.unseal(row.sealed, identities) for row in rows("signups")]


def shift(table: str, column: str, seconds: int) -> None:
    """Make everything in a table that much older."""
    target = database.table(table)
    with database.writing() as connection:
        connection.execute(target.update().values({column: target.c[column] - seconds}))


def test_a_signup_waits_until_its_link_is_used(backend: Flask) -> None:
    signups.join(signup())
    message = letters(backend)[-1]
    assert message["To"] == "ann@example.com"
    token = token_in(message)
    assert signups.look_up(token) == signups.Link("ready", ("stack",), ENGLISH)
    assert signups.look_up(token).state == "ready"  # looking changes nothing
    assert rows("signups")[0].confirmed_at is None
    assert signups.confirm(token).state == "ready"
    assert rows("signups")[0].confirmed_at is not None
    assert signups.look_up(token) == signups.Link("used", ("stack",), ENGLISH)
    assert signups.confirm(token).state == "used"


def test_answers_are_kept_plain_or_sealed_each_in_its_place(backend: Flask) -> None:
    answers: dict[str, str | list[str]] = {
        "age_band": "35-49",
        "devices": [],
        "sessions": ["focus-group"],
        "spoken": ["en", "ta"],
        "access_needs": "a ramp",
    }
    signups.join(signup(communities=("tech-kaki",), answers=answers, language=TAMIL))
    (row,) = rows("signups")
    assert (row.community, row.language, row.age_band) == ("tech-kaki", "ta", "35-49")
    assert (row.sessions, row.spoken, row.devices, row.role) == ("focus-group", "en,ta", None, None)
    assert (row.consent_version, row.consent_language) == (signup().consent_version, "ta")
    assert abs(row.consented_at - time.time()) < 5
    (private,) = private_of(backend)
    assert private == {"name": "Ann Tan", "email": "ann@example.com", "access_needs": "a ramp"}


def test_the_consent_may_be_read_in_another_language_than_the_mail(backend: Flask) -> None:
    signups.join(signup(language=TAMIL, consent_language=ENGLISH))
    assert (rows("signups")[0].language, rows("signups")[0].consent_language) == ("ta", "en")


def test_an_answer_without_a_place_is_a_mistake_of_ours_not_a_silent_loss(
    small_site: Flask,
) -> None:
    with pytest.raises(LookupError, match="shoe_size"):
        signups.join(signup(answers={"shoe_size": "43"}))
    with pytest.raises(LookupError, match="confirmed_at"):
        signups.join(signup(answers={"confirmed_at": "1"}))
    assert rows("signups") == []


def test_a_new_question_costs_one_column(small_site: Flask) -> None:
    with database.writing() as connection:
        connection.exec_driver_sql("ALTER TABLE signups ADD COLUMN shoe_size TEXT")
    database.current().forget_tables()  # as after a restart
    manage = confirmed(small_site, signup(answers={"shoe_size": "43"}))
    assert membership.memberships(manage)[0].answers["shoe_size"] == ("43",)
    assert "shoe_size" in exports.members("stack", 0).names


def test_joining_twice_is_one_signup_with_the_newest_answers_and_link(backend: Flask) -> None:
    signups.join(signup())
    first = token_in(letters(backend)[-1])
    signups.join(signup("Ann@Example.com", name="Ann T.", answers={"role": "designer"}))
    second = token_in(letters(backend)[-1])
    (row,) = rows("signups")
    assert (row.role, row.interests) == ("designer", None)
    assert private_of(backend)[0]["name"] == "Ann T."
    assert signups.look_up(first).state == "replaced"
    assert signups.confirm(first).state == "replaced"
    assert signups.confirm(second).state == "ready"


def test_a_letter_whose_link_was_replaced_before_it_left_is_not_sent(backend: Flask) -> None:
    signups.join(signup())
    signups.join(signup(name="Ann T."))
    (message,) = letters(backend)
    assert signups.look_up(token_in(message)).state == "ready"


def test_one_form_joins_both_and_one_link_confirms_both(backend: Flask) -> None:
    manage = confirmed(backend, signup(communities=("stack", "tech-kaki")))
    found = membership.memberships(manage)
    assert [m.community for m in found] == ["stack", "tech-kaki"]
    assert all(m.since for m in found)
    assert len(letters(backend)) == 1


def test_two_forms_have_a_link_each_and_neither_is_lost(backend: Flask) -> None:
    signups.join(signup(communities=("stack",)))
    signups.join(signup(communities=("tech-kaki",), answers={"sessions": ["other"]}))
    first, second = map(token_in, letters(backend))
    assert signups.confirm(first) == signups.Link("ready", ("stack",), ENGLISH)
    assert signups.confirm(second) == signups.Link("ready", ("tech-kaki",), ENGLISH)


def test_a_member_of_one_who_asks_for_both_confirms_only_the_other(backend: Flask) -> None:
    confirmed(backend)
    signups.join(signup(communities=("stack", "tech-kaki"), name="Mallory"))
    message = letters(backend)[-1]
    assert signups.look_up(token_in(message)).communities == ("tech-kaki",)
    assert "STACK" not in body(message)
    names = [private["name"] for private in private_of(backend)]
    assert names == ["Ann Tan", "Mallory"]  # the confirmed one is untouched


def test_a_member_who_joins_again_is_told_so_by_mail_alone(backend: Flask) -> None:
    confirmed(backend)
    before = rows("signups")
    signups.join(signup(name="Mallory", answers={"role": "other"}))
    message = letters(backend)[-1]
    assert token_in(message) == ""
    assert membership.memberships(token_in(message, "manage"))[0].community == "stack"
    assert rows("signups") == before


@pytest.mark.parametrize("raw", ABSURD, ids=lambda raw: repr(raw)[:20])
def test_it_handles_absurd_tokens(small_site: Flask, raw: str) -> None:
    confirmed(small_site)
    assert signups.look_up(raw) == signups.confirm(raw) == signups.Link("unknown")
    assert membership.memberships(raw) == []
    assert membership.change(raw, TAMIL, interests=["events"]) is False
    assert membership.withdraw(raw) is False
    signups.resend(raw, "nobody@example.com", ENGLISH)
    assert len(rows("signups")) == 1
    assert len(letters(small_site)) == 1


def test_each_link_opens_only_what_it_is_for(backend: Flask) -> None:
    signups.join(signup())
    message = letters(backend)[-1]
    assert signups.look_up(token_in(message, "manage")).state == "unknown"
    assert membership.memberships(token_in(message, "confirm")) == []
    assert membership.withdraw(token_in(message, "confirm")) is False


def test_a_link_expires_after_48_hours_and_says_so(backend: Flask) -> None:
    signups.join(signup())
    token = token_in(letters(backend)[-1])
    shift("tokens", "expires_at", 48 * 3600 - 60)
    assert signups.look_up(token).state == "ready"
    shift("tokens", "expires_at", 61)
    assert signups.look_up(token).state == "expired"
    assert signups.confirm(token).state == "expired"
    assert rows("signups")[0].confirmed_at is None


def test_somebody_with_an_expired_link_gets_a_new_one(backend: Flask) -> None:
    signups.join(signup())
    old = token_in(letters(backend)[-1])
    shift("tokens", "expires_at", 49 * 3600)
    signups.resend(old, " ANN@example.com ", TAMIL)
    message = letters(backend)[-1]
    assert message["Content-Language"] == "ta"
    assert signups.look_up(old).state == "replaced"
    assert signups.confirm(token_in(message)).state == "ready"


def test_a_used_link_and_the_address_bring_the_manage_link(backend: Flask) -> None:
    signups.join(signup())
    used = token_in(letters(backend)[-1])
    signups.confirm(used)
    signups.resend(used, "ann@example.com", ENGLISH)
    message = letters(backend)[-1]
    assert token_in(message) == ""
    assert membership.memberships(token_in(message, "manage"))


def test_a_link_cannot_be_used_to_send_mail_to_somebody_else(backend: Flask) -> None:
    signups.join(signup())
    signups.join(signup("ben@example.com"))
    mine = token_in(letters(backend)[0])
    signups.resend(mine, "ben@example.com", ENGLISH)
    signups.resend(mine, "nobody@example.com", ENGLISH)
    assert len(letters(backend)) == 2
    assert len(rows("mail_requests")) == 4  # though the work was the same


def test_the_manage_link_shows_and_changes_what_is_plain(backend: Flask) -> None:
    manage = confirmed(backend)
    (found,) = membership.memberships(manage)
    assert found.answers["interests"] == ("events", "open-source")
    assert found.answers["spoken"] == ()
    assert found.since == membership.memberships(manage)[0].since
    assert membership.change(manage, TAMIL, interests=["conference"]) is True
    (found,) = membership.memberships(manage)
    assert (found.language, found.answers["interests"]) == (TAMIL, ("conference",))
    assert found.answers["role"] == ("developer",)
    membership.change(manage, ENGLISH)
    assert membership.memberships(manage)[0].answers["interests"] == ("conference",)
    membership.change(manage, ENGLISH, interests=[], role="designer")
    assert membership.memberships(manage)[0].answers["interests"] == ()
    assert membership.memberships(manage)[0].answers["role"] == ("designer",)


def test_a_manage_link_shows_a_signup_that_still_waits(backend: Flask) -> None:
    signups.join(signup())
    manage = token_in(letters(backend)[-1], "manage")
    assert membership.memberships(manage)[0].since is None
    assert membership.withdraw(manage) is True


def test_withdrawing_erases_everything_at_once_and_twice_is_as_good(backend: Flask) -> None:
    confirmed(backend)
    signups.join(signup(communities=("tech-kaki",)))
    manage = token_in(letters(backend)[-1], "manage")
    signups.join(signup(communities=("tech-kaki",)))  # a letter that has not left yet
    assert membership.withdraw(manage) is True
    for name in ("signups", "tokens", "outbox", "mail_requests"):
        assert rows(name) == [], name
    assert membership.withdraw(manage) is False
    assert membership.memberships(manage) == []
    assert letters(backend) == [], "those in a mail folder go along"


def test_one_of_two_communities_can_be_left(backend: Flask) -> None:
    manage = confirmed(backend, signup(communities=("stack", "tech-kaki")))
    assert membership.withdraw(manage, "stack") is True
    assert [m.community for m in membership.memberships(manage)] == ["tech-kaki"]
    assert membership.withdraw(manage, "stack") is False
    assert membership.withdraw(manage, "no such") is False
    assert membership.withdraw(manage, "tech-kaki") is True
    assert rows("tokens") == []


def test_withdrawing_leaves_others_alone(backend: Flask) -> None:
    ben = confirmed(backend, signup("ben@example.com"))
    membership.withdraw(confirmed(backend))
    assert len(membership.memberships(ben)) == 1
    assert len(rows("tokens")) == 2


def test_after_leaving_one_can_join_again(backend: Flask) -> None:
    membership.withdraw(confirmed(backend))
    assert membership.memberships(confirmed(backend))


def test_erasing_by_address_finds_feedback_too(backend: Flask) -> None:
    confirmed(backend, signup(communities=("stack", "tech-kaki")))
    membership.give_feedback("stack", "Hello", "ANN@example.com", ENGLISH)
    membership.give_feedback("stack", "Hello", "", ENGLISH)
    gone = membership.erase("Ann@Example.COM")
    assert gone.pop("letter in the mail folder") == 1
    assert gone == {"stack": 1, "tech-kaki": 1, "feedback": 1}
    assert membership.erase("ann@example.com").total() == 0
    assert len(rows("feedback")) == 1


def test_what_managers_do_is_noted_without_saying_to_whom(backend: Flask) -> None:
    membership.withdraw(confirmed(backend))
    confirmed(backend)
    membership.erase("ann@example.com")
    noted = [(row.action, row.community, row.number) for row in rows("audit")]
    assert noted == [("withdraw", "stack", 1), ("erase", "stack", 1)]
    assert set(database.table("audit").c.keys()) == {
        "id",
        "done_at",
        "action",
        "community",
        "number",
    }


def test_feedback_is_sealed(backend: Flask) -> None:
    membership.give_feedback("crowdtask", "Too small\nfor me", "ann@example.com", TAMIL)
    (row,) = rows("feedback")
    assert (row.page, row.language) == ("crowdtask", "ta")
    config: Config = backend.config["COCREATE"]
    identities = crypto.read_identities([config.data_dir / "seal.key"])
    assert crypto.unseal(row.sealed, identities) == {
        "message": "Too small\nfor me",
        "better": "",
        "email": "ann@example.com",
    }


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


def test_sixty_joins_of_one_address_bring_three_mails_and_lose_nothing(backend: Flask) -> None:
    for number in range(60):
        signups.join(signup(answers={"role": f"role-{number}"}))
        worker.send_due(backend)
    sent = letters(backend)
    assert len(sent) == 3
    assert rows("signups")[0].role == "role-2"  # as in the last letter that left
    assert signups.look_up(token_in(sent[0])).state == "replaced"
    assert signups.confirm(token_in(sent[-1])).state == "ready"  # the last one mailed stays good


def test_a_day_later_the_address_can_be_written_to_again(
    backend: Flask, moved_clock: MovedClock
) -> None:
    for role in ("developer", "designer", "data", "other"):
        signups.join(signup(answers={"role": role}))
        letters(backend)
    assert len(letters(backend)) == 3
    moved_clock.forward(days=1, seconds=1)
    signups.join(signup())
    assert len(letters(backend)) == 4


def test_many_at_once_lose_nothing_and_keep_the_limit(backend: Flask) -> None:
    failures: list[BaseException] = []

    def join_often(number: int) -> None:
        try:
            with backend.app_context():
                for i in range(8):
                    signups.join(signup("ann@example.com", name=f"Ann {number}.{i}"))
                    signups.join(signup(f"p{number}.{i}@example.com"))
        except BaseException as error:
            failures.append(error)
            raise

    threads = [threading.Thread(target=join_often, args=(n,)) for n in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert failures == []
    assert len(rows("signups")) == 33
    to_ann = [row for row in rows("mail_requests") if row.granted]
    assert len(to_ann) == 32 + 3


def test_a_link_pressed_by_many_at_once_works_exactly_once(backend: Flask) -> None:
    signups.join(signup())
    token = token_in(letters(backend)[-1])
    states: list[str] = []

    def press() -> None:
        with backend.app_context():
            states.append(signups.confirm(token).state)

    threads = [threading.Thread(target=press) for _ in range(6)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(states) == ["ready", *["used"] * 5]


def test_a_new_secret_key_still_finds_everybody_by_the_old_one(
    backend: Flask, make_site: Callable[[Config], Flask]
) -> None:
    manage = confirmed(backend)
    config: Config = backend.config["COCREATE"]
    rotated = make_site(replace(config, secret_key=("n" * 32, *config.secret_key)))
    with rotated.app_context():
        signups.join(signup())
        assert len(rows("signups")) == 1
        assert len(membership.memberships(manage)) == 1
        assert token_in(letters(rotated)[-1]) == ""  # known as a member
        expected = crypto.address_hashes("ann@example.com", ("n" * 32,))[0]
        assert {bytes(row.email_hash) for row in rows("tokens")} == {expected}
        assert membership.erase("ann@example.com")["stack"] == 1
        assert rows("tokens") == []


def contents(folder: Path) -> dict[str, bytes]:
    return {str(file): file.read_bytes() for file in folder.rglob("*") if file.is_file()}


def test_nothing_in_the_data_folder_is_in_the_clear(small_site: Flask) -> None:
    folder: Path = small_site.config["COCREATE"].data_dir
    secret = signup(
        "zebedee@example.com",
        name="Zebedee Qx",
        communities=("tech-kaki",),
        answers={"access_needs": "Xylophone"},
    )
    signups.join(secret)
    membership.give_feedback("stack", "Yesteryear", "zebedee@example.com", ENGLISH)
    for name, content in contents(folder).items():
        for word in (b"ebedee", b"Xylophone", b"Yesteryear"):
            assert word not in content, f"{word!r} in {name}"


def test_after_withdrawing_not_even_the_sealed_bytes_are_left(small_site: Flask) -> None:
    folder: Path = small_site.config["COCREATE"].data_dir
    manage = confirmed(small_site)
    (row,) = rows("signups")
    assert any(row.sealed in content for content in contents(folder).values())
    membership.withdraw(manage)
    for name, content in contents(folder).items():
        for trace in (row.sealed[200:], bytes(row.email_hash)):
            assert trace not in content, name


@pytest.fixture
def impatient(monkeypatch: pytest.MonkeyPatch) -> None:
    """Do not wait five seconds for a lock."""
    monkeypatch.setattr(engines, "PRAGMAS", ("busy_timeout = 50", *engines.PRAGMAS[1:]))


def test_a_locked_database_is_unavailable_and_nothing_is_kept(
    impatient: None, small_site: Flask
) -> None:
    file = database.current().file
    assert file
    other = sqlite3.connect(file, isolation_level=None)
    other.execute("BEGIN IMMEDIATE")
    with pytest.raises(database.StorageUnavailable):
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
    kept: list[str] = []

    def join_on_and_on() -> None:
        for number in range(500):
            signups.join(signup(f"{number}@example.com"))
            kept.append(str(number))

    with pytest.raises(database.StorageUnavailable, match="full"):
        join_on_and_on()
    assert kept
    assert len(rows("signups")) == len(rows("outbox")) == len(kept)


def test_a_database_that_is_gone_is_unavailable_not_written_to_a_ghost(small_site: Flask) -> None:
    signups.join(signup())
    file = database.current().file
    assert file
    file.rename(file.with_suffix(".moved"))
    assert not database.is_writable()
    with pytest.raises(database.StorageUnavailable):
        signups.join(signup("ben@example.com"))
    assert not file.exists()  # and no empty one in its place
    file.with_suffix(".moved").rename(file)
    assert database.is_writable()
    assert len(rows("signups")) == 1


def test_a_database_without_tables_is_unavailable_until_it_has_them(
    tmp_path: Path, make_site: Callable[[Config], Flask]
) -> None:
    config = load_config({"COCREATE_DATA_DIR": str(tmp_path / "data")})
    app = make_site(config)
    with app.app_context():
        assert not database.is_writable()
        assert not (tmp_path / "data").exists()  # asking made nothing
        keys.prepare(config)
        assert database.is_writable()


def test_an_unprepared_site_keeps_nothing_rather_than_hashing_without_a_key(
    small_site: Flask, make_site: Callable[[Config], Flask]
) -> None:
    app = make_site(replace(small_site.config["COCREATE"], secret_key=()))
    with app.app_context(), pytest.raises(database.StorageUnavailable):
        signups.join(signup())


def test_a_postgresql_that_is_gone_is_unavailable(
    make_site: Callable[[Config], Flask], sqlite_env: dict[str, str]
) -> None:
    nowhere = "postgresql+psycopg://postgres@127.0.0.1:1/nothing"
    config = load_config(sqlite_env | {"COCREATE_DATABASE_URL": nowhere})
    app = make_site(config)
    with app.app_context():
        assert not database.is_writable()
        with pytest.raises(database.StorageUnavailable):
            signups.join(signup())
