"""The lessons-learned figures counted again by hand: every case folded from its events.

Nothing here is taken from the read model, its queries or its handlers: two ways to one figure.
"""

from __future__ import annotations

import statistics
from collections import Counter, defaultdict
from collections.abc import Iterable
from datetime import date, datetime, timedelta
from typing import Any

from domain.clocks.run import State
from domain.conflict_case import ConflictCase
from domain.events import (
    DeadlineMissed,
)
from domain.impact import impact_of
from projections.figures import Answers, Share, Spread
from projections.lessons_impact import ImpactCases, ImpactFigures
from projections.lessons_targets import TargetFigures
from projections.lessons_values import (
    CaseFigures,
    CodeCount,
    CodeFigures,
    EarlierAttempts,
    GroupFigures,
    PlaybookCases,
    PlaybookFigures,
    PreventionFigures,
    RepeatFigures,
    Standing,
)
from tests.projections.replayed_cases import Replayed

INSTANT = timedelta(microseconds=1)
DAY, HALF_HOUR, NINETY_DAYS = timedelta(days=1), timedelta(minutes=30), timedelta(days=90)
OPEN = ("reported", "confirmed", "analysed", "solution_proposed", "risk_assessed")
RESOLVED = ("resolved", "followed_up", "closed")
TIMED = ("confirmed", "analysed", "solution_proposed", "risk_assessed", *RESOLVED)


def figures(
    cases: list[Replayed], everything: list[Replayed], code: str | None, now: datetime
) -> GroupFigures:
    """All figures of these cases."""
    return GroupFigures(
        code=code,
        counts=_counts(cases, now),
        earlier=_earlier(cases),
        codes=_codes(cases),
        preventions=_preventions(cases, now.date()),
        repeats=_repeats(cases, everything, now),
        playbooks=_playbooks(cases),
        targets=_targets(cases, now),
        impact=_impact(cases),
    )


def _impact(cases: list[Replayed]) -> ImpactFigures:
    """Case by case, as each case itself shows its estimate."""
    moods = Counter(found[0] if (found := impact_of(each.case)) else None for each in cases)
    left_out = moods.pop(None, 0)
    known = sorted((mood, count) for mood, count in moods.items() if mood is not None)
    return ImpactFigures(tuple(ImpactCases(1, mood, count) for mood, count in known), left_out)


def _targets(cases: list[Replayed], now: datetime) -> tuple[TargetFigures, ...]:
    """By clock: met, missed and running, as the pure function of each case's events tells."""
    found: defaultdict[str, Counter[str]] = defaultdict(Counter)
    for each in cases:
        misses = [event.due_at for event in each.events if isinstance(event, DeadlineMissed)]
        for run in each.case.clock_runs(max(misses, default=each.reported_at) + INSTANT):
            is_late = run.state is State.MISSED or (
                not run.is_over and run.due_at is not None and run.due_at < now
            )
            verdict = "met" if run.is_over else "running"
            if run.state is State.CANCELLED:
                verdict = "cancelled"
            found[run.clock]["missed" if is_late else verdict] += 1
    return tuple(TargetFigures(clock, **counts) for clock, counts in sorted(found.items()))


def _share(cases: Iterable[Replayed], of: Iterable[Replayed]) -> Share:
    return Share(len(list(cases)), len(list(of)))


def answers(values: Iterable[bool | None]) -> Answers:
    counted = Counter(values)
    return Answers(counted[True], counted[False], counted[None])


def _spread(values: Iterable[float | None]) -> Spread:
    known = sorted(value for value in values if value is not None)
    if not known:
        return Spread()
    place = 0.9 * (len(known) - 1)
    low, high = known[int(place)], known[min(int(place) + 1, len(known) - 1)]
    p90 = low + (high - low) * (place - int(place))
    return Spread(len(known), statistics.median(known), p90)


def _counts(cases: list[Replayed], now: datetime) -> CaseFigures:
    stands = [c for c in cases if c.status in RESOLVED]
    open_ = [c for c in cases if c.status in OPEN]
    resolved = [c for c in cases if c.ever_resolved]
    decided = [c for c in cases if c.ever_decided]
    reopened = [c for c in cases if c.case.reopenings]
    called_in = [c for c in cases if c.case.escalations or c.case.referrals]
    at_once = [
        c
        for c in resolved
        if c.reached["resolved"] - c.reported_at <= DAY
        and c.case.attempt == 1
        and c not in called_in
    ]
    waiting = [c for c in open_ if c.reported_at <= now - DAY and not c.ever_resolved]
    replied = [c for c in cases if c.first_reply_at]
    prompt = [c for c in replied if c.first_reply_at - c.reported_at <= HALF_HOUR]  # type: ignore[operator]
    silent = [c for c in cases if not c.first_reply_at and c.reported_at <= now - HALF_HOUR]
    return CaseFigures(
        cases=len(cases),
        standing=Standing(
            open=len(open_),
            resolved=len(stands),
            **{s: sum(c.status == s for c in cases) for s in ("dismissed", "withdrawn", "merged")},
        ),
        reopenings=sum(len(c.case.reopenings) for c in cases),
        resolution_rate=_share(stands, stands + open_),
        accepted=answers(c.case.resolutions[c.case.attempt].customer_accepts for c in stands),
        satisfied=answers(c.case.satisfied for c in stands),
        substantially_solved=answers(c.case.substantially_solved for c in stands),
        disputed=_share((c for c in resolved if c.disputed), resolved),
        reopened=_share(reopened, decided),
        disputed_or_reopened=_share((c for c in decided if c.disputed or c in reopened), decided),
        escalated=_share(called_in, cases),
        first_contact_resolution=_share(at_once, resolved + waiting),
        prompt_reply=_share(prompt, replied + silent),
        first_reply=_spread(c.took(c.first_reply_at) for c in cases),
        stages={stage: _spread(c.took(c.reached.get(stage)) for c in cases) for stage in TIMED},
    )


def _earlier(cases: list[Replayed]) -> EarlierAttempts:
    lost = [(c, n) for c in cases for n in range(1, c.case.attempt)]
    were_resolved = [(c, n) for c, n in lost if n in c.case.resolutions]
    return EarlierAttempts(
        attempts=len(lost),
        resolved=len(were_resolved),
        satisfied=answers(c.answer("satisfied", n) for c, n in were_resolved),
        substantially_solved=answers(c.answer("substantially_solved", n) for c, n in were_resolved),
    )


def _counted(standing: Iterable[str], earlier: Iterable[str] = ()) -> tuple[CodeCount, ...]:
    now, before = Counter(standing), Counter(earlier)
    rows = [CodeCount(code, now[code], before[code]) for code in now | before]
    return tuple(sorted(rows, key=lambda row: (-row.standing, -row.earlier, row.code)))


def _codes(cases: list[Replayed]) -> CodeFigures:
    stands = [c.case.resolutions[c.case.attempt] for c in cases if c.status in RESOLVED]
    lost = [event for c in cases for n, event in c.case.resolutions.items() if n < c.case.attempt]
    newest = [c.case.analyses[-1] for c in cases if c.case.analyses]
    older = [analysis for c in cases for analysis in c.case.analyses[:-1]]
    return CodeFigures(
        outcomes=_counted((e.outcome for e in stands), (e.outcome for e in lost)),
        upheld=_counted((e.upheld for e in stands), (e.upheld for e in lost)),
        complaint_causes=_counted(
            c.case.confirmation.complaint_cause for c in cases if c.case.confirmation
        ),
        cause_classes=_counted((a.primary_cause for a in newest), (a.primary_cause for a in older)),
        fishbone=_counted(_bones(newest), _bones(older)),
        lessons=_counted(
            code
            for c in cases
            for code in {code for _, lesson in c.case.lessons for code in lesson.lesson_codes}
        ),
        wrong_behaviours=_counted(
            code
            for c in cases
            for code in {code for _, lesson in c.case.lessons for code in lesson.wrong_behaviours}
        ),
        verdicts=_counted(c.case.lessons[-1][1].verdict for c in cases if c.case.lessons),
    )


def _bones(analyses: Iterable[Any]) -> Iterable[str]:
    return (code for a in analyses for code in {bone.category for bone in a.fishbone})


def _state(case: ConflictCase, prevention_id: str, today: date) -> str:
    if prevention_id in case.preventions_checked:
        return "checked"
    if prevention_id in case.preventions_done:
        return "completed"
    return "overdue" if case.preventions[prevention_id].due_on < today else "planned"


def _preventions(cases: list[Replayed], today: date) -> PreventionFigures:
    states = Counter(_state(c.case, p, today) for c in cases for p in c.case.preventions)
    learned = [c for c in cases if c.case.lessons]
    trainings = [training for c in cases for training in c.case.trainings]
    return PreventionFigures(
        planned=states["planned"],
        overdue=states["overdue"],
        completed=states["completed"],
        checked=_counted(e.effect for c in cases for e in c.case.preventions_checked.values()),
        done_late=sum(
            done.done_on > c.case.preventions[p].due_on
            for c in cases
            for p, done in c.case.preventions_done.items()
        ),
        covered=_share((c for c in learned if c.case.preventions), learned),
        trainings=len(trainings),
        participants=sum(training.participants for training in trainings),
    )


def _playbooks(cases: list[Replayed]) -> PlaybookFigures:
    marks = {
        c.case.id: {m.step: m.followed for event in c.case.playbooks for m in event.steps}
        for c in cases
    }
    kinds: dict[str, list[Replayed]] = {"followed": [], "skipped": [], "unrecorded": []}
    for c in cases:
        found = marks[c.case.id].values()
        kinds["unrecorded" if not found else "followed" if all(found) else "skipped"].append(c)
    return PlaybookFigures(**{kind: _of_playbook(mine) for kind, mine in kinds.items()})


def _of_playbook(cases: list[Replayed]) -> PlaybookCases:
    stands = [c for c in cases if c.status in RESOLVED]
    return PlaybookCases(
        cases=len(cases),
        resolved=_share(stands, [c for c in cases if c.status in (*RESOLVED, *OPEN)]),
        satisfied=answers(c.case.satisfied for c in stands),
    )


def _repeats(cases: list[Replayed], everything: list[Replayed], now: datetime) -> RepeatFigures:
    days = [e.done_on for c in cases for e in c.case.preventions_done.values()]
    first = min(days, default=None)
    seen = [
        c
        for c in cases
        if c.case.confirmation and c.status != "merged" and c.reported_at <= now - NINETY_DAYS
    ]
    came_back = [c for c in seen if any(_is_repeat(c, other) for other in everything)]

    def split(*, later: bool) -> Share:
        if first is None:
            return Share()
        mine = [c for c in seen if (c.reported_at.date() >= first) is later]
        return _share((c for c in mine if c in came_back), mine)

    overall = _share(came_back, seen)
    return RepeatFigures(overall, first, before=split(later=False), after=split(later=True))


def _is_repeat(first: Replayed, other: Replayed) -> bool:
    if not (other.case.report and other.case.confirmation) or other.status == "merged":
        return False
    assert first.case.report
    assert first.case.confirmation
    return (
        other.case.report.customer.ref == first.case.report.customer.ref
        and other.case.confirmation.conflict_subtype == first.case.confirmation.conflict_subtype
        and timedelta() < other.reported_at - first.reported_at <= NINETY_DAYS
    )
