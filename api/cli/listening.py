"""The port of the web server: taken before anything else starts, handed on to the processes."""

import errno
import socket
from collections.abc import Iterator
from contextlib import contextmanager

from api.cli.exits import CommandError, Exit
from service.settings import Settings


@contextmanager
def claim_port(settings: Settings) -> Iterator[socket.socket]:
    """A socket bound to host and port. Raises CommandError.

    It does not listen yet: until gunicorn does, clients are turned away instead of kept waiting.
    """
    try:
        family, kind, protocol, _, address = socket.getaddrinfo(
            settings.host, settings.port, type=socket.SOCK_STREAM, flags=socket.AI_PASSIVE
        )[0]
    except socket.gaierror:
        raise CommandError(
            Exit.CONFIGURATION, "AMENDS_HOST is no address of this machine"
        ) from None
    with socket.socket(family, kind, protocol) as bound:
        bound.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            bound.bind(address)
        except OSError as problem:
            raise _refused(settings, problem) from None
        yield bound


def base_url(settings: Settings) -> str:
    """Where a client on this machine finds the web server."""
    host = {"0.0.0.0": "127.0.0.1", "::": "::1"}.get(settings.host, settings.host)  # noqa: S104
    return f"http://{f'[{host}]' if ':' in host else host}:{settings.port}"


def _refused(settings: Settings, problem: OSError) -> CommandError:
    where = f"port {settings.port} on {settings.host}"
    if problem.errno == errno.EADDRINUSE:
        return CommandError(
            Exit.IN_USE,
            f"{where} is in use",
            f"Stop what uses it, or choose another: PORT={settings.port + 1} or --port.",
        )
    if problem.errno == errno.EACCES:
        return CommandError(
            Exit.CONFIGURATION, f"{where} is not allowed", "Choose a port above 1023 with --port."
        )
    return CommandError(
        Exit.CONFIGURATION,
        f"cannot use {where}: {problem.strerror}",
        "AMENDS_HOST must be an address of this machine.",
    )
