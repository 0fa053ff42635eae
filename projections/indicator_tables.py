"""Tables of the read model of what early warning counts: cases, and facts by indicator and time."""

from __future__ import annotations

from typing import Final

from sqlalchemy import (
    BigInteger,
    Boolean,
    Column,
    DateTime,
    Index,
    Integer,
    MetaData,
    Table,
    Text,
    Uuid,
)
from sqlalchemy.dialects.postgresql import JSONB

NAME: Final = "indicators"
METADATA = MetaData(schema=NAME)
SCOPES: Final = (
    "channel",
    "conflict_type",
    "conflict_subtype",
    "product",
    "touchpoint",
    "unit",
    "customer",
)
"""What facts are told apart by: codes, and references that name nobody in clear."""

CASES = Table(
    "cases",
    METADATA,
    Column("case_id", Uuid, primary_key=True),
    *(Column(name, Text) for name in SCOPES),
    # The versions of the events in which anger was heard: a model may hear it where a person did.
    Column("angry_versions", JSONB, nullable=False, default=list),
    # Which touchpoint a survey asks about, by its id.
    Column("surveyed", JSONB, nullable=False, default=dict),
    Column("is_untimely", Boolean, nullable=False, default=False),
    Column("is_disputed", Boolean, nullable=False, default=False),
)
# `occasions` is how often the indicator could have counted, `thousandths` what it did count.
FACTS = Table(
    "facts",
    METADATA,
    Column("position", BigInteger, primary_key=True),
    Column("indicator", Text, primary_key=True),
    Column("occurred_at", DateTime(timezone=True)),
    Column("recorded_at", DateTime(timezone=True)),
    Column("occasions", Integer, nullable=False, default=0),
    Column("thousandths", Integer, nullable=False, default=0),
    *(Column(name, Text) for name in SCOPES),
    Index("facts_by_time", "indicator", "occurred_at"),
)
