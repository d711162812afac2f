"""Sealing: written by the web host, read by the managers alone."""

from __future__ import annotations

from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from cocreate.storage import crypto

PRIVATE, PUBLIC = crypto.new_identity()
OTHER_PRIVATE, OTHER_PUBLIC = crypto.new_identity()


def identities(tmp_path: Path, *texts: str) -> list[object]:
    files = []
    for number, text in enumerate(texts):
        files.append(tmp_path / f"{number}.key")
        files[-1].write_text(text, encoding="utf-8")
    return crypto.read_identities(files)


def test_each_of_several_keys_opens_what_was_sealed_for_all(tmp_path: Path) -> None:
    sealed = crypto.seal({"name": "Ann"}, (PUBLIC, OTHER_PUBLIC))
    for private in (PRIVATE, OTHER_PRIVATE):
        assert crypto.unseal(sealed, identities(tmp_path, private)) == {"name": "Ann"}


def test_another_key_does_not_open_it(tmp_path: Path) -> None:
    sealed = crypto.seal({"name": "Ann"}, (PUBLIC,))
    with pytest.raises(crypto.KeyFault, match="another key"):
        crypto.unseal(sealed, identities(tmp_path, OTHER_PRIVATE))


def test_a_damaged_value_is_refused_not_misread(tmp_path: Path) -> None:
    sealed = bytearray(crypto.seal({"name": "Ann"}, (PUBLIC,)))
    sealed[-1] ^= 1
    with pytest.raises(crypto.KeyFault):
        crypto.unseal(bytes(sealed), identities(tmp_path, PRIVATE))


def test_sealed_values_are_age_files_that_show_nothing() -> None:
    sealed = crypto.seal({"name": "Ann Tan"}, (PUBLIC,))
    assert sealed.startswith(b"age-encryption.org/v1\n-> X25519 ")
    assert b"Ann" not in sealed


def test_the_same_value_is_never_sealed_the_same_way_twice() -> None:
    assert crypto.seal({"name": "Ann"}, (PUBLIC,)) != crypto.seal({"name": "Ann"}, (PUBLIC,))


@given(st.dictionaries(st.text(), st.text()))
def test_any_text_comes_back_as_it_went_in(values: dict[str, str]) -> None:
    identity = crypto._identities(PRIVATE)
    sealable = {k: v for k, v in values.items() if not _has_surrogates(k + v)}
    assert crypto.unseal(crypto.seal(sealable, (PUBLIC,)), identity) == sealable


def _has_surrogates(text: str) -> bool:
    return any("\ud800" <= character <= "\udfff" for character in text)


def test_an_identity_file_may_hold_comments_several_keys_and_any_line_end(tmp_path: Path) -> None:
    text = "# ours\r\n" + PRIVATE.strip() + "\r\n\r\n" + OTHER_PRIVATE
    assert len(identities(tmp_path, text)) == 2


@pytest.mark.parametrize("text", ["", "# only a comment\n", "AGE-SECRET-KEY-1NO", PUBLIC])
def test_a_file_without_a_private_key_is_named_in_one_line(tmp_path: Path, text: str) -> None:
    with pytest.raises(crypto.KeyFault) as fault:
        identities(tmp_path, text)
    reason = "a public key; the private one" if text == PUBLIC else "not an age identity file"
    assert f"0.key: {reason}" in str(fault.value)
    assert "\n" not in str(fault.value)


def test_a_missing_or_binary_key_file_is_named(tmp_path: Path) -> None:
    (tmp_path / "picture.png").write_bytes(b"\x89PNG\xff\xfe")
    for name, reason in (("none.key", "No such file"), ("picture.png", "not an age identity")):
        with pytest.raises(crypto.KeyFault, match=reason):
            crypto.read_identities([tmp_path / name])
