"""Figures of the lessons-learned report as JSON: each share with the counts behind it."""

from __future__ import annotations

from typing import Any, Final

from projections.figures import Answers, Share, Spread
from projections.lessons_values import (
    FIRST_CONTACT_TARGET,
    CaseFigures,
    EarlierAttempts,
    PlaybookCases,
    PlaybookFigures,
    RepeatFigures,
)

Json = dict[str, Any]
_CASE_SHARES: Final = (
    "resolution_rate",
    "disputed",
    "reopened",
    "disputed_or_reopened",
    "escalated",
    "prompt_reply",
)
_CASE_ANSWERS: Final = ("accepted", "satisfied", "substantially_solved")
PLAYBOOK_KINDS: Final = tuple(PlaybookFigures.__dataclass_fields__)


def cases_json(figures: CaseFigures) -> Json:
    standing = figures.standing
    first_contact = share_json(figures.first_contact_resolution)
    return {
        "cases": figures.cases,
        "standing": {name: getattr(standing, name) for name in type(standing).__slots__},
        "reopenings": figures.reopenings,
        **{name: _answers(getattr(figures, name)) for name in _CASE_ANSWERS},
        **{name: share_json(getattr(figures, name)) for name in _CASE_SHARES},
        "first_contact_resolution": {**first_contact, "target": FIRST_CONTACT_TARGET},
        "first_reply": _spread(figures.first_reply),
        "stages": {stage: _spread(spread) for stage, spread in figures.stages.items()},
    }


def earlier_json(figures: EarlierAttempts) -> Json:
    return {
        "attempts": figures.attempts,
        "resolved": figures.resolved,
        "satisfied": _answers(figures.satisfied),
        "substantially_solved": _answers(figures.substantially_solved),
    }


def playbooks_json(figures: PlaybookFigures) -> Json:
    return {kind: _of_playbook(getattr(figures, kind)) for kind in PLAYBOOK_KINDS}


def _of_playbook(found: PlaybookCases) -> Json:
    return {
        "cases": found.cases,
        "resolved": share_json(found.resolved),
        "satisfied": _answers(found.satisfied),
    }


def repeats_json(figures: RepeatFigures) -> Json:
    first = figures.first_done_on
    return {
        "overall": share_json(figures.overall),
        "first_prevention_done_on": first and first.isoformat(),
        "before": share_json(figures.before),
        "after": share_json(figures.after),
    }


def share_json(share: Share) -> Json:
    """A share with the counts behind it."""
    rounded = None if share.share is None else round(share.share, 4)
    return {"count": share.count, "of": share.of, "share": rounded}


def _answers(answers: Answers) -> Json:
    return {**told_json(answers), "share": share_json(answers.share)["share"]}


def told_json(answers: Answers) -> Json:
    """Counts without a share: some sources write only one of the two answers down."""
    return {"yes": answers.yes, "no": answers.no, "unknown": answers.unknown}


def _spread(spread: Spread) -> Json:
    return {
        "n": spread.n,
        "median_seconds": _rounded(spread.median_seconds),
        "p90_seconds": _rounded(spread.p90_seconds),
    }


def _rounded(seconds: float | None) -> float | None:
    return None if seconds is None else round(seconds, 3)
