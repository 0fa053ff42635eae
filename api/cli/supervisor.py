"""Keeps the parts of `amends serve` running: starts, watches, starts again, stops."""

import subprocess
import sys
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from signal import SIGINT, SIGKILL, SIGTERM, Signals

import structlog

from api.cli.exits import CommandError, Exit
from api.cli.processes import end_group
from api.cli.signals import StopSignal

LOOK_EVERY_SECONDS = 1.0
LOOK_WHILE_STARTING_SECONDS = 0.2
STOP_WITHIN_SECONDS = 8.0
FIRST_PAUSE_SECONDS = 0.5
# So many ends within so many seconds are no accident: stopping loudly is better than hiding it.
ENDS_MAX = 5
ENDS_WITHIN_SECONDS = 60.0
# Starting again does not help against these.
HOPELESS = frozenset({Exit.USAGE, Exit.CONFIGURATION, Exit.REFUSED, Exit.IN_USE})
_log = structlog.get_logger("amends.serve")


@dataclass
class Part:
    """One process of the service: how it is started, and how often it ended by itself."""

    name: str
    command: Sequence[str]
    file_numbers: tuple[int, ...] = ()
    process: subprocess.Popen[bytes] | None = None
    start_at: float = 0.0
    ends: list[float] = field(default_factory=list)

    def start(self) -> None:
        """Start it in a process group of its own: Ctrl-C reaches it only through us.

        So the web server finishes the requests under way before the database stops.
        """
        self.process = subprocess.Popen(
            self.command,
            stdin=subprocess.DEVNULL,
            process_group=0,
            pass_fds=self.file_numbers,
        )

    def has_ended(self) -> int | None:
        """The exit status of a process that ended (negative: the signal), else None."""
        return self.process.poll() if self.process is not None else None

    def note_end(self, status: int) -> None:
        """Plan the next start. Raises CommandError where there should be none."""
        now = time.monotonic()
        self.process = None
        self.ends = [at for at in self.ends if now - at < ENDS_WITHIN_SECONDS] + [now]
        why = _described(status)
        if status in HOPELESS or len(self.ends) >= ENDS_MAX:
            often = f", {len(self.ends)} times in a row" if len(self.ends) > 1 else ""
            raise CommandError(
                Exit.STOPPED,
                f"the {self.name} {why}{often}: everything is stopped",
                "The lines above say why; `amends doctor` looks for the cause.",
            )
        self.start_at = now + FIRST_PAUSE_SECONDS * 2 ** (len(self.ends) - 1)
        _log.error("part_ended", part=self.name, how=why, restart="soon", ends=len(self.ends))


def own_command() -> list[str]:
    """How this program was started, to start it again: the installed script, or the module."""
    if Path(sys.argv[0]).name == "amends":
        return [sys.executable, sys.argv[0]]
    return [sys.executable, "-m", "api.cli"]


def supervise(
    parts: Sequence[Part],
    is_ready: Callable[[], bool],
    tell: Callable[[], None],
    check: Callable[[], None] = lambda: None,
) -> int:
    """Run the parts until told to stop; `tell` is called once, when the service is ready.

    A part that ends by itself is started again; one that keeps ending stops everything. So does
    `check`, called about every second, when it raises. Returns the exit code. Raises CommandError.
    """
    ready = False
    with StopSignal() as stop:
        try:
            while not stop.is_set():
                for part in parts:
                    _keep_running(part)
                check()
                if not ready and is_ready():
                    ready = True
                    tell()
                stop.wait(LOOK_EVERY_SECONDS if ready else LOOK_WHILE_STARTING_SECONDS)
        finally:
            _stop_all(parts, stop)
    return Exit.INTERRUPTED if stop.interrupted else Exit.OK


def _keep_running(part: Part) -> None:
    status = part.has_ended()
    if status is not None:
        part.note_end(status)
    if part.process is None and time.monotonic() >= part.start_at:
        part.start()


def _stop_all(parts: Sequence[Part], stop: StopSignal) -> None:
    """Ask politely, wait, and end by force what is left; a second Ctrl-C shortens the wait."""
    running = [part.process for part in parts if part.process is not None]
    asked_before = stop.received.count(SIGINT)
    for process in running:
        process.send_signal(SIGTERM)
    deadline = time.monotonic() + STOP_WITHIN_SECONDS
    while any(process.poll() is None for process in running):
        left_seconds = deadline - time.monotonic()
        if left_seconds <= 0 or stop.received.count(SIGINT) > asked_before:
            break
        stop.rest(left_seconds)
    for process in running:
        if process.poll() is None:
            _log.warning("part_killed", process_id=process.pid)
        end_group(process.pid, SIGKILL)
        process.wait()


def _described(status: int) -> str:
    if status < 0:
        return f"was ended by {Signals(-status).name}"
    return f"ended with code {status}"
