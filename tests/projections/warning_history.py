"""Series to warn of: imported complaints and scores, put into the log at the times they tell."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from hashlib import sha256
from itertools import count
from math import exp
from random import Random
from typing import Any
from uuid import UUID

import msgspec
from sqlalchemy import Engine, text

from domain.early_warning.rules import HOUR
from domain.events import CaseImported, ConflictFollowedUp
from domain.values import Actor, ActorKind, SatisfactionScore, SourceRecord, Status, Via
from service.mapper import IDENTITY
from service.topics import topic_of

BEGINNING = datetime(2025, 1, 6, tzinfo=UTC)
"""A Monday."""
DAY = timedelta(days=1)
WEEK = (1.0, 1.0, 1.0, 0.95, 0.9, 0.55, 0.45)
"""How much of a working day's cases each day of the week has, from Monday on."""
DAILY = (1, 1, 1, 1, 1, 2, 4, 8, 15, 20, 20, 18, 16, 18, 20, 20, 18, 16, 14, 12, 10, 8, 5, 3)
"""How the cases of a day spread over its hours, in parts."""
INSERT = text("""
    INSERT INTO events (position, recorded_at, originator_id, originator_version, topic, state)
    SELECT position, recorded_at, originator_id, originator_version, topic,
        convert_to(state, 'UTF8')
    FROM json_to_recordset(CAST(:rows AS json)) AS row(position bigint, recorded_at timestamptz,
        originator_id uuid, originator_version integer, topic text, state text)
""")


@dataclass(frozen=True)
class Happened:
    """A case that came in, or a score that was given, with when it was recorded."""

    at: datetime
    known_at: datetime
    product: str = "loan"
    score: int | None = None


def arrivals(random: Random, mean: float) -> int:
    """A Poisson number."""
    limit, number, product = exp(-mean), 0, random.random()
    while product > limit:
        number, product = number + 1, product * random.random()
    return number


def series(
    random: Random, days: int, daily: float, *, spike: int | None = None, **about: Any
) -> list[Happened]:
    """Cases with the rhythm of days and weeks; three times as many in the 24 hours from `spike`."""
    found = []
    for hour in range(days * 24):
        usual = daily * WEEK[hour // 24 % 7] * DAILY[hour % 24] / sum(DAILY)
        times = 3 if spike is not None and spike <= hour < spike + 24 else 1
        for _ in range(arrivals(random, usual * times * exp(random.gauss(0, 0.15)))):
            at = BEGINNING + hour * HOUR + random.random() * HOUR
            found.append(Happened(at, at, **about))
    return sorted(found, key=lambda each: each.at)


def scores(
    random: Random, days: int, daily: float, mean: float, *, drop: int | None = None, **about: Any
) -> list[Happened]:
    """Scores of 1 to 5 about a mean; whoever answers from hour `drop` on, five days, gives less.

    Their mean, not only what they would give were there no lowest score, is one point lower.
    """
    found = []
    for each in series(random, days, daily, **about):
        hour = (each.at - BEGINNING) // HOUR
        is_low = drop is not None and drop <= hour < drop + 5 * 24
        score = score_about(random, mean - 1 if is_low else mean)
        found.append(Happened(each.at, each.known_at, each.product, score))
    return found


def score_about(random: Random, mean: float) -> int:
    """A whole score of 1 to 5, by four throws: its mean is exact, its variance at most 1."""
    chance = (mean - 1) / 4
    return 1 + sum(random.random() < chance for _ in range(4))


def record(database: Engine, happened: Sequence[Happened], numbers: Iterable[int]) -> None:
    """Put each into the log in the order of its recording, at positions made of `numbers`."""
    rows: list[dict[str, Any]] = []
    positions = iter(numbers)
    for each in sorted(happened, key=lambda each: each.known_at):
        rows += _rows(each, positions)
    with database.begin() as connection:
        connection.execute(INSERT, {"rows": msgspec.json.encode(rows).decode()})


def positions() -> Iterable[int]:
    """Positions for a log of a test: low ones, which every reader may see."""
    return count(1)


def _rows(each: Happened, numbers: Iterable[int]) -> list[dict[str, Any]]:
    positions = iter(numbers)
    position = next(positions)
    case_id = UUID(sha256(b"case %d" % position).hexdigest()[:32])
    imported = _imported(each, case_id, position)
    if each.score is None:
        return [_row(imported, position, each.known_at)]
    return [
        _row(imported, position, each.known_at),
        _row(_scored(each, case_id), next(positions), each.known_at),
    ]


def _row(event: Any, position: int, recorded_at: datetime) -> dict[str, Any]:
    state = msgspec.to_builtins(event)
    kept = {name: value for name, value in state.items() if name not in IDENTITY}
    return {
        "position": position,
        "recorded_at": recorded_at,
        "originator_id": event.originator_id,
        "originator_version": event.originator_version,
        "topic": topic_of(type(event)),
        "state": msgspec.json.encode(kept).decode(),
    }


def _imported(each: Happened, case_id: UUID, number: int) -> CaseImported:
    return CaseImported(
        **_envelope(each, case_id, 1),
        reference=f"C-2025-{number:06}",
        edition=3,
        source=SourceRecord(system="test", external_id=str(number)),
        row_digest="0" * 64,
        leads_to=Status.REPORTED,
        received_on=each.at.date(),
        channel="phone",
        product=each.product,
    )


def _scored(each: Happened, case_id: UUID) -> ConflictFollowedUp:
    assert each.score is not None
    score = SatisfactionScore(scale="csat_1_5", value=each.score)
    return ConflictFollowedUp(
        **_envelope(each, case_id, 2), channel="survey", score=score, touchpoint="delivery"
    )


def _envelope(each: Happened, case_id: UUID, version: int) -> dict[str, Any]:
    return {
        "originator_id": case_id,
        "originator_version": version,
        "occurred_at": each.at,
        "actor": Actor(id="importer", kind=ActorKind.SYSTEM),
        "via": Via.IMPORT,
        "correlation_id": "series",
        "subject_ref": f"test:{case_id}",
    }
