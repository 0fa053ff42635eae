"""The demonstration's tokens: the same ones as long as they work, and for two people."""

import json
from pathlib import Path

import pytest
from sqlalchemy import Engine

from api.cli import demo
from domain.values import Role
from service.access_tokens import AccessTokens, parse


@pytest.fixture
def kept(tmp_path: Path) -> Path:
    return tmp_path / "data" / "demo-tokens.json"


def test_the_same_tokens_every_time(engine: Engine, kept: Path) -> None:
    first = demo._tokens(kept, engine)

    again = demo._tokens(kept, engine)

    assert first == again
    assert len(AccessTokens(engine).all()) == 2
    assert kept.stat().st_mode & 0o777 == 0o600


def test_a_revoked_one_is_replaced(engine: Engine, kept: Path) -> None:
    first = demo._tokens(kept, engine)
    AccessTokens(engine).revoke("demo-handler")

    again = demo._tokens(kept, engine)

    assert again["handler"] != first["handler"]
    assert again["approver"] == first["approver"]


@pytest.mark.parametrize("content", ["", "[]", "null", '{"handler": 7}', "{", "\x00"])
def test_a_damaged_file_is_replaced(engine: Engine, kept: Path, content: str) -> None:
    kept.parent.mkdir()
    kept.write_text(content)

    tokens = demo._tokens(kept, engine)

    assert json.loads(kept.read_text()) == tokens
    assert set(tokens) == {"handler", "approver"}


def test_tokens_of_another_database_are_replaced(engine: Engine, kept: Path) -> None:
    kept.parent.mkdir()
    stranger = dict.fromkeys(demo.PEOPLE, f"amends_{'0' * 32}_{'x' * 43}")
    kept.write_text(json.dumps(stranger))

    tokens = demo._tokens(kept, engine)

    assert set(tokens.values()).isdisjoint(stranger.values())


def test_two_people_can_bring_a_case_to_its_end(engine: Engine, kept: Path) -> None:
    tokens = demo._tokens(kept, engine)

    people = {}
    for part, clear in tokens.items():
        parsed = parse(clear)
        assert parsed is not None
        people[part] = AccessTokens(engine).find(parsed[0])

    handler, approver = people["handler"], people["approver"]
    assert handler is not None
    assert approver is not None
    assert handler.actor != approver.actor
    assert {Role.REPORTER, Role.HANDLER} <= handler.roles
    assert Role.APPROVER in approver.roles
    assert Role.APPROVER not in handler.roles


def test_what_to_try_can_be_pasted(engine: Engine, kept: Path) -> None:
    tokens = demo._tokens(kept, engine)

    text = demo._what_to_try("http://127.0.0.1:8080", tokens, 360)

    assert f'curl -H "Authorization: Bearer {tokens["handler"]}" "http://127.0.0.1:8080/v1/' in text
    assert "http://127.0.0.1:8080/docs" in text
    assert "lessons-learned" in text
    assert f"\n  export APPROVER={tokens['approver']}\n" in text
