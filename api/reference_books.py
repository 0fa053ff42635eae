"""The reference books over HTTP: names, entries, versions, in both languages."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final

from api.errors import Problem
from api.routes import Answer, Call, Route
from domain.reference_books import (
    CURRENT_EDITION,
    Book,
    Entry,
    Labels,
    UnknownBook,
    UnknownVersion,
    book,
    edition,
    versions,
)

_MAX_VERSION: Final = 1_000_000


def list_books(call: Call) -> Answer:
    """Every book of the current edition, without its entries."""
    current = edition(CURRENT_EDITION)
    items = [_about(found) for _, found in sorted(current.books.items())]
    return Answer({"edition": current.number, "items": items})


def show_book(call: Call, name: str) -> Answer:
    """The newest version of a book."""
    try:
        return Answer(_whole(book(name, versions(name)[-1])))
    except UnknownBook:
        raise Problem("book_not_found") from None


def show_book_version(call: Call, name: str, version: int) -> Answer:
    """One version of a book; a version never changes."""
    try:
        return Answer(_whole(book(name, version)))
    except (UnknownBook, UnknownVersion):
        raise Problem("book_not_found") from None


def _about(found: Book) -> dict[str, Any]:
    return {
        "name": found.name,
        "version": found.version,
        "versions": list(versions(found.name)),
        "title": _labels(found.title),
        "source": found.source,
        "parent_book": found.parent_book,
        "codes": len(found.entries),
        "links": {"self": f"/v1/reference-books/{found.name}"},
    }


def _whole(found: Book) -> dict[str, Any]:
    return {**_about(found), "entries": [_entry(entry) for entry in found.entries]}


def _entry(entry: Entry) -> dict[str, Any]:
    return {
        "code": entry.code,
        "labels": _labels(entry.labels),
        "parent": entry.parent,
        "details": _plain(entry.details),
    }


def _labels(found: Labels) -> dict[str, str]:
    return {"en": found.en, "zh": found.zh}


def _plain(value: Any) -> Any:
    if isinstance(value, Mapping):
        return {name: _plain(inner) for name, inner in value.items()}
    if isinstance(value, tuple):
        return [_plain(inner) for inner in value]
    return value


BOOK_ROUTES: Final = (
    Route(
        method="GET",
        path="/v1/reference-books",
        name="list_books",
        summary="The reference books of the current edition.",
        tag="Reference books",
        view=list_books,
        shows="ReferenceBookList",
    ),
    Route(
        method="GET",
        path="/v1/reference-books/<name>",
        name="show_book",
        summary="The newest version of a reference book, in English and Chinese.",
        tag="Reference books",
        view=show_book,
        shows="ReferenceBook",
    ),
    Route(
        method="GET",
        path=f"/v1/reference-books/<name>/versions/<int(max={_MAX_VERSION}):version>",
        name="show_book_version",
        summary="One version of a reference book; it never changes.",
        tag="Reference books",
        view=show_book_version,
        shows="ReferenceBook",
    ),
)
