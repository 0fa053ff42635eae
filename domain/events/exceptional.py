"""What takes a case out of its course: withdrawn, merged, a person erased."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Annotated
from uuid import UUID

from domain.events.envelope import CaseEvent
from domain.kinds import CodeOf, OfCase
from domain.value_kinds import ExternalRef, LongPersonalText, LongStaffText
from domain.values import Status


@dataclass(frozen=True, kw_only=True)
class ConflictWithdrawn(CaseEvent):
    """Who complained does not want to go on."""

    NAME = "conflict_withdrawn"

    withdrawn_by: Annotated[str, CodeOf("withdrawing_parties")]
    reason: LongPersonalText | None = None


@dataclass(frozen=True, kw_only=True)
class CaseMerged(CaseEvent):
    """The case goes on as part of another one: a link, nothing is copied."""

    NAME = "case_merged"

    into_case_id: Annotated[UUID, OfCase()]
    reason: LongStaffText | None = None


@dataclass(frozen=True, kw_only=True)
class CaseUnmerged(CaseEvent):
    """The link was undone; `leads_to` is decided: the status before the merge."""

    NAME = "case_unmerged"

    reason: LongStaffText | None = None
    leads_to: Status


@dataclass(frozen=True, kw_only=True)
class PersonalDataErased(CaseEvent):
    """The subject's keys were destroyed: every personal text recorded so far is unreadable.

    `erasure_id` names the record of the erasure, which all cases of the subject share.
    """

    NAME = "personal_data_erased"

    erasure_id: UUID
    ground: Annotated[str, CodeOf("erasure_grounds")]
    request_ref: ExternalRef | None = None
