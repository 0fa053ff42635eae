"""`amends serve`: everything on one machine, database included, until Ctrl-C."""

import os
import socket
import time
from collections.abc import Callable
from http import HTTPStatus
from http.client import HTTPConnection, HTTPException
from urllib.parse import urlsplit

import click

from api.cli import demo
from api.cli.database_watch import DatabaseWatch
from api.cli.listening import base_url, claim_port
from api.cli.opening import read_settings
from api.cli.output import say
from api.cli.processes import only_one
from api.cli.start_checks import require_own_store
from api.cli.supervisor import Part, own_command, supervise
from service.embedded_postgres import database_for
from service.logging import configure_logging
from service.migrating import migrate_database
from service.settings import Settings

PROBE_TIMEOUT_SECONDS = 1.0
PATIENT_SECONDS = 15.0


@click.command("serve")
@click.option("--host", help="Address to listen on, instead of AMENDS_HOST.")
@click.option("--port", type=click.IntRange(1, 65_535), help="Instead of AMENDS_PORT or PORT.")
@click.option("--demo", "with_demo", is_flag=True, help="With real complaints and two tokens.")
def command(host: str | None, port: int | None, with_demo: bool) -> int:
    """Run web server and worker together, with an embedded PostgreSQL unless
    AMENDS_DATABASE_URL names one. Migrates first.

    Ctrl-C or SIGTERM stops all of it: requests under way are finished, then the worker's page,
    then the database. A process that dies is started again.
    """
    settings = read_settings(host=host, port=port)
    configure_logging(settings)
    with only_one(settings), claim_port(settings) as bound, database_for(settings) as ready:
        migrate_database(ready)
        require_own_store(ready)
        tell = demo.prepare(ready) if with_demo else _tell_address(ready)
        with DatabaseWatch(ready, settings.embedded) as watch:
            code = supervise(_parts(bound, settings), _probe(settings), tell, watch.check)
    say("Everything is stopped.")
    return code


def _parts(bound: socket.socket, settings: Settings) -> list[Part]:
    program, parent = own_command(), ["--parent", str(os.getpid())]
    where = ["--host", settings.host, "--port", str(settings.port)]
    web = [*program, "web", *where, "--listener", str(bound.fileno()), *parent]
    return [
        Part("web server", web, file_numbers=(bound.fileno(),)),
        Part("worker", [*program, "worker", *parent]),
    ]


def _probe(settings: Settings) -> Callable[[], bool]:
    """Asks /readyz: true once lists and reports work too, or at least the rest after a while."""
    host = str(urlsplit(base_url(settings)).hostname)
    patient_until = time.monotonic() + PATIENT_SECONDS

    def is_ready() -> bool:
        connection = HTTPConnection(host, settings.port, timeout=PROBE_TIMEOUT_SECONDS)
        try:
            connection.request("GET", "/readyz")
            answer = connection.getresponse()
            complete = b'"degraded"' not in answer.read()
        except (OSError, HTTPException):
            return False
        finally:
            connection.close()
        late = time.monotonic() > patient_until
        return answer.status == HTTPStatus.OK and (complete or late)

    return is_ready


def _tell_address(settings: Settings) -> Callable[[], None]:
    return lambda: say(f"Amends is ready at {base_url(settings)} (Ctrl-C stops it).")
