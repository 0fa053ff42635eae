"""A review and a corrective action: what may follow what, and what each refusal is for."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, datetime, timedelta
from decimal import Decimal
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from domain import errors
from domain.errors import Refusal
from domain.records import (
    AuditFiguresRecorded,
    CorrectiveActionAssigned,
    CorrectiveActionDone,
    CorrectiveActionMissed,
    CorrectiveActionOpened,
    CorrectiveActionVerified,
    Record,
    ReviewHeld,
    ReviewMissed,
    ReviewOpened,
    checked,
)
from domain.reviews import corrective, review
from domain.reviews.corrective import ActionState, CorrectiveAction, action_id
from domain.reviews.review import Review, ReviewState, opened_fields, review_id
from domain.reviews.rhythm import Occurrence, kinds_of
from domain.reviews.values import Attendance, AuditedFigure
from domain.values import Actor, ActorKind, Via

DAY = timedelta(days=1)
AUDIT = Occurrence(kind=kinds_of()["quarterly_audit"], scheduled_on=date(2026, 4, 10))
WEEKLY = Occurrence(kind=kinds_of()["voice_of_customer"], scheduled_on=date(2026, 4, 13))
MONTHLY = Occurrence(kind=kinds_of()["cross_department"], scheduled_on=date(2026, 4, 5))
AT = AUDIT.opens_at


def envelope(version: int, who: str = "ann", at: datetime = AT, **more: Any) -> dict[str, Any]:
    return {
        "originator_id": review_id(AUDIT),
        "originator_version": version,
        "occurred_at": at,
        "actor": Actor(id=who, kind=ActorKind.PERSON),
        "via": Via.API,
        "correlation_id": "conversation-1",
    } | more


def opened(occurrence: Occurrence = AUDIT) -> ReviewOpened:
    said = envelope(1, at=occurrence.opens_at, originator_id=review_id(occurrence))
    return ReviewOpened(**said, **opened_fields(occurrence))


def told(figure: str, found: str, expected: str = "80") -> AuditedFigure:
    amounts = {"expected": Decimal(expected), "found": Decimal(found)}
    return AuditedFigure(figure=figure, sampled=50, **amounts)


def figures(*several: AuditedFigure, version: int = 2) -> AuditFiguresRecorded:
    return AuditFiguresRecorded(**envelope(version), figures=several)


ALL_FIGURES = figures(*(told(each, "80") for each in AUDIT.kind.figures))


def held(
    version: int = 2, parties: tuple[str, ...] = ("internal_audit",), at: datetime = AT + DAY,
    **more: Any,
) -> ReviewHeld:  # fmt: skip
    attendees = tuple(Attendance(party=party, people=2) for party in parties)
    said: dict[str, Any] = {"held_at": at, "attendees": attendees} | more
    return ReviewHeld(**envelope(version, at=AT + DAY), **said)


def a_review(*records: Record) -> Review:
    found = review.folded(records)
    assert found is not None
    return found


def refused(standing: Review | CorrectiveAction, record: Record) -> type[Refusal]:
    checked(record)
    with pytest.raises(Refusal) as refusal:
        standing.require_may(record)
    return refusal.type


def test_a_review_is_open_then_held() -> None:
    standing = a_review(opened(), ALL_FIGURES)
    record = held(3)
    checked(record)
    standing.require_may(record)

    after = standing.after(record)

    assert (standing.state, after.state) == (ReviewState.OPEN, ReviewState.HELD)
    assert (after.is_late, after.version, after.moved_version) == (False, 3, 3)


def test_what_was_missed_may_be_held_and_is_late() -> None:
    missed = a_review(opened(), ALL_FIGURES, ReviewMissed(**envelope(3)))

    missed.require_may(held(4))

    assert (missed.state, missed.is_late) == (ReviewState.MISSED, True)
    assert (missed.version, missed.moved_version) == (3, 2)
    assert missed.after(held(4)).state is ReviewState.HELD
    assert missed.after(held(4)).is_late


@pytest.mark.parametrize(("seconds", "late"), [(0, False), (1, True)])
def test_a_review_held_after_its_time_is_late_though_nobody_noted_it(
    seconds: int, late: bool
) -> None:
    at = AUDIT.due_at + timedelta(seconds=seconds)

    standing = a_review(opened(), ALL_FIGURES, held(3, at=at))

    assert standing.is_late is late


def test_a_held_review_changes_no_more() -> None:
    standing = a_review(opened(), ALL_FIGURES, held(3))

    assert refused(standing, held(4)) is errors.ReviewAlreadyHeld
    assert refused(standing, figures(told("records_complete", "80"), version=4)) is (
        errors.ReviewAlreadyHeld
    )


def test_an_audit_tells_all_of_its_figures_before_it_is_held() -> None:
    some = a_review(opened(), figures(told("records_complete", "80")))

    with pytest.raises(errors.AuditFiguresMissing) as refusal:
        some.require_may(held(3))

    missing = set(AUDIT.kind.figures) - {"records_complete"}
    assert set(refusal.value.params["figures"]) == missing  # type: ignore[call-overload]


def test_whoever_owns_a_review_is_there_and_departments_are_several() -> None:
    monthly = a_review(opened(MONTHLY))

    assert refused(monthly, held(2, ("quality", "sales", "product"))) is errors.OwnerAbsent
    assert refused(monthly, held(2, ("service_director", "sales"))) is errors.TooFewParties
    assert refused(monthly, held(2, ("service_director",) * 3)) is errors.PartyToldTwice
    monthly.require_may(held(2, ("service_director", "sales", "product")))


def test_a_review_is_held_on_its_day_or_later_and_not_in_the_future() -> None:
    standing = a_review(opened(), ALL_FIGURES)
    second = timedelta(seconds=1)

    assert refused(standing, held(3, at=AT - second)) is errors.HeldBeforeOpened
    assert refused(standing, held(3, at=AT + DAY + timedelta(minutes=6))) is errors.HeldInFuture
    standing.require_may(held(3, at=AT))
    standing.require_may(held(3, at=AT + DAY + timedelta(minutes=5)))


def test_only_an_audit_tells_figures_only_its_own_and_each_once() -> None:
    audit, weekly = a_review(opened()), a_review(opened(WEEKLY))
    one = told("records_complete", "80")

    assert refused(weekly, figures(one)) is errors.NotAnAudit
    assert refused(audit, figures(told("promises_on_record", "80"))) is errors.FigureNotOfThisAudit
    assert refused(audit, figures(one, one)) is errors.FigureToldTwice


def test_a_figure_told_again_replaces_the_one_before() -> None:
    first, again = told("records_complete", "60"), told("records_complete", "79")

    standing = a_review(opened(), figures(first), figures(again, version=3))

    assert a_review(opened(), figures(first)).deviating() == [first]
    assert standing.deviating() == []
    assert standing.figures == {"records_complete": again}


def test_of_each_figure_the_first_telling_that_deviates_counts_whatever_is_told_later() -> None:
    fine, off, worse = (told("records_complete", found) for found in ("80", "70", "60"))
    later = AuditFiguresRecorded(**envelope(3, at=AT + DAY), figures=(off,))
    at_last = AuditFiguresRecorded(**envelope(5, at=AT + 2 * DAY), figures=(fine,))

    standing = a_review(opened(), figures(fine), later, figures(worse, version=4), at_last)

    assert standing.deviating() == []
    assert standing.first_deviating() == [(off, AT + DAY)]


def test_exactly_the_threshold_opens_nothing() -> None:
    at_five, above = told("records_complete", "76"), told("cases_within_time", "75.9999")

    standing = a_review(opened(), figures(at_five, above))

    assert standing.deviating() == [above]


def test_a_review_that_is_no_audit_opens_no_action() -> None:
    weekly = a_review(opened(WEEKLY))

    assert weekly.deviating() == []
    with pytest.raises(ValueError, match="only audits"):
        corrective.opened_fields(weekly, told("records_complete", "1"), AT)


# Corrective actions


def action(*records: Record) -> CorrectiveAction:
    standing = a_review(opened(), figures(told("records_complete", "60")))
    (figure,) = standing.deviating()
    said = envelope(1, "review-calendar", originator_id=action_id(standing.id, figure.figure))
    first = CorrectiveActionOpened(**said, **corrective.opened_fields(standing, figure, AT))
    checked(first)
    found = corrective.folded([first, *records])
    assert found is not None
    return found


def done(version: int = 2, who: str = "ann") -> CorrectiveActionDone:
    return CorrectiveActionDone(**envelope(version, who), measure="train_staff")


def verified(
    version: int = 3, who: str = "bob", result: str = "deviation_gone"
) -> CorrectiveActionVerified:
    return CorrectiveActionVerified(**envelope(version, who), result=result)


def test_an_action_says_what_deviates_by_how_much_and_until_when() -> None:
    found = action()

    said = found.opened
    assert (said.figure, said.expected, said.found) == ("records_complete", 80, 60)
    assert (said.deviation_percent, said.threshold_percent) == (25, 5)
    assert (found.owner, found.state) == ("quality", ActionState.OPEN)
    assert said.due_at.isoformat() == "2026-05-12T16:00:00+00:00"


def test_an_action_is_done_by_one_and_verified_by_another() -> None:
    waiting = action(done())
    waiting.require_may(verified())

    closed = waiting.after(verified())

    assert (waiting.state, closed.state) == (ActionState.DONE, ActionState.VERIFIED)
    assert refused(closed, done(4)) is errors.CorrectiveActionAlreadyVerified
    assert refused(closed, CorrectiveActionAssigned(**envelope(4), owner="ops")) is (
        errors.CorrectiveActionAlreadyVerified
    )


def test_whoever_ever_did_it_does_not_verify_it_nor_does_a_machine() -> None:
    waiting = action(done(), verified(3, "bob", "deviation_remains"), done(4, "cid"))
    machine = verified(5)
    by_machine = CorrectiveActionVerified(
        **envelope(5, actor=Actor(id="svc", kind=ActorKind.SERVICE)), result=machine.result
    )

    assert refused(waiting, verified(5, "cid")) is errors.VerifierDidIt
    assert refused(waiting, verified(5, "ann")) is errors.VerifierDidIt
    assert refused(waiting, by_machine) is errors.VerifierNotAPerson
    waiting.require_may(verified(5, "bob"))


def test_what_remains_opens_the_action_again() -> None:
    again = action(done(), verified(3, "bob", "deviation_remains"))

    assert (again.state, again.sent_back, again.done) == (ActionState.OPEN, 1, None)
    assert refused(again, verified(4)) is errors.CorrectiveActionNotDone
    again.require_may(done(4))


def at(record: Record, moment: datetime) -> Record:
    return replace(record, occurred_at=moment)


def test_who_did_it_in_time_is_not_late_because_it_did_not_help() -> None:
    due_at = action().due_at
    remains = at(verified(3, "bob", "deviation_remains"), due_at + DAY)

    again = action(at(done(), due_at), remains)
    finished = again.after(at(done(4), again.due_at)).after(verified(5))

    assert again.opened.due_at == due_at
    assert again.due_at > due_at + 27 * DAY  # twenty business days
    assert (again.state, again.is_late, finished.is_late) == (ActionState.OPEN, False, False)


def test_what_is_done_after_its_time_is_late_though_nobody_noted_it() -> None:
    first = action()

    assert first.after(at(done(), first.due_at + timedelta(seconds=1))).is_late


def test_a_late_action_can_be_done_and_stays_late_in_the_count() -> None:
    late = action(CorrectiveActionMissed(**envelope(2)))

    finished = late.after(done(3)).after(verified(4))

    assert (late.state, late.moved_version, late.version) == (ActionState.LATE, 1, 2)
    assert (finished.state, finished.is_late) == (ActionState.VERIFIED, True)


def test_an_action_is_done_once_and_changes_its_owner_for_another() -> None:
    assert refused(action(done()), done(3)) is errors.CorrectiveActionAlreadyDone
    assert refused(action(), CorrectiveActionAssigned(**envelope(2), owner="quality")) is (
        errors.OwnerUnchanged
    )
    assert (
        action(CorrectiveActionAssigned(**envelope(2), owner="WAREHOUSE-2")).owner == "WAREHOUSE-2"
    )


PEOPLE = st.sampled_from(["ann", "bob", "cid"])
RESULTS = st.sampled_from(["deviation_gone", "deviation_remains", "recorded_in_error"])


@given(st.lists(st.tuples(st.sampled_from(["do", "verify", "assign", "miss"]), PEOPLE, RESULTS)))
def test_whatever_is_tried_nobody_closes_what_they_did(tried: list[tuple[str, str, str]]) -> None:
    standing, doers, late = action(), set(), False
    for step, who, result in tried:
        version = standing.version + 1
        record: Record = {
            "do": done(version, who),
            "verify": verified(version, who, result),
            "assign": CorrectiveActionAssigned(**envelope(version, who), owner=who),
            "miss": CorrectiveActionMissed(**envelope(version)),
        }[step]
        try:
            standing.require_may(record)
        except Refusal:
            continue
        standing = standing.after(record)
        doers |= {who} if step == "do" else set()
        late |= step == "miss"
        assert standing.version == version

    assert standing.is_late is late
    if standing.verified:
        assert standing.verified.actor.id not in doers
        assert corrective.closes(standing.verified, standing.opened.edition)
    assert (standing.state is ActionState.VERIFIED) is (standing.verified is not None)


def test_of_no_records_nothing_stands() -> None:
    assert review.folded([]) is None
    assert review.folded([held()]) is None
    assert corrective.folded([done()]) is None
