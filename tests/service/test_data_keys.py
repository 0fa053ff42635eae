"""Sealed texts open with their key in their place, and nowhere else."""

import os
from uuid import uuid4

import pytest
from hypothesis import given
from hypothesis import strategies as st

from service.data_keys import (
    DataKey,
    MasterKeyMissing,
    MasterKeys,
    SealBroken,
    by_key,
    key_ids_of,
    new_secret,
    parsed,
)

PLACE = b"case 7"


@pytest.fixture(scope="module")
def key() -> DataKey:
    key_id, secret = new_secret()
    return DataKey(key_id, "customer-7", secret)


@given(text=st.text(), place=st.binary())
def test_what_was_sealed_opens_again(key, text, place):
    token = key.seal(text, place)

    assert key.open(parsed(token), place) == text


def test_a_token_names_its_key_and_shows_nothing_else(key):
    token = key.seal("Ms Wu is angry", PLACE)

    assert token.isascii()
    assert "angry" not in token
    assert parsed(token).key_id == key.key_id


def test_the_same_text_never_looks_the_same(key):
    assert key.seal("yes", PLACE) != key.seal("yes", PLACE)


def test_a_token_does_not_open_in_another_place(key):
    token = key.seal("text", PLACE)

    with pytest.raises(SealBroken):
        key.open(parsed(token), b"case 8")


def test_a_token_does_not_open_under_another_key(key):
    other = DataKey(key.key_id, "customer-7", os.urandom(32))

    with pytest.raises(SealBroken):
        other.open(parsed(key.seal("text", PLACE)), PLACE)


def test_an_altered_token_does_not_open(key):
    token = key.seal("text", PLACE)
    altered = token[:-1] + ("A" if token[-1] not in "AB" else "w")

    with pytest.raises(SealBroken):
        key.open(parsed(altered), PLACE)


@pytest.mark.parametrize("text", ["", "plain words", "sealed1.", "sealed1.AAAA", "sealed1.é"])
def test_other_text_is_no_token(text):
    with pytest.raises(SealBroken):
        parsed(text)


def test_a_key_shows_only_its_id(key):
    assert repr(key) == f"<DataKey {key.key_id}>"


def test_the_newest_master_key_wraps_and_older_ones_still_unwrap():
    old, new = os.urandom(32), os.urandom(32)
    key_id, secret = new_secret()
    wrapped_before = MasterKeys(old).wrap(secret, key_id)

    rotated = MasterKeys(new, old)
    wrapped_after = rotated.wrap(secret, key_id)

    assert rotated.unwrap(wrapped_before, key_id) == secret
    assert MasterKeys(new).unwrap(wrapped_after, key_id) == secret
    with pytest.raises(MasterKeyMissing):
        MasterKeys(old).unwrap(wrapped_after, key_id)


def test_a_wrapped_key_cannot_pass_for_another_one():
    master = MasterKeys(os.urandom(32))
    key_id, secret = new_secret()

    with pytest.raises(SealBroken):
        master.unwrap(master.wrap(secret, key_id), uuid4())


def test_master_keys_show_no_key():
    secret = os.urandom(32)

    shown = repr(MasterKeys(secret))

    assert secret.hex() not in shown
    assert len(shown) < 40


def test_a_master_key_of_another_size_is_refused():
    with pytest.raises(ValueError, match="32 bytes"):
        MasterKeys(b"short")


def test_the_keys_of_many_texts_are_found_and_each_key_by_few_of_them() -> None:
    fresh = [new_secret() for _ in range(3)]
    keys = [DataKey(key_id, f"customer-{key_id}", secret) for key_id, secret in fresh]
    tokens = [key.seal(f"text {number}", PLACE) for key in keys for number in range(200)]

    found = key_ids_of(tokens)

    assert found == {key.key_id for key in keys}
    assert len({by_key(token) for token in tokens}) <= 16 * len(keys)
