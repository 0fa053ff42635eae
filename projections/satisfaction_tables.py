"""Tables of the read model of what customers say: cases, surveys, scores and orders."""

from __future__ import annotations

from datetime import datetime
from typing import Final

from sqlalchemy import (
    Boolean,
    Column,
    DateTime,
    Index,
    Integer,
    MetaData,
    SmallInteger,
    Table,
    Text,
    Uuid,
    text,
)
from sqlalchemy.dialects.postgresql import JSONB

from projections import spans

NAME: Final = "satisfaction"
METADATA = MetaData(schema=NAME)


def _instant(name: str) -> Column[datetime]:
    return Column(name, DateTime(timezone=True))


CASES = Table(
    "cases",
    METADATA,
    Column("case_id", Uuid, primary_key=True),
    Column("subject_ref", Text),
    Column("reference", Text),
    Column("edition", Integer),
    # Only a case that was reported here, and neither dismissed nor merged, is a complaint.
    Column("channel", Text),
    _instant("reported_at"),
    Column("is_complaint", Boolean, nullable=False, default=False),
    Column("unmerged_complaint", Boolean, nullable=False, default=False),
    # The version that may have made an order due; the watch takes it back once it has looked.
    Column("check_from", Integer),
    *spans.columns(),
    Index("cases_to_check", "check_from", postgresql_where=text("check_from IS NOT NULL")),
    Index("cases_by_subject", "subject_ref", "channel", "reported_at"),
    Index("cases_by_report", "reported_at"),
)
SURVEYS = Table(
    "surveys",
    METADATA,
    Column("case_id", Uuid, primary_key=True),
    Column("survey_id", Text, primary_key=True),
    Column("occasion", Text),
    Column("channel", Text),
    Column("scale", Text),
    Column("touchpoint", Text),
    _instant("sent_at"),
    _instant("answered_at"),
    Index("surveys_by_time", "sent_at"),
)
SCORES = Table(
    "scores",
    METADATA,
    Column("case_id", Uuid, primary_key=True),
    Column("version", Integer, primary_key=True),
    Column("subject_ref", Text),
    Column("reference", Text),
    Column("survey_id", Text),
    Column("channel", Text),
    Column("touchpoint", Text),
    Column("scale", Text),
    Column("value", SmallInteger),
    Column("is_low", Boolean),
    _instant("given_at"),
    Index("scores_by_subject", "subject_ref", "given_at", "case_id", "version"),
    Index("scores_by_time", "given_at", "case_id", "version"),
)
ORDERS = Table(
    "orders",
    METADATA,
    Column("case_id", Uuid, primary_key=True),
    Column("order_id", Text, primary_key=True),
    Column("subject_ref", Text),
    Column("reference", Text),
    Column("edition", Integer),
    Column("number", Integer),
    Column("trigger", Text),
    Column("led_by", Text),
    Column("grounds", JSONB, nullable=False, default=list),
    Column("state", Text),
    _instant("opened_at"),
    _instant("plan_due_at"),
    _instant("planned_at"),
    _instant("missed_at"),
    _instant("closed_at"),
    Index("orders_by_time", "opened_at", "case_id", "order_id"),
    Index("orders_by_subject", "subject_ref", "opened_at"),
)
