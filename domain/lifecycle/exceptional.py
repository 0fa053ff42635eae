"""The steps that end or join a case otherwise, and the erasure of a person."""

from __future__ import annotations

from domain import decisions as decide
from domain import events, rules
from domain.lifecycle.step import INTAKE, OPEN, PRIVACY, Step
from domain.values import Status

STEPS = (
    Step(
        command="withdraw",
        event=events.ConflictWithdrawn,
        allowed_in=OPEN,
        leads_to=Status.WITHDRAWN,
        roles=INTAKE,
    ),
    Step(
        command="merge_into",
        event=events.CaseMerged,
        allowed_in=OPEN,
        leads_to=Status.MERGED,
        rules=(rules.other_case,),
    ),
    Step(
        command="unmerge",
        event=events.CaseUnmerged,
        allowed_in=frozenset({Status.MERGED}),
        decides={"leads_to": decide.status_before_merge},
    ),
    Step(
        command="erase_personal_data",
        event=events.PersonalDataErased,
        allowed_in=frozenset(Status),
        roles=PRIVACY,
    ),
)
