"""The register survives crashes in the middle of a line, and says when somebody changed it."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path
from uuid import UUID, uuid4

import pytest

from domain.values import Actor, ActorKind
from service.erasure_register import Entry, ErasureRegister, RegisterDamaged


@pytest.fixture
def register(tmp_path: Path) -> ErasureRegister:
    return ErasureRegister(tmp_path / "deep" / "erasures.jsonl")


def an_entry(*key_ids: UUID) -> Entry:
    actor = Actor(id="pia", kind=ActorKind.PERSON)
    return Entry(datetime(2026, 11, 2, tzinfo=UTC), key_ids or (uuid4(),), "objection", actor)


def test_what_is_added_comes_back_in_order(register: ErasureRegister) -> None:
    entries = [an_entry(), an_entry(uuid4(), uuid4())]

    for entry in entries:
        register.add(entry)

    assert list(register.entries()) == entries


def test_without_a_file_nobody_was_erased(register: ErasureRegister) -> None:
    assert list(register.entries()) == []


def test_a_line_that_a_crash_cut_off_counts_for_nothing(register: ErasureRegister) -> None:
    first, second = an_entry(), an_entry()
    register.add(first)
    with register.path.open("ab") as file:
        file.write(b'{"erased_at":"2026-11')
    assert list(register.entries()) == [first]

    register.add(second)

    assert list(register.entries()) == [first, second]


def test_a_line_that_somebody_changed_is_named(register: ErasureRegister) -> None:
    register.add(an_entry())
    register.path.write_bytes(register.path.read_bytes() + b'{"key_ids":"none"}\n')

    with pytest.raises(RegisterDamaged, match="line 2"):
        list(register.entries())
