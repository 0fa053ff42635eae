"""`amends import`: take over history from other systems."""

from pathlib import Path

import click

from api.cli.exits import CommandError, Exit
from api.cli.opening import open_service
from api.cli.output import json_option, progress, say, show, show_json
from service.assembly import Service
from service.importers.columns import FileRefused
from service.importers.report import ImportReport, Progress
from service.importers.running import Source, import_file

LISTED_MAX = 20


@click.command("import")
@click.argument("source", type=click.Choice(["cfpb", "uci-incidents"]))
@click.argument("file", type=click.Path(exists=True, dir_okay=False, readable=True, path_type=Path))
@json_option
def command(source: str, file: Path, as_json: bool) -> int:
    """Import complaints (cfpb) or incidents (uci-incidents) from FILE, a CSV, packed or not.

    Rows that cannot be read are listed with their line and leave nothing behind; the exit code
    is then 1. Importing a file twice adds nothing, and an interrupted import goes on where it
    stopped.
    """
    with open_service() as service:
        report = run_import(Source(source), file, service)
    if as_json:
        show_json(report.as_dict())
    else:
        _show(report)
    return Exit.OK if report.complete else Exit.FOUND


def run_import(source: Source, file: Path, service: Service) -> ImportReport:
    """Import with a progress bar. Raises CommandError where the file is no such file."""
    with progress(f"Importing {file.name}") as tell:

        def on_progress(now: Progress) -> None:
            tell(now.bytes_read, now.bytes_total, f"{now.rows:,} rows")

        try:
            return import_file(source, file, service, on_progress)
        except KeyboardInterrupt:
            say("Interrupted. What was imported stays; run it again to go on.")
            raise
        except FileRefused as refused:
            raise CommandError(
                Exit.USAGE, f"{file.name}: {refused}", "Nothing was imported."
            ) from None


def _show(report: ImportReport) -> None:
    show(
        f"{report.file}: {report.rows:,} rows, {report.imported:,} cases imported, "
        f"{report.entries:,} log entries added, {report.already_known:,} rows known before, "
        f"{report.rows_per_second:,.0f} rows/s"
    )
    faults = [f"{row.file}:{row.line}: {row.reason}" for row in report.unreadable]
    faults += [f"{row.file}:{row.line}: changed since it was imported" for row in report.changed]
    for line in faults[:LISTED_MAX]:
        say(line)
    if len(faults) > LISTED_MAX:
        say(f"and {len(faults) - LISTED_MAX:,} more; --json lists them all")
    if report.stopped:
        say(f"{report.file}: the rest cannot be read: {report.stopped}")
