"""Runs the rules of early warning over real histories, as if they had been watched at the time.

    python -m benchmarks.warning_real DATA

DATA holds `cfpb/*.csv.gz` and `uci_incident_log/*.csv.gz`. Each file is imported into a database of
its own and replayed by the times that it tells. Prints one line for each alarm.
"""

import sys
import tempfile
from pathlib import Path

from benchmarks.import_files import files_of
from domain.early_warning.rules import rules_of
from projections.event_log import EventLog
from projections.read_model import Row
from projections.warning_backtest import FactsOfLog, WouldRaise, backtest
from service.assembly import build
from service.embedded_postgres import database_for
from service.importers.running import Source, import_file
from service.migrating import migrate_database
from service.settings import Settings


def main(arguments: list[str]) -> int:
    if len(arguments) != 1 or not (files := list(files_of(Path(arguments[0])))):
        print("usage: python -m benchmarks.warning_real DATA", file=sys.stderr)
        return 2
    for source, path in files:
        facts = _facts(source, path)
        days = sorted({row["occurred_at"].date() for row in facts})
        cases = sum(row["indicator"] == "complaints_imported" for row in facts)
        print(f"{path.name}: {cases:,} cases, {days[0]} to {days[-1]}, {len(days)} days with facts")
        for found in _replayed(facts):
            print(_line(found))
    return 0


def _facts(source: Source, path: Path) -> list[Row]:
    with (
        tempfile.TemporaryDirectory(prefix="amends-warnings-") as home,
        database_for(Settings(data_dir=Path(home))) as settings,
    ):
        migrate_database(settings)
        service = build(settings)
        try:
            import_file(source, path, service)
            return FactsOfLog(EventLog(service.recorder, service.mapper)).read()
        finally:
            service.engine.dispose()


def _replayed(facts: list[Row]) -> list[WouldRaise]:
    times = sorted(row["occurred_at"] for row in facts)
    rules = rules_of().values()
    return backtest(rules, facts, since=times[0], until=times[-1], as_occurred=True)


def _line(found: WouldRaise) -> str:
    finding = found.finding
    expected = "" if finding.expected is None else f"{finding.expected:9.2f}"
    figures = f"{finding.value:9.2f} {expected} {finding.count:6}"
    return f"  {found.at:%Y-%m-%d %H}h {found.rule.code:<34} {figures}  {found.scope_value or ''}"


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
