"""Hashes, links and letters under lock."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from cocreate.storage import crypto

KEY, NEWER = "k" * 32, "n" * 32


def test_a_token_carries_192_bits_and_fits_in_a_path() -> None:
    made = {crypto.new_token() for _ in range(1000)}
    assert len(made) == 1000
    assert all(crypto.TOKEN.fullmatch(token) for token in made)


def test_what_is_stored_of_a_token_does_not_contain_it() -> None:
    token = crypto.new_token()
    stored = crypto.token_hash(token)
    assert stored is not None
    assert len(stored) == 32
    assert token.encode() not in stored


@given(st.one_of(st.text(), st.binary(), st.none(), st.integers()))
def test_what_cannot_be_a_token_has_no_hash_and_no_traceback(raw: object) -> None:
    is_token = isinstance(raw, str) and crypto.TOKEN.fullmatch(raw)
    assert (crypto.token_hash(raw) is not None) == bool(is_token)


@pytest.mark.parametrize(
    "raw", ["a" * 31, "a" * 33, "a" * 31 + "\n", "a" * 32 + "\n", "é" * 32, "x" * 10**6]
)
def test_near_misses_and_monsters_are_no_tokens(raw: str) -> None:
    assert crypto.token_hash(raw) is None


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("ann@example.com", "Ann@EXAMPLE.com"),
        ("ann@example.com", " ann@example.com "),
        ("ann@example.com", "ann@example.com."),
        ("ann@bücher.example", "ann@xn--bcher-kva.example"),
        ("josé@example.com", "jose\u0301@example.com"),
        ("தமிழ்@example.com", "தமிழ்@Example.Com"),
    ],
)
def test_spellings_of_one_mailbox_have_one_hash(one: str, other: str) -> None:
    assert crypto.address_hashes(one, (KEY,)) == crypto.address_hashes(other, (KEY,))


def test_other_mailboxes_and_other_keys_have_other_hashes() -> None:
    hashes = {
        crypto.address_hashes(address, (key,))[0]
        for address in ("ann@example.com", "an@nexample.com", "ann+1@example.com")
        for key in (KEY, NEWER)
    }
    assert len(hashes) == 6


@given(st.text(max_size=300))
def test_any_text_has_a_hash(address: str) -> None:
    if not any("\ud800" <= character <= "\udfff" for character in address):
        assert len(crypto.address_hashes(address, (KEY,))[0]) == 32


def test_a_letter_opens_with_an_older_key_after_rotation_and_not_without_it() -> None:
    encrypted = crypto.encrypt({"to": "ann@example.com"}, (KEY,))
    assert b"ann" not in encrypted
    assert crypto.decrypt(encrypted, (NEWER, KEY)) == {"to": "ann@example.com"}
    assert crypto.decrypt(encrypted, (NEWER,)) is None


def test_each_use_of_a_secret_has_a_key_of_its_own() -> None:
    assert crypto._derive(KEY, "address") != crypto._derive(KEY, "outbox")
