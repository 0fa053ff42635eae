"""What only a look at other cases tells of a merge."""

from __future__ import annotations

from collections.abc import Callable
from uuid import UUID

from domain import errors
from domain.conflict_case import ConflictCase
from domain.events import CaseEvent, CaseMerged


def check_merge(event: CaseEvent, get: Callable[[UUID], ConflictCase]) -> None:
    """The case merged into exists, and no chain of merges leads from it back to here.

    Other events pass. `get` gives a case as it stands, or raises CaseNotFound. Raises
    MergedIntoItself, OtherCaseNotFound.
    """
    if not isinstance(event, CaseMerged):
        return
    seen = {event.originator_id}
    target: UUID | None = event.into_case_id
    while target is not None:
        if target in seen:
            raise errors.MergedIntoItself
        seen.add(target)
        target = _merged_into(target, get)


def _merged_into(case_id: UUID, get: Callable[[UUID], ConflictCase]) -> UUID | None:
    try:
        merge = get(case_id).merge
    except errors.CaseNotFound as fault:
        raise errors.OtherCaseNotFound from fault
    return merge.into_case_id if merge else None
