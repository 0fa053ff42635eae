"""Incident log of a service desk (UCI 498): many rows per incident, each one entry of its log."""

from __future__ import annotations

import re
from collections.abc import Mapping
from datetime import UTC, datetime

from domain.values import SourceFact, SourceRecord, Status
from service.importers.columns import Columns
from service.importers.record import BadRow, Record, Saying, digest_of

SYSTEM = "uci-incidents"
MISSING = "?"

COLUMNS = Columns(
    required=(
        "number",
        "incident_state",
        "active",
        "reassignment_count",
        "reopen_count",
        "sys_mod_count",
        "made_sla",
        "caller_id",
        "opened_by",
        "opened_at",
        "sys_created_by",
        "sys_created_at",
        "sys_updated_by",
        "sys_updated_at",
        "contact_type",
        "location",
        "category",
        "subcategory",
        "u_symptom",
        "cmdb_ci",
        "impact",
        "urgency",
        "priority",
        "assignment_group",
        "assigned_to",
        "knowledge",
        "u_priority_confirmation",
        "notify",
        "problem_id",
        "rfc",
        "vendor",
        "caused_by",
        "closed_code",
        "resolved_by",
        "resolved_at",
        "closed_at",
    )
)

ENTRY_FIELDS = ("number", "incident_state", "made_sla", "reopen_count")
"""Columns that the entry's own fields hold in full; every other column is a fact of it."""
ENTRY_FACTS = tuple(name for name in COLUMNS.required if name not in ENTRY_FIELDS)

OPENING_FACTS = (
    "caller_id",
    "opened_by",
    "opened_at",
    "contact_type",
    "location",
    "subcategory",
    "impact",
    "urgency",
    "priority",
)
"""What the first row says about how the incident came in."""

STATUSES = {
    "New": Status.REPORTED,
    "Active": Status.REPORTED,
    "Awaiting User Info": Status.REPORTED,
    "Awaiting Vendor": Status.REPORTED,
    "Awaiting Problem": Status.REPORTED,
    "Awaiting Evidence": Status.REPORTED,
    "Resolved": Status.RESOLVED,
    "Closed": Status.CLOSED,
}
"""Being worked on proves none of our stages, so the status stays at the first one.

Any other state, e.g. the source's "-100", leaves the case in the status it had.
"""

CHANNELS = {"Phone": "phone", "Email": "mail", "Self service": "self_service"}
FLAGS = {"true": True, "false": False, MISSING: None, "": None}

OLDEST_YEAR = 1900
_TIME = re.compile(r"([0-9]{1,2})/([0-9]{1,2})/([0-9]{4}) ([0-9]{1,2}):([0-9]{2})")


def read(values: Mapping[str, str]) -> Record:
    """What a row says, by our names of its columns. Raises BadRow."""
    number = values["number"].strip()
    if not re.fullmatch(r"INC[0-9]{1,18}", number):
        raise BadRow("number is missing" if number in ("", MISSING) else "number is no INC number")
    digest = digest_of({n: v for n, v in values.items() if v != MISSING})
    beginning, entry = _beginning(number, digest, values), _entry(digest, values)
    return Record(SYSTEM, number, digest, beginning, entry)


def _beginning(number: str, digest: str, values: Mapping[str, str]) -> Saying:
    """How the incident came in. Category is the affected service, symptom what the user saw."""
    opened_at = _time("opened_at", values)
    details = {
        "source": SourceRecord(system=SYSTEM, external_id=number),
        "row_digest": digest,
        "leads_to": Status.REPORTED,
        "received_on": opened_at.date(),
        "channel": CHANNELS.get(values["contact_type"].strip()),
        "product": _given(values["category"]),
        "issue": _given(values["u_symptom"]),
        "facts": _facts(OPENING_FACTS, values),
    }
    return Saying(opened_at, details)


def _entry(digest: str, values: Mapping[str, str]) -> Saying:
    state = values["incident_state"]
    details = {
        "row_digest": digest,
        "leads_to": STATUSES.get(state.strip()),
        "source_state": state,
        "timely": _flag("made_sla", values),
        "reopen_count": _count("reopen_count", values),
        "facts": _facts(ENTRY_FACTS, values),
    }
    return Saying(_time("sys_updated_at", values), details)


def _given(value: str) -> str | None:
    return None if value in ("", MISSING) else value


def _facts(names: tuple[str, ...], values: Mapping[str, str]) -> tuple[SourceFact, ...]:
    return tuple(SourceFact(name=n, value=values[n]) for n in names if _given(values[n]))


def _flag(column: str, values: Mapping[str, str]) -> bool | None:
    try:
        return FLAGS[values[column].strip()]
    except KeyError:
        raise BadRow(f"{column} is neither true nor false") from None


def _count(column: str, values: Mapping[str, str]) -> int | None:
    text = values[column].strip()
    if text in ("", MISSING):
        return None
    if not re.fullmatch(r"[0-9]{1,6}", text):
        raise BadRow(f"{column} is no whole number")
    return int(text)


def _time(column: str, values: Mapping[str, str]) -> datetime:
    """Day before month, to the minute. The log names no zone; its clock is read as UTC."""
    text = values[column].strip()
    if text in ("", MISSING):
        raise BadRow(f"{column} is missing")
    written = _TIME.fullmatch(text)
    try:
        day, month, year, hour, minute = map(int, written.groups() if written else ())
        instant = datetime(year, month, day, hour, minute, tzinfo=UTC)
    except ValueError:
        raise BadRow(f"{column} is no date and time") from None
    if year < OLDEST_YEAR:
        raise BadRow(f"{column} lies before {OLDEST_YEAR}")
    return instant
