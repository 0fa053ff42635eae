"""`amends retention`: erases people whose data is past its time, by the rules of the book."""

from collections import Counter
from collections.abc import Iterator
from datetime import UTC, datetime
from itertools import chain, islice
from uuid import uuid4

import click
from sqlalchemy import Connection

from api.cli.exits import CommandError, Exit
from api.cli.opening import open_service
from api.cli.output import json_option, progress, say, show_json, show_table
from domain.circumstances import Circumstances
from domain.reference_books import CURRENT_EDITION, edition
from domain.values import Actor, ActorKind, Role, Via
from projections import case_list
from projections.forgetting import forget_cases
from projections.health import ReadModelNotReady, read_state
from projections.read_models import READ_MODELS
from projections.retention_candidates import candidates, without_cases
from service.assembly import Service
from service.retention import Decided, Outcome, Retention

ACTOR = Actor(id="retention", kind=ActorKind.SYSTEM)
COLUMNS = ("Person", "Outcome", "Cases")


@click.group("retention")
def command() -> None:
    """Erase people whose data is past its time."""


@command.command("run")
@click.option("--dry-run", is_flag=True, help="Say who would be erased, and erase nobody.")
@click.option("--limit", type=click.IntRange(1), help="Look at this many people at most.")
@json_option
def run(dry_run: bool, limit: int | None, as_json: bool) -> None:
    """Erase every person all of whose cases are past their time, unless a legal hold stands.

    The periods stand in the reference book `retention_periods`, by status and type of the case;
    they run from its newest event, erasures aside. A person with one case that must be kept is
    kept. Whoever is known by indicators of risk alone, without a case or since all their cases
    were erased, is erased when the newest of them is past its time.
    """
    with open_service() as service:
        found: list[Decided] = []
        with progress("Retention") as tell:
            for decided in _decide(service, dry_run, limit):
                found.append(decided)
                tell(len(found), None, f"{len(found):,} people")
    if as_json:
        counts = Counter(decided.outcome.value for decided in found)
        people = [_plain(decided) for decided in found]
        show_json({"dry_run": dry_run, "counts": counts, "people": people})
        return
    if found:
        show_table(COLUMNS, [(d.subject_ref, d.outcome.value, len(d.cases)) for d in found])
    say(_summed(found, dry_run))


def _summed(found: list[Decided], dry_run: bool) -> str:
    outcomes = Counter(decided.outcome for decided in found)
    erased = outcomes[Outcome.DUE if dry_run else Outcome.ERASED]
    people = "1 person" if erased == 1 else f"{erased:,} people"
    would = "would be " if dry_run else ""
    return f"{people} {would}erased, {outcomes[Outcome.HELD]:,} kept by a legal hold."


def _decide(service: Service, dry_run: bool, limit: int | None) -> Iterator[Decided]:
    now, books = datetime.now(UTC), edition(CURRENT_EDITION)
    by = Circumstances(
        actor=ACTOR,
        roles=frozenset({Role.PRIVACY}),
        now=now,
        correlation_id=f"retention-{uuid4()}",
        via=Via.CLI,
    )
    retention = Retention(
        service.cases, service.subjects, service.holds, service.erasures, service.risks, books
    )
    with service.engine.connect() as connection:
        _require_list(connection)
        # All of them first: an erasure must not wait in the middle of a reading transaction.
        by_cases = candidates(connection, service.risks, books, now)
        by_indicators = without_cases(connection, service.risks, books, now)
        people = list(islice(chain(by_cases, by_indicators), limit))
    for decided in retention.decide(iter(people), by, dry_run=dry_run):
        if decided.outcome is Outcome.ERASED:
            forget_cases(service.engine, READ_MODELS, decided.cases)
        yield decided


def _require_list(connection: Connection) -> None:
    try:
        read_state(connection, case_list.NAME)
    except ReadModelNotReady:
        raise CommandError(
            Exit.REFUSED,
            "the case list is not built yet, so nobody knows whose cases are old",
            "A running `amends worker` builds it.",
        ) from None


def _plain(decided: Decided) -> dict[str, object]:
    return {
        "subject_ref": decided.subject_ref,
        "outcome": decided.outcome.value,
        "cases": [str(case_id) for case_id in decided.cases],
    }
