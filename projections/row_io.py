"""Loading the rows of the cases on a page, and writing what changed: one statement per table."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence
from functools import cache
from typing import Any
from uuid import UUID

import msgspec
from sqlalchemy import (
    ARRAY,
    JSON,
    Connection,
    Executable,
    Select,
    Table,
    Text,
    Uuid,
    any_,
    bindparam,
    cast,
    column,
    func,
    select,
    true,
)
from sqlalchemy.dialects.postgresql import Insert, insert

from domain.personal import PersonalText
from projections.read_model import CaseRows, ReadModel, Row


def load(connection: Connection, model: ReadModel, cases: dict[UUID, CaseRows]) -> None:
    """Give each case the rows that it has in the model's keyed tables."""
    ids = [str(case_id) for case_id in cases]
    for table in model.keyed_tables if ids else ():
        key = [each.name for each in table.primary_key][1:]
        for found in connection.execute(_rows_of_cases(table), {"ids": ids}).mappings():
            row: Row = dict(found)
            cases[row["case_id"]].hold(table, tuple(row[name] for name in key), row)


def write(connection: Connection, model: ReadModel, cases: Iterable[CaseRows]) -> None:
    """Write every changed and every added row of these cases."""
    for table, rows in changed_rows(model, cases):
        write_rows(connection, table, rows)


def changed_rows(model: ReadModel, cases: Iterable[CaseRows]) -> Iterator[tuple[Table, list[Row]]]:
    """The rows to write, for each table that has any."""
    rows: defaultdict[str, list[Row]] = defaultdict(list)
    for case in cases:
        for (name, _), row in case.changed.items():
            rows[name].append(row)
        for name, row in case.added:
            rows[name].append(row)
    return ((table, rows[table.name]) for table in model.tables if table.name in rows)


def write_rows(connection: Connection, table: Table, rows: Sequence[Row]) -> None:
    """Write rows of one table, over those with the same keys where rows of it change."""
    # The server unpacks one JSON text: several times cheaper for Python than formatting
    # every value of every row, and no slower than COPY into a temporary table.
    text = ENCODER.encode(rows).decode()
    connection.execute(_written_rows(table), {"rows": text})


def _ids_parameter() -> Any:
    return cast(bindparam("ids", type_=ARRAY(Text)), ARRAY(Uuid))


@cache
def _rows_of_cases(table: Table) -> Select[Any]:
    return select(table).where(table.c.case_id == any_(_ids_parameter()))


def handed_in(table: Table, rows: Sequence[Row]) -> Select[Any]:
    """Rows that stand in no table, as a statement finds them.

    In portions: the planner takes each to have a hundred rows, and so gets their number right.
    """
    portions = [
        ENCODER.encode(rows[start : start + _PORTION]).decode()
        for start in range(0, len(rows), _PORTION)
    ]
    given = cast(bindparam(None, portions, ARRAY(Text)), ARRAY(Text))
    portion = func.unnest(given).table_valued("portion", name="portions").render_derived()
    typed = [column(each.name, each.type) for each in table.columns]
    records = func.json_to_recordset(cast(portion.c.portion, JSON))
    unpacked = records.table_valued(*typed, name="given").render_derived(with_types=True)
    return select(*unpacked.columns).select_from(portion.join(unpacked, true()))


@cache
def _written_rows(table: Table) -> Executable:
    names = [each.name for each in table.columns]
    typed = [column(each.name, each.type) for each in table.columns]
    records = func.json_to_recordset(cast(bindparam("rows", type_=Text()), JSON))
    unpacked = records.table_valued(*typed, name="written").render_derived(with_types=True)
    statement = insert(table).from_select(names, select(*unpacked.columns), include_defaults=False)
    return _overwriting(statement, table) if _key(table)[0] == "case_id" else statement


def _overwriting(statement: Insert, table: Table) -> Insert:
    key = _key(table)
    names = [each.name for each in table.columns]
    rest = {name: statement.excluded[name] for name in names if name not in key}
    if not rest:
        return statement.on_conflict_do_nothing(index_elements=key)
    return statement.on_conflict_do_update(index_elements=key, set_=rest)


def _key(table: Table) -> list[str]:
    return [each.name for each in table.primary_key]


def _plain(value: Any) -> Any:
    if isinstance(value, PersonalText):
        if value.token is None:
            raise TypeError("only sealed personal text may be stored in a read model")
        return value.token
    raise TypeError(f"a read model cannot store a {type(value).__name__}")


_PORTION = 100
ENCODER = msgspec.json.Encoder(enc_hook=_plain)
