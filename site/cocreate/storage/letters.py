"""Letters from the managers, as this host knows them: links and sealed addresses, never who.

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
    and_,
    delete,
    false,
    literal,
    or_,
    select,
    update,
)

from cocreate import clock
from cocreate.storage import crypto, database, exports
from cocreate.storage.answers import Question
from cocreate.storage.database import table

PAGE = 500  # addresses


class QuestionHasAnswers(Exception):  # noqa: N818  # a state, not a mistake
    """Other words would give the answers another meaning. Its text is one line."""


@dataclass(frozen=True)
class Audience:
    """Who gets a letter.

    Args:
        communities: for each one, the codes that narrow it by question; one of them is enough.
        languages: of mail; none: all.
        since: confirmed since then (seconds since 1970).
    """

    communities: Mapping[str, Mapping[str, Sequence[str]]]
    languages: Sequence[str] = ()
    since: int = 0


def count(audience: Audience) -> Counter[str]:
    """How many addresses, by language."""
    return Counter(rows[-1].language for page in _addresses(audience) for rows in page)


def register(name: str, question: Question | None) -> int:
    """The id of a letter; its question is kept, or replaced while nobody has answered.

    Raises:
        QuestionHasAnswers: it was another one.
    """
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
            sealed = [newest.sealed, *corrected[newest.id]]
            sealed.append(crypto.seal({"token": raw}, keys))
            links.append(shown | link)
            members.append(shown | {"sealed": [base64.b64encode(one).decode() for one in sealed]})
        with database.writing() as connection:
            connection.execute(table("tokens").insert(), links)
        yield members


def standing(letter_id: int, links: Sequence[bytes]) -> list[bytes]:
    """Which of these links' owners are still members, whose letter is about to leave."""
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
    parts = [
        and_(
            signups.c.community == community,
            *(
                or_(*(_has(signups.c[question], code) for code in codes))
                for question, codes in narrowed.items()
            ),
        )
        for community, narrowed in audience.communities.items()
    ]
    since = max(audience.since, 1)  # NULL, not confirmed, is never as large
    fits = and_(or_(false(), *parts), signups.c.confirmed_at >= since)
    return fits & signups.c.language.in_(audience.languages) if audience.languages else fits


def _has(column: Any, code: str) -> ColumnElement[bool]:
    """Whether a comma-joined list has ``code`` in it."""
    has: ColumnElement[bool] = (literal(",") + column + ",").contains(f",{code},", autoescape=True)
    return has
