"""What the customer says in a background file: positions, answers, and what was talked about."""

from __future__ import annotations

from typing import Final

from api.json_schema import Json
from api.rendering import Reader, fact
from domain import events
from domain.conflict_case import ConflictCase

_ANSWER_TO_OFFER: Final = ("solution_id", "answer", "comment", "occurred_at")
_ANSWER_TO_SURVEY: Final = ("satisfied", "substantially_solved", "comment", "occurred_at")
_ASKED: Final = ("survey_id", "occasion", "channel", "scale", "touchpoint", "occurred_at")
_TOLD: Final = (
    "supplements", "progress", "disclosures", "agreements_confirmed", "open_points",
)  # fmt: skip


def customer_position(case: ConflictCase, shown: Json, reader: Reader) -> Json:
    """What the customer says happened, wants and needs, and answered whenever they were asked.

    `heard`: their answers while the case waited for them. `stated_needs`: of every analysis.
    """
    heard = [event for event in case.waits if isinstance(event, events.CustomerHeard)]
    return {
        "summary": shown["summary"],
        "description": shown["description"],
        "desired_outcome": shown["desired_outcome"],
        "restatement": shown["restatement"],
        "agreement": shown["agreement"],
        "stated_needs": [need for each in shown["analyses"] for need in each["stated_needs"]],
        "answers_to_offers": [
            {name: each[name] for name in _ANSWER_TO_OFFER} for each in shown["consultations"]
        ],
        "heard": [fact(event, reader) for event in heard],
        "surveys": [_survey(each) for each in shown["surveys"]],
        "reopenings": shown["reopenings"],
        "withdrawal": shown["withdrawal"],
        "record_of_source": shown["imported"],
    }


def _survey(shown: Json) -> Json:
    """What was asked, and the answer with score and words; null where none came."""
    given = shown["answer"]
    told = {name: shown[name] for name in _ASKED}
    if not given:
        return {**told, "answer": None}
    answer = {name: given[name] for name in _ANSWER_TO_SURVEY}
    return {**told, "answer": {"score": given["value"], **answer}}


def told_between(shown: Json) -> Json:
    """What customer and company told each other besides contacts, promises and minutes."""
    return {name: shown[name] for name in _TOLD}
