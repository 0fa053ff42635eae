"""Who may grant what: remedies held against the authority matrix (S30, S31)."""

from __future__ import annotations

from collections.abc import Iterable
from decimal import Decimal
from typing import TYPE_CHECKING

from domain.book_answers import approval_limit, remedy_unit
from domain.values import Remedy

if TYPE_CHECKING:
    from domain.conflict_case import ConflictCase


def exceeds_authority(
    case: ConflictCase, remedies: Iterable[Remedy], roles: frozenset[str]
) -> bool:
    """Whether the remedies together are more than somebody holding `roles` may grant.

    Amounts of one remedy are added up, so that a large one cannot be cut into small ones. A
    remedy whose worth is not stated where it has one cannot be judged, and so exceeds.
    """
    tier = case.report.customer.tier if case.report else None
    for (code, currency), amount in _totals(remedies).items():
        limit = approval_limit(case.edition, roles, code, currency, tier)
        unstated = amount is None and remedy_unit(case.edition, code) != "none"
        if limit is None or unstated or (amount or 0) > limit:
            return True
    return False


def _totals(remedies: Iterable[Remedy]) -> dict[tuple[str, str | None], Decimal | None]:
    totals: dict[tuple[str, str | None], Decimal | None] = {}
    for remedy in remedies:
        key = (remedy.remedy, remedy.value.currency if remedy.value else None)
        worth = remedy.value.amount if remedy.value else remedy.points
        if worth is not None:
            totals[key] = (totals.get(key) or Decimal(0)) + worth
        else:
            totals.setdefault(key, None)
    return totals
