"""What an address may hold: UTF-8, and cases by their id or their reference, bodies too."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from typing import Any, Final
from urllib.parse import unquote_to_bytes
from uuid import UUID

from werkzeug.routing import UnicodeConverter

from api import parsing
from api.errors import Problem
from api.front import Front
from domain.errors import OtherCaseNotFound
from domain.kinds import Shape, kind_of
from domain.value_kinds import CaseReference
from projections import case_list
from projections.health import read_state

_REFERENCE: Final[str] = kind_of(CaseReference).mark(Shape).pattern


class CaseConverter(UnicodeConverter):
    """`<case:case_id>`: any one part of a path; `named_case` says which case it is."""


def require_utf8(environ: dict[str, Any]) -> None:
    """Refuse an address whose bytes are not UTF-8, as bodies are refused. Raises Problem."""
    path, query = environ.get("PATH_INFO", ""), environ.get("QUERY_STRING", "")
    if path.isascii() and "%" not in query and query.isascii():
        return
    try:
        path.encode("latin-1").decode()
        unquote_to_bytes(query.encode("latin-1")).decode()
    except UnicodeError:
        raise Problem("address_not_utf8") from None


def named_case(front: Front, name: str) -> UUID:
    """The case with this id or reference; whether the id exists is not asked.

    Raises Problem, and ReadModelNotReady for a reference.
    """
    try:
        return parsing.uuid(name)
    except parsing.Fault:
        found = case_with(front, name) if re.fullmatch(_REFERENCE, name) else None
    if found is None:
        raise Problem("case_not_found")
    return found


def with_case_ids(front: Front, body: Mapping[str, Any], fields: Iterable[str]) -> dict[str, Any]:
    """The body with ids for the references that stand in these fields.

    Raises OtherCaseNotFound for a reference of no case, ReadModelNotReady.
    """
    return {**body, **{name: _case_id(front, body[name]) for name in fields if name in body}}


def _case_id(front: Front, given: Any) -> Any:
    if not isinstance(given, str) or not re.fullmatch(_REFERENCE, given):
        return given
    found = case_with(front, given)
    if found is None:
        raise OtherCaseNotFound
    return str(found)


def case_with(front: Front, reference: str) -> UUID | None:
    """The case with this reference, as the case list knows it. Raises ReadModelNotReady."""
    with front.engine.connect() as connection:
        read_state(connection, case_list.NAME)
        return front.case_questions.with_reference(connection, reference)
