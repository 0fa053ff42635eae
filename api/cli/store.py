"""`amends store`: the rare work on the event store itself."""

import click

from api.cli.exits import Exit
from api.cli.opening import open_database, open_service
from api.cli.output import how_many, json_option, progress, say, show, show_json
from api.cli.start_checks import erase_again, require_register
from service.assembly import Service
from service.database import create_owner_engine
from service.event_store import (
    StoreFromAnotherCluster,
    adopt_store,
    check_cluster,
    pass_lost_positions,
)
from service.migrating import mend_rows_of_alarms
from service.store_check import RULES, StoreReport, check_store

WIDTH = 10


@click.group("store")
def command() -> None:
    """Check the event store, or take over one that was restored."""


@command.command("check")
@click.option("--quick", is_flag=True, help="Leave out the contents of events and records.")
@json_option
def check(quick: bool, as_json: bool) -> int:
    """Verify the invariants of the store, event by event and record by record. Changes nothing.

    It may run beside live traffic, and takes no lock. The exit code is 0 where every rule holds,
    1 where one is broken; the first places are named.
    """
    with open_service() as service, progress("Checking") as tell:
        report = check_store(service.engine, service.mapper, tell, quick=quick)
    if as_json:
        show_json(_as_json(report))
    else:
        _show(report)
    return Exit.OK if report.is_sound else Exit.FOUND


def _as_json(report: StoreReport) -> dict[str, object]:
    rules = [
        {"rule": rule, "says": RULES[rule], "violations": each.violations, "first": each.examples}
        for rule, each in report.found.items()
    ]
    return {
        "ok": report.is_sound,
        "events": report.events,
        "records": report.records,
        "horizon": report.horizon,
        "rules": rules,
    }


def _show(report: StoreReport) -> None:
    for rule, each in report.found.items():
        mark = f"{each.violations:>6} ×" if each.violations else "ok      "
        show(f"{mark} {rule:<{WIDTH}} {RULES[rule]}")
        for example in each.examples:
            show(f"{'':<9}{'':<{WIDTH}}→ {example}")
    wrong = sum(each.violations > 0 for each in report.found.values())
    show(f"\n{_broken(wrong)}." if wrong else f"\n{_sound(report)}.")


def _broken(wrong: int) -> str:
    return "1 rule is broken" if wrong == 1 else f"{wrong} rules are broken"


def _sound(report: StoreReport) -> str:
    events, records = how_many(report.events, "event"), how_many(report.records, "record")
    return f"Sound: {events} and {records}"


@command.command("mend-alarms")
@json_option
def mend_alarms(as_json: bool) -> None:
    """Make rows of alarms that are missing or wrong anew from the records.

    Run it where `store check` names alarms. It may run beside live traffic; whoever appends a
    record meanwhile waits for it. Running it twice changes nothing.
    """
    with open_database() as settings:
        mended = mend_rows_of_alarms(settings)
    if as_json:
        show_json({"mended": mended})
    else:
        say(
            f"Mended {how_many(mended, 'alarm')}."
            if mended
            else "Nothing to do: every alarm is right."
        )


@command.command("adopt")
@click.option(
    "--recovered",
    is_flag=True,
    help="The cluster was recovered to an earlier moment: give out no lost position again.",
)
@click.option(
    "--without-erasures",
    is_flag=True,
    help="There is no register of erasures: nobody was erased since the backup was made.",
)
@json_option
def adopt(recovered: bool, without_erasures: bool, as_json: bool) -> None:
    """Let a store that was restored go on in this PostgreSQL cluster.

    Stop every other Amends process first. New events then sort behind all old ones, and people
    who were erased after the backup was made are erased again, as the register of erasures says
    (AMENDS_ERASURE_REGISTER). Where that file is missing nothing is changed, unless
    --without-erasures says that nobody was erased: then an empty register is begun. Without
    --recovered it changes nothing where nothing is wrong.
    """
    with open_service() as service:
        require_register(service.settings, nobody_erased=without_erasures)
        changed = recovered or _is_foreign(service)
        owner = create_owner_engine(service.settings)
        if recovered:
            pass_lost_positions(owner)
        base = adopt_store(owner)
        owner.dispose()
        erased = erase_again(service)
    if as_json:
        show_json({"adopted": changed, "base": base, "erased_again": erased})
    else:
        if erased:
            who = "1 person" if erased == 1 else f"{erased:,} people"
            say(f"Erased again: {who} whom the backup had brought back.")
        say("Adopted." if changed else "Nothing to do: the store belongs to this cluster.")


def _is_foreign(service: Service) -> bool:
    try:
        check_cluster(service.engine)
    except StoreFromAnotherCluster:
        return True
    return False
