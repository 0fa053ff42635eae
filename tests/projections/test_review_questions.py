"""Reviews are found by what is asked."""

from __future__ import annotations

from datetime import UTC, datetime
from functools import partial

from sqlalchemy import text

from domain.reviews.review import ReviewState
from domain.reviews.rhythm import kinds_of
from service.assembly import Service
from service.review_statements import NEWEST_OF_KINDS
from service.reviews import KINDS, ReviewFilter
from tests.projections.watching_reviews import BEGAN, DAY, opened, watch


def test_reviews_are_found_by_kind_state_and_period(service: Service) -> None:
    watch(service, BEGAN)
    watch(service, BEGAN + 400 * DAY)
    moment = partial(datetime, tzinfo=UTC)

    def found(**wanted: object) -> list[str]:
        with service.engine.connect() as connection:
            page = service.reviews.page(connection, ReviewFilter(**wanted), 1_000)  # type: ignore[arg-type]
        return [f"{each.standing.opened.scheduled_on}" for each in page]

    in_may = {"period_from": moment(2026, 5, 1), "period_to": moment(2026, 5, 2)}
    assert found(kind="quarterly_audit") == [
        f"{day}" for kind, day in reversed(opened(service)) if kind == "quarterly_audit"
    ]
    assert found(kind="quarterly_audit", **in_may) == ["2026-07-10"]
    assert found(state=ReviewState.HELD) == []
    assert len(found()) == len(found(state=ReviewState.OPEN)) + len(found(state=ReviewState.MISSED))
    assert len(found(late=True)) == len(found(state=ReviewState.MISSED))


def test_the_newest_of_a_kind_is_found_by_an_index(service: Service) -> None:
    watch(service, BEGAN)
    watch(service, BEGAN + 400 * DAY)

    with service.engine.connect() as connection:
        connection.execute(text("SET enable_seqscan = off"))
        asked = text(f"EXPLAIN {NEWEST_OF_KINDS.text}")
        plan = "\n".join(connection.execute(asked, {"kinds": KINDS}).scalars())
        newest = {each.standing.opened.kind for each in service.reviews.newest(connection)}

    assert "records_reviews_by_kind" in plan
    assert newest == set(kinds_of())
