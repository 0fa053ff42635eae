"""What the JSON of reviews, decisions and corrective actions is made of."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

from api.json_body import rfc3339
from api.json_schema import TEXT, Json
from domain.book import Edition
from domain.records import Record


def labelled(books: Edition, name: str, book: str, code: str, language: str) -> dict[str, str]:
    """A code, and what it is called in the language of the reader."""
    return {name: code, f"{name}_label": books.label_or_code(book, code, language)}


def amount(value: Decimal) -> str:
    """Without an exponent."""
    return format(value, "f")


def percent(value: Decimal | None) -> str | None:
    """Without an exponent and trailing zeros."""
    return None if value is None else format(value.normalize(), "f")


def recorded(record: Record) -> dict[str, Any]:
    """Who recorded it and when, by the caller's clock."""
    by = {"id": record.actor.id, "kind": record.actor.kind.value}
    return {"at": rfc3339(record.occurred_at), "by": by}


def code_schema(name: str) -> dict[str, Json]:
    """The properties of a code with its label."""
    return {name: TEXT, f"{name}_label": TEXT}
