"""Sealing for the managers; tokens, hashes and letters under the server's own key."""

from __future__ import annotations

from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from cocreate.storage import crypto

PRIVATE, PUBLIC = crypto.new_identity()
OTHER_PRIVATE, OTHER_PUBLIC = crypto.new_identity()
KEY, NEWER = "k" * 32, "n" * 32
encodable = st.text(st.characters(exclude_categories=["Cs"]), max_size=300)


def identities(tmp_path: Path, content: bytes) -> list[object]:
    file = tmp_path / "a.key"
    file.write_bytes(content)
    return crypto.read_identities([file])


def test_each_of_several_keys_opens_what_was_sealed_for_all_and_no_other_does(
    tmp_path: Path,
) -> None:
    both = crypto.seal({"name": "Ann"}, (PUBLIC, OTHER_PUBLIC))
    for private in (PRIVATE, OTHER_PRIVATE):
        assert crypto.unseal(both, identities(tmp_path, private.encode())) == {"name": "Ann"}
    one = crypto.seal({"name": "Ann"}, (PUBLIC,))
    with pytest.raises(crypto.KeyFault, match="another key"):
        crypto.unseal(one, identities(tmp_path, OTHER_PRIVATE.encode()))
    with pytest.raises(crypto.KeyFault):
        crypto.unseal(one[:-1] + bytes([one[-1] ^ 1]), identities(tmp_path, PRIVATE.encode()))


def test_sealed_values_are_age_files_that_show_nothing() -> None:
    sealed = crypto.seal({"name": "Ann Tan"}, (PUBLIC,))
    assert sealed.startswith(b"age-encryption.org/v1\n-> X25519 ")
    assert b"Ann Tan" not in sealed
    assert sealed != crypto.seal({"name": "Ann Tan"}, (PUBLIC,))


@given(st.dictionaries(encodable, encodable))
def test_any_text_comes_back_as_it_went_in(values: dict[str, str]) -> None:
    identity = crypto._identities(PRIVATE)
    assert crypto.unseal(crypto.seal(values, (PUBLIC,)), identity) == values


@pytest.mark.parametrize("coding", ["utf-8", "utf-8-sig", "utf-16"])
def test_a_key_file_is_read_however_an_editor_saved_it(tmp_path: Path, coding: str) -> None:
    text = "# ours\r\n" + PRIVATE.replace("\n", "\r\n") + "\r\n" + OTHER_PRIVATE
    assert len(identities(tmp_path, text.encode(coding))) == 2


@pytest.mark.parametrize(
    ("content", "what"),
    [
        (b"", "not an age identity file"),
        (b"AGE-SECRET-KEY-1NO", "not an age identity file"),
        (PUBLIC.encode(), "a public key; the private one"),
        (b"age-encryption.org/v1\n-> scrypt", "an encrypted file"),
        (b"-----BEGIN OPENSSH PRIVATE KEY-----", "an SSH key"),
        (b"SQLite format 3\0", "a database"),
    ],
)
def test_what_is_no_private_key_is_named_for_what_it_is(
    tmp_path: Path, content: bytes, what: str
) -> None:
    with pytest.raises(crypto.KeyFault) as fault:
        identities(tmp_path, content)
    assert f"a.key: {what}" in str(fault.value)
    assert "\n" not in str(fault.value)


def test_a_token_carries_192_bits_and_fits_in_a_path() -> None:
    made = {crypto.new_token() for _ in range(1000)}
    assert len(made) == 1000
    assert all(crypto.TOKEN.fullmatch(token) for token in made)
    token = made.pop()
    assert len(crypto.token_hash(token) or b"") == 32


@pytest.mark.parametrize("raw", ["a" * 31, "a" * 33, "a" * 32 + "\n", "é" * 32, "x" * 10**6, None])
def test_near_misses_and_monsters_are_no_tokens(raw: object) -> None:
    assert crypto.token_hash(raw) is None


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("ann@example.com", "Ann@EXAMPLE.com"),
        ("ann@example.com", " ann@example.com "),
        ("ann@example.com", "ann@example.com."),
        ("ann@bücher.example", "ann@xn--bcher-kva.example"),
        ("josé@example.com", "jose\u0301@example.com"),
    ],
)
def test_spellings_of_one_mailbox_have_one_hash(one: str, other: str) -> None:
    assert crypto.address_hashes(one, (KEY,)) == crypto.address_hashes(other, (KEY,))


def test_other_mailboxes_other_keys_and_other_uses_have_other_hashes() -> None:
    hashes = {
        crypto.address_hashes(address, (key,))[0]
        for address in ("ann@example.com", "an@nexample.com", "ann+1@example.com")
        for key in (KEY, NEWER)
    }
    assert len(hashes) == 6
    assert crypto._derive(KEY, "address") != crypto._derive(KEY, "outbox")


@given(encodable)
def test_any_text_has_a_hash(address: str) -> None:
    assert len(crypto.address_hashes(address, (KEY,))[0]) == 32


def test_a_letter_opens_with_an_older_key_after_rotation_and_not_without_it() -> None:
    encrypted = crypto.encrypt({"to": "ann@example.com"}, (KEY,))
    assert b"ann@example" not in encrypted
    assert crypto.decrypt(encrypted, (NEWER, KEY)) == {"to": "ann@example.com"}
    assert crypto.decrypt(encrypted, (NEWER,)) is None
