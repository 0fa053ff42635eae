"""Holding every read model against a fold of the whole log, row for row."""

from __future__ import annotations

from dataclasses import dataclass

from sqlalchemy import text
from sqlalchemy.schema import CreateSchema, DropSchema

from projections import row_io
from projections.engine import ProjectionEngine
from projections.read_model import ReadModel, fold
from projections.read_models import READ_MODELS, build_engine, tools_of
from projections.rebuild_indexes import create_tables
from service.assembly import Service
from tests.projections.rows import stored_rows

ENOUGH = 10_000_000
CATCH_UP_SECONDS = 120.0
WORKED_OFF = frozenset({"check_from"})
"""Columns that tell a watch what to look at, and that it empties once it has looked."""


@dataclass(frozen=True)
class Difference:
    """One read model held against the fold: how many rows differ, and what is parked."""

    projection: str
    rows: int
    differing: int
    parked: int
    behind: bool


def differences(service: Service) -> list[Difference]:
    """Wait until the workers have read everything, then compare. They do the reading, not we."""
    newest = service.recorder.max_notification_id() or 0
    engine = build_engine(service)
    return [_difference(service, engine, model, newest) for model in READ_MODELS]


def are_equal(found: list[Difference]) -> bool:
    """Whether every row is there, no case is parked, and everything has been read."""
    return not any(each.differing or each.parked or each.behind for each in found)


def listed(found: list[Difference]) -> str:
    """The comparison in a few words."""
    return ", ".join(
        f"{each.projection} {each.differing} of {each.rows:,} rows differ, {each.parked} parked"
        for each in found
    )


def _difference(
    service: Service, engine: ProjectionEngine, model: ReadModel, newest: int
) -> Difference:
    is_read = engine.wait_until(model.name, newest, CATCH_UP_SECONDS)
    assert is_read, f"the workers never read everything for {model.name}"
    build = f"{model.name}_folded"
    _store_fold(service, engine, model, build)
    stored, folded = (stored_rows(service.engine, model, name) for name in (None, build))
    differing = sum(
        sum(row not in folded_table for row in stored_table)
        + sum(row not in stored_table for row in folded_table)
        for stored_table, folded_table in (
            (_comparable(stored[name]), _comparable(folded[name])) for name in stored
        )
    )
    return Difference(
        projection=model.name,
        rows=sum(map(len, folded.values())),
        differing=differing,
        parked=len(engine.parked_cases(model.name)),
        behind=engine.read_state(model.name).position != newest,
    )


def _comparable(rows: list[dict[str, object]]) -> set[str]:
    return {repr(sorted((k, v) for k, v in row.items() if k not in WORKED_OFF)) for row in rows}


def _store_fold(service: Service, engine: ProjectionEngine, model: ReadModel, schema: str) -> None:
    """Write what the handlers make of the whole log at once, so that both have the same types."""
    facts = engine.log.read_anew(0, ENOUGH).facts
    cases = fold(model, facts, tools_of(service))
    with service.engine.begin() as connection:
        connection.execute(DropSchema(schema, cascade=True, if_exists=True))
        connection.execute(CreateSchema(schema))
        connection.execute(text("SET LOCAL statement_timeout = 0"))
        create_tables(connection, model, schema, indexed=False)
        mapped = connection.execution_options(schema_translate_map={model.name: schema})
        row_io.write(mapped, model, cases)
