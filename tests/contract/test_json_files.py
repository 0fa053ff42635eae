"""Files of words and books: a name that stands twice would silently hide the first one."""

from __future__ import annotations

import json
from collections import Counter
from pathlib import Path
from typing import Any

import pytest

ROOT = Path(__file__).parents[2]
FILES = sorted(
    path
    for room in ("api", "projections", "service", "domain")
    for path in (ROOT / room).rglob("*.json")
)


def object_without_doubles(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    doubled = [name for name, count in Counter(name for name, _ in pairs).items() if count > 1]
    assert not doubled, f"stands twice: {doubled}"
    return dict(pairs)


@pytest.mark.parametrize("path", FILES, ids=lambda path: str(path.relative_to(ROOT)))
def test_no_name_stands_twice_in_an_object(path: Path) -> None:
    written = path.read_text(encoding="utf-8")

    read = json.loads(written, object_pairs_hook=object_without_doubles)

    assert read


def test_the_files_are_found() -> None:
    assert ROOT / "api" / "reports" / "words.json" in FILES
