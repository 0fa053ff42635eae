"""Writing the rows of cases that have none yet: with COPY, for half of what an INSERT costs.

A JSON array of plain values is a line of CSV but for its brackets: strings stand in double quotes,
numbers and null are bare. So the encoder that is fast anyway makes the lines.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from functools import cache
from io import BytesIO
from typing import Any

from sqlalchemy import ARRAY, JSON, Connection, Table

from projections import row_io
from projections.read_model import CaseRows, ReadModel, Row

_ONLY_IN_JSON = (rb"\b", rb"\f", rb"\n", rb"\r", rb"\t", rb"\u")
"""Escapes that COPY would not take for one character. They are as good as never there."""


def write(
    connection: Connection, model: ReadModel, build_name: str, cases: Iterable[CaseRows]
) -> None:
    """Write every row of cases of which the build has none; the connection is translated to it."""
    for table, rows in row_io.changed_rows(model, cases):
        lines = csv_of(table, rows)
        if any(escape in lines for escape in _ONLY_IN_JSON):
            row_io.write_rows(connection, table, rows)
        else:
            cursor: Any = connection.connection.cursor()
            with cursor:
                cursor.copy_expert(_statement(table, build_name), BytesIO(lines))


def csv_of(table: Table, rows: Sequence[Row]) -> bytes:
    """The rows as lines with the values in the order of the columns; JSON's escapes are left."""
    lines = [list(row.values()) for row in rows]
    for place, as_text in _nested(table):
        for line in lines:
            line[place] = as_text(line[place])
    return row_io.ENCODER.encode_lines(lines)[1:-2].replace(b"]\n[", b"\n")


@cache
def _nested(table: Table) -> list[tuple[int, Callable[[Any], str | None]]]:
    """The columns whose values would be no plain ones, by place, and what makes them a text."""
    return [
        (place, _json_text if isinstance(column.type, JSON) else _array_text)
        for place, column in enumerate(table.columns)
        if isinstance(column.type, JSON | ARRAY)
    ]


def _json_text(value: Any) -> str | None:
    return None if value is None else row_io.ENCODER.encode(value).decode()


def _array_text(value: Any) -> str | None:
    return None if value is None else f"{{{row_io.ENCODER.encode(value)[1:-1].decode()}}}"


@cache
def _statement(table: Table, build_name: str) -> str:
    columns = ", ".join(f'"{column.name}"' for column in table.columns)
    # The lines are UTF-8, whatever encoding the connection has for the texts of its statements.
    options = r"FORMAT csv, ENCODING 'UTF8', NULL 'null', ESCAPE '\'"
    return f'COPY "{build_name}"."{table.name}" ({columns}) FROM STDIN ({options})'
