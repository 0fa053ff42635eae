"""Finding the case that was named on the command line, by its id or its reference."""

import re
from uuid import UUID

from sqlalchemy import Connection, text

from api.cli.exits import CommandError, Exit
from domain.conflict_case import ConflictCase
from domain.errors import CaseNotFound
from domain.kinds import Shape, kind_of
from domain.value_kinds import CaseReference
from projections import case_list
from projections.case_questions import CaseFilter, CaseQuestions
from projections.cursors import LIMIT_MAX
from projections.health import ReadModelNotReady, read_state
from projections.search_tokens import BlindIndex
from service.assembly import Service
from service.instants import Instants
from service.mapper import LoggedEvent
from service.master_key import load_master_key

NO_SUCH_CASE = CommandError(
    Exit.NOT_FOUND, "there is no such case", "CASE is an id or a reference such as C-2026-000123."
)
CASE_REFERENCE = re.compile(kind_of(CaseReference).mark(Shape).pattern)
FIRST_EVENT = text("""
    SELECT originator_id FROM events
    WHERE originator_version = 1
      AND convert_from(state, 'UTF8')::jsonb ->> 'reference' = :reference
""")


def find_case(case: str, service: Service) -> UUID:
    """Its id; whether an id exists is not asked. Raises CommandError."""
    try:
        return UUID(case)
    except ValueError:
        pass
    if not CASE_REFERENCE.fullmatch(case):
        raise NO_SUCH_CASE
    with service.engine.connect() as connection:
        found = _listed(connection, case, service) or _logged(connection, case)
    if found is None:
        raise NO_SUCH_CASE
    return found


def _listed(connection: Connection, reference: str, service: Service) -> UUID | None:
    """The case as the case list knows it: at once, where the list has read that far."""
    questions = CaseQuestions(service.keys, BlindIndex(load_master_key(service.settings)))
    try:
        read_state(connection, case_list.NAME)
    except ReadModelNotReady:
        return None
    wanted = CaseFilter(text=reference)
    page = questions.list_cases(connection, wanted, roles=frozenset(), limit=LIMIT_MAX)
    return next((each.case_id for each in page.cases if each.reference == reference), None)


def _logged(connection: Connection, reference: str) -> UUID | None:
    """The case as the log knows it: the list may be behind, or have the case parked."""
    found: UUID | None = connection.execute(FIRST_EVENT, {"reference": reference}).scalar()
    return found


def history_then(service: Service, case: str, instants: Instants) -> list[LoggedEvent]:
    """The events of the named case that were there by then. Raises CommandError if it was not."""
    try:
        history = service.cases.history(find_case(case, service))
    except CaseNotFound:
        raise NO_SUCH_CASE from None
    there = [each for each in history if instants.cover(each.event.occurred_at, each.recorded_at)]
    if there and there[0].event.version == 1:
        return there
    first = history[0]
    raise CommandError(
        Exit.NOT_FOUND,
        "the case was not there then",
        f"It began {first.event.occurred_at:%Y-%m-%d %H:%M:%S %Z}, which was recorded "
        f"{first.recorded_at:%Y-%m-%d %H:%M:%S %Z}.",
    )


def case_then(service: Service, case: str, instants: Instants) -> ConflictCase:
    """The named case as it was then. Raises CommandError where it was not there."""
    there = [logged.event for logged in history_then(service, case, instants)]
    return ConflictCase.folded(there[0].case_id, there)
