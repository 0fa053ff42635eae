"""Alarms in the work list, in the form that other work has there."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from api.alarm_json import scope_value_label
from api.json_body import rfc3339
from api.state_labels import label_about, owner_label
from domain.early_warning.answering import ALARM_WORK
from domain.reference_books import book
from projections.alarm_work import AlarmWork


def alarm_work_json(work: AlarmWork, now: datetime, language: str) -> dict[str, Any]:
    """What is to be done about an alarm; `why` in the reader's language."""
    return {
        "case_id": None,
        "reference": None,
        "alarm_id": str(work.alarm_id),
        "review_id": None,
        "decision": None,
        "corrective_action_id": None,
        "kind": work.work,
        "run": 1,
        "commitment_id": None,
        "owner": work.owner,
        "owner_label": owner_label(work.owner, language),
        "handler": work.handler,
        "unit": work.unit,
        "unit_label": owner_label(work.unit, language),
        "started_at": rfc3339(work.raised_at),
        "due_at": rfc3339(work.due_at),
        "warn_at": None,
        "overdue": work.is_overdue(now),
        "paused_since": None,
        "remaining_seconds": None,
        "warning_recorded": False,
        "miss_recorded": False,
        "disclose": False,
        "disclosed_at": None,
        "why": _why(work, language),
        "links": {"alarm": f"/v1/alarms/{work.alarm_id}"},
    }


def _why(work: AlarmWork, language: str) -> dict[str, str | None]:
    """The rule that raised it, in the words of its own version, and what it is about."""
    rules = book("warning_rules", work.rule_version)
    about = scope_value_label(work.scope, work.scope_value, language) or work.scope_value
    rule = rules.label(work.rule, language)
    return {
        "rule": work.rule,
        "clock_label": ALARM_WORK[work.work].in_language(language),
        "rule_label": label_about(rule, about, language),
        "source": str(rules.entry(work.rule).details["source"]),
    }
