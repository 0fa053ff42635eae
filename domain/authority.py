"""Who may grant what: remedies held against the authority matrix (S30, S31)."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator, Set
from decimal import Decimal
from fractions import Fraction
from typing import TYPE_CHECKING

from domain.book_answers import approval_limit, remedy_unit
from domain.solution_values import Remedy

if TYPE_CHECKING:
    from domain.conflict_case import ConflictCase


def exceeds_authority(
    case: ConflictCase, remedies: Iterable[Remedy], roles: frozenset[str]
) -> bool:
    """Whether the remedies together are more than somebody holding `roles` may grant.

    What is granted of one remedy is added up as shares of its limit, so that a large one cannot
    be cut into small ones, nor spread over currencies and points, nor over the attempts of a
    case. A remedy whose worth is not stated where it has one cannot be judged, and so exceeds.
    """
    now = tuple(remedies)
    used: dict[str, Fraction] = defaultdict(Fraction)
    for remedy in (*now, *_granted_before(case, {each.remedy for each in now})):
        for worth, currency in _worths(remedy):
            share = _share(case, remedy.remedy, worth, currency, roles)
            if share is None:
                return True
            used[remedy.remedy] += share
    return any(share > 1 for share in used.values())


def _granted_before(case: ConflictCase, kinds: Set[str]) -> Iterator[Remedy]:
    """What earlier attempts of the case granted of these kinds, whoever allowed it."""
    for attempt, resolution in case.resolutions.items():
        if attempt != case.attempt:
            yield from (remedy for remedy in resolution.remedies if remedy.remedy in kinds)


def _worths(remedy: Remedy) -> list[tuple[Decimal | None, str | None]]:
    """What a remedy is worth in money and in points (without currency); None is unstated."""
    worths: list[tuple[Decimal | None, str | None]] = []
    if remedy.value is not None:
        worths.append((remedy.value.amount, remedy.value.currency))
    if remedy.points is not None:
        worths.append((Decimal(remedy.points), None))
    return worths or [(None, None)]


def _share(
    case: ConflictCase,
    remedy: str,
    worth: Decimal | None,
    currency: str | None,
    roles: frozenset[str],
) -> Fraction | None:
    """How much of the limit the worth uses up, 1 being all of it; None: it is not covered."""
    # As reported: a tier that was set for due times must not raise its setter's own limit.
    tier = case.report.customer.tier if case.report else None
    limit = approval_limit(case.edition, roles, remedy, currency, tier)
    if limit is None or (worth is None and remedy_unit(case.edition, remedy) != "none"):
        return None
    if not worth:
        return Fraction(0)
    return Fraction(worth) / Fraction(limit) if limit else None
