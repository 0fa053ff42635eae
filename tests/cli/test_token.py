"""Tokens: made once, listed without their secret, revoked."""

import json
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from click.testing import Result
from sqlalchemy import Engine

from api.cli.exits import Exit
from service.access_tokens import AccessTokens, parse
from service.settings import Settings
from tests.cli.conftest import Run, Start
from tests.cli.processes import environment_of


def listed(result: Result) -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = json.loads(result.stdout)["tokens"]
    return found


def test_create_prints_the_token_and_nothing_else(settings: Settings, start: Start) -> None:
    process = start(
        "token", "create", "--role", "handler", "--name", "shop", env=environment_of(settings)
    )

    out, err = process.communicate(timeout=60)

    assert process.returncode == 0
    assert parse(out.removesuffix("\n")) is not None
    assert out.count("\n") == 1
    assert err == ""


def test_a_token_holds_what_was_asked_for(run: Run, engine: Engine) -> None:
    result = run(
        *("token", "create", "--role", "handler", "--role", "reporter", "--name", "ann"),
        *("--kind", "person", "--expires-in-days", "30", "--json"),
    )

    made = json.loads(result.stdout)
    parsed = parse(made["token"])
    assert parsed is not None
    token = AccessTokens(engine).find(parsed[0])
    assert token is not None
    assert token.has_secret(parsed[1])
    assert (token.name, token.actor_kind, sorted(token.roles)) == (
        "ann",
        "person",
        ["handler", "reporter"],
    )
    assert token.expires_at is not None
    assert timedelta(days=29) < token.expires_at - datetime.now(UTC) <= timedelta(days=30)


def test_list_shows_what_is_in_force_and_never_a_secret(run: Run) -> None:
    kept = run("token", "create", "--role", "handler", "--name", "kept").stdout.strip()
    run("token", "create", "--role", "handler", "--name", "gone")
    run("token", "revoke", "gone")

    shown = run("token", "list")
    every = listed(run("token", "list", "--all", "--json"))

    assert "kept" in shown.stdout
    assert "gone" not in shown.stdout
    assert kept.split("_", 2)[2] not in shown.stdout
    assert {each["name"]: each["state"] for each in every} == {
        "kept": "in force",
        "gone": "revoked",
    }


def test_revoke_by_id(run: Run) -> None:
    run("token", "create", "--role", "handler", "--name", "shop")
    (token,) = listed(run("token", "list", "--json"))

    result = run("token", "revoke", token["id"], "--json")

    assert json.loads(result.stdout) == {"revoked": 1}
    assert listed(run("token", "list", "--json")) == []


def test_revoking_what_is_not_there_says_so(run: Run) -> None:
    result = run("token", "revoke", "nobody")

    assert result.exit_code == 6
    assert result.stderr.startswith("amends: no token in force")
    assert "token list" in result.stderr


@pytest.mark.parametrize(
    "arguments",
    [
        ("--role", "king", "--name", "shop"),
        ("--role", "handler", "--name", "two words"),
        ("--role", "handler", "--name", "x" * 101),
        ("--role", "handler", "--name", "shop", "--expires-in-days", "0"),
        ("--name", "shop"),
        ("--role", "handler"),
    ],
)
def test_a_token_that_cannot_be_is_a_usage_error(run: Run, arguments: tuple[str, ...]) -> None:
    result = run("token", "create", *arguments)

    assert result.exit_code == 2
    assert result.stdout == ""
    assert listed(run("token", "list", "--all", "--json")) == []


JWT = {
    "AMENDS_JWT_ISSUER": "https://login.example",
    "AMENDS_JWT_AUDIENCE": "amends",
    "AMENDS_JWT_JWKS_URL": "https://login.example/jwks",
}


def test_actor_tells_as_whom_a_subject_acts(run: Run) -> None:
    mail = "jordan.ellis@mail.example"

    plain = run("token", "actor", env=JWT, given="ann\n")
    refused = run("token", "actor", env=JWT, given=f"{mail}\n")
    hidden = [
        run("token", "actor", "--json", env={**JWT, "AMENDS_JWT_SUBJECTS": "pseudonym"}, given=mail)
        for _ in range(2)
    ]
    nobody = run("token", "actor", given="ann\n")

    assert plain.stdout == "ann\n"
    assert refused.exit_code == Exit.REFUSED
    assert mail not in refused.stdout
    names = {json.loads(each.stdout)["actor"] for each in hidden}
    assert len(names) == 1
    assert names.pop().startswith("jwt:")
    assert nobody.exit_code == Exit.CONFIGURATION
