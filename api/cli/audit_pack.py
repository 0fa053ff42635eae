"""`amends audit-pack`: the evidence about a case, a customer or a period in one file."""

import os
import pwd
from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from uuid import uuid4

import click

from api.cli.api_key import given_api_key
from api.cli.audit_scope import chosen_scope, moment
from api.cli.exits import CommandError, Exit
from api.cli.files import writing_to
from api.cli.looking import require_role
from api.cli.opening import open_service
from api.cli.output import progress, say
from api.cli.pack_counts import pack_counts
from api.cli.values import TICKET, language_option
from api.packs.making import LIMITS, TAKERS, PackMaker
from api.rendering import Reader, WordedReader
from api.who_looked import MOST_TRIES
from api.witness import Witness
from domain.book import Edition
from domain.circumstances import Circumstances
from domain.values import Actor, ActorKind, Role, Via
from projections.ledger.receipts import NotCovered
from projections.ledger.tree import LedgerBroken
from projections.packs.container import ContainerFull
from projections.packs.evidence import (
    Evidence,
    NothingToPack,
    PackTooLarge,
    gather,
)
from projections.packs.scope import Scope
from service.access_log import Looked
from service.access_tokens import AccessToken
from service.assembly import Service
from service.event_store import SubjectKeyDestroyed


@dataclass(frozen=True)
class Taker:
    """Who takes a pack: the holder of an API key, or whoever runs the command, who sees no text."""

    actor: Actor
    roles: frozenset[str]
    token: AccessToken | None = None


@click.command("audit-pack")
@click.argument("file", type=click.Path(dir_okay=False, allow_dash=True))
@click.option("--case", help="One case: its id or its reference.")
@click.option("--customer", metavar="REF", help="Every case of this customer.")
@click.option(
    "--from", "begin", type=moment, help="Everything recorded from here on, reviews too …"
)
@click.option("--to", "end", type=moment, help="… until before this time, which is over.")
@language_option
@click.option(
    "--reveal",
    is_flag=True,
    help="Show personal text as far as the API key read from standard input may see it.",
)
@click.option(
    "--reason",
    type=TICKET,
    help="Why it is taken: a ticket or a file number, for the access log.",
)
def command(
    file: str,
    case: str | None,
    customer: str | None,
    begin: datetime | None,
    end: datetime | None,
    language: str,
    reveal: bool,
    reason: str | None,
) -> None:
    """Write an audit pack to FILE: a ZIP that anybody can verify; `-` is standard output.

    It holds the events as they are stored and readable, a timeline to print, the digests of
    documents, a receipt for each event, the signed checkpoint, and the public keys. It is about
    one case, one customer, or what was recorded in a period; times need an offset, days begin at
    midnight UTC. Personal text is hidden unless --reveal is given. The access log says who took
    it before the file appears.
    """
    with open_service() as service:
        if reason is None and service.settings.require_access_reason:
            raise CommandError(Exit.REFUSED, "a reason is required", "Add --reason TICKET.")
        scope = chosen_scope(service, case, customer, begin, end)
        taker = _taker(service, reveal)
        evidence = _gathered(service, scope)
        with writing_to(file) as write, progress("Packing") as tell:
            maker = _on_record(service, evidence, language, taker, reason)
            maker = replace(maker, tell=lambda done, total: tell(done, total, f"{done:,} cases"))
            try:
                for piece in maker.zipped():
                    write(piece)
            except ContainerFull:
                raise _too_large() from None
    say(
        f"Packed {_held(evidence)} under the checkpoint over {evidence.checkpoint.size:,} events. "
        "`amends ledger verify-pack` verifies it."
    )


def _held(evidence: Evidence) -> str:
    events = sum(part.events for part in evidence.slices)
    return pack_counts(len(evidence.slices), events, *evidence.counts_of_reviews)


def _taker(service: Service, reveal: bool) -> Taker:
    if not reveal:
        name = f"cli:{pwd.getpwuid(os.geteuid()).pw_name}"
        return Taker(Actor(id=name, kind=ActorKind.PERSON), frozenset())
    token = given_api_key(service)
    require_role(token, TAKERS)
    return Taker(token.actor, frozenset(Role(role) for role in token.roles), token)


def _gathered(service: Service, scope: Scope) -> Evidence:
    try:
        return gather(service.engine, scope, LIMITS)
    except NothingToPack:
        raise CommandError(Exit.NOT_FOUND, "there is nothing to pack") from None
    except PackTooLarge:
        raise _too_large() from None
    except NotCovered:
        advice = "A running `amends worker` with a ledger key signs what is new; then try again."
        raise CommandError(Exit.REFUSED, "the newest event is not signed yet", advice) from None


def _too_large() -> CommandError:
    return CommandError(
        Exit.REFUSED,
        "this is too much for one pack",
        f"A pack holds {LIMITS.events:,} events of {LIMITS.cases:,} cases: take shorter periods.",
    )


def _on_record(
    service: Service, evidence: Evidence, language: str, taker: Taker, reason: str | None
) -> PackMaker:
    """What makes the pack, once it is on record who takes it.

    Where a person was erased while their texts were opened, it is looked at again without them.
    """
    maker = PackMaker(
        service,
        evidence,
        language,
        Reader(taker.roles, Witness()),
        _in_words(taker.roles, language),
    )
    for _ in range(MOST_TRIES):
        witness = Witness()
        try:
            maker.see(Reader(taker.roles, witness))
            _note(service, evidence, taker, reason, witness)
        except SubjectKeyDestroyed:
            continue
        except (LedgerBroken, NotCovered):
            says = "the tables of the ledger lack rows"
            raise CommandError(Exit.REFUSED, says, "`amends ledger verify` tells more.") from None
        return maker
    raise CommandError(Exit.DATABASE, "the keys of the texts kept being destroyed")


def _in_words(roles: frozenset[str], language: str) -> Callable[[Edition], Reader]:
    return lambda edition: WordedReader(roles, Witness(), edition=edition, language=language)


def _note(
    service: Service, evidence: Evidence, taker: Taker, reason: str | None, witness: Witness
) -> None:
    looked = Looked(
        what="audit-pack",
        cases=evidence.case_ids,
        texts=witness.texts,
        subject_ref=evidence.scope.subject_ref,
        reason=reason,
        credential_id=taker.token.token_id if taker.token else None,
    )
    by = Circumstances(
        actor=taker.actor,
        roles=taker.roles,
        now=datetime.now(UTC),
        correlation_id=f"audit-pack-{uuid4()}",
        via=Via.CLI,
    )
    service.access_log.note(looked, by, witness.key_ids)
