"""Personal text is opened in few places, and each of them records who looked, or shows nobody."""

from __future__ import annotations

import ast
from pathlib import Path

ROOT = Path(__file__).parents[2]
ROOMS = ("domain", "service", "projections", "api")

OPENS = {
    "domain/checking.py": "checks what a caller typed, before anything is stored",
    "domain/personal.py": "compares two texts",
    "domain/promising.py": "checks whether a promise that a caller typed says anything",
    "service/hearing.py": "hears anger in what a caller typed, before it is sealed",
    "service/mapper.py": "seals what a caller typed",
    "projections/search_tokens.py": "makes keyed tokens of it",
    "api/rendering.py": "shows it by HTTP and on the command line; the witness notes it",
}
"""Every file that opens a personal text, and why. A new one must record the access first:
see docs/decisions/0088-who-looked.md."""

MAKES_READERS = {
    "api/routes.py",
    "api/case_json.py",
    "api/cli/audit_pack.py",
    "api/cli/looking.py",
    "api/cli/report.py",
}
"""`Call.reader`, whose witness is recorded; the reader of a case that says nothing; and that of the
command line's report, which has no roles and no texts to show.

`looked_at` records what commands show. `Call.again` renders a second time what `Call.reader` has
seen; only the export and packs do so. The command that takes a pack does the same for itself, and
the one that writes a background file reads its words again after `looked_at` has recorded them.
"""


def calls(name: str) -> set[str]:
    """The files in which something of this name is called."""
    found = set()
    for room in ROOMS:
        for file in sorted((ROOT / room).rglob("*.py")):
            for node in ast.walk(ast.parse(file.read_text("utf-8"))):
                if isinstance(node, ast.Call) and _name(node.func) == name:
                    found.add(str(file.relative_to(ROOT)))
    return found


def _name(called: ast.expr) -> str:
    if isinstance(called, ast.Attribute):
        return called.attr
    return called.id if isinstance(called, ast.Name) else ""


def test_texts_are_opened_only_where_it_is_known_why() -> None:
    assert calls("reveal") == set(OPENS)


def test_readers_are_made_where_what_they_see_is_recorded() -> None:
    assert calls("Reader") == MAKES_READERS
    assert calls("WordedReader") == {
        "api/routes.py",
        "api/cli/audit_pack.py",
        "api/cli/background_file.py",
    }
    twice = {"api/subject_export.py", "api/audit_pack.py", "api/background_file.py"}
    assert calls("again") | calls("again_in_words") <= twice
