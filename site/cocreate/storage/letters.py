"""Letters from the managers, as this host knows them: links and sealed addresses, never who; and
what members answer to the question of one, which goes with their membership.

A bundle is made here and sent elsewhere (:mod:`cocreate.letters`). Its links die with it, but for
those whose letter was about to leave: the sender asks about them first, and from then on they last
as long as the membership.
"""

from __future__ import annotations

import base64
import json
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import groupby
from typing import Any

from sqlalchemy import (
    ColumnElement,
    Connection,
    and_,
    delete,
    false,
    func,
    literal,
    or_,
    select,
    update,
)

from cocreate import clock
from cocreate.storage import crypto, database, exports
from cocreate.storage.addresses import find_token, hold_token
from cocreate.storage.database import table

PAGE = 500  # addresses
Question = dict[str, Any]  # {"words": {"en": …}, "answers": [{"en": …}, …]}


class QuestionHasAnswers(Exception):  # noqa: N818  # a state, not a mistake
    """Other words would give the answers another meaning. Its text is one line."""


@dataclass(frozen=True)
class Audience:
    """Who gets a letter."""

    # For each one, the codes that narrow it by question; one of them is enough.
    communities: Mapping[str, Mapping[str, Sequence[str]]]
    languages: Sequence[str] = ()  # of mail; none: all
    since: int = 0  # when confirmed: seconds since 1970


@dataclass(frozen=True)
class Asked:
    """The question behind a link; ``chosen`` is the answer given, from 1, or None."""

    question: Question
    chosen: int | None


def count(audience: Audience) -> Counter[str]:
    """How many addresses, by language."""
    return Counter(rows[-1].language for page in _addresses(audience) for rows in page)


def register(name: str, question: Question | None) -> int:
    """The id of a letter; its question is kept, or replaced while nobody has answered."""
    letters, answers = table("letters"), table("answers")
    values = {"name": name, "question": question and json.dumps(question, sort_keys=True)}
    with database.writing() as connection:
        new = database.insert(connection, letters).values(values | {"created_at": clock.now()})
        connection.execute(new.on_conflict_do_nothing())
        row = connection.execute(select(letters).where(letters.c.name == name)).one()
        answered = select(answers.c.id).where(answers.c.letter_id == row.id).limit(1)
        if row.question != values["question"]:
            if connection.execute(answered).first():
                raise QuestionHasAnswers(
                    "letter.toml: members have answered this letter's question, which is another"
                    " one now; put the old words back, or make a new letter"
                )
            connection.execute(update(letters).where(letters.c.id == row.id).values(values))
    return int(row.id)


def mint(letter_id: int, audience: Audience, until: int) -> Iterator[list[dict[str, Any]]]:
    """Pages of members, sealed, each with a fresh manage link that lives until then."""
    keys = database.settings().seal_key
    for page in _addresses(audience):
        corrected = exports.corrections([rows[-1].id for rows in page])
        links, members = [], []
        for rows in page:
            raw, newest = crypto.new_token(), rows[-1]
            shown = {
                "language": newest.language,
                "communities": ",".join(sorted(row.community for row in rows)),
            }
            link = {
                "token_hash": crypto.token_hash(raw),
                "email_hash": newest.email_hash,
                "purpose": "manage",
                "created_at": clock.now(),
                "expires_at": until,
                "letter_id": letter_id,
            }
            sealed = [newest.sealed, *corrected[newest.id], crypto.seal({"token": raw}, keys)]
            links.append(shown | link)
            members.append(shown | {"sealed": [base64.b64encode(one).decode() for one in sealed]})
        with database.writing() as connection:
            connection.execute(table("tokens").insert(), links)
        yield members


def keep_links_of_members(letter_id: int, links: Sequence[bytes]) -> list[bytes]:
    """Let the links of those who are still members outlive their bundle: their letters are about to
    leave. These links.
    """
    tokens, signups = table("tokens"), table("signups")
    ours = _of_letter(letter_id, links)
    query = select(tokens.c.token_hash, tokens.c.communities, signups.c.community).join(
        signups, signups.c.email_hash == tokens.c.email_hash
    )
    with database.writing() as connection:
        found = connection.execute(query.where(ours, signups.c.confirmed_at.is_not(None))).all()
        stand = {
            bytes(row.token_hash) for row in found if row.community in row.communities.split(",")
        }
        lasting = update(tokens).where(tokens.c.token_hash.in_(stand)).values(expires_at=None)
        connection.execute(lasting)
    return sorted(stand)


def give_back(letter_id: int, links: Sequence[bytes]) -> None:
    """These links were never sent: they open nothing any more."""
    with database.writing() as connection:
        connection.execute(delete(table("tokens")).where(_of_letter(letter_id, links)))


def _of_letter(letter_id: int, links: Sequence[bytes]) -> ColumnElement[bool]:
    tokens = table("tokens")
    return and_(tokens.c.letter_id == letter_id, tokens.c.token_hash.in_(links))


def _addresses(audience: Audience) -> Iterator[list[list[Any]]]:
    """Pages of addresses: the fitting sign-ups of each, the newest last."""
    signups, last = table("signups"), b""
    columns = ("id", "email_hash", "community", "language", "sealed")
    query = select(*(signups.c[name] for name in columns)).where(_fits(audience))
    order = (signups.c.email_hash, signups.c.consented_at, signups.c.id)
    while True:
        page = query.where(signups.c.email_hash > last).order_by(*order).limit(PAGE)
        with database.reading() as connection:
            found = connection.execute(page).all()
        groups = [list(rows) for _, rows in groupby(found, lambda row: bytes(row.email_hash))]
        if len(found) == PAGE:
            groups.pop()  # maybe cut: the next page begins with it
        if not groups:
            return
        last = bytes(groups[-1][0].email_hash)
        yield groups


def _fits(audience: Audience) -> ColumnElement[bool]:
    signups = table("signups")
    wanted: ColumnElement[bool] = false()
    for community, narrowed in audience.communities.items():
        fits = signups.c.community == community
        for question, codes in narrowed.items():
            fits &= or_(*(_has(signups.c[question], code) for code in codes))
        wanted |= fits
    since = max(audience.since, 1)  # NULL, not confirmed, is never as large
    wanted &= signups.c.confirmed_at >= since
    return wanted & signups.c.language.in_(audience.languages) if audience.languages else wanted


def _has(column: Any, code: str) -> ColumnElement[bool]:
    """Whether a comma-joined list has ``code`` in it."""
    has: ColumnElement[bool] = (literal(",") + column + ",").contains(f",{code},", autoescape=True)
    return has


def asked(raw: object) -> Asked | None:
    """What a link asks; None for one that asks nothing (any more)."""
    with database.reading() as connection:
        found = _asked(connection, find_token(connection, raw, "manage"))
    return found and Asked(json.loads(found.question), found.choice)


def answer(raw: object, choice: int) -> bool:
    """Keep an answer, over an earlier one; False for a link that asks nothing (any more)."""
    answers = table("answers")
    with database.writing() as connection:
        token = hold_token(connection, raw, "manage")
        found = _asked(connection, token)
        if token is None or found is None:
            return False
        insert = database.insert(connection, answers).values(
            letter_id=token.letter_id, signup_id=found.id, choice=choice, answered_at=clock.now()
        )
        newest = {name: insert.excluded[name] for name in ("choice", "answered_at")}
        one = ["letter_id", "signup_id"]
        connection.execute(insert.on_conflict_do_update(index_elements=one, set_=newest))
    return True


def _asked(connection: Connection, token: Any) -> Any:
    """A row: question, choice, and the id of the membership that the answer goes with."""
    if token is None or token.letter_id is None:
        return None
    letters, signups, answers = table("letters"), table("signups"), table("answers")
    given = and_(answers.c.signup_id == signups.c.id, answers.c.letter_id == token.letter_id)
    query = (
        select(signups.c.id, letters.c.question, answers.c.choice)
        .join_from(signups, letters, letters.c.id == token.letter_id)
        .outerjoin(answers, given)
        .where(
            signups.c.email_hash == token.email_hash,
            signups.c.community.in_(token.communities.split(",")),
            signups.c.confirmed_at.is_not(None),
            letters.c.question.is_not(None),
        )
    )
    return connection.execute(query.order_by(signups.c.id).limit(1)).first()


def answer_counts(name: str) -> Counter[int]:
    """How many members gave which answer (from 1) to a letter's question."""
    letters, answers = table("letters"), table("answers")
    query = select(answers.c.choice, func.count()).join(letters).where(letters.c.name == name)
    with database.reading() as connection:
        found = connection.execute(query.group_by(answers.c.choice)).all()
    return Counter(dict(found))


def answers_by(raw: object) -> list[Asked]:
    """Every answer that the owner of a manage link has given: the manage page shows them."""
    signups, answers, letters = table("signups"), table("answers"), table("letters")
    query = select(letters.c.question, answers.c.choice).join_from(answers, letters).join(signups)
    with database.reading() as connection:
        token = find_token(connection, raw, "manage")
        if token is None:
            return []
        theirs = query.where(signups.c.email_hash == token.email_hash)
        found = connection.execute(theirs.order_by(answers.c.id)).all()
    return [Asked(json.loads(row.question), row.choice) for row in found if row.question]
