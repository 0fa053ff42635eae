"""Indicators of customers' risk: supplied by other services, kept for ever, scored when asked."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Final

from sqlalchemy import Connection, Engine

from domain.circumstances import Circumstances
from domain.customer_risk.book import risk_book
from domain.customer_risk.scoring import RiskScore, risk_score
from domain.customer_risk.supplying import (
    SuppliedIndicator,
    require_good,
    require_newer,
    stream_of,
)
from domain.errors import Refusal
from domain.records import IndicatorSupplied, checked
from domain.reference_books import CURRENT_EDITION
from domain.times import CLOCK_TOLERANCE
from service.erasure_records import erasures_of
from service.event_store import (
    Command,
    CommandAlreadyRecorded,
    StoreBusy,
    SubjectKeyDestroyed,
    VersionConflict,
)
from service.keys import SubjectKeys
from service.record_book import LoggedRecord, RecordBook, envelope, logged_record
from service.risk_statements import ERASED_AT, LAST_VERSION, PAGE, SOME_VERSIONS
from service.risk_values import EVER, Asked, KnownValue, newest_values
from service.tries import MOST_TRIES

HIGHEST_NUMBER: Final = 2**31 - 1


@dataclass(frozen=True)
class CustomerRisk:
    """A score with the newest value of each indicator, also of those that are too old.

    `erased_at`: when the person was erased last; what had been supplied before is not told.
    """

    score: RiskScore
    values: Mapping[str, KnownValue]
    erased_at: datetime | None


@dataclass(frozen=True)
class NowSupplied:
    """What a request supplied. `replayed`: known from before."""

    records: Sequence[LoggedRecord]
    replayed: bool = False


@dataclass(frozen=True)
class RiskIndicators:
    """Every indicator of every customer. Threads may share it."""

    engine: Engine
    book: RecordBook
    keys: SubjectKeys

    def supply(
        self,
        subject_ref: str,
        values: Sequence[SuppliedIndicator],
        by: Circumstances,
        *,
        command: Command | None = None,
    ) -> NowSupplied:
        """Record values about a customer, all or none, each as a record of its own.

        Raises InvalidValue, OccurredInFuture, IndicatorNotNewer, ObservedBeforeErasure,
        IdempotencyKeyReused, StoreUnavailable.
        """
        for _ in range(MOST_TRIES):
            try:
                return NowSupplied(self._append(subject_ref, values, by, command))
            except (Refusal, VersionConflict, CommandAlreadyRecorded) as fault:
                # What was supplied is no longer newer when it is told again.
                if known := self._replayed(subject_ref, len(values), command):
                    return known
                if isinstance(fault, Refusal):
                    raise
            except SubjectKeyDestroyed:
                continue
        raise StoreBusy("others kept supplying indicators of a customer")

    def _append(
        self,
        subject_ref: str,
        values: Sequence[SuppliedIndicator],
        by: Circumstances,
        command: Command | None,
    ) -> list[LoggedRecord]:
        book, stream = risk_book(), stream_of(subject_ref)
        require_good(values, by.now, book)
        with self.engine.connect() as connection:
            # Before what is known: whatever comes after it makes the append a conflict.
            last = connection.execute(LAST_VERSION, {"stream": stream}).scalar_one()
            (known,) = newest_values(connection, [Asked(subject_ref, EVER)], book)
            erased_at = _erased_at(connection, subject_ref)
        newest = {code: each.supplied.observed_at for code, each in known.items()}
        require_newer(values, newest, erased_at)
        records = [
            _record(subject_ref, each, version, by)
            for version, each in enumerate(values, start=last + 1)
        ]
        for record in records:
            checked(record)
        return self._keep(subject_ref, records, command, erased_at)

    def _keep(
        self,
        subject_ref: str,
        records: Sequence[IndicatorSupplied],
        command: Command | None,
        erased_at: datetime | None,
    ) -> list[LoggedRecord]:
        """Under a live key of the person, though nothing is sealed with it.

        By their keys people are found who are to be erased, also after a backup was restored.
        Raises SubjectKeyDestroyed where the last erasure is no longer that of `erased_at`.
        """
        key = self.keys.living(subject_ref)
        with self.engine.connect() as connection:
            # An erasure before the key was made did not destroy it; a later one does.
            if _erased_at(connection, subject_ref) != erased_at:
                raise SubjectKeyDestroyed("the person was erased a moment ago")
        try:
            return self.book.append_all(records, command=command, used_key_ids=[key.key_id])
        except SubjectKeyDestroyed:
            self.keys.forget([key])
            raise

    def _replayed(
        self, subject_ref: str, number: int, command: Command | None
    ) -> NowSupplied | None:
        """What this command supplied before; None where it did not. Raises IdempotencyKeyReused."""
        outcome = self.book.outcome_of(command)
        if outcome is None:
            return None
        last = outcome.originator_version
        versions = {"stream": stream_of(subject_ref), "first": last - number + 1, "last": last}
        with self.engine.connect() as connection:
            rows = connection.execute(SOME_VERSIONS, versions).all()
        return NowSupplied([logged_record(tuple(row)) for row in rows], replayed=True)

    def risk_of(
        self,
        subject_ref: str,
        now: datetime,
        *,
        as_of: datetime | None = None,
        known_at: datetime | None = None,
        edition: int = CURRENT_EDITION,
    ) -> CustomerRisk:
        """The score of a customer, by the books of one edition, by what is not erased now.

        `as_of`: of what had been observed by then; `known_at`: was recorded by then. Callers'
        clocks may be ahead: a value counts as soon as it is told.
        """
        book, seen_at = risk_book(edition), as_of or known_at
        asked = Asked(subject_ref, seen_at or now + CLOCK_TOLERANCE)
        with self.engine.connect() as connection:
            (found,) = newest_values(connection, [asked], book, known_at=known_at or EVER)
            erased_at = _erased_at(connection, subject_ref)
        supplied = [each.supplied for each in found.values()]
        at = seen_at or max([now, *(each.observed_at for each in supplied)])
        return CustomerRisk(risk_score(supplied, at, book), found, erased_at)

    def page(
        self, subject_ref: str, limit: int, *, code: str | None = None, before: int | None = None
    ) -> list[LoggedRecord]:
        """What was supplied last about a customer, at most `limit`; before a number of it."""
        values = {
            "stream": stream_of(subject_ref),
            "before": HIGHEST_NUMBER if before is None else before,
            "code": code,
            "limit": limit,
        }
        with self.engine.connect() as connection:
            return [logged_record(tuple(row)) for row in connection.execute(PAGE, values)]

    def last_supplied(self, subject_refs: Sequence[str]) -> dict[str, datetime]:
        """When something was last recorded about each customer; nobody of whom nothing was."""
        streams = {stream_of(each): each for each in subject_refs}
        found = self.book.last_recorded(streams)
        return {streams[stream]: recorded_at for stream, recorded_at in found.items()}

    def all_about(self, subject_ref: str) -> list[LoggedRecord]:
        """Everything that was supplied about a customer, in order."""
        return self.book.of_originator(stream_of(subject_ref))


def _erased_at(connection: Connection, subject_ref: str) -> datetime | None:
    """When the last erasure of the person was recorded."""
    found: datetime | None = connection.execute(
        ERASED_AT, {"erasures": erasures_of(subject_ref)}
    ).scalar()
    return found


def _record(
    subject_ref: str, value: SuppliedIndicator, version: int, by: Circumstances
) -> IndicatorSupplied:
    observed = replace(by, now=value.observed_at)
    return IndicatorSupplied(
        **envelope(stream_of(subject_ref), version, observed),
        subject_ref=subject_ref,
        indicator=value.indicator,
        value=value.value,
    )
