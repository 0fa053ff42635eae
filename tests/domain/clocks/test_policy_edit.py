"""Ten thousand cases, and a policy that is edited afterwards: no past breach changes."""

from __future__ import annotations

import json
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path
from random import Random

import pytest

from domain import decisions, reference_books
from domain.clocks.policy import policy_of
from domain.conflict_case import ConflictCase
from domain.reference_books import BOOKS_DIRECTORY, CURRENT_EDITION, EDITIONS
from tests.given import BEGAN_AT, Story, circumstances
from tests.other_books import forget, other_books

CASES = 10_000
NEXT = CURRENT_EDITION + 1


@pytest.fixture
def stricter_edition(tmp_path: Path) -> Iterator[int]:
    """A next edition, in which every target is one unit."""
    version = EDITIONS[CURRENT_EDITION]["service_levels"]
    for path in BOOKS_DIRECTORY.iterdir():
        (tmp_path / path.name).write_bytes(path.read_bytes())
    content = json.loads((tmp_path / f"service_levels.v{version}.json").read_text("utf-8"))
    for entry in content["entries"]:
        entry["details"] |= {"amount": 1, "warn_before": 0}
    changed = json.dumps(content | {"version": version + 1})
    (tmp_path / f"service_levels.v{version + 1}.json").write_text(changed, "utf-8")
    stricter = {**EDITIONS[CURRENT_EDITION], "service_levels": version + 1}
    with other_books({**EDITIONS, NEXT: stricter}, tmp_path):
        yield NEXT


def a_random_case(random: Random) -> ConflictCase:
    """A case with a few contacts, met or missed as chance has it."""
    story = Story()
    story.take(
        "report",
        channel=random.choice(["chat", "phone", "mail"]),
        urgency=random.choice(["urgent", "normal", None]),
        request_kind=random.choice(["ordinary", "complex", "formal_complaint"]),
        emotion=random.choice(["calm", "angry"]),
    )
    at = BEGAN_AT
    for step in random.choices(["acknowledge", "await_customer", "escalate", "withdraw"], k=2):
        at += timedelta(minutes=random.randrange(1, 4_000))
        if not (step == "await_customer" and story.case.awaits_customer):
            story.take(step, circumstances(at=at))
        if step == "withdraw":
            break
    return story.case


def breaches(cases: list[ConflictCase]) -> list[list[tuple[object, ...]]]:
    now = BEGAN_AT + timedelta(days=30)
    return [
        [(run.clock, run.number, run.rule, run.missed_at) for run in case.clock_runs(now)]
        for case in cases
    ]


def test_an_edited_policy_changes_no_past_breach(
    stricter_edition: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    random = Random(3)
    cases = [a_random_case(random) for _ in range(CASES)]
    before = breaches(cases)

    forget()
    monkeypatch.setattr(reference_books, "CURRENT_EDITION", stricter_edition)
    monkeypatch.setattr(decisions, "CURRENT_EDITION", stricter_edition)
    after = breaches(cases)
    reported_now = a_random_case(random)

    assert sum(run[-1] is not None for case in before for run in case) > CASES
    assert after == before
    assert reported_now.edition.number == stricter_edition
    assert policy_of(stricter_edition).rules != policy_of(CURRENT_EDITION).rules
