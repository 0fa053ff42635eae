"""Refusals of surveys and of a director's orders."""

from __future__ import annotations

from domain.errors.refusal import Refusal


class SurveyBeforeResolution(Refusal):
    """Nothing stands resolved that the customer could be asked about."""

    code = "survey_before_resolution"


class UnknownSurvey(Refusal):
    """The case has no such survey."""

    code = "unknown_survey"


class SurveyAlreadyAnswered(Refusal):
    """The survey was answered before."""

    code = "survey_already_answered"


class NothingAnswered(Refusal):
    """An answer says at least one thing."""

    code = "nothing_answered"


class OrderAlreadyOpen(Refusal):
    """The case bears a director's order that is not closed yet."""

    code = "order_already_open"


class NoOrderOpen(Refusal):
    """The case bears no director's order that is open."""

    code = "no_order_open"


class OrderPlanMissing(Refusal):
    """A director's order is closed after its plan was delivered."""

    code = "order_plan_missing"


class OrderPlanAlreadyDelivered(Refusal):
    """The plan of the director's order was delivered before."""

    code = "order_plan_already_delivered"
