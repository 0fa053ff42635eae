"""What `amends doctor` looks at in the workers' watches: does each of their rounds go well?"""

from collections.abc import Iterator

from sqlalchemy import Engine

from api.cli.findings import Finding, fault, fine, warning
from api.watch_health import look_at_watches
from projections.watch_health import WatchHealth
from projections.watches import Watch

OLDER_WORKER = (
    "The workers are of an older version, which keeps this watch without telling: start workers of "
    "this version."
)
NO_WORKER = "Workers do; the line `worker` says what to do about that."


def look_at_the_watches(engine: Engine) -> Iterator[Finding]:
    """A line for each watch; one for all of them where no worker is there to keep them."""
    found = look_at_watches(engine)
    if any(health.has_workers for health in found):
        yield from map(_found, found)
    else:
        yield warning("watches", f"{len(found)} not looked at: nobody keeps them", NO_WORKER)


def _found(health: WatchHealth) -> Finding:
    watch, silent = health.watch, health.silent_seconds
    check = f"watch {watch.name}"
    if silent is None:
        return _untold(check, health)
    if health.is_failing:
        says = f"no round has gone well for {silent:.0f} s; meanwhile {watch.meanwhile}"
        return fault(check, says, _advice(watch))
    return fine(check, f"a round went well {silent:.0f} s ago")


def _untold(check: str, health: WatchHealth) -> Finding:
    if health.watch.only_where:
        return fine(check, f"not kept: no worker tells of {health.watch.only_where}")
    return warning(check, "no worker tells how it goes", OLDER_WORKER)


def _advice(watch: Watch) -> str:
    events = " or ".join(f"`{event}`" for event in watch.logged)
    return (
        f"See the worker's log for {events}: it names the fault. Where there is none, the round "
        "hangs: restart this worker. Where a newer version wrote to this database, update it."
    )
