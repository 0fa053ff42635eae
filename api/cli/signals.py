"""Signals as something to wait for, and the end of a parent as a reason to stop."""

import os
import select
import signal
from threading import Event
from types import FrameType
from typing import Self

STOPPING = (signal.SIGTERM, signal.SIGINT, signal.SIGHUP)


class StopSignal(Event):
    """An event that SIGTERM, SIGINT and SIGHUP set while it is entered.

    Unlike its base it holds no lock while it waits, so a signal handler may set it at any
    moment. Any signal with a handler ends a wait early, SIGCHLD among them. Main thread only.
    With a `parent`, it is set too once that process is no longer the parent of this one.
    """

    def __init__(self, parent: int | None = None) -> None:
        super().__init__()
        self._parent = parent
        self.received: list[int] = []
        self._told = False

    def __enter__(self) -> Self:
        self._read_end, self._write_end = os.pipe()
        os.set_blocking(self._read_end, False)
        os.set_blocking(self._write_end, False)
        self._old_fd = signal.set_wakeup_fd(self._write_end, warn_on_full_buffer=False)
        self._old = {number: signal.signal(number, self._note) for number in STOPPING}
        self._old[signal.SIGCHLD] = signal.signal(signal.SIGCHLD, _only_wake)
        return self

    def __exit__(self, *exception: object) -> None:
        for number, handler in self._old.items():
            signal.signal(number, handler)
        signal.set_wakeup_fd(self._old_fd)
        os.close(self._read_end)
        os.close(self._write_end)

    def _note(self, number: int, frame: FrameType | None) -> None:
        self.received.append(number)
        self._told = True

    @property
    def interrupted(self) -> bool:
        """Whether Ctrl-C was among what was received."""
        return signal.SIGINT in self.received

    def set(self) -> None:
        """Stop without a signal."""
        self._told = True
        os.write(self._write_end, b"\0")

    def is_set(self) -> bool:
        """Whether to stop."""
        return self._told or self._parent not in (None, os.getppid())

    def wait(self, timeout: float | None = None) -> bool:
        """Wait until told to stop, until another signal comes, or for so many seconds."""
        if not self.is_set():
            self.rest(timeout)
        return self.is_set()

    def rest(self, timeout: float | None = None) -> None:
        """Wait for the next signal, also when told to stop before."""
        select.select([self._read_end], [], [], timeout)
        while select.select([self._read_end], [], [], 0)[0]:
            os.read(self._read_end, 4_096)


def _only_wake(number: int, frame: FrameType | None) -> None:
    """A handler must exist for the signal to end a wait."""
