"""Looking at the rows of a read model, to compare builds with each other and with a fold."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from sqlalchemy import Engine, select

from projections.event_log import EventLog
from projections.read_model import CaseRows, ReadModel, Tools, fold

Snapshot = dict[str, list[dict[str, Any]]]


def stored_rows(database: Engine, model: ReadModel, build: str | None = None) -> Snapshot:
    """Every row of every table, in order of the primary key."""
    names = {model.name: build or model.name}
    with database.connect() as connection:
        mapped = connection.execution_options(schema_translate_map=names)
        return {
            table.name: [
                dict(row)
                for row in mapped.execute(select(table).order_by(*table.primary_key)).mappings()
            ]
            for table in model.tables
        }


def folded_rows(log: Any, model: ReadModel, tools: Tools | None = None) -> Snapshot:
    """The same rows, made in memory by the handlers alone."""
    facts = EventLog(log, log).read(0, 1_000_000).facts
    return rows_of(model, fold(model, facts, tools))


def rows_of(model: ReadModel, cases: Iterable[CaseRows]) -> Snapshot:
    """The rows of folded cases, in order of the primary key."""
    found: Snapshot = {table.name: [] for table in model.tables}
    for case in cases:
        for (name, _), row in case.changed.items():
            found[name].append(row)
        for name, row in case.added:
            found[name].append(row)
    keys = {table.name: [column.name for column in table.primary_key] for table in model.tables}
    return {
        name: sorted(
            rows, key=lambda row: [str(row[k]) if k == "case_id" else row[k] for k in keys[name]]
        )
        for name, rows in found.items()
    }
