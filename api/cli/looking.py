"""Commands that may show personal text: whose rights apply, and the record of who looked."""

from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any, TypeVar
from uuid import UUID, uuid4

import click

from api.cli.api_key import given_api_key
from api.cli.exits import CommandError, Exit
from api.cli.output import say
from api.cli.values import TICKET
from api.rendering import Reader
from api.who_looked import MOST_TRIES
from api.witness import Witness
from domain.circumstances import Circumstances
from domain.values import Role, Via
from service.access_log import Looked
from service.access_tokens import AccessToken
from service.assembly import Service
from service.event_store import SubjectKeyDestroyed

Made = TypeVar("Made")


def reveal_options(command: Any) -> Any:
    """Add `--reveal` and `--reason` to a command."""
    shows_texts = click.option(
        "--reveal",
        is_flag=True,
        help="Show personal text as far as the API key read from standard input may see it.",
    )
    return shows_texts(reason_option(command))


reason_option = click.option(
    "--reason", type=TICKET, help="Why you look: a ticket or a file number, for the access log."
)


def reader_of(service: Service, *, reveal: bool) -> AccessToken | None:
    """The key on standard input, where texts are to be shown. Raises CommandError."""
    return given_api_key(service) if reveal else None


def require_role(token: AccessToken, needed: frozenset[Role]) -> None:
    """Raises CommandError where the key has none of these roles."""
    if needed.isdisjoint(token.roles):
        roles = " or ".join(sorted(needed))
        raise CommandError(Exit.REFUSED, f"this API key lacks a role: {roles}")


def looked_at(
    service: Service,
    what: str,
    case_id: UUID,
    token: AccessToken | None,
    reason: str | None,
    make: Callable[[Reader], Made],
) -> Made:
    """What `make` shows of a case to the holder of the key, on record before they see it.

    Without a key every text is hidden. Where a person is erased while their texts are opened, it
    is made again without them. Raises CommandError.
    """
    if token is None:
        return make(Reader(frozenset(), Witness()))
    if reason is None and service.settings.require_access_reason:
        raise CommandError(Exit.REFUSED, "a reason is required", "Add --reason TICKET.")
    for _ in range(MOST_TRIES):
        reader = Reader(frozenset(token.roles), Witness())
        reader.about(case_id)
        made = make(reader)
        try:
            _note(service, what, token, reason, reader.witness)
        except SubjectKeyDestroyed:
            continue
        if reader.witness.saw_anything:
            say(f"The access log says that {token.name} was shown these texts.")
        return made
    raise CommandError(Exit.DATABASE, "the keys of the texts kept being destroyed")


def _note(
    service: Service, what: str, token: AccessToken, reason: str | None, witness: Witness
) -> None:
    if not witness.saw_anything:
        return
    looked = Looked(
        what=what,
        cases=witness.cases,
        texts=witness.texts,
        reason=reason,
        credential_id=token.token_id,
    )
    by = Circumstances(
        actor=token.actor,
        roles=frozenset(token.roles),
        now=datetime.now(UTC),
        correlation_id=f"{what}-{uuid4()}",
        via=Via.CLI,
    )
    service.access_log.note(looked, by, witness.key_ids)
