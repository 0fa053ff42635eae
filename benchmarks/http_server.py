"""Runs one contestant under gunicorn, with the settings that the service itself uses."""

from __future__ import annotations

import os
import sys
from pathlib import Path

from flask import Flask

from api.web_server import WebServer
from benchmarks.bare_view import bare_app
from service.logging import configure_logging
from service.settings import Settings


class BareServer(WebServer):
    """The same gunicorn settings around the bare view, which has no counters to share."""

    def load(self) -> Flask:
        return bare_app(os.environ["BARE_DATABASE_URL"])


def main(contestant: str, log: Path) -> None:
    """Serve until stopped; log lines go to a file, as they would go to a collector."""
    settings = Settings.from_environment()
    with log.open("a", encoding="utf-8") as stream:
        configure_logging(settings, stream)
        if contestant == "amends":
            WebServer(settings).serve()
        else:
            nothing = {"pre_fork": _ignore, "post_fork": _ignore}
            BareServer(settings, **nothing).serve()


def _ignore(arbiter: object, worker: object) -> None:
    """The bare view has no counters."""


if __name__ == "__main__":
    main(sys.argv[1], Path(sys.argv[2]))
