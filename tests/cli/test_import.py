"""Importing from the command line: what is told, and the exit code."""

import json
from pathlib import Path

import pytest

from tests.cli.conftest import Run

DATA = Path(__file__).parents[1] / "data"


@pytest.mark.parametrize(
    ("source", "file"),
    [("cfpb", "cfpb_2014.csv"), ("uci-incidents", "uci_incidents_excerpt.csv")],
)
def test_an_import_twice(run: Run, source: str, file: str) -> None:
    first = run("import", source, str(DATA / file), "--json")
    again = run("import", source, str(DATA / file), "--json")

    assert (first.exit_code, again.exit_code) == (0, 0)
    assert json.loads(first.stdout)["imported"] > 0
    assert json.loads(again.stdout)["imported"] == 0
    assert json.loads(again.stdout)["entries"] == 0
    assert len(run("export", "-").stdout.splitlines()) > 0


def test_a_summary_for_people(run: Run) -> None:
    result = run("import", "cfpb", str(DATA / "cfpb_2014.csv"))

    assert result.stdout.startswith("cfpb_2014.csv: 14 rows, 14 cases imported")
    assert result.stdout.count("\n") == 1


def test_rows_that_cannot_be_read_are_listed(run: Run, tmp_path: Path) -> None:
    lines = (DATA / "cfpb_2014.csv").read_text(encoding="utf-8").splitlines()
    broken = tmp_path / "broken.csv"
    broken.write_text("\n".join([*lines[:3], "a,b,c", *lines[3:]]) + "\n", encoding="utf-8")

    result = run("import", "cfpb", str(broken))

    assert result.exit_code == 1
    assert "14 cases imported" in result.stdout
    assert result.stderr.startswith("broken.csv:4: ")


def test_a_file_of_another_kind_is_refused(run: Run) -> None:
    result = run("import", "cfpb", str(DATA / "uci_incidents_excerpt.csv"))

    assert result.exit_code == 2
    assert result.stderr.startswith("amends: uci_incidents_excerpt.csv: columns missing")
    assert run("export", "-").stdout == ""


def test_a_file_that_is_not_there(run: Run) -> None:
    result = run("import", "cfpb", "no-such-file.csv")

    assert result.exit_code == 2
    assert "does not exist" in result.stderr
