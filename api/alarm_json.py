"""Alarms as JSON: the values that raised them, where they stand, and what codes are called."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, datetime
from decimal import Decimal
from typing import Any, Final

from api.json_body import rfc3339, rfc3339_or_null
from api.json_schema import (
    DECIMAL,
    FLAG,
    NUMBER,
    TEXT,
    TIME,
    Json,
    an_object,
    list_of,
    or_null,
    ref,
)
from api.state_labels import ALARM_STATES, owner_label
from domain.early_warning.alarms import Alarm, AlarmState
from domain.early_warning.judging import Finding
from domain.records import AlarmRaised, Record
from domain.reference_books import CURRENT_EDITION, book, edition
from service.alarms import KeptAlarm


def alarm_json(kept: KeptAlarm, language: str) -> dict[str, Any]:
    """An alarm; `labels` in the language of the reader."""
    alarm = kept.alarm
    raised, acknowledged, closed = alarm.raised, alarm.acknowledged, alarm.closed
    labels = alarm_labels(alarm, language)
    return {
        "id": str(alarm.id),
        "state": alarm.state.value,
        "state_label": labels["state"],
        "version": alarm.version,
        "rule": raised.rule,
        "rule_version": raised.rule_version,
        "level": raised.level,
        "indicator": raised.indicator,
        "scope": raised.scope,
        "scope_value": raised.scope_value,
        "window_from": rfc3339(raised.window_from),
        "window_to": rfc3339(raised.occurred_at),
        **alarm_figures(raised, kept.erased_at),
        "erased_at": rfc3339_or_null(kept.erased_at),
        "raised_at": rfc3339(kept.raised_at),
        "changed_at": rfc3339(kept.changed_at),
        "due_at": rfc3339_or_null(kept.due_at),
        "overdue": kept.is_overdue(datetime.now(UTC)),
        "owner": kept.owner,
        "owner_label": owner_label(kept.owner, language),
        "needs_case": alarm.needs_case,
        "case_ids": [str(case_id) for case_id in alarm.case_ids],
        "acknowledged": _done(acknowledged, file_ref=acknowledged and acknowledged.file_ref),
        "closed": _done(closed, **_closing(alarm)),
        "labels": labels,
        "links": {"self": f"/v1/alarms/{alarm.id}"},
    }


FIGURES: Final = (
    "value",
    "expected",
    "deviation",
    "count",
    "baseline_count",
    "from_position",
    "to_position",
)
"""What an alarm saw: numbers, and where in the log they come from."""


def alarm_figures(
    found: AlarmRaised | Finding, erased_at: datetime | None
) -> dict[str, float | int | None]:
    """What an alarm saw, by name; nothing of it once the person it is about was erased."""
    if erased_at is not None:
        return dict.fromkeys(FIGURES)
    return {name: _figure(getattr(found, name)) for name in FIGURES}


def _figure(value: Decimal | float | int | None) -> float | int | None:
    return float(value) if isinstance(value, Decimal) else value


def _closing(alarm: Alarm) -> dict[str, Any]:
    closed = alarm.closed
    return {"ground": closed.ground, "file_ref": closed.file_ref} if closed else {}


def _done(record: Record | None, **said: Any) -> dict[str, Any] | None:
    """Who did it and when, by the caller's clock."""
    if record is None:
        return None
    by = {"id": record.actor.id, "kind": record.actor.kind.value}
    return {"at": rfc3339(record.occurred_at), "by": by, **said}


def alarm_labels(alarm: Alarm, language: str) -> dict[str, str]:
    """What state, rule, indicator, scope, its value and level are called."""
    codes = {name: getattr(alarm.raised, name) for name in _OF_RULE}
    state = ALARM_STATES[alarm.state].in_language(language)
    return {"state": state, **rule_labels(codes, language)}


_OF_RULE = ("rule", "rule_version", "indicator", "scope", "scope_value", "level")


def rule_labels(codes: Mapping[str, Any], language: str) -> dict[str, str]:
    """What rule, indicator, scope, its value and level are called, of what a rule found."""
    books, scope, value = edition(CURRENT_EDITION), codes["scope"], codes["scope_value"]
    found = {
        "rule": book("warning_rules", codes["rule_version"]).label(codes["rule"], language),
        "indicator": books.label("indicators", codes["indicator"], language),
        "scope": books.label("warning_scopes", scope, language),
        "level": books.label("alarm_levels", codes["level"], language),
    }
    if about := scope_value_label(scope, value, language):
        found["scope_value"] = about
    return found


def scope_value_label(scope: str, value: str | None, language: str) -> str | None:
    """What the value of a scope is called; None where it is no code, or no label is known."""
    values = edition(CURRENT_EDITION).books.get(_BOOK_OF_SCOPE.get(scope, ""))
    if values is None or value not in values.codes:
        return None
    return values.label(str(value), language)


_BOOK_OF_SCOPE = {
    "channel": "channels",
    "conflict_type": "conflict_types",
    "conflict_subtype": "conflict_subtypes",
    "touchpoint": "touchpoints",
}
"""Scopes whose values are codes; the others are references and other systems' own words."""


def alarm_schemas() -> dict[str, Json]:
    """The schemas of an alarm and of a page of them."""
    seen = an_object(at=TIME, by=ref("Actor"), file_ref=or_null(TEXT))
    closed = an_object(at=TIME, by=ref("Actor"), ground=TEXT, file_ref=or_null(TEXT))
    alarm = an_object(
        id=TEXT,
        state={"enum": [state.value for state in AlarmState]},
        state_label=TEXT,
        version=NUMBER,
        rule=TEXT,
        rule_version=NUMBER,
        level=TEXT,
        indicator=TEXT,
        scope=TEXT,
        scope_value=or_null(TEXT),
        window_from=TIME,
        window_to=TIME,
        value=or_null(DECIMAL),
        expected=or_null(DECIMAL),
        deviation=or_null(DECIMAL),
        count=or_null(NUMBER),
        baseline_count=or_null(NUMBER),
        from_position=or_null(NUMBER),
        to_position=or_null(NUMBER),
        erased_at=or_null(TIME),
        raised_at=TIME,
        changed_at=TIME,
        due_at=or_null(TIME),
        overdue=FLAG,
        owner=or_null(TEXT),
        owner_label=or_null(TEXT),
        needs_case=FLAG,
        case_ids=list_of(TEXT),
        acknowledged=or_null(seen),
        closed=or_null(closed),
        labels=_labels_schema(),
        links=an_object(self=TEXT),
    )
    return {"Alarm": alarm, "AlarmPage": an_object(items=list_of(ref("Alarm")))}


def _labels_schema() -> Json:
    labels = an_object(state=TEXT, rule=TEXT, indicator=TEXT, scope=TEXT, level=TEXT)
    # Not every scope has a value.
    labels["properties"]["scope_value"] = TEXT
    return labels
