"""Web processes and projection workers killed with SIGKILL while requests and events flow."""

from __future__ import annotations

from pathlib import Path
from threading import Event

from domain.values import ActorKind, Role
from service.access_tokens import AccessTokens
from service.assembly import Service
from tests.cli.processes import until
from tests.faults.callers import crowd
from tests.faults.extent import chance, extent, tell
from tests.faults.fleet import WORKERS, fleet
from tests.faults.http_callers import callers
from tests.faults.ledger import Ledger, compare
from tests.faults.read_models import are_equal, differences, listed

CALLERS = 4
KILLS = extent(short=8, long=200)
ANSWERS_BETWEEN_KILLS = 10
MOMENT_SECONDS = 0.2


def test_read_models_equal_a_fold_whoever_is_killed(service: Service, tmp_path: Path) -> None:
    ledger, moments = Ledger(), chance("moments")
    _, token = AccessTokens(service.engine).create(
        "caller", [Role.HANDLER], actor_kind=ActorKind.PERSON
    )

    with fleet(service, tmp_path / "output", chance("victims")) as ships:
        with crowd() as people:
            load = callers(CALLERS, ships.port, token, ledger, people.stop)
            for caller in load:
                people.start(caller.work)
            for _ in range(KILLS):
                wanted = len(ledger) + ANSWERS_BETWEEN_KILLS
                until(lambda wanted=wanted: people.is_well() and len(ledger) >= wanted)
                Event().wait(moments.uniform(0, MOMENT_SECONDS))
                ships.kill_one()
        ships.until_nothing_is_due()
        compared, found = compare(ledger, service), differences(service)

    killed = " and ".join(f"{n} {what}" for what, n in sorted(ships.killed.items()))
    tell(f"{killed} killed, {WORKERS} workers at once: {compared}")
    retries, moved = (sum(getattr(each, what) for each in load) for what in ("retries", "moved"))
    tell(f"  {retries:,} requests sent again, {moved:,} decided anew; {listed(found)}")
    assert compared.is_clean
    assert compared.by_timers > 0
    assert are_equal(found)
