"""Connections that break around a commit: nobody knows what became of it, until asked again."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from threading import Lock
from uuid import UUID, uuid4

import pytest
from werkzeug.test import TestResponse

from api import examples
from api.app import create_app
from domain.records import PersonalDataAccessed
from domain.values import Role
from projections.read_models import build_engine
from projections.worker import run_worker
from service.access_tokens import AccessTokens
from service.assembly import Service, build
from service.event_store import (
    CommandAlreadyRecorded,
    EventRecorder,
    StoreUnavailable,
    VersionConflict,
)
from service.event_store.shared_commits import Append
from service.record_book import as_stored, envelope
from service.settings import Settings
from tests.api.conftest import REPORT, shown
from tests.api.conftest import Caller as HttpCaller
from tests.cli.processes import until
from tests.faults.callers import Caller, crowd
from tests.faults.extent import chance, extent, tell
from tests.faults.ledger import Ledger, compare
from tests.faults.proxy import FAULTS, SILENT, Fault, Proxy, proxied, socket_of
from tests.faults.read_models import are_equal, differences, listed
from tests.given import circumstances
from tests.service.event_store.steps import a_command, an_event

CALLERS = 8
WORKERS = 2
ANSWERS = extent(short=250, long=10_000)
SHARE_OF_APPENDS = 0.2
SHARE_OF_OTHERS = 0.01
APPENDS = (
    b"EXECUTE append_event",
    b"EXECUTE append_together",
    b"SELECT append_events",
    b"SELECT append_records_together",
)
COMMIT = b"COMMIT"


def is_append(request: bytes) -> bool:
    return any(each in request for each in APPENDS)


@dataclass
class OneFault:
    """Mistreats the next append, once one is asked for."""

    waiting: list[Fault] = field(default_factory=list)

    def __call__(self, request: bytes) -> Fault | None:
        return self.waiting.pop() if self.waiting and is_append(request) else None


@dataclass
class ManyFaults:
    """Mistreats every fifth append or commit, and now and then anything else."""

    happened: Counter[str] = field(default_factory=Counter)
    _lock: Lock = field(default_factory=Lock)

    def __call__(self, request: bytes) -> Fault | None:
        ends_something = is_append(request) or COMMIT in request
        with self._lock:
            if CHANCE.random() > (SHARE_OF_APPENDS if ends_something else SHARE_OF_OTHERS):
                return None
            fault = FAULTS[self.happened.total() % len(FAULTS)]
            self.happened[fault.name] += 1
        return fault


CHANCE = chance("faults of connections")


@pytest.fixture
def plan() -> OneFault:
    return OneFault()


@pytest.fixture
def direct(settings: Settings) -> Iterator[Service]:
    """The service beside the proxy, to see what became of everything."""
    service = build(settings)
    yield service
    service.engine.dispose()


@pytest.fixture
def mistreated(settings: Settings, plan: OneFault) -> Iterator[Settings]:
    """Settings that lead through a proxy with that plan."""
    with Proxy(socket_of(settings), plan, CHANCE.random) as proxy:
        yield proxied(settings, proxy)


@pytest.fixture
def recorder(mistreated: Settings) -> Iterator[EventRecorder]:
    service = build(mistreated)
    service.recorder.append([an_event()])
    yield service.recorder
    service.engine.dispose()


@pytest.mark.parametrize("fault", FAULTS, ids=lambda fault: fault.name)
def test_an_append_sent_again_finds_its_first_outcome(
    recorder: EventRecorder, direct: Service, plan: OneFault, fault: Fault
) -> None:
    event, command = an_event(), a_command()

    def send() -> int | None:
        try:
            return recorder.append([event], command=command)[0].id
        except StoreUnavailable:
            return None
        except CommandAlreadyRecorded as repeated:
            outcome = recorder.find_command(repeated.command_id)
            return outcome.position if outcome else None

    plan.waiting.append(fault)
    first = send()
    known = direct.recorder.find_command(command.command_id)
    again = until(send)

    (stored,) = direct.recorder.select_events(event.originator_id)
    assert plan.waiting == []
    assert {first, again} <= {None, stored.id}
    assert fault.executed in (None, known is not None)


@pytest.mark.parametrize("fault", FAULTS, ids=lambda fault: fault.name)
def test_events_that_share_a_commit_are_recorded_all_or_none(
    recorder: EventRecorder, direct: Service, plan: OneFault, fault: Fault
) -> None:
    group = [Append(an_event(), a_command()) for _ in range(3)]

    plan.waiting.append(fault)
    is_answered = was_recorded(lambda: recorder._append_together(group))
    is_new = was_recorded(lambda: direct.recorder._append_together(group))

    stored = [direct.recorder.select_events(each.event.originator_id) for each in group]
    assert plan.waiting == []
    assert [len(each) for each in stored] == [1] * 3
    assert len({each.id >> 12 for (each,) in stored}) == 1
    assert fault.executed in (None, not is_new)
    assert not (is_answered and is_new)


@pytest.mark.parametrize("fault", FAULTS, ids=lambda fault: fault.name)
def test_accesses_that_share_a_commit_are_recorded_all_or_none(
    mistreated: Settings, direct: Service, plan: OneFault, fault: Fault
) -> None:
    service, cases = build(mistreated), [uuid4() for _ in range(3)]
    group = [Append(as_stored(an_access(case_id))) for case_id in cases]

    plan.waiting.append(fault)
    is_answered = was_recorded(lambda: service.access_log.book._append_together(group))
    is_new = was_recorded(lambda: direct.access_log.book._append_together(group))

    stored = [direct.access_log.book.of_originator(each.event.originator_id) for each in group]
    service.engine.dispose()
    assert plan.waiting == []
    assert [len(each) for each in stored] == [1] * 3
    assert len({each.position >> 12 for (each,) in stored}) == 1
    assert fault.executed in (None, not is_new)
    assert not (is_answered and is_new)


def was_recorded(write: Callable[[], object]) -> bool:
    """Whether the caller is told so. A refusal means that it had been recorded before."""
    try:
        write()
    except (StoreUnavailable, CommandAlreadyRecorded, VersionConflict):
        return False
    return True


def an_access(case_id: UUID) -> PersonalDataAccessed:
    return PersonalDataAccessed(
        **envelope(uuid4(), 1, circumstances()), what="show_case", cases=(case_id,), texts=1
    )


@dataclass
class Http:
    """Callers of the API whose database is behind the proxy."""

    reporter: HttpCaller
    handler: HttpCaller


@pytest.fixture
def http(mistreated: Settings, direct: Service) -> Iterator[Http]:
    app = create_app(mistreated)
    tokens = AccessTokens(direct.engine)
    made = [
        HttpCaller(app, tokens.create(role.value, [role])[1], role.value)
        for role in (Role.REPORTER, Role.HANDLER)
    ]
    yield Http(*made)
    app.extensions["amends"].engine.dispose()


@pytest.mark.parametrize("fault", FAULTS, ids=lambda fault: fault.name)
@pytest.mark.parametrize("begins", [True, False], ids=["report", "step"])
def test_a_request_sent_again_is_answered_as_if_nothing_had_happened(
    http: Http, direct: Service, plan: OneFault, fault: Fault, begins: bool
) -> None:
    case, key = http.reporter.report(), str(uuid4())
    step = f"/v1/cases/{case['id']}/acknowledge"
    before = direct.recorder.read_page(0, 100).events

    def send() -> TestResponse:
        if begins:
            return http.reporter.post("/v1/cases", REPORT, Idempotency_Key=key)
        body = examples.body("acknowledge", "en")
        return http.handler.post(step, body, If_Match='"1"', Idempotency_Key=key)

    plan.waiting.append(fault)
    first = send()
    again = until(lambda: (answer := send()).status_code < 500 and answer)

    (stored,) = direct.recorder.read_page(before[-1].id, 100).events
    assert plan.waiting == []
    assert again.status_code == (201 if begins else 200)
    assert again.headers["Amends-Position"] == str(stored.id)
    assert shown(again)["id"] == str(stored.originator_id)
    assert first.status_code in (again.status_code, 503)
    assert fault.executed is not True or first.get_data() == again.get_data()
    assert first.status_code != 503 or first.headers["Retry-After"] == "2"


@pytest.mark.usefixtures("impatient")
def test_a_request_whose_append_is_never_answered_finds_out_by_itself(
    http: Http, direct: Service, plan: OneFault
) -> None:
    plan.waiting.append(SILENT)

    answer = http.reporter.post("/v1/cases", REPORT, Idempotency_Key=str(uuid4()))

    (stored,) = direct.recorder.read_page(0, 100).events
    assert plan.waiting == []
    assert answer.status_code == 201
    assert shown(answer)["id"] == str(stored.originator_id)


def test_a_storm_of_broken_connections_loses_and_doubles_nothing(
    settings: Settings, direct: Service
) -> None:
    plan, ledger = ManyFaults(), Ledger()
    with Proxy(socket_of(settings), plan, CHANCE.random) as proxy:
        mistreated = proxied(settings, proxy)
        services = [build(mistreated) for _ in range(1 + WORKERS)]
        callers = [Caller(services[0], ledger, chance(f"caller {n}")) for n in range(CALLERS)]
        with crowd() as workers, crowd() as people:
            for each in services[1:]:
                workers.start(run_worker, build_engine(each), workers.stop)
            for caller in callers:
                people.start(caller.work, people.stop)
            until(lambda: people.is_well() and len(ledger) >= ANSWERS, seconds=ANSWERS)
            people.join()
            compared = compare(ledger, direct)
            found = differences(direct)
        for each in services:
            each.engine.dispose()

    tell(f"{sum(plan.happened.values()):,} broken connections under {CALLERS} callers: {compared}")
    tell(f"  {sum(caller.retries for caller in callers):,} commands sent again; {listed(found)}")
    assert compared.is_clean
    assert are_equal(found)
    assert len(plan.happened) == len(FAULTS)
