"""Tables of the lessons-learned read model: one row per case, attempt, record of lessons ..."""

from __future__ import annotations

from datetime import datetime
from typing import Final

from sqlalchemy import (
    Boolean,
    Column,
    Date,
    DateTime,
    Index,
    Integer,
    MetaData,
    Table,
    Text,
    Uuid,
)
from sqlalchemy.dialects.postgresql import JSONB

from domain.values import Status
from projections import spans

NAME: Final = "lessons_learned"
_METADATA = MetaData(schema=NAME)


def _instant(name: str, *, nullable: bool = True) -> Column[datetime]:
    return Column(name, DateTime(timezone=True), nullable=nullable)


STAGES: Final = {
    Status.CONFIRMED: "confirmed_at",
    Status.ANALYSED: "analysed_at",
    Status.SOLUTION_PROPOSED: "solution_proposed_at",
    Status.RISK_ASSESSED: "risk_assessed_at",
    Status.RESOLVED: "resolved_at",
    Status.FOLLOWED_UP: "followed_up_at",
    Status.CLOSED: "closed_at",
}
"""Where it is kept when a case reached a stage for the first time."""

CASES = Table(
    "cases",
    _METADATA,
    Column("case_id", Uuid, primary_key=True),
    Column("reference", Text, nullable=False),
    Column("edition", Integer, nullable=False),
    Column("status", Text, nullable=False),
    Column("attempt", Integer, nullable=False, default=1),
    Column("reopenings", Integer, nullable=False, default=0),
    Column("escalations", Integer, nullable=False, default=0),
    _instant("reported_at", nullable=False),
    Column("channel", Text, nullable=False),
    Column("product", Text),
    Column("customer_ref", Text, nullable=False),
    Column("conflict_type", Text),
    Column("conflict_subtype", Text),
    Column("complaint_cause", Text),
    Column("customer_type", Text),
    Column("playbook", JSONB, nullable=False, default=dict),
    Column("playbook_skipped", Integer, nullable=False, default=0),
    _instant("first_reply_at"),
    *(_instant(column) for column in STAGES.values()),
    *spans.columns(),
    Index("cases_by_report", "reported_at"),
    Index("cases_by_customer", "customer_ref", "conflict_subtype", "reported_at"),
)
ATTEMPTS = Table(
    "attempts",
    _METADATA,
    Column("case_id", Uuid, primary_key=True),
    Column("attempt", Integer, primary_key=True),
    _instant("analysed_at"),
    Column("primary_cause", Text),
    Column("root_cause", Text),
    Column("fishbone", JSONB, nullable=False, default=list),
    Column("outcome", Text),
    Column("upheld", Text),
    Column("accepted", Boolean),
    Column("satisfied", Boolean),
    Column("substantially_solved", Boolean),
)
LESSONS = Table(
    "lessons",
    _METADATA,
    Column("case_id", Uuid, primary_key=True),
    Column("version", Integer, primary_key=True),
    _instant("learned_at", nullable=False),
    Column("verdict", Text, nullable=False),
    Column("codes", JSONB, nullable=False, default=list),
    Column("wrong_behaviours", JSONB, nullable=False, default=list),
    Column("root", Text, nullable=False),
    Column("trigger", Text, nullable=False),
    Column("what_worked", Text),
    Column("what_made_it_worse", Text),
    Column("missed_by_early_detection", Text),
)
PREVENTIONS = Table(
    "preventions",
    _METADATA,
    Column("case_id", Uuid, primary_key=True),
    Column("prevention_id", Text, primary_key=True),
    Column("action", Text),
    Column("owner", Text),
    Column("due_on", Date),
    Column("done_on", Date),
    Column("effect", Text),
    Column("finding", Text),
)
TRAININGS = Table(
    "trainings",
    _METADATA,
    Column("case_id", Uuid, primary_key=True),
    Column("version", Integer, primary_key=True),
    Column("held_on", Date, nullable=False),
    Column("participants", Integer, nullable=False),
    Column("topic", Text, nullable=False),
    Column("audience", Text, nullable=False),
    Column("effect", Text),
)
IMPORTED = Table(
    "imported",
    _METADATA,
    Column("case_id", Uuid, primary_key=True),
    Column("system", Text, nullable=False),
    Column("received_on", Date, nullable=False),
    Column("status", Text, nullable=False),
    Column("channel", Text),
    Column("product", Text),
    Column("outcome", Text),
    Column("timely", Boolean),
    Column("disputed", Boolean),
    Column("reopen_count", Integer),
    Column("went_on", Boolean, nullable=False, default=False),
    *spans.columns(),
    Index("imported_by_day", "received_on"),
)
