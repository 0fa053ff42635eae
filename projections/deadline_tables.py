"""Tables of the read model of due times: cases, runs of clocks, and what was promised."""

from __future__ import annotations

from sqlalchemy import (
    Boolean,
    Column,
    DateTime,
    Index,
    Integer,
    MetaData,
    Table,
    Text,
    Uuid,
    text,
)
from sqlalchemy.dialects.postgresql import JSONB

from projections import spans

PROMISE = "commitment"
OPEN_POINTS = "open_points"
ESCALATION = "escalation"
OWED_CLOCKS = frozenset({PROMISE, OPEN_POINTS, ESCALATION})
"""What stands among the runs without being a clock: promises, open points of minutes, and
escalations with a due time."""

NAME = "deadlines"
METADATA = MetaData(schema=NAME)
OPEN = text("is_open")
LISTED = ("listed_at", "case_id", "clock", "run")

CASES = Table(
    "cases",
    METADATA,
    Column("case_id", Uuid, primary_key=True),
    Column("reference", Text),
    Column("edition", Integer),
    Column("handler", Text),
    Column("unit", Text),
    Column("occasions", JSONB, nullable=False, default=list),
    # The newest due time of a recorded breach: a missed round is followed by the next.
    Column("missed_to", DateTime(timezone=True)),
    # How many minutes were sent: the third ones are M3.
    Column("minutes", Integer, nullable=False, default=0),
    *spans.columns(),
)
RUNS = Table(
    "runs",
    METADATA,
    Column("case_id", Uuid, primary_key=True),
    Column("clock", Text, primary_key=True),
    Column("run", Integer, primary_key=True),
    Column("reference", Text),
    Column("handler", Text),
    Column("unit", Text),
    Column("edition", Integer),
    Column("rule", Text),
    Column("state", Text),
    Column("is_open", Boolean, nullable=False, default=False),
    Column("started_at", DateTime(timezone=True)),
    Column("due_at", DateTime(timezone=True)),
    Column("warn_at", DateTime(timezone=True)),
    Column("paused_since", DateTime(timezone=True)),
    Column("remaining_seconds", Integer),
    Column("missed_at", DateTime(timezone=True)),
    Column("warning_recorded", Boolean, nullable=False, default=False),
    Column("miss_recorded", Boolean, nullable=False, default=False),
    # By what an open run is put in order: its due time, or since when it is paused.
    Column("listed_at", DateTime(timezone=True)),
    # When a timer has to look at the run; timers move it on until the next event of the case.
    Column("next_at", DateTime(timezone=True)),
    # When the customer was first told of a delay; `told`: they are to be told of this kind.
    Column("disclosed_at", DateTime(timezone=True)),
    Column("told", Boolean, default=False),
    # Of what is owed: who owes it, of which kind it is, and what a timer does of it at `act_at`.
    Column("owner", Text),
    Column("owed_kind", Text),
    Column("next_step", Text),
    Column("act_at", DateTime(timezone=True)),
    Index("runs_by_next", "next_at", postgresql_where=text("next_at IS NOT NULL")),
    Index("work_by_time", *LISTED, postgresql_where=OPEN),
    Index("work_by_handler", "handler", *LISTED, postgresql_where=OPEN),
    Index("work_by_unit", "unit", *LISTED, postgresql_where=OPEN),
    Index("work_by_owner", "owner", *LISTED, postgresql_where=OPEN),
    Index("work_by_clock", "clock", "listed_at", "case_id", "run", postgresql_where=OPEN),
)
OWED = Table(
    "owed",
    METADATA,
    Column("case_id", Uuid, primary_key=True),
    # C1 is a promise, M1 the open points of minutes.
    Column("about", Text, primary_key=True),
    Column("kind", Text),
    Column("owner", Text),
    Column("promised_to", Text),
    Column("channel", Text),
    Column("in_writing", Boolean),
    Column("made_at", DateTime(timezone=True)),
    Column("version", Integer),
    Column("since", DateTime(timezone=True)),
    Column("due_at", DateTime(timezone=True)),
    Column("kept_at", DateTime(timezone=True)),
    Column("ended_at", DateTime(timezone=True)),
    Column("replaced_by", Text),
    Column("confirmed", Boolean, nullable=False, default=False),
    Column("broken_recorded", Boolean, nullable=False, default=False),
    Column("reminders", JSONB, nullable=False, default=list),
    # When it is broken, or was; and what else it is, also until then.
    Column("breach_at", DateTime(timezone=True)),
    Column("otherwise", Text),
    Column("is_open", Boolean, nullable=False, default=True),
    Index("owed_by_due", "due_at", "case_id", "about"),
    Index("owed_by_owner", "owner", "due_at", "case_id", "about"),
)
