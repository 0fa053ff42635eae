"""Values that solutions are told in: what they cost, how feasible and how risky they are."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Annotated

from domain.book import Edition
from domain.book_answers import minor_units
from domain.kinds import CodeOf, Composite
from domain.value_kinds import (
    Amount,
    Count,
    Currency,
    DueInstant,
    LocalId,
    LongStaffText,
    OneToFive,
    OwnerRef,
    Priority,
)

RISK_RESPONSE_THRESHOLD = 12
"""A risk of this likelihood x impact (of 25) or more needs a response and an approval (S26)."""


@dataclass(frozen=True, kw_only=True)
class Money(Composite):
    """An amount in a currency (ISO 4217), in whole minor units: no half a yen."""

    amount: Amount
    currency: Currency

    def own_fault(self, edition: Edition) -> tuple[str, str] | None:
        """Finer than the currency's smallest unit."""
        units = self.amount.scaleb(minor_units(edition, self.currency))
        return None if units == units.to_integral_value() else ("amount", "below_minor_unit")


@dataclass(frozen=True, kw_only=True)
class PlanStep:
    """One step of an action plan; its number is its place in the plan, from 1 (S37)."""

    action: LongStaffText
    owner: OwnerRef
    due: DueInstant
    priority: Priority


@dataclass(frozen=True, kw_only=True)
class Remedy:
    """Something given to the customer, with its value in money or in points (S29)."""

    remedy: Annotated[str, CodeOf("remedies")]
    value: Money | None = None
    points: Count | None = None


@dataclass(frozen=True, kw_only=True)
class Feasibility:
    """Scores 1 to 5 on the five dimensions; what is not scored yet is left out (S24)."""

    resources: OneToFive | None = None
    time: OneToFive | None = None
    manpower: OneToFive | None = None
    customer_acceptance: OneToFive | None = None
    market: OneToFive | None = None

    @property
    def scores(self) -> dict[str, int | None]:
        """By dimension."""
        return {
            "resources": self.resources,
            "time": self.time,
            "manpower": self.manpower,
            "customer_acceptance": self.customer_acceptance,
            "market": self.market,
        }

    @property
    def missing(self) -> list[str]:
        """The dimensions that are not scored yet."""
        return [dimension for dimension, score in self.scores.items() if score is None]

    @property
    def is_complete(self) -> bool:
        return not self.missing

    @property
    def total(self) -> int:
        """Out of 25; a missing score counts nothing."""
        return sum(score for score in self.scores.values() if score is not None)


@dataclass(frozen=True, kw_only=True)
class Risk:
    """One of the four risk factors: likelihood x impact, and what is done about it (S25, S26)."""

    factor: Annotated[str, CodeOf("risk_factors")]
    likelihood: OneToFive
    impact: OneToFive
    response: Annotated[str, CodeOf("risk_responses")] | None = None
    note: LongStaffText | None = None

    @property
    def score(self) -> int:
        """Likelihood x impact, 1 to 25."""
        return self.likelihood * self.impact

    @property
    def is_high(self) -> bool:
        return self.score >= RISK_RESPONSE_THRESHOLD


@dataclass(frozen=True, kw_only=True)
class Explained:
    """What was explained to the customer about a solution (S27)."""

    pros: bool
    cons: bool
    risks: bool

    @property
    def fully(self) -> bool:
        return self.pros and self.cons and self.risks


@dataclass(frozen=True, kw_only=True)
class ComparedSolution:
    """One line of the comparison a choice was made on: total of 25, highest risk of 25."""

    solution_id: LocalId
    feasibility_total: int
    highest_risk: int


@dataclass(frozen=True, kw_only=True)
class PrincipleCheck:
    """One of the six principles, whether it is met, and the evidence it points to (S28)."""

    principle: Annotated[str, CodeOf("principles")]
    met: bool
    evidence_ids: tuple[LocalId, ...] = ()
    note: LongStaffText | None = None
