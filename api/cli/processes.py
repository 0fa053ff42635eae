"""Small questions about processes and locks that several commands ask."""

import fcntl
import os
from collections.abc import Iterator
from contextlib import contextmanager, suppress

from api.cli.exits import CommandError, Exit
from api.cli.listening import base_url
from service.settings import Settings

LOCK_NAME = "serve.lock"


def end_group(group: int, signal_number: int) -> None:
    """Send a signal to a whole process group; it may be gone already."""
    with suppress(ProcessLookupError):
        os.killpg(group, signal_number)


@contextmanager
def only_one(settings: Settings) -> Iterator[None]:
    """Hold the data directory for one `amends serve`. Raises CommandError where one runs.

    The kernel drops the lock when the process ends, however it ends. With a database server of
    its own there is nothing in the directory to protect, and it need not be writable.
    """
    if not settings.embedded:
        yield
        return
    settings.data_dir.mkdir(parents=True, exist_ok=True, mode=0o711 if os.geteuid() == 0 else 0o700)
    with (settings.data_dir / LOCK_NAME).open("a+", encoding="utf-8") as lock:
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            lock.seek(0)
            raise _running(settings, lock.read().strip()) from None
        lock.truncate(0)
        lock.write(f"process {os.getpid()} at {base_url(settings)}")
        lock.flush()
        yield


def noted_address(settings: Settings) -> str | None:
    """Where the last `amends serve` on this data directory listened, as its lock file tells."""
    try:
        told = (settings.data_dir / LOCK_NAME).read_text(encoding="utf-8")
    except OSError:
        return None
    return told.partition(" at ")[2].strip() or None


def _running(settings: Settings, who: str) -> CommandError:
    return CommandError(
        Exit.IN_USE,
        f"`amends serve` runs already on {settings.data_dir} ({who})",
        "Use it, stop it first, or name another directory with AMENDS_DATA_DIR.",
    )
