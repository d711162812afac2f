"""What a letter's links open: its question, with one answer a member; and whether they stand."""

from __future__ import annotations

from collections import Counter
from typing import Any

import pytest
from flask import Flask

from checks import check_document
from cocreate.languages import Language
from cocreate.storage import crypto, letters, membership
from cocreate.storage.letters import QuestionHasAnswers
from fixtures.backend import MovedClock, config_of, confirmed, rows, signup
from fixtures.letters import QUESTION, mint
from matrix import every_language
from sending import OURS, send


def answer(app: Flask, token: str, choice: str = "", language: str = "en", **headers: str) -> Any:
    data = {"answer": choice} if choice else {}
    return send(app, f"/{language}/answer/{token}/", data, headers or OURS)


@every_language
def test_a_question_is_shown_and_answered_in_each_language(
    small_site: Flask, language: Language
) -> None:
    confirmed(small_site)
    (token,) = mint(small_site, QUESTION)
    path = f"/{language.slug}/answer/{token}/"
    shown = small_site.test_client().get(path)
    assert shown.status_code == 200
    assert shown.headers["Referrer-Policy"] == "strict-origin"
    assert QUESTION["answers"][1][language.slug] in shown.text
    assert language.slug != "en" or "Which day &amp; hour suit you?" in shown.text
    assert rows("answers") == [], "to look is not to answer"
    missing = answer(small_site, token, language=language.slug)
    assert (missing.status_code, 'role="alert"' in missing.text) == (422, True)
    kept = answer(small_site, token, "2", language.slug)
    assert (kept.status_code, 'role="status"' in kept.text) == (200, True)
    for page in (shown, missing, kept):
        check_document(page.text, language)


def test_what_the_managers_did_not_translate_is_marked_as_english(small_site: Flask) -> None:
    confirmed(small_site)
    english = {"words": {"en": "When?"}, "answers": [{"en": "Now"}, {"en": "Later"}]}
    (token,) = mint(small_site, english)
    text = small_site.test_client().get(f"/ta/answer/{token}/").text
    assert '<legend><i lang="en">When?</i></legend>' in text
    assert text.count('lang="en"') > 3


def test_one_answer_a_member_changeable_shown_and_gone_with_the_membership(backend: Flask) -> None:
    manage = confirmed(backend, signup(communities=("stack", "tech-kaki")))
    (first,), (second,) = mint(backend, QUESTION), mint(backend, QUESTION)
    assert answer(backend, first, "1").status_code == 200
    assert answer(backend, second, "2").status_code == 200, "a second bundle, the same letter"
    assert letters.answer_counts("december") == Counter({2: 1})
    page = backend.test_client().get(f"/zh/manage/{manage}/").text
    assert QUESTION["words"]["zh"] in page
    assert QUESTION["answers"][1]["zh"] in page
    assert membership.withdraw(manage, "tech-kaki")
    assert letters.answer_counts("december") == Counter({2: 1}), "another community's"
    assert membership.withdraw(manage, "stack")
    assert rows("answers") == []
    assert answer(backend, first, "1").status_code == 404


@pytest.mark.parametrize("choice", ["0", "3", "x", "-1", "１"])
def test_an_answer_that_was_not_offered_is_none(small_site: Flask, choice: str) -> None:
    confirmed(small_site)
    (token,) = mint(small_site, QUESTION)
    assert answer(small_site, token, choice).status_code == 422
    assert rows("answers") == []


def test_only_a_persons_press_on_our_own_page_answers(small_site: Flask) -> None:
    confirmed(small_site)
    (token,) = mint(small_site, QUESTION)
    assert answer(small_site, token, "1", Origin="https://evil.example").status_code == 403
    for absurd in ("x", "a" * 32, "%00", token[:20], ""):
        assert small_site.test_client().get(f"/en/answer/{absurd}/").status_code == 404


def test_a_letter_without_a_question_asks_nothing(small_site: Flask) -> None:
    manage = confirmed(small_site)
    (token,) = mint(small_site)
    for one in (manage, token):
        assert small_site.test_client().get(f"/en/answer/{one}/").status_code == 404


def test_a_question_with_answers_keeps_its_words(small_site: Flask) -> None:
    confirmed(small_site)
    (token,) = mint(small_site, QUESTION)
    other = QUESTION | {"words": {"en": "Which month?"}}
    letters.register("december", other)
    letters.register("december", QUESTION)
    answer(small_site, token, "1")
    letters.register("december", QUESTION)
    with pytest.raises(QuestionHasAnswers, match="letter"):
        letters.register("december", other)


def signed(app: Flask, **changes: Any) -> dict[str, Any]:
    """The end of a bundle, as the host signs it."""
    said = {"letter_id": letters.register("december", None), "expires": 2**40} | changes
    return said | {"signature": crypto.sign(config_of(app).secret_key, said)}


def stand(app: Flask, bundle: dict[str, Any], links: list[str], unsent: list[str] = []) -> Any:  # noqa: B006
    asked = {"bundle": bundle, "links": hashes(links), "unsent": hashes(unsent)}
    return app.test_client().post("/letters/standing/", json=asked)


def hashes(tokens: list[str]) -> list[str]:
    return [(crypto.token_hash(token) or b"").hex() for token in tokens]


def test_the_site_says_which_links_stand_and_nothing_else(backend: Flask) -> None:
    leaves = confirmed(backend)
    confirmed(backend, signup("bob@example.com"))
    tokens = mint(backend)
    other = confirmed(backend, signup("eve@example.com"))
    membership.withdraw(leaves)
    said = stand(backend, signed(backend), [*tokens, other, "a" * 32])
    assert said.status_code == 200
    (stands,) = said.json["stand"]
    assert stands in hashes(tokens)
    assert said.json.keys() == {"stand"}


def test_only_a_bundle_of_this_host_is_answered(small_site: Flask) -> None:
    confirmed(small_site)
    tokens, bundle = mint(small_site), signed(small_site)
    assert stand(small_site, bundle | {"expires": 2**41}, tokens).status_code == 403
    assert stand(small_site, bundle | {"signature": "ü"}, tokens).status_code == 403
    assert stand(small_site, signed(small_site, expires=1), tokens).status_code == 410
    assert stand(small_site, bundle, tokens * 501).status_code == 400
    odd: list[Any] = [{}, [], {"bundle": 1}, {"bundle": bundle, "links": [1], "unsent": []}]
    for nonsense in odd:
        answered = small_site.test_client().post("/letters/standing/", json=nonsense)
        assert answered.status_code == 400
    assert small_site.test_client().get("/letters/standing/").status_code in {404, 405}


def test_it_is_not_asked_without_end(small_site: Flask) -> None:
    bundle = signed(small_site)
    statuses = Counter(stand(small_site, bundle, []).status_code for _ in range(301))
    assert statuses == {200: 300, 429: 1}


def test_a_link_dies_with_its_bundle_unless_its_letter_was_about_to_leave(
    backend: Flask, moved_clock: MovedClock
) -> None:
    confirmed(backend)
    (unsent,), (sent,), (returned,) = mint(backend), mint(backend), mint(backend)
    bundle = signed(backend)
    stand(backend, bundle, [sent, returned])
    assert stand(backend, bundle, [], [returned]).status_code == 200
    assert membership.memberships(returned) == []
    assert membership.memberships(unsent)
    moved_clock.forward(days=8)
    assert membership.memberships(unsent) == []
    assert not membership.withdraw(unsent)
    assert membership.memberships(sent)
    assert membership.withdraw(sent)
