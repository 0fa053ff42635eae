"""What a reference book and an edition are, and how a book is read from its file."""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property
from types import MappingProxyType
from typing import Any, Final

CODE_PATTERN: Final = re.compile(r"[a-z][a-z0-9_]*")
# Two books hold codes that others have standardised: they keep the standard's spelling.
STANDARD_CODE_PATTERNS: Final[Mapping[str, re.Pattern[str]]] = MappingProxyType(
    {
        "currencies": re.compile(r"[A-Z]{3}"),  # ISO 4217
        "languages": re.compile(r"[a-z]{2,3}(-[A-Z][a-z]{3})?(-[A-Z]{2})?"),  # BCP 47
    }
)


class ReferenceBookError(ValueError):
    """Something was asked of the reference books that they do not hold."""


class UnknownBook(ReferenceBookError):
    """No reference book has this name."""


class UnknownVersion(ReferenceBookError):
    """The book exists, but not in this version."""


class UnknownEdition(ReferenceBookError):
    """No edition of the reference books has this number."""


class UnknownCode(ReferenceBookError):
    """The book has no entry with this code."""


class MalformedBook(ReferenceBookError):
    """A book's file breaks the rules that all books keep."""


@dataclass(frozen=True)
class Labels:
    """What people read instead of a code, in English and in simplified Chinese."""

    en: str
    zh: str

    def in_language(self, language: str) -> str:
        """The Chinese label for any Chinese language tag (BCP 47), else the English one."""
        return self.zh if is_chinese(language) else self.en


@dataclass(frozen=True)
class Entry:
    """One code of a book. `details` is read-only; each book's accessor says its shape."""

    code: str
    labels: Labels
    parent: str | None
    details: Mapping[str, Any]


@dataclass(frozen=True)
class Book:
    """One version of one book; `source` names the requirements it serves, `entries` are in order.

    `parent_book` names the book in which the parents of the entries are found.
    """

    name: str
    version: int
    title: Labels
    source: str
    parent_book: str | None
    entries: tuple[Entry, ...]

    @cached_property
    def by_code(self) -> Mapping[str, Entry]:
        return MappingProxyType({entry.code: entry for entry in self.entries})

    @cached_property
    def codes(self) -> frozenset[str]:
        return frozenset(self.by_code)

    def entry(self, code: str) -> Entry:
        """The entry of a code. Raises UnknownCode."""
        try:
            return self.by_code[code]
        except KeyError:
            raise UnknownCode(f"The book {self.name} v{self.version} lacks this code.") from None

    def label(self, code: str, language: str) -> str:
        """What to show for a code. Raises UnknownCode."""
        return self.entry(code).labels.in_language(language)

    def children(self, parent: str) -> tuple[Entry, ...]:
        """The entries under a parent code, in order."""
        return tuple(entry for entry in self.entries if entry.parent == parent)


@dataclass(frozen=True)
class Edition:
    """The books that were valid together. A case keeps the edition of its first event."""

    number: int
    books: Mapping[str, Book]

    def book(self, name: str) -> Book:
        """The book of that name in this edition. Raises UnknownBook."""
        try:
            return self.books[name]
        except KeyError:
            raise UnknownBook(f"Edition {self.number} has no book of this name.") from None

    def has(self, book: str, code: str) -> bool:
        """Whether the book of that name lists the code. Raises UnknownBook."""
        return code in self.book(book).codes

    def entry(self, book: str, code: str) -> Entry:
        """The entry of a code in a book. Raises UnknownBook, UnknownCode."""
        return self.book(book).entry(code)

    def label(self, book: str, code: str, language: str) -> str:
        """What to show for a code. Raises UnknownBook, UnknownCode."""
        return self.book(book).label(code, language)

    def label_or_code(self, book: str, code: str, language: str) -> str:
        """The same; a code that another edition knows stands for itself."""
        known = book in self.books and self.has(book, code)
        return self.label(book, code, language) if known else code


def read_book(content: Mapping[str, Any]) -> Book:
    """A book from the content of its file. Raises MalformedBook."""
    try:
        read = Book(
            name=content["name"],
            version=content["version"],
            title=Labels(**content["title"]),
            source=content["source"],
            parent_book=content.get("parent_book"),
            entries=tuple(_read_entry(row) for row in content["entries"]),
        )
    except (KeyError, TypeError) as missing:
        raise MalformedBook("A reference book lacks a field or has one too many.") from missing
    _check(read)
    return read


def _read_entry(row: Mapping[str, Any]) -> Entry:
    details: Mapping[str, Any] = _frozen(row.get("details", {}))
    return Entry(row["code"], Labels(**row["labels"]), row.get("parent"), details)


def _frozen(value: Any) -> Any:
    if isinstance(value, dict):
        return MappingProxyType({key: _frozen(inner) for key, inner in value.items()})
    if isinstance(value, list):
        return tuple(_frozen(inner) for inner in value)
    return value


def _check(read: Book) -> None:
    pattern = STANDARD_CODE_PATTERNS.get(read.name, CODE_PATTERN)
    if len(read.codes) != len(read.entries):
        raise MalformedBook(f"The book {read.name} v{read.version} lists a code twice.")
    if not all(pattern.fullmatch(code) for code in read.codes):
        raise MalformedBook(f"The book {read.name} v{read.version} has a code out of pattern.")


def is_chinese(language: str) -> bool:
    """Whether a language tag (BCP 47) means Chinese: zh, zh-CN, zh-Hant-HK, yue ..."""
    return language.replace("_", "-").lower().split("-")[0] in {"zh", "yue"}
