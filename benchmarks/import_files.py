"""Imports whole files into fresh databases and compares what is stored with what the files say.

    python -m benchmarks.import_files DATA [--json]

DATA holds `cfpb/*.csv.gz` and `uci_incident_log/*.csv.gz`. The counts of the files are made with
Python's csv module alone. For the incident log a case's figures are those of its last row in the
order of the file. Exits with 1 where anything differs.
"""

import csv
import gzip
import json
import resource
import sys
import tempfile
from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from sqlalchemy import Engine, text

from service.assembly import build
from service.embedded_postgres import database_for
from service.importers.report import ImportReport
from service.importers.running import Source, import_file
from service.migrating import migrate_database
from service.settings import Settings

Figures = dict[str, Any]

TITLES = {
    "outcome": (
        "Company response",
        "Company response to consumer",
        "company_response",
        "company_response_to_consumer",
    ),
    "timely": ("Timely response?", "timely_response", "timely"),
    "disputed": ("Consumer disputed?", "consumer_disputed?", "consumer_disputed"),
}

STORED = "SELECT originator_id, originator_version, convert_from(state, 'UTF8')::json AS said"
CFPB_CASES = f"{STORED} FROM events WHERE topic = 'case_imported:1'"
NEWEST_ENTRIES = f"""
SELECT DISTINCT ON (originator_id) said FROM ({STORED} FROM events) AS stored
WHERE originator_version > 1 ORDER BY originator_id, originator_version DESC
"""


@dataclass(frozen=True)
class Outcome:
    """One file: both runs over it, and its figures as counted here and as found in the store."""

    file: str
    first: ImportReport
    second: ImportReport
    memory_mib: int
    in_file: Figures
    in_store: Figures

    @property
    def agrees(self) -> bool:
        again = self.second.imported + self.second.entries
        return self.in_file == self.in_store and self.first.complete and again == 0

    def as_dict(self) -> dict[str, Any]:
        return {
            "file": self.file,
            "rows": self.first.rows,
            "cases": self.first.imported,
            "entries": self.first.entries,
            "seconds": self.first.seconds,
            "rows_per_second": round(self.first.rows_per_second),
            "seconds_again": self.second.seconds,
            "memory_mib": self.memory_mib,
            "in_file": self.in_file,
            "in_store": self.in_store,
            "agrees": self.agrees,
        }


def main(arguments: list[str]) -> int:
    folders = [argument for argument in arguments if argument != "--json"]
    if len(folders) != 1 or not (files := list(files_of(Path(folders[0])))):
        print("usage: python -m benchmarks.import_files DATA [--json]", file=sys.stderr)
        return 2
    outcomes = [_import(source, path) for source, path in files]
    if "--json" in arguments:
        print(json.dumps([outcome.as_dict() for outcome in outcomes], indent=2))
    else:
        _print(outcomes)
    return 0 if all(outcome.agrees for outcome in outcomes) else 1


def files_of(data: Path) -> Iterator[tuple[Source, Path]]:
    """The files in the folders of their sources."""
    for source, folder in ((Source.CFPB, "cfpb"), (Source.UCI_INCIDENTS, "uci_incident_log")):
        for path in sorted((data / folder).glob("*.csv.gz")):
            yield source, path


def _import(source: Source, path: Path) -> Outcome:
    """Import a file twice into a database of its own, which is durable as in production."""
    with (
        tempfile.TemporaryDirectory(prefix="amends-import-") as home,
        database_for(Settings(data_dir=Path(home))) as settings,
    ):
        migrate_database(settings)
        service = build(settings)
        try:
            first, second = (import_file(source, path, service) for _ in range(2))
            memory_mib = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss // 1024
            count_file, count_store = _COUNTING[source]
            in_file, in_store = count_file(_rows(path)), count_store(service.engine)
        finally:
            service.engine.dispose()
    return Outcome(path.name, first, second, memory_mib, in_file, in_store)


def _rows(path: Path) -> Iterator[dict[str, str]]:
    with gzip.open(path, "rt", newline="", encoding="utf-8") as file:
        yield from csv.DictReader(file)


def _cfpb_file(rows: Iterator[dict[str, str]]) -> Figures:
    counts: dict[str, Counter[str]] = {name: Counter() for name in TITLES}
    for row in rows:
        for name, titles in TITLES.items():
            value = next(row[title] for title in titles if title in row)
            counts[name]["" if value == "N/A" else value] += 1
    return {"cases": counts["outcome"].total(), **counts}


def _cfpb_store(engine: Engine) -> Figures:
    answers = {True: "Yes", False: "No", None: ""}
    counts: dict[str, Counter[str]] = {name: Counter() for name in TITLES}
    for said in _said(engine, CFPB_CASES):
        counts["outcome"][said.get("outcome", "")] += 1
        counts["timely"][answers[said.get("timely")]] += 1
        counts["disputed"][answers[said.get("disputed")]] += 1
    return {"cases": counts["outcome"].total(), **counts}


def _uci_file(rows: Iterator[dict[str, str]]) -> Figures:
    last = {row["number"]: row for row in rows}
    return {
        "cases": len(last),
        "reopenings": sum(int(row["reopen_count"]) for row in last.values()),
        "made_sla": sum(row["made_sla"] == "true" for row in last.values()),
        "states": Counter(row["incident_state"] for row in last.values()),
    }


def _uci_store(engine: Engine) -> Figures:
    newest = list(_said(engine, NEWEST_ENTRIES))
    return {
        "cases": len(newest),
        "reopenings": sum(said["reopen_count"] for said in newest),
        "made_sla": sum(said["timely"] for said in newest),
        "states": Counter(said["source_state"] for said in newest),
    }


_COUNTING = {
    Source.CFPB: (_cfpb_file, _cfpb_store),
    Source.UCI_INCIDENTS: (_uci_file, _uci_store),
}


def _said(engine: Engine, statement: str) -> Iterator[Mapping[str, Any]]:
    with engine.connect() as connection:
        for row in connection.execute(text(statement)).mappings():
            yield row["said"]


def _print(outcomes: list[Outcome]) -> None:
    titles = ("rows", "events", "s", "rows/s", "again s", "MiB")
    print(f"{'file':<52}", *(f"{title:>7}" for title in titles))
    for each in outcomes:
        numbers = (
            f"{each.first.rows}",
            f"{each.first.imported + each.first.entries}",
            f"{each.first.seconds:.1f}",
            f"{each.first.rows_per_second:.0f}",
            f"{each.second.seconds:.1f}",
            f"{each.memory_mib}",
        )
        verdict = "agrees" if each.agrees else "DIFFERS"
        print(f"{each.file:<52}", *(f"{number:>7}" for number in numbers), "", verdict)
        for name, figure in each.in_file.items():
            shown = dict(figure) if isinstance(figure, Counter) else figure
            print(f"    {name}: {shown}")
            if each.in_store[name] != figure:
                print(f"    {name} in the store: {each.in_store[name]}")


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
