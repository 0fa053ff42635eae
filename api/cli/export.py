"""`amends export`: every event as it is stored, or whole cases for process mining."""

from collections.abc import Iterator
from typing import Any

import click
import msgspec

from api.cli.exits import CommandError, Exit
from api.cli.files import writing_to
from api.cli.mining import (
    FORMATS,
    count_events,
    export_cases,
    mining_options,
    require_none,
    require_period,
)
from api.cli.opening import open_service
from api.cli.output import progress, say
from service.assembly import Service
from service.event_store import RecordedEvent

PAGE_SIZE = 2_000
_JSON = msgspec.json.Decoder()


@click.command("export")
@click.argument("file", type=click.Path(dir_okay=False, allow_dash=True))
@click.option(
    "--format",
    "form",
    type=click.Choice(["events", *FORMATS]),
    default="events",
    show_default=True,
    help="The stored events, or a log for process mining.",
)
@mining_options
def command(file: str, form: str, **options: Any) -> int:
    """Write all events to FILE, one JSON object per line in log order; `-` is standard output.

    Personal text stays sealed: the file holds ciphertext only, and no keys. The state of an
    event is byte for byte what is stored. The exit code is 1 where a transaction that is still
    open holds newer events back: they are missing at the end.

    `--format xes` and `--format ocel2` write whole cases for process mining instead (XES, or OCEL
    2.0 as JSON), which the other options choose and name. No text of a person is in there, and
    customers and staff have pseudonyms.
    """
    if form == "events":
        require_none(options)
        return _export_events(file)
    require_period(options["began_from"], options["began_to"])
    with open_service() as service, writing_to(file) as write:
        return export_cases(service, write, form, options)


def _export_events(file: str) -> int:
    with open_service() as service, writing_to(file) as write, progress("Exporting") as tell:
        total = count_events(service)
        written = last = 0
        for event in _events(service):
            write(line_of(event))
            written, last = written + 1, event.id
            if written % PAGE_SIZE == 0:
                tell(written, total, f"{written:,} events")
    say(f"Exported {written:,} events" + (f", the last one at position {last}." if last else "."))
    if written < total:
        say(f"{total - written:,} newer events are held back; `amends doctor` names who does it.")
    return Exit.FOUND if written < total else Exit.OK


def line_of(event: RecordedEvent) -> bytes:
    """One event as a line of JSON; its state is put in as it is, not written anew.

    An event of a newer version is written like any other. Raises CommandError where the state is
    no JSON: the line would not be any either.
    """
    try:
        _JSON.decode(event.state)
    except ValueError:
        raise CommandError(
            Exit.REFUSED,
            f"the state of {event.topic} at position {event.id} is not JSON",
            "The export is not complete. `amends store check` names every damaged event.",
        ) from None
    row = {
        "position": event.id,
        "recorded_at": event.recorded_at,
        "case_id": event.originator_id,
        "version": event.originator_version,
        "event": event.topic,
        "state": msgspec.Raw(event.state),
    }
    return msgspec.json.encode(row) + b"\n"


def _events(service: Service) -> Iterator[RecordedEvent]:
    after = -1
    while True:
        page = service.recorder.read_page(after, PAGE_SIZE)
        yield from page.events
        if len(page.events) < PAGE_SIZE:
            return
        after = page.events[-1].id
