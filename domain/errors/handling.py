"""Refusals of handing over, of service terms, waiting and clocks."""

from __future__ import annotations

from domain.errors.refusal import Refusal


class NoTermsGiven(Refusal):
    """Setting terms names at least one of them."""

    code = "no_terms_given"


class AlreadyAwaitingCustomer(Refusal):
    """The case waits for the customer already."""

    code = "already_awaiting_customer"


class NotAwaitingCustomer(Refusal):
    """Nobody said that the case waits for the customer."""

    code = "not_awaiting_customer"


class UnknownClockRun(Refusal):
    """The case has no such run of this clock."""

    code = "unknown_clock_run"


class DeadlineNotReached(Refusal):
    """The due time, or the time to warn of it, lies ahead, was met, or is on hold."""

    code = "deadline_not_reached"


class DeadlineAlreadyRecorded(Refusal):
    """The warning or the breach of this run is on record already."""

    code = "deadline_already_recorded"


class NothingInMinutes(Refusal):
    """Minutes tell the customer what was agreed or what is open (S48)."""

    code = "nothing_in_minutes"


class NothingHandedOver(Refusal):
    """Calling a mediator in hands over a background file, evidence or the background (S36)."""

    code = "nothing_handed_over"
