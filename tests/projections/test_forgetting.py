"""An erased person is found by no word any more: at once, by the worker, and while parked."""

from __future__ import annotations

from uuid import UUID

from sqlalchemy import Engine, select

from domain.personal import PersonalText
from projections import case_list, parking
from projections.case_list import CASES, WORDS
from projections.forgetting import forget_cases
from projections.read_model import Fact
from projections.read_models import READ_MODELS, build_engine
from service.assembly import Service
from tests.given import circumstances
from tests.service.privacy_steps import a_case_of, erase


def words_of(engine: Engine, case_id: UUID) -> tuple[int, int]:
    """How many tokens of codes and of texts find the case."""
    with engine.connect() as connection:
        row = connection.execute(select(WORDS).where(WORDS.c.case_id == case_id)).one()
    return len(row.codes), len(row.texts)


def test_the_worker_forgets_the_words_and_keeps_the_case(service: Service) -> None:
    case_id, other = a_case_of(service, "K-1"), a_case_of(service, "K-2")
    engine = build_engine(service)
    engine.catch_up()
    codes, texts = words_of(service.engine, case_id)

    erase(service, "K-1")
    engine.catch_up()

    assert texts > 0
    assert words_of(service.engine, case_id) == (codes, 0)
    assert words_of(service.engine, other)[1] > 0
    with service.engine.connect() as connection:
        row = connection.execute(select(CASES).where(CASES.c.case_id == case_id)).one()
    assert (row.status, row.version, row.subject_ref) == ("reported", 2, "K-1")


def test_a_rebuild_finds_no_word_of_an_erased_person(service: Service) -> None:
    case_id = a_case_of(service, "K-1")
    erase(service, "K-1")

    build_engine(service).catch_up()

    assert words_of(service.engine, case_id)[1] == 0


def test_what_the_person_tells_later_is_found(service: Service) -> None:
    case_id = a_case_of(service, "K-1")
    erase(service, "K-1")
    service.cases.take_step(
        case_id,
        "acknowledge",
        {"channel": "phone", "text": PersonalText("Hello")},
        expected_version=2,
        by=circumstances(),
    )
    later = a_case_of(service, "K-1", "Broken again")

    build_engine(service).catch_up()

    assert words_of(service.engine, case_id)[1] == 0
    assert words_of(service.engine, later)[1] > 0


def test_a_parked_case_is_forgotten_too(service: Service) -> None:
    case_id = a_case_of(service, "K-1")
    engine = build_engine(service)
    engine.catch_up()
    (logged,) = service.cases.history(case_id)
    fact = Fact(case_id, 1, logged.position, logged.recorded_at, "x:1", logged.event)
    with service.engine.begin() as connection:
        parking.park(connection, case_list.NAME, fact, "ValueError")

    erase(service, "K-1")
    engine.catch_up()

    assert len(engine.parked_cases(case_list.NAME)) == 1
    assert words_of(service.engine, case_id)[1] == 0


def test_forgetting_at_once_waits_for_no_worker(service: Service) -> None:
    case_id, other = a_case_of(service, "K-1"), a_case_of(service, "K-2")
    build_engine(service).catch_up()
    codes, _ = words_of(service.engine, case_id)

    forget_cases(service.engine, READ_MODELS, [case_id])

    assert words_of(service.engine, case_id) == (codes, 0)
    assert words_of(service.engine, other)[1] > 0
