"""`amends token`: make, list and revoke the API keys that open the HTTP door."""

from datetime import UTC, datetime, timedelta
from typing import Any

import click

from api.cli.exits import CommandError, Exit
from api.cli.headings import how_many_listed
from api.cli.opening import open_database, open_service
from api.cli.output import json_option, say, show, show_json, show_list_json, show_table
from api.jwt_subjects import Subjects
from domain.values import ActorKind, Role
from service.access_tokens import AccessToken, AccessTokens, InvalidToken, UnknownToken

ROLES = [role.value for role in Role]
KINDS = [ActorKind.SERVICE.value, ActorKind.PERSON.value]
COLUMNS = ("Id", "Name", "Kind", "Roles", "Created", "Expires", "State")


@click.group("token")
def command() -> None:
    """Make, list and revoke API keys; tell as whom a holder of an access token acts."""


@command.command("create")
@click.option(
    "--role", "roles", multiple=True, required=True, type=click.Choice(ROLES), help="Repeatable."
)
@click.option("--name", required=True, help="Who acts: the actor in every event and audit row.")
@click.option(
    "--kind",
    type=click.Choice(KINDS),
    default=ActorKind.SERVICE.value,
    show_default=True,
    help="Whether another service or a person holds the key.",
)
@click.option(
    "--expires-in-days", type=click.IntRange(1, 3_650), help="Without it the key does not expire."
)
@json_option
def create(
    roles: tuple[str, ...], name: str, kind: str, expires_in_days: int | None, as_json: bool
) -> None:
    """Make an API key and print it: once, on standard output, and nothing else."""
    expires_at = None
    if expires_in_days is not None:
        expires_at = datetime.now(UTC) + timedelta(days=expires_in_days)
    with open_service(gives_up=True) as service:
        try:
            token, clear = AccessTokens(service.engine).create(
                name, roles, actor_kind=kind, expires_at=expires_at
            )
        except InvalidToken as problem:
            raise click.UsageError(str(problem)) from None
    if as_json:
        show_json({**_described(token), "token": clear})
    else:
        show(clear)


@command.command("list")
@click.option("--all", "also_ended", is_flag=True, help="Also those revoked or expired.")
@json_option
def list_(also_ended: bool, as_json: bool) -> None:
    """List the API keys in force. The keys themselves are stored nowhere."""
    with open_service(gives_up=True) as service:
        found = [_described(token) for token in AccessTokens(service.engine).all()]
    shown = [each for each in found if also_ended or each["state"] == "in force"]
    if as_json:
        show_list_json("tokens", shown)
        return
    if shown:
        show_table(COLUMNS, [_row(each) for each in shown])
    say(how_many_listed(len(shown), "key", "en"))


@command.command("revoke")
@click.argument("id_or_name")
@json_option
def revoke(id_or_name: str, as_json: bool) -> None:
    """Revoke the key with this id, or every key of this name.

    ID_OR_NAME is what `amends token list` shows.

    A running web server refuses it within five seconds.
    """
    with open_service(gives_up=True) as service:
        try:
            revoked = AccessTokens(service.engine).revoke(id_or_name)
        except UnknownToken as problem:
            raise CommandError(
                Exit.NOT_FOUND, str(problem), "`amends token list` shows those there are."
            ) from None
    if as_json:
        show_json({"revoked": revoked})
    else:
        say(f"Revoked {revoked}.")


@command.command("actor")
@json_option
def actor(as_json: bool) -> None:
    """Print the actor id that a person with a JWT has in events and in the audit trail.

    The subject (`sub`) of the token is read from standard input, so that it stays out of the
    shell's history. Under AMENDS_JWT_SUBJECTS=pseudonym nothing else leads from one to the other.
    """
    with open_database() as settings:
        if settings.jwt_issuer is None:
            raise CommandError(
                Exit.CONFIGURATION, "no tokens are accepted", "Set AMENDS_JWT_ISSUER and its like."
            )
        subject = click.prompt("Subject", err=True, default="", show_default=False).strip()
        found = Subjects.of(settings, settings.jwt_issuer).actor_id(subject, ActorKind.PERSON)
    if found is None:
        raise CommandError(
            Exit.REFUSED, "a token with this subject is refused", "See AMENDS_JWT_SUBJECTS."
        )
    if as_json:
        show_json({"actor": found})
    else:
        show(found)


def _described(token: AccessToken) -> dict[str, Any]:
    state = "in force"
    if token.revoked_at is not None:
        state = "revoked"
    elif not token.in_force(datetime.now(UTC)):
        state = "expired"
    return {
        "id": str(token.token_id),
        "name": token.name,
        "kind": token.actor_kind.value,
        "roles": sorted(role.value for role in token.roles),
        "created": token.created_at,
        "expires": token.expires_at,
        "state": state,
    }


def _row(described: dict[str, Any]) -> list[object]:
    shown = {**described, "roles": ", ".join(described["roles"])}
    return [shown[name.lower()] for name in COLUMNS]
