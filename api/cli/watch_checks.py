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


def look_at_the_watches(engine: Engine) -> Iterator[Finding]:
    """A line for each watch."""
    return map(_found, look_at_watches(engine))


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
    if not health.has_workers:
        return fine(check, "no worker is heard of, so nobody keeps it")
    if health.watch.only_where:
        return fine(check, f"not kept: no worker tells of {health.watch.only_where}")
    return warning(check, "no worker tells how it goes", OLDER_WORKER)


def _advice(watch: Watch) -> str:
    events = " or ".join(f"`{event}`" for event in watch.logged)
    return (
        f"See the worker's log for {events}: it names the fault. Where there is none, the round "
        "hangs: restart this worker. Where a newer version wrote to this database, update it."
    )
