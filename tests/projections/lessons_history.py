"""A made-up history for the lessons-learned report: many cases, all by real commands."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, date, datetime, timedelta
from random import Random
from typing import Any
from uuid import UUID

from domain.conflict_case import ConflictCase
from domain.personal import StaffText
from domain.playbooks import playbook
from domain.reference_books import CURRENT_EDITION, edition
from domain.values import Customer, FishboneCause, PlaybookMark, SourceRecord, Status
from tests.given import WAY_TO, Story, circumstances_for

NOW = datetime(2026, 11, 22, 12, 0, tzinfo=UTC)
FIRST_DAY = datetime(2025, 7, 1, 8, 0, tzinfo=UTC)
BOOKS = edition(CURRENT_EDITION)
LATE = Status.RISK_ASSESSED


class Life:
    """One case on its way through random but allowed steps, at random times."""

    def __init__(self, random: Random, number: int) -> None:
        self.random = random
        self.now = FIRST_DAY + timedelta(minutes=random.randrange(500 * 24 * 60))
        self.pace_minutes = random.choice((5, 60, 900))
        self.story = Story(ConflictCase(UUID(int=random.getrandbits(128), version=4)))
        self.number = number

    @property
    def case(self) -> ConflictCase:
        return self.story.case

    def take(self, command: str, **changes: Any) -> None:
        self.story.take(command, circumstances_for(command, self.now), **changes)
        self.now += timedelta(seconds=self.random.randrange(1, self.pace_minutes * 60))

    def perhaps(self, chance: float) -> bool:
        return self.random.random() < chance

    def a_code(self, book: str) -> str:
        return self.random.choice(BOOKS.book(book).entries).code

    def answer(self) -> bool | None:
        return self.random.choice((True, True, False, None))

    def report(self) -> None:
        self.take(
            "report",
            channel=self.random.choice(("web", "phone", "mail", "chat")),
            customer=Customer(ref=f"K-{self.random.randrange(12)}"),
            product_ref=self.random.choice(("PRD-1", "PRD-2", "PRD-3", None)),
        )

    def confirm(self) -> None:
        subtype = self.random.choice(BOOKS.book("conflict_subtypes").entries[:6])
        if self.perhaps(0.8):
            self.take("acknowledge")
        if self.perhaps(0.5):
            self.take("log_interaction", direction=self.a_code("interaction_directions"))
        for _ in range(4):
            self.take("attach_evidence")
        self.take(
            "confirm",
            conflict_type=subtype.parent,
            conflict_subtype=subtype.code,
            complaint_cause=self.a_code("complaint_causes"),
            customer_type=self.random.choice(("impatient", "stubborn", None)),
        )

    def analyse(self) -> None:
        bones = [self.a_code("fishbone_categories") for _ in range(self.random.randrange(4))]
        self.take(
            "analyse",
            primary_cause=self.a_code("cause_classes"),
            secondary_causes=(),
            root_cause=StaffText(f"Root of case {self.number}, attempt {self.case.attempt}"),
            fishbone=tuple(
                FishboneCause(category=code, cause=StaffText(f"Bone {place} of {self.number}"))
                for place, code in enumerate(bones)
            ),
        )

    def decide(self) -> None:
        for command in WAY_TO[Status.SOLUTION_PROPOSED] + WAY_TO[LATE]:
            self.take(command)
        if self.perhaps(0.15):
            self.take("consult_customer", answer="declined")
            return self.attempt()
        self.take("consult_customer")
        self.take("choose_solution")
        if self.perhaps(0.1):
            self.take("reject_solution")
            return self.attempt()
        self.take("approve_solution")
        return None

    def attempt(self) -> None:
        self.analyse()
        self.record_playbook()
        self.decide()

    def record_playbook(self) -> None:
        """By a chance of its own, so that the rest of the history stays as it is without it."""
        random = Random(f"playbook {self.number} {self.case.version}")
        steps = playbook(self.case)
        if random.random() < 0.6:
            chosen = random.sample(steps, random.randrange(1, len(steps) + 1))
            marks = [
                PlaybookMark(
                    step=step.id,
                    followed=random.random() < 0.9,
                    reason=StaffText("No time"),
                )
                for step in chosen
            ]
            by = circumstances_for("record_playbook", self.now)
            self.story.take("record_playbook", by, steps=tuple(marks))

    def resolve(self) -> None:
        self.take(
            "resolve",
            outcome=self.a_code("resolution_outcomes"),
            upheld=self.a_code("upheld"),
            customer_accepts=self.perhaps(0.8),
        )

    def follow_up(self) -> None:
        for _ in range(self.random.randrange(1, 3)):
            self.take("follow_up", satisfied=self.answer(), substantially_solved=self.answer())

    def learn(self) -> None:
        for _ in range(self.random.randrange(1, 3)):
            codes = self.random.sample(
                [entry.code for entry in BOOKS.book("lesson_codes").entries], 2
            )
            seen = self.random.sample(("stalling", "hiding", "arguing"), self.random.randrange(3))
            self.take(
                "record_lessons",
                verdict=self.a_code("verdicts"),
                root=StaffText(f"Lesson root {self.number}"),
                what_worked=self.random.choice((None, StaffText(f"Worked {self.number}"))),
                lesson_codes=tuple(codes),
                wrong_behaviours=tuple(seen),
            )
        if self.perhaps(0.7):
            self.prevent()
        if self.perhaps(0.2):
            self.take("hold_training", participants=self.random.randrange(30))

    def prevent(self) -> None:
        due_on = self.now.date() + timedelta(days=self.random.randrange(60))
        self.take("plan_prevention", due_on=due_on)
        newest = f"P{len(self.case.preventions)}"
        if self.perhaps(0.6):
            later = self.now + timedelta(days=self.random.randrange(70))
            self.now = later if later.date() <= TODAY else self.now
            self.take("complete_prevention", prevention_id=newest, done_on=self.now.date())
            if self.perhaps(0.5):
                effect = self.a_code("prevention_effects")
                self.take("check_prevention", prevention_id=newest, effect=effect)

    def close(self) -> None:
        if None in (self.case.satisfied, self.case.substantially_solved):
            self.take("follow_up")
        self.take("close")

    def run(self, *steps: str) -> Life:
        for step in steps:
            getattr(self, step)()
            if self.perhaps(0.05) and self.case.status is not Status.CLOSED:
                self.take(self.random.choice(("escalate", "refer", "withdraw", "merge_into")))
                if self.case.status is Status.WITHDRAWN or not self.unmerged():
                    break
        return self

    def unmerged(self) -> bool:
        """Whether the case may go on: it was never merged, or the merge is undone here."""
        if self.case.status is Status.MERGED and self.perhaps(0.5):
            self.take("unmerge")
        return self.case.status is not Status.MERGED


TODAY = NOW.date()
WHOLE = ("report", "confirm", "attempt", "resolve", "follow_up", "learn", "close")


def _stops_somewhere(life: Life) -> None:
    life.run(*WHOLE[: life.random.randrange(1, len(WHOLE) + 1)])


def _comes_back(life: Life) -> None:
    life.run(*WHOLE[: life.random.randrange(4, len(WHOLE) + 1)])
    if life.case.status in (Status.RESOLVED, Status.FOLLOWED_UP, Status.CLOSED):
        life.take("reopen")
        life.run(*WHOLE[2 : life.random.randrange(2, len(WHOLE) + 1)])


def _dismissed(life: Life) -> None:
    life.report()
    life.take("dismiss")
    if life.perhaps(0.4):
        life.take("reopen")
        life.run("confirm", "attempt", "resolve")


def _imported(life: Life) -> None:
    unknown = life.perhaps(0.3)
    life.take(
        "import_record",
        source=SourceRecord(
            system=life.random.choice(("bank", "desk")), external_id=f"X{life.number}"
        ),
        leads_to=life.random.choice((Status.REPORTED, Status.RESOLVED, Status.CLOSED)),
        received_on=life.now.date(),
        product=life.random.choice(("Mortgage", "Credit card", None)),
        channel=life.random.choice(("web", "phone", None)),
        outcome=life.random.choice(("Closed with explanation", "=Closed", None)),
        timely=None if unknown else life.perhaps(0.7),
        disputed=None if unknown else life.perhaps(0.2),
        reopen_count=None if unknown else life.random.randrange(3),
    )
    for _ in range(life.random.randrange(3)):
        count = life.random.choice((None, life.random.randrange(4)))
        life.take("note_imported_entry", timely=life.answer(), reopen_count=count)
    if life.case.status is Status.REPORTED and life.perhaps(0.3):
        life.confirm()


KINDS: tuple[Callable[[Life], None], ...] = (
    _stops_somewhere,
    _stops_somewhere,
    _comes_back,
    _comes_back,
    _dismissed,
    _imported,
)


def a_history(cases: int, seed: int = 1) -> list[Story]:
    """That many cases, the same for the same seed."""
    random = Random(seed)
    lives = [Life(random, number) for number in range(cases)]
    for life in lives:
        random.choice(KINDS)(life)
    return [life.story for life in lives]


def day(text: str) -> date:
    return date.fromisoformat(text)
