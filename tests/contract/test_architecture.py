"""The shape of the code base: four rooms, imports point down, the domain stays pure."""

import ast
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
from click.testing import CliRunner
from importlinter.cli import lint_imports_command

ROOT = Path(__file__).parents[2]
ROOMS = ("domain", "service", "projections", "api")  # from the lowest to the highest
DOMAIN_MAY_IMPORT = {*sys.stdlib_module_names, "domain", "eventsourcing"}


def _imports(path: Path) -> Iterator[tuple[int, str]]:
    """Line and top-level name of every import in a file, those inside functions too."""
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Import):
            yield from ((node.lineno, alias.name.partition(".")[0]) for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            yield node.lineno, "." if node.level else (node.module or "").partition(".")[0]


def _offences(room: str, allowed: set[str] | None, refused: set[str]) -> list[str]:
    return [
        f"{path.relative_to(ROOT)}:{line} imports {name}"
        for path in sorted((ROOT / room).rglob("*.py"))
        for line, name in _imports(path)
        if name in refused or (allowed is not None and name not in allowed)
    ]


def test_the_import_contracts_hold(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(ROOT)
    # It would turn off every other logger for the tests that follow.
    monkeypatch.setattr("importlinter.cli.logging_config.dictConfig", lambda config: None)

    result = CliRunner().invoke(lint_imports_command, ["--no-cache"])

    assert result.exit_code == 0, result.output


@pytest.mark.parametrize("room", ROOMS)
def test_no_room_imports_a_higher_one(room: str) -> None:
    higher = set(ROOMS[ROOMS.index(room) + 1 :]) | {"tests", "benchmarks"}

    assert _offences(room, None, higher) == []


def test_the_domain_imports_only_the_standard_library_and_eventsourcing() -> None:
    assert _offences("domain", DOMAIN_MAY_IMPORT, set()) == []


@pytest.mark.parametrize("room", ROOMS)
def test_only_the_settings_read_the_environment(room: str) -> None:
    readers = [
        str(path.relative_to(ROOT))
        for path in sorted((ROOT / room).rglob("*.py"))
        if _reads_environment(ast.parse(path.read_text(encoding="utf-8")))
    ]

    # The embedded server hands its environment on, without looking into it.
    assert set(readers) <= {"service/settings.py", "service/postgres_cluster.py"}


def _reads_environment(tree: ast.Module) -> bool:
    names = {"environ", "environb", "getenv"}
    return any(
        isinstance(node, ast.Attribute) and node.attr in names and ast.unparse(node.value) == "os"
        for node in ast.walk(tree)
    )


def test_nobody_takes_the_environment_out_of_its_module() -> None:
    takers = [
        f"{path.relative_to(ROOT)}:{node.lineno}"
        for room in ROOMS
        for path in sorted((ROOT / room).rglob("*.py"))
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8")))
        if isinstance(node, ast.ImportFrom) and node.module == "os"
    ]

    assert takers == []


def test_every_file_says_in_its_first_line_what_it_is_for() -> None:
    silent = [
        str(path.relative_to(ROOT))
        for room in (*ROOMS, "tests", "benchmarks")
        for path in sorted((ROOT / room).rglob("*.py"))
        if not ast.get_docstring(ast.parse(path.read_text(encoding="utf-8")))
    ]

    assert silent == []
