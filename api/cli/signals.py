"""Signals as something to wait for, and ends that follow the end of a parent."""

import ctypes
import os
import select
import signal
import sys
from threading import Event
from types import FrameType
from typing import Self

STOPPING = (signal.SIGTERM, signal.SIGINT, signal.SIGHUP)
PR_SET_PDEATHSIG = 1  # linux/prctl.h


class StopSignal(Event):
    """An event that SIGTERM, SIGINT and SIGHUP set while it is entered.

    Unlike its base it holds no lock while it waits, so a signal handler may set it at any
    moment. Any signal with a handler ends a wait early, SIGCHLD among them. Main thread only.
    """

    def __init__(self) -> None:
        super().__init__()
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
        return self._told

    def wait(self, timeout: float | None = None) -> bool:
        """Wait until told to stop, until another signal comes, or for so many seconds."""
        if not self._told:
            self.rest(timeout)
        return self._told

    def rest(self, timeout: float | None = None) -> None:
        """Wait for the next signal, also when told to stop before."""
        select.select([self._read_end], [], [], timeout)
        while select.select([self._read_end], [], [], 0)[0]:
            os.read(self._read_end, 4_096)


def _only_wake(number: int, frame: FrameType | None) -> None:
    """A handler must exist for the signal to end a wait."""


def end_with_parent(parent: int) -> None:
    """Ask for SIGTERM when the parent process ends, even where it is killed (Linux only)."""
    if sys.platform == "linux":
        ctypes.CDLL(None, use_errno=True).prctl(PR_SET_PDEATHSIG, signal.SIGTERM)
        if os.getppid() != parent:  # it ended before we asked
            raise SystemExit(0)
