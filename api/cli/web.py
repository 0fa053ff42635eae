"""`amends web`: the web server alone, for machines where the worker runs elsewhere."""

import socket
import sys

import click
import structlog

from api.cli.exits import Exit
from api.cli.listening import base_url, claim_port
from api.cli.opening import read_settings
from api.cli.start_checks import require_own_store
from api.web_server import WebServer
from service.embedded_postgres import database_for
from service.hearing import require_classifier
from service.logging import configure_logging
from service.settings import Settings

SUPERVISED_GRACEFUL_SECONDS = 5


@click.command("web")
@click.option("--host", help="Address to listen on, instead of AMENDS_HOST.")
@click.option("--port", type=click.IntRange(1, 65_535), help="Instead of AMENDS_PORT or PORT.")
@click.option("--listener", type=int, hidden=True, help="File number of the supervisor's socket.")
@click.option("--parent", type=int, hidden=True, help="Process id of the supervisor.")
def command(host: str | None, port: int | None, listener: int | None, parent: int | None) -> int:
    """Serve HTTP until stopped.

    SIGTERM ends it after the requests under way; SIGHUP replaces its processes one by one. It
    does not migrate the database: run `amends migrate` first.
    """
    settings = read_settings(host=host, port=port)
    configure_logging(settings)
    if listener is not None:
        changes = {"bind": f"fd://{listener}", "graceful_timeout": SUPERVISED_GRACEFUL_SECONDS}
        return _serve(settings, parent, **changes)
    with claim_port(settings) as bound:
        return _serve(settings, parent, bind=f"fd://{_own_copy(bound)}")


def _own_copy(bound: socket.socket) -> int:
    """A file number that gunicorn may close when it has taken the socket over."""
    return bound.dup().detach()


def _serve(settings: Settings, parent: int | None, **changes: object) -> int:
    require_classifier(settings)
    with database_for(settings) as settings:
        require_own_store(settings)
        structlog.get_logger("amends.web").info("web_started", address=base_url(settings))
        interrupted = WebServer(settings, **changes).serve(parent)
    sys.stdout.flush()
    return Exit.INTERRUPTED if interrupted else Exit.OK
