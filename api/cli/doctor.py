"""`amends doctor`: looks at everything that can be wrong, and says what to do about it."""

from collections.abc import Collection, Iterator

import click

from api.cli.database_checks import look_at_database
from api.cli.errors import explained
from api.cli.exits import Exit
from api.cli.findings import Finding, Level, fault, warning
from api.cli.machine_checks import look_at_machine
from api.cli.opening import giving_up, has_database, quiet_log, read_settings
from api.cli.output import json_option, show, show_json
from projections.read_models import build_engine
from service.assembly import build
from service.embedded_postgres import database_for
from service.setting_values import SettingsError
from service.settings import Settings

WIDTH = 24


@click.command("doctor")
@json_option
def command(as_json: bool) -> int:
    """Look at settings, database, log, keys, worker and read models. Changes nothing.

    The exit code is 0 where all is well, 1 where there is a fault. An embedded database that is
    not running is started for the look, and stopped again.
    """
    found = []
    for finding in _look():
        found.append(finding)
        if not as_json:
            _show(finding)
    faults = sum(finding.level is Level.FAULT for finding in found)
    if as_json:
        show_json({"ok": not faults, "findings": [finding._asdict() for finding in found]})
    else:
        show(f"\n{faults} fault{'s' * (faults > 1)}" if faults else "\nAll is well.")
    return Exit.FOUND if faults else Exit.OK


def _look() -> Iterator[Finding]:
    try:
        settings = read_settings()
    except SettingsError as problem:
        yield fault("settings", str(problem), "`amends settings` shows what each one means.")
        return
    quiet_log(settings)
    told = set()
    for finding in look_at_machine(settings):
        told.add(finding.says)
        yield finding
    if not has_database(settings):
        yield fault("database", "there is none yet", "`amends serve` makes it.")
        return
    try:
        yield from _look_inside(settings)
    except SettingsError as problem:
        yield _not_looked_at(str(problem), told)
    except Exception as error:
        known = explained(error)
        yield fault("database", known.message, known.advice)


def _not_looked_at(problem: str, told: Collection[str]) -> Finding:
    """The database needs nothing; a setting does, which is told once."""
    if problem not in told:
        return fault("settings", problem, "`amends settings` shows what each one means.")
    advice = "Put that right, then run `amends doctor` again."
    return warning("database", "not looked at, because of a fault above", advice)


def _look_inside(settings: Settings) -> Iterator[Finding]:
    with giving_up() as watch, database_for(settings) as settings:
        watch(settings)
        service = build(settings)
        try:
            yield from look_at_database(service, build_engine(service))
        finally:
            service.engine.dispose()


def _show(finding: Finding) -> None:
    mark = {Level.OK: "ok     ", Level.WARNING: "WARNING", Level.FAULT: "FAULT  "}[finding.level]
    show(f"{mark} {finding.check:<{WIDTH}} {finding.says}")
    if finding.advice:
        show(f"{'':<8}{'':<{WIDTH}} → {finding.advice}")
