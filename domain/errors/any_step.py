"""Refusals of any step: its time, its caller, the case it names, its idempotency key."""

from __future__ import annotations

from domain.errors.refusal import Refusal


class OccurredInFuture(Refusal):
    """`occurred_at` lies more than five minutes ahead of the service's clock."""

    code = "occurred_in_future"


class OccurredBeforeReport(Refusal):
    """A step cannot have occurred before its case was reported; only a contact can."""

    code = "occurred_before_report"


class OccurredBeforeAnswered(Refusal):
    """A step cannot have occurred before what it answers: the promise, the survey, the order."""

    code = "occurred_before_answered"


class DoneInFuture(Refusal):
    """What a step tells as done or agreed lies after the time of the step itself."""

    code = "done_in_future"


class DoneBeforeReport(Refusal):
    """What a step tells as done or agreed lies more than a day before the case's report."""

    code = "done_before_report"


class DueInPast(Refusal):
    """What a step sets lies ahead of it: a due time, a next meeting, a day that is not over."""

    code = "due_in_past"


class RoleNotAllowed(Refusal):
    """The caller holds none of the roles that may take this step."""

    code = "role_not_allowed"


class StepNotAllowed(Refusal):
    """The case's status does not allow this step."""

    code = "step_not_allowed"


class CaseNotFound(Refusal):
    """There is no case with this id."""

    code = "case_not_found"


class VersionNotFound(Refusal):
    """The case has no such version (yet)."""

    code = "version_not_found"


class CaseHasMoved(Refusal):
    """Somebody has changed the case since the version that the change names."""

    code = "case_has_moved"


class IdempotencyKeyReused(Refusal):
    """The same idempotency key came with another request before."""

    code = "idempotency_key_reused"


class AlreadyReported(Refusal):
    """A case with the same `source` (system and external id) was reported or imported before."""

    code = "already_reported"
