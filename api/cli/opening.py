"""Opening what a command works on: settings, the database, the service."""

import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager, nullcontext
from dataclasses import replace
from math import inf
from typing import Any

from api.cli.errors import NO_DATABASE, NOT_MIGRATED
from service.assembly import Service, build
from service.embedded_postgres import database_for
from service.logging import configure_logging
from service.migrating import pending_migrations
from service.settings import Settings
from service.silence import limit_silence


def read_settings(**overrides: Any) -> Settings:
    """The settings from the environment, changed by what was given on the command line."""
    given = {name: value for name, value in overrides.items() if value is not None}
    return replace(Settings.from_environment(), **given)


def quiet_log(settings: Settings) -> None:
    """Only warnings, and on standard error: standard output belongs to the result."""
    level = "warning" if settings.log_level in ("debug", "info") else settings.log_level
    configure_logging(replace(settings, log_level=level), sys.stderr)


def has_database(settings: Settings) -> bool:
    """Whether there is a database already: one that is named, or an embedded one made before."""
    return not settings.embedded or (settings.data_dir / "postgres" / "PG_VERSION").exists()


@contextmanager
def open_database() -> Iterator[Settings]:
    """Settings with a database that runs; an embedded one is started unless it runs already."""
    settings = read_settings()
    quiet_log(settings)
    with database_for(settings) as settings:
        yield settings


@contextmanager
def giving_up() -> Iterator[Callable[[Settings], None]]:
    """Wait for no database that hangs, as web processes do; for what a person waits for.

    What is given is to be called with the database's address once it is known: from then on the
    server is asked whether it lives, and a statement that takes long is not mistaken. COPY is not
    to be had here.
    """
    limit_silence(inf)
    try:
        yield lambda settings: limit_silence(inf, settings.required_database_url())
    finally:
        limit_silence(None)


@contextmanager
def open_service(*, gives_up: bool = False) -> Iterator[Service]:
    """The wired service on a migrated database. `gives_up`: see `giving_up`.

    Raises CommandError where it is not migrated, or where there is none: one is not made here,
    lest a command in the wrong directory answers from a new, empty store.
    """
    if not has_database(read_settings()):
        raise NO_DATABASE
    with giving_up() if gives_up else nullcontext() as watch, open_database() as settings:
        if watch is not None:
            watch(settings)
        service = build(settings)
        try:
            if pending_migrations(service.engine):
                raise NOT_MIGRATED
            yield service
        finally:
            service.engine.dispose()
