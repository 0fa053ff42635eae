"""What is said about a field: every code has a sentence, and no sentence is left over."""

import ast
from collections.abc import Iterator
from pathlib import Path

from api.field_errors import CODES
from domain import events
from domain.kinds import Shape, fields_of

ROOT = Path(__file__).parents[2]
SPEAKERS = [
    path
    for room in ("api", "domain")
    for path in (ROOT / room).rglob("*.py")
    if path.name not in ("field_errors.py", "http_catalogue.py", "problem_catalogue.py")
]


def _texts(path: Path) -> Iterator[str]:
    """Every text in the code, a limit after a space cut off."""
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Constant) and isinstance(node.value, str):
            yield node.value.split(" ")[0]


def _faults(path: Path) -> Iterator[str]:
    """The codes of the faults that are raised in the code; those put together are left out."""
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Call) and getattr(node.func, "attr", "") in (
            "Fault",
            "InvalidValue",
        ):
            given = [*node.args, *(word.value for word in node.keywords if word.arg == "reason")]
            yield from (
                each.value.split(" ")[0]
                for each in given
                if isinstance(each, ast.Constant) and isinstance(each.value, str)
            )


def _reasons() -> Iterator[str]:
    """What the checks of plain values return; a code put together from parts is left out."""
    for node in ast.walk(ast.parse((ROOT / "domain" / "checking.py").read_text(encoding="utf-8"))):
        if isinstance(node, ast.Return):
            for each in ast.walk(node):
                found = each.value if isinstance(each, ast.Constant) else None
                if isinstance(found, str) and not found.endswith("_"):
                    yield found


def _shapes(owner: type) -> Iterator[str]:
    for field in fields_of(owner):
        if field.kind.is_nested:
            yield from _shapes(field.kind.base)
        elif shape := field.kind.mark(Shape):
            yield f"not_{shape.name}"


def test_every_fault_has_a_sentence() -> None:
    spoken = {code for path in SPEAKERS for code in _faults(path)} | set(_reasons())

    assert {"blank", "wrong_type", "out_of_range"} <= spoken
    assert spoken <= CODES


def test_every_shape_that_is_typed_has_a_sentence() -> None:
    spoken = {code for event in events.ALL for code in _shapes(event)}

    # Made by Amends itself.
    assert spoken - {"not_case_reference"} <= CODES


def test_no_sentence_is_left_over() -> None:
    shapes = {code for event in events.ALL for code in _shapes(event)}

    texts = {text for path in SPEAKERS for text in _texts(path)}

    assert texts | shapes >= CODES
