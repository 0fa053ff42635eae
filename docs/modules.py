"""The map of the code: every package and module with the sentence that it begins with."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from pathlib import Path

ROOT = Path(__file__).parents[1]
ROOMS = ("domain", "service", "projections", "api")


def modules() -> Iterator[str]:
    """The page, line by line: a heading for each package, a row for each of its modules."""
    yield "# Modules\n"
    yield "Where a line of code is found, or belongs: each package, and each module in it, with"
    yield "what it holds. How the rooms work together: [architecture](../architecture.md)."
    for room in ROOMS:
        for package in sorted(ROOT.glob(f"{room}/**/__init__.py")):
            yield from _package(package.parent)


def _package(folder: Path) -> Iterator[str]:
    yield f"\n## {folder.relative_to(ROOT).as_posix()}\n"
    yield _first_sentence(folder / "__init__.py")
    files = [each for each in sorted(folder.glob("*.py")) if each.stem != "__init__"]
    if files:
        yield "\n| Module | Holds |\n|---|---|"
    for file in files:
        yield f"| `{file.stem}` | {_first_sentence(file).replace('|', '/')} |"


def _first_sentence(file: Path) -> str:
    """The first paragraph of a module's docstring, on one line."""
    told = ast.get_docstring(ast.parse(file.read_text(encoding="utf-8"))) or ""
    return " ".join(told.partition("\n\n")[0].split())
