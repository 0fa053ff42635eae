"""The schemas of the lessons-learned report as JSON."""

from __future__ import annotations

from typing import Any, Final

from api.json_schema import (
    DAY,
    FLAG,
    NUMBER,
    SHOWN_TEXT,
    TEXT,
    TIME,
    Json,
    an_object,
    list_of,
    or_null,
    ref,
)
from api.reports.as_json import CODE_BOOKS
from api.reports.figures_json import PLAYBOOK_KINDS
from domain.impact import BOOK as IMPACT_BOOK
from domain.impact import COEFFICIENTS
from projections.lessons_impact import LIKELY
from projections.lessons_texts import QUESTIONS

_SHARE_OF_ONE: Final[Json] = or_null({"type": "number", "minimum": 0, "maximum": 1})
_SECONDS: Final[Json] = or_null({"type": "number", "minimum": 0})
_PEOPLE: Final[Json] = {"type": "number", "minimum": 0}
_STANDING: Final = ("open", "resolved", "dismissed", "withdrawn", "merged")
_STAGES: Final = (
    "confirmed",
    "analysed",
    "solution_proposed",
    "risk_assessed",
    "resolved",
    "followed_up",
    "closed",
)


def report_schemas() -> dict[str, Json]:
    """The report and the parts that occur in it more than once."""
    return {
        "LessonsReport": _report(),
        "LessonsGroup": _group(),
        "LessonsCaseFigures": an_object(**_case_figures()),
        "LessonsStory": _story(),
        "LessonsImported": _imported(),
        "LessonsTarget": an_object(
            clock=TEXT,
            label=TEXT,
            met=ref("Share"),
            missed=NUMBER,
            running=NUMBER,
            cancelled=NUMBER,
        ),
        "Share": an_object(count=NUMBER, of=NUMBER, share=_SHARE_OF_ONE),
        "Answers": an_object(yes=NUMBER, no=NUMBER, unknown=NUMBER, share=_SHARE_OF_ONE),
        "Spread": an_object(n=NUMBER, median_seconds=_SECONDS, p90_seconds=_SECONDS),
        "CodeCount": an_object(code=TEXT, label=TEXT, standing=NUMBER, earlier=NUMBER),
    }


def _report() -> Json:
    period = an_object(**{"from": TEXT, "to": TEXT, "on": {"const": "reported_at"}})
    with_default = an_object(**period["properties"], is_default=FLAG)
    available = an_object(**{"from": or_null(DAY), "to": or_null(DAY), "cases": NUMBER})
    return an_object(
        report={"const": "lessons_learned"},
        language={"enum": ["en", "zh"]},
        period=with_default,
        previous_period=period,
        group_by=TEXT,
        made_at=TIME,
        as_of=or_null(TIME),
        known_at=or_null(TIME),
        read_position=NUMBER,
        lag_seconds={"type": "number", "minimum": 0},
        available=an_object(own=available, imported=available),
        total=ref("LessonsGroup"),
        previous=ref("LessonsCaseFigures"),
        groups=list_of(ref("LessonsGroup")),
        texts=an_object(shown=FLAG, note=or_null(TEXT)),
        cause_texts=list_of(_cause_text()),
        lesson_texts=list_of(_lesson_text()),
        successes=list_of(ref("LessonsStory")),
        failures=list_of(ref("LessonsStory")),
        preventions=list_of(_prevention()),
        imported=an_object(
            total=ref("LessonsImported"),
            sources=list_of(ref("LessonsImported")),
            groups=list_of(ref("LessonsImported")),
        ),
        definitions={"type": "object", "additionalProperties": TEXT},
    )


def _case_figures() -> dict[str, Json]:
    target = an_object(count=NUMBER, of=NUMBER, share=_SHARE_OF_ONE, target={"type": "number"})
    answers = dict.fromkeys(("accepted", "satisfied", "substantially_solved"), ref("Answers"))
    shares = (
        "resolution_rate",
        "disputed",
        "reopened",
        "disputed_or_reopened",
        "escalated",
        "prompt_reply",
    )
    return {
        "cases": NUMBER,
        "standing": an_object(**dict.fromkeys(_STANDING, NUMBER)),
        "reopenings": NUMBER,
        **answers,
        **dict.fromkeys(shares, ref("Share")),
        "first_contact_resolution": target,
        "first_reply": ref("Spread"),
        "stages": an_object(**dict.fromkeys(_STAGES, ref("Spread"))),
    }


def _group() -> Json:
    named = {"code": or_null(TEXT), "label": TEXT}
    earlier = an_object(
        attempts=NUMBER,
        resolved=NUMBER,
        satisfied=ref("Answers"),
        substantially_solved=ref("Answers"),
    )
    repeats = an_object(
        overall=ref("Share"),
        first_prevention_done_on=or_null(DAY),
        before=ref("Share"),
        after=ref("Share"),
    )
    of_playbook = an_object(cases=NUMBER, resolved=ref("Share"), satisfied=ref("Answers"))
    return an_object(
        **named,
        **_case_figures(),
        earlier_attempts=earlier,
        codes=an_object(**dict.fromkeys(CODE_BOOKS, list_of(ref("CodeCount")))),
        preventions=_prevention_figures(),
        repeats=repeats,
        playbooks=an_object(**dict.fromkeys(PLAYBOOK_KINDS, of_playbook)),
        targets=list_of(ref("LessonsTarget")),
        impact=_impact(),
    )


def _impact() -> Json:
    """Customers are estimates: fractions of a person."""
    coefficients = an_object(
        book={"const": IMPACT_BOOK},
        version=NUMBER,
        mood=TEXT,
        label=TEXT,
        cases=NUMBER,
        **dict.fromkeys(COEFFICIENTS, NUMBER),
    )
    return an_object(
        cases=NUMBER,
        not_estimated=NUMBER,
        people_told=an_object(least=NUMBER, most=NUMBER),
        customers=an_object(**dict.fromkeys(LIKELY, _PEOPLE)),
        coefficients=list_of(coefficients),
    )


def _prevention_figures() -> Json:
    return an_object(
        planned=NUMBER,
        overdue=NUMBER,
        completed=NUMBER,
        checked=list_of(an_object(code=TEXT, label=TEXT, count=NUMBER)),
        done_late=NUMBER,
        covered=ref("Share"),
        trainings=NUMBER,
        participants=NUMBER,
    )


def _of_case(**properties: Any) -> Json:
    return an_object(case_id={"type": "string", "format": "uuid"}, reference=TEXT, **properties)


def _cause_text() -> Json:
    return _of_case(book=TEXT, code=TEXT, label=TEXT, text=SHOWN_TEXT)


def _lesson_text() -> Json:
    return _of_case(verdict=TEXT, about={"enum": list(QUESTIONS)}, text=SHOWN_TEXT)


def _story() -> Json:
    return _of_case(
        group=an_object(code=or_null(TEXT), label=TEXT),
        verdict=TEXT,
        learned_at=TIME,
        conflict_subtype=or_null(TEXT),
        channel=TEXT,
        outcome=or_null(TEXT),
        lesson_codes=list_of(an_object(code=TEXT, label=TEXT)),
        root=SHOWN_TEXT,
        trigger=SHOWN_TEXT,
        what_worked=or_null(SHOWN_TEXT),
        what_made_it_worse=or_null(SHOWN_TEXT),
        missed_by_early_detection=or_null(SHOWN_TEXT),
    )


def _prevention() -> Json:
    return _of_case(
        prevention_id=TEXT,
        state={"enum": ["planned", "overdue", "completed", "checked"]},
        state_label=TEXT,
        owner=TEXT,
        owner_label=TEXT,
        due_on=DAY,
        done_on=or_null(DAY),
        effect=or_null(TEXT),
        action=SHOWN_TEXT,
        finding=or_null(SHOWN_TEXT),
    )


def _imported() -> Json:
    told = an_object(yes=NUMBER, no=NUMBER, unknown=NUMBER)
    return an_object(
        system=or_null(TEXT),
        code=or_null(TEXT),
        label=TEXT,
        cases=NUMBER,
        timely=told,
        disputed=told,
        reopened=ref("Share"),
        reopenings=NUMBER,
        went_on=NUMBER,
        outcomes=list_of(an_object(outcome=or_null(TEXT), cases=NUMBER)),
    )
