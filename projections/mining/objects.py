"""The objects of OCEL: cases, customers, solutions, staff, services and units."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Final

from domain.values import Actor, ActorKind
from projections.mining.cases import MinedCase, MinedEvent, assigned_in, solution_of
from projections.mining.pseudonyms import Pseudonyms

_CASE: Final = {
    "reference": "string",
    "status": "string",
    "channel": "string",
    "source_system": "string",
    "edition": "integer",
    "attempts": "integer",
    "conflict_type": "string",
    "conflict_subtype": "string",
    "complaint_cause": "string",
    "severity": "string",
    "outcome": "string",
    "upheld": "string",
    "urgency": "string",
    "request_kind": "string",
    "customer_tier": "string",
    "regulation": "string",
    "calendar": "string",
}
OBJECT_ATTRIBUTES: Final[dict[str, dict[str, str]]] = {
    "case": _CASE,
    "imported_case": _CASE,
    "customer": {},
    "solution": {"kind": "string", "attempt": "integer"},
    "staff": {},
    "service": {},
    "unit": {},
}
"""Type of object -> its attributes and their types. What another system told is kept apart."""


Attributes = dict[str, str | int]


@dataclass(frozen=True)
class TouchedObject:
    """An object. `qualifier`: what the event has to do with it; `relations`: (object, how)."""

    id: str
    type: str
    qualifier: str = ""
    attributes: Attributes = field(default_factory=dict)
    relations: tuple[tuple[str, str], ...] = ()


def objects_of_case(case: MinedCase, names: Pseudonyms) -> Iterator[TouchedObject]:
    """The case itself and its solutions."""
    related = []
    if case.customer_ref:
        related.append((names.customer(case.customer_ref), "of"))
    if case.merged_into:
        related.append((str(case.merged_into), "merged into"))
    about = {name: value for name, value in case.facts.items() if name in _CASE}
    facts: Attributes = {"reference": case.name, **about}
    yield TouchedObject(str(case.case.id), _type_of(case), "", facts, tuple(related))
    for solution in case.case.solutions.values():
        proposal: Attributes = {"kind": solution.proposal.kind, "attempt": solution.attempt}
        to_case = (str(case.case.id), "proposed for")
        yield TouchedObject(_solution(case, solution.id), "solution", "", proposal, (to_case,))


def objects_of_event(case: MinedCase, mined: MinedEvent, names: Pseudonyms) -> list[TouchedObject]:
    """What the event touches: its case and customer first, then who and what else."""
    found = [TouchedObject(str(case.case.id), _type_of(case), "case")]
    if case.customer_ref:
        found.append(TouchedObject(names.customer(case.customer_ref), "customer", "customer"))
    if solution := solution_of(mined.event):
        found.append(TouchedObject(_solution(case, solution), "solution", "solution"))
    if mined.event:
        found.append(_actor(mined.event.actor, names))
    handler, unit = assigned_in(mined.event)
    if handler:
        found.append(TouchedObject(names.staff(handler), "staff", "handler"))
    if unit:
        found.append(TouchedObject(f"unit:{unit}", "unit", "unit"))
    return found


def _actor(actor: Actor, names: Pseudonyms) -> TouchedObject:
    if actor.kind is ActorKind.PERSON:
        return TouchedObject(names.staff(actor.id), "staff", "actor")
    return TouchedObject(f"service:{actor.id}", "service", "actor")


def _type_of(case: MinedCase) -> str:
    return "imported_case" if case.is_imported else "case"


def _solution(case: MinedCase, solution_id: str) -> str:
    return f"{case.case.id}/{solution_id}"
