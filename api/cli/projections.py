"""`amends projections`: how far the read models are, and what to do about a parked case."""

import os
import pwd
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import asdict
from typing import Any
from uuid import UUID

import click

from api.cli.exits import CommandError, Exit
from api.cli.opening import open_service
from api.cli.output import json_option, progress, say, show_json, show_table
from api.cli.values import ONE_LINE
from projections.crew import Crew
from projections.engine import ProjectionEngine, UnknownProjection
from projections.parking import ParkedCase
from projections.read_models import build_engine
from projections.unparking import CaseNotParked
from service.assembly import Service
from service.progress import TellInWords

LOOK_EVERY_SECONDS = 0.05

COLUMNS = (
    "Read model", "Version", "Position", "Lag seconds", "Unread", "Parked", "Rebuilding"
)  # fmt: skip
PARKED_COLUMNS = ("Read model", "Case", "Version", "Event", "Error", "Attempts", "Since")


@click.group("projections")
def command() -> None:
    """List, rebuild and repair the read models."""


@contextmanager
def _service(*, gives_up: bool = True) -> Iterator[Service]:
    with open_service(gives_up=gives_up) as service:
        try:
            yield service
        except UnknownProjection as unknown:
            raise CommandError(
                Exit.NOT_FOUND,
                f"there is no read model named {unknown}",
                "`amends projections list` shows their names.",
            ) from None
        except CaseNotParked:
            raise CommandError(
                Exit.NOT_FOUND,
                "the case is not parked for this read model",
                "`amends projections list` shows the parked cases.",
            ) from None


@contextmanager
def _engine() -> Iterator[ProjectionEngine]:
    with _service() as service:
        yield build_engine(service)


@command.command("list")
@json_option
def list_(as_json: bool) -> int:
    """List the read models: how far each has read, and which cases are parked and why.

    The exit code is 1 where a case is parked.
    """
    with _engine() as engine:
        models = engine.projection_health()
        parked = [case for model in models for case in engine.parked_cases(model.projection)]
    if as_json:
        show_json(
            {
                "projections": [asdict(model) for model in models],
                "parked": [asdict(case) for case in parked],
                "more": False,
            }
        )
        return Exit.FOUND if parked else Exit.OK
    rows = [
        (
            model.projection,
            model.version,
            model.position,
            f"{model.lag_seconds:.1f}",
            model.lag_events,
            model.parked_cases,
            model.rebuilding_version,
        )
        for model in models
    ]
    show_table(COLUMNS, rows)
    if parked:
        show_table(PARKED_COLUMNS, [_row(case) for case in parked])
        say("`amends projections retry` replays a parked case, `skip` passes over its event.")
    return Exit.FOUND if parked else Exit.OK


@command.command("rebuild")
@click.argument(
    "projections", metavar="PROJECTION...", nargs=-1, required=True, help="Read models, by name."
)
@click.option(
    "--instead-of-newer",
    is_flag=True,
    help="Give up what a newer release has begun to build, e.g. after a return to this one for"
    " good. Workers of the newer release would begin it again: stop them first.",
)
def rebuild(projections: tuple[str, ...], instead_of_newer: bool) -> int:
    """Build read models anew from the log, beside those in use, and switch when they are ready.

    PROJECTION is a name that `amends projections list` shows. Readers see the old ones until
    then. Several at once take less time than one after the other. Stopping this does no harm: a
    running worker goes on. The exit code is 1 where a newer release is building one of them:
    that one is not rebuilt.
    """
    with _service(gives_up=False) as service, Crew(service.settings) as crew:
        engine = build_engine(service, folds=not service.settings.rebuild_processes)
        begun = engine.begin_rebuilds(projections, instead_of_newer=instead_of_newer)
        with progress("Rebuilding") as tell:
            _feed_until_switched(engine, crew, begun, tell)
        left = set(projections) - set(begun) | _being_made(engine)
    return _tell_rebuilt(sorted(set(begun) - left), sorted(left & set(projections)))


def _feed_until_switched(
    engine: ProjectionEngine, crew: Crew, projections: list[str], tell: TellInWords
) -> None:
    total = engine.chunks_left(projections)
    while engine.is_rebuilding(projections):
        crew.call_if_needed(engine)
        if not engine.feed_all():
            time.sleep(LOOK_EVERY_SECONDS)
        left = engine.chunks_left(projections)
        tell(total - left, total or None, f"{left} chunks of cases to go" if left else "the rest")


def _being_made(engine: ProjectionEngine) -> set[str]:
    """What others make still: a worker of a newer release may have taken a build's place."""
    return {each.projection for each in engine.projection_health() if each.rebuilding_version}


def _tell_rebuilt(rebuilt: list[str], left: list[str]) -> int:
    if rebuilt:
        say(f"{', '.join(rebuilt)}: rebuilt and in use.")
    if left:
        say(f"{', '.join(left)}: not rebuilt; a newer release is building it.")
        say("Let that release do it, or give up its build with `--instead-of-newer`.")
    return Exit.FOUND if left else Exit.OK


@command.command("retry")
@click.argument("projection", help="The name of a read model.")
@click.argument(
    "case_id", type=click.UUID, required=False, help="A parked case; all of them, if left out."
)
@json_option
def retry(projection: str, case_id: UUID | None, as_json: bool) -> int:
    """Replay what was held back of one parked case, or of all of them.

    PROJECTION and CASE_ID are those that `amends projections list` shows. The exit code is 1
    where a case stays parked.
    """
    with _engine() as engine:
        if case_id is None:
            still = engine.retry_all(projection)
        else:
            still = [each for each in [engine.retry(projection, case_id)] if each is not None]
    return _tell_parked(still, as_json)


@command.command("skip")
@click.argument("projection", help="The name of a read model.")
@click.argument("case_id", type=click.UUID, help="The parked case.")
@click.option(
    "--reason",
    type=ONE_LINE,
    required=True,
    help="Kept in clear with your user name: a ticket, never anything about a person.",
)
@json_option
def skip(projection: str, case_id: UUID, reason: str, as_json: bool) -> int:
    """Pass over the event a parked case waits at, for good, and replay what waits behind it.

    PROJECTION and CASE_ID are those that `amends projections list` shows. The read model will
    not show what that event says; the case itself is not touched.
    """
    actor = f"cli:{pwd.getpwuid(os.geteuid()).pw_name}"
    with _engine() as engine:
        waits = engine.skip(projection, case_id, reason=reason, actor=actor)
    return _tell_parked([] if waits is None else [waits], as_json)


def _tell_parked(still: list[ParkedCase], as_json: bool) -> int:
    if as_json:
        show_json({"parked": [asdict(case) for case in still]})
    elif still:
        show_table(PARKED_COLUMNS, [_row(case) for case in still])
    else:
        say("Nothing is held back any more.")
    return Exit.FOUND if still else Exit.OK


def _row(case: ParkedCase) -> tuple[Any, ...]:
    return (
        case.build,
        case.case_id,
        case.version,
        case.event,
        case.error,
        case.attempts,
        case.parked_at,
    )
