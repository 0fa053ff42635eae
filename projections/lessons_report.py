"""The lessons-learned report (S58 to S66): counted by the database, all from one moment."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import (
    CTE,
    ColumnElement,
    Connection,
    Date,
    Select,
    Table,
    cast,
    func,
    select,
)

from projections import deadlines
from projections.deadline_tables import CASES as DEADLINE_CASES
from projections.deadline_tables import NAME as DEADLINES
from projections.deadline_tables import RUNS
from projections.event_log import Mapper
from projections.health import read_state
from projections.lessons_answer import Available, LessonsReport
from projections.lessons_codes import code_counts
from projections.lessons_impact import ImpactFigures, impact_counts, impact_figures
from projections.lessons_imported import count_imported
from projections.lessons_learned import READ_MODEL
from projections.lessons_period import Period
from projections.lessons_playbooks import playbook_counts, playbook_figures
from projections.lessons_prevention import (
    learning_counts,
    prevention_counts,
    repeat_counts,
    training_counts,
)
from projections.lessons_queries import GROUPINGS, case_counts, cases_of, earlier_attempts
from projections.lessons_tables import CASES, IMPORTED, NAME, STAGES
from projections.lessons_targets import target_counts
from projections.lessons_texts import Texts
from projections.lessons_values import (
    Answers,
    CaseFigures,
    CodeCount,
    CodeFigures,
    EarlierAttempts,
    GroupFigures,
    PreventionFigures,
    RepeatFigures,
    Share,
    Spread,
    Standing,
    TargetFigures,
)
from projections.read_model import Tools
from projections.rewinding import MOST_EVENTS, Rewinding, Rewindings, Tell, tell_nobody
from projections.sealed_texts import Keys
from projections.snapshots import in_snapshot
from projections.turns import NO_LIMIT, Turns
from service.instants import NOW as INSTANTS_OPEN
from service.instants import Instants

GROUP_BY = tuple(GROUPINGS)
CODE_FAMILIES = tuple(CodeFigures.__dataclass_fields__)

GroupCode = str | None
ByGroup = dict[GroupCode, dict[str, Any]]
CodesByGroup = dict[GroupCode, tuple[CodeCount, ...]]


@dataclass(frozen=True, kw_only=True)
class ReportRequest:
    """What is asked for; `now` decides what is overdue, and the period where none is given.

    `keys`: None where the reader has no right to texts by staff. `instants`: the report as it was,
    or was known, then; `now` is to be the instant too, and `made_at` tells when it was asked for.
    """

    now: datetime
    period: Period | None = None
    group_by: str = "type"
    keys: Keys | None = None
    instants: Instants = INSTANTS_OPEN
    made_at: datetime | None = None


def lessons_report(
    connection: Connection, asked: ReportRequest, rewinding: Rewindings | None = None
) -> LessonsReport:
    """Count everything in one snapshot, so that all figures agree.

    `connection` must not be in a transaction. `rewinding` is needed where instants are asked for.
    Raises ReadModelNotReady, TooMuchHasMoved.
    """

    def ask(snapshot: Connection) -> LessonsReport:
        read_state(snapshot, DEADLINES)  # its tables are not there before it is built
        if rewinding is None:
            return count_lessons(snapshot, asked)
        with rewinding.to(snapshot, asked.instants, Tools()):
            return count_lessons(snapshot, asked)

    return in_snapshot(connection, [CASES.fullname, RUNS.fullname], ask)


def rewinding_lessons(
    mapper: Mapper,
    most_events: int | None = MOST_EVENTS,
    tell: Tell = tell_nobody,
    turns: Turns = NO_LIMIT,
) -> Rewindings:
    """What lets the report be asked about the past; see `Rewinding`."""
    return Rewindings(
        (
            Rewinding(READ_MODEL, (CASES, IMPORTED), mapper, most_events, tell, turns),
            Rewinding(deadlines.READ_MODEL, (DEADLINE_CASES,), mapper, most_events, tell, turns),
        )
    )


def count_lessons(connection: Connection, asked: ReportRequest) -> LessonsReport:
    """The report of a connection that is in one snapshot, and rewound where that is asked for."""
    state = read_state(connection, NAME)
    today = asked.now.date()
    period = asked.period or Period.last_twelve_months(today)
    c = cases_of(period, asked.group_by)
    before = cases_of(period.before(), asked.group_by)
    counts = _by_group(connection, case_counts(c, asked.now))
    previous = _by_group(connection, case_counts(before, asked.now))
    groups = _groups(connection, c, counts, asked.now)
    texts = Texts(connection, c, asked.keys) if asked.keys else None
    imported = count_imported(connection, period, asked.group_by)
    return LessonsReport(
        period=period,
        previous_period=period.before(),
        period_is_default=asked.period is None,
        group_by=asked.group_by,
        made_at=asked.made_at or asked.now,
        instants=asked.instants,
        position=state.position,
        lag_seconds=state.lag_seconds,
        edition=counts[None]["edition"],
        total=groups[0],
        groups=groups[1:],
        previous=_case_figures(previous[None]),
        imported_total=imported[0],
        imported_sources=imported[1],
        imported_groups=imported[2],
        texts_shown=texts is not None,
        cause_texts=texts.causes() if texts else (),
        lesson_texts=texts.lessons() if texts else (),
        successes=texts.stories("success") if texts else (),
        failures=texts.stories("failure") if texts else (),
        preventions=texts.preventions(today) if texts else (),
        own_available=_available(connection, CASES, cast(CASES.c.reported_at, Date)),
        imported_available=_available(connection, IMPORTED, IMPORTED.c.received_on),
    )


def _groups(
    connection: Connection, c: CTE, counts: ByGroup, now: datetime
) -> tuple[GroupFigures, ...]:
    """All groups together first, then each: the largest first, the unknown one last."""
    earlier = _by_group(connection, earlier_attempts(c))
    codes = {name: _codes(connection, code_counts(c, name)) for name in CODE_FAMILIES}
    effects = _codes(connection, code_counts(c, "effects"))
    learning = _merged(
        _by_group(connection, statement)
        for statement in (
            prevention_counts(c, now.date()),
            learning_counts(c),
            training_counts(c),
        )
    )
    repeats = _by_group(connection, repeat_counts(c, now))
    playbooks = _by_group(connection, playbook_counts(c))
    targets = _targets(connection, c, now)
    impacts = _impacts(connection, c)
    made = [
        GroupFigures(
            code=code,
            counts=_case_figures(row),
            earlier=_earlier(earlier.get(code, {})),
            codes=CodeFigures(**{name: found.get(code, ()) for name, found in codes.items()}),
            preventions=_preventions(learning[code], effects.get(code, ())),
            repeats=_repeats(repeats.get(code, {})),
            playbooks=playbook_figures(playbooks.get(code, {})),
            targets=tuple(targets[code]),
            impact=impacts[code],
        )
        for code, row in counts.items()
    ]
    return tuple(sorted(made, key=_order))


def _targets(
    connection: Connection, c: CTE, now: datetime
) -> defaultdict[GroupCode, list[TargetFigures]]:
    """The service clocks of each group, by name."""
    found: defaultdict[GroupCode, list[TargetFigures]] = defaultdict(list)
    for group, *figures in connection.execute(target_counts(c, now)):
        found[group].append(TargetFigures(*figures))
    return found


def _impacts(connection: Connection, c: CTE) -> dict[GroupCode, ImpactFigures]:
    """What the cases of each group may do to the company's name."""
    found: defaultdict[GroupCode, list[tuple[int, str | None, int]]] = defaultdict(list)
    for group, *counted in connection.execute(impact_counts(c)):
        found[group].append((counted[0], counted[1], counted[2]))
    figures = {group: impact_figures(rows) for group, rows in found.items()}
    return defaultdict(ImpactFigures, figures)


def _order(group: GroupFigures) -> tuple[bool, bool, int, str]:
    return group.code is not None, group.code == "", -group.counts.cases, group.code or ""


def _by_group(connection: Connection, statement: Select[Any]) -> ByGroup:
    return {row["grp"]: dict(row) for row in connection.execute(statement).mappings()}


def _merged(several: Iterable[ByGroup]) -> defaultdict[GroupCode, dict[str, Any]]:
    merged: defaultdict[GroupCode, dict[str, Any]] = defaultdict(dict)
    for found in several:
        for code, row in found.items():
            merged[code].update(row)
    return merged


def _codes(connection: Connection, statement: Select[Any]) -> CodesByGroup:
    """The codes of each group: the most frequent first, then by code."""
    found: defaultdict[GroupCode, list[CodeCount]] = defaultdict(list)
    for row in connection.execute(statement):
        found[row.grp].append(CodeCount(row.code, row.standing, row.earlier))
    return {
        code: tuple(sorted(counts, key=lambda each: (-each.standing, -each.earlier, each.code)))
        for code, counts in found.items()
    }


def _case_figures(row: Mapping[str, Any]) -> CaseFigures:
    decided, resolved = row["ever_decided"], row["ever_resolved"]
    return CaseFigures(
        cases=row["cases"],
        standing=Standing(**{name: row[name] for name in Standing.__dataclass_fields__}),
        reopenings=row["reopenings"],
        resolution_rate=Share(row["resolved"], row["resolved"] + row["open"]),
        accepted=_answers(row, "accepted"),
        satisfied=_answers(row, "satisfied"),
        substantially_solved=_answers(row, "substantially_solved"),
        disputed=Share(row["disputed"], resolved),
        reopened=Share(row["reopened"], decided),
        disputed_or_reopened=Share(row["disputed_or_reopened"], decided),
        escalated=Share(row["escalated"], row["cases"]),
        first_contact_resolution=Share(row["at_first_contact"], row["first_contact_due"]),
        prompt_reply=Share(row["prompt_reply"], row["reply_due"]),
        first_reply=_spread(row, "first_reply_at"),
        stages={stage.value: _spread(row, column) for stage, column in STAGES.items()},
    )


def _answers(row: Mapping[str, Any], question: str) -> Answers:
    return Answers(*(row.get(f"{question}_{answer}", 0) for answer in ("yes", "no", "unknown")))


def _spread(row: Mapping[str, Any], column: str) -> Spread:
    median, p90 = row[f"{column}_spread"] or (None, None)
    return Spread(row[f"{column}_n"], median, p90)


def _earlier(row: Mapping[str, Any]) -> EarlierAttempts:
    return EarlierAttempts(
        attempts=row.get("attempts", 0),
        resolved=row.get("resolved", 0),
        satisfied=_answers(row, "satisfied"),
        substantially_solved=_answers(row, "substantially_solved"),
    )


def _preventions(row: Mapping[str, Any], effects: tuple[CodeCount, ...]) -> PreventionFigures:
    return PreventionFigures(
        planned=row.get("planned", 0),
        overdue=row.get("overdue", 0),
        completed=row.get("completed", 0),
        checked=effects,
        done_late=row.get("done_late", 0),
        covered=Share(row.get("covered", 0), row.get("learned", 0)),
        trainings=row.get("trainings", 0),
        participants=row.get("participants") or 0,
    )


def _repeats(row: Mapping[str, Any]) -> RepeatFigures:
    return RepeatFigures(
        overall=Share(row.get("repeated", 0), row.get("of", 0)),
        first_done_on=row.get("first_done_on"),
        before=Share(row.get("repeated_before", 0), row.get("of_before", 0)),
        after=Share(row.get("repeated_after", 0), row.get("of_after", 0)),
    )


def _available(connection: Connection, table: Table, day: ColumnElement[Any]) -> Available:
    found = select(func.min(day), func.max(day), func.count()).select_from(table)
    return Available(*connection.execute(found).one())
