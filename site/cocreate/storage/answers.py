"""The question of a letter, and what members answer: one answer each, gone with the membership."""

from __future__ import annotations

import json
from collections import Counter
from dataclasses import dataclass
from typing import Any

from sqlalchemy import Connection, and_, func, select

from cocreate import clock
from cocreate.storage import database
from cocreate.storage.addresses import find_token, hold_token
from cocreate.storage.database import table

Question = dict[str, Any]  # {"words": {"en": …}, "answers": [{"en": …}, …]}


@dataclass(frozen=True)
class Asked:
    """The question behind a link; ``chosen`` is the answer given, from 1, or None."""

    question: Question
    chosen: int | None


def asked(raw: object) -> Asked | None:
    """What a link asks; None for one that asks nothing (any more)."""
    with database.reading() as connection:
        found = _asked(connection, find_token(connection, raw, "manage"))
    return found and found[0]


def answer(raw: object, choice: int) -> bool:
    """Keep an answer, over an earlier one; False for a link that asks nothing (any more)."""
    answers = table("answers")
    with database.writing() as connection:
        token = hold_token(connection, raw, "manage")
        found = _asked(connection, token)
        if token is None or found is None:
            return False
        insert = database.insert(connection, answers).values(
            letter_id=token.letter_id, signup_id=found[1], choice=choice, answered_at=clock.now()
        )
        newest = {name: insert.excluded[name] for name in ("choice", "answered_at")}
        one = ["letter_id", "signup_id"]
        connection.execute(insert.on_conflict_do_update(index_elements=one, set_=newest))
    return True


def _asked(connection: Connection, token: Any) -> tuple[Asked, int] | None:
    """With the membership that the answer belongs to, and goes with."""
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
    row = connection.execute(query.order_by(signups.c.id).limit(1)).first()
    return row and (Asked(json.loads(row.question), row.choice), row.id)


def counts(name: str) -> Counter[int]:
    """How many members gave which answer (from 1) to a letter's question."""
    letters, answers = table("letters"), table("answers")
    query = select(answers.c.choice, func.count()).join(letters).where(letters.c.name == name)
    with database.reading() as connection:
        found = connection.execute(query.group_by(answers.c.choice)).all()
    return Counter(dict(found))


def given_by(raw: object) -> list[Asked]:
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
