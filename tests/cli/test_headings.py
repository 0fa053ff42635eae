"""Headings of tables in two languages: every list that has a language, and nothing besides."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from importlib import import_module
from pathlib import Path
from typing import Any

from api.cli.headings import FIGURES, HEADINGS
from api.cli.words import LINES, PLAYBOOK_MARKS, STAND_INS
from api.promise_report import REPORT, promise_report_schemas
from api.satisfaction_report import satisfaction_schemas
from api.state_labels import PROMISE_STATES

CLI = Path(__file__).parents[2] / "api" / "cli"
SHARE = {"count", "of", "share"}
"""A share stands in the schema by its name."""


def in_a_language(path: Path) -> Iterator[str]:
    """The headings of the tables that a module shows in a language."""
    tree = ast.parse(path.read_text("utf-8"))
    calls = (node for node in ast.walk(tree) if isinstance(node, ast.Call))
    for call in calls:
        is_table = isinstance(call.func, ast.Name) and call.func.id == "show_table"
        if is_table and len(call.args) == 3:
            assert isinstance(call.args[0], ast.Name)
            yield from getattr(import_module(f"api.cli.{path.stem}"), call.args[0].id)


def names_in(schema: Any) -> Iterator[str]:
    """Every name of a field, however deep."""
    if isinstance(schema, dict):
        yield from schema.get("properties", {})
        for inner in schema.values():
            yield from names_in(inner)
    elif isinstance(schema, list):
        for inner in schema:
            yield from names_in(inner)


def test_every_heading_of_a_list_in_a_language_is_chinese_too_and_no_other() -> None:
    shown = {each for path in CLI.glob("*.py") for each in in_a_language(path)}

    assert shown == set(HEADINGS)
    assert all(not each.isascii() for each in HEADINGS.values())


def test_every_command_with_a_language_shows_its_tables_in_it() -> None:
    for path in CLI.glob("*.py"):
        source = path.read_text("utf-8")
        if "@language_option" in source and "COLUMNS" in source:
            assert set(in_a_language(path)), path.name


def test_every_figure_of_a_report_has_a_heading_and_no_other() -> None:
    reports = {**promise_report_schemas(), **satisfaction_schemas()}
    frame = set(REPORT.schema()["properties"]) | {"from", "to"}

    named = {name for each in reports.values() for name in names_in(each)} - frame | SHARE

    shown = {name for name in named if f"{name}_label" not in named}
    assert shown == set(FIGURES) | set(PROMISE_STATES)


def test_every_line_says_the_same_in_both_languages() -> None:
    for name, each in {**LINES, **STAND_INS}.items():
        values = re.findall(r"{\w+}", each.en)
        assert sorted(re.findall(r"{\w+}", each.zh)) == sorted(values), name
        assert each.en.isascii(), name
        assert not each.zh.isascii(), name


def test_what_became_of_a_step_differs_in_both_languages() -> None:
    for language in ("en", "zh"):
        marks = {each.in_language(language) for each in PLAYBOOK_MARKS.values()}
        assert len(marks) == len(PLAYBOOK_MARKS)
