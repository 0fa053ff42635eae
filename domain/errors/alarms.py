"""Refusals of early warning: what can be done with an alarm."""

from __future__ import annotations

from domain.errors.refusal import Refusal


class AlarmNotFound(Refusal):
    """There is no alarm with this id."""

    code = "alarm_not_found"


class AlarmHasMoved(Refusal):
    """The change names a version that is no longer the alarm's newest."""

    code = "alarm_has_moved"


class AlarmAlreadyAcknowledged(Refusal):
    """The alarm was acknowledged before."""

    code = "alarm_already_acknowledged"


class AlarmAlreadyClosed(Refusal):
    """The alarm was closed before."""

    code = "alarm_already_closed"


class RootCauseCaseMissing(Refusal):
    """Such an alarm is closed as seen to once a case looks for its root cause (S55)."""

    code = "root_cause_case_missing"


class CaseAlreadyLinked(Refusal):
    """The case is linked to the alarm already."""

    code = "case_already_linked"
