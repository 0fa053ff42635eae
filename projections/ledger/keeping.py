"""Keeping the ledger and the timers going, beside the read models: no rebuild makes them wait."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from threading import Event, Thread
from typing import Final

import structlog

from projections.faults import name_of
from projections.watches import WATCHES

log = structlog.get_logger(__name__)

ROUND_SECONDS: Final = WATCHES["publishing"].every_seconds
"""Long enough that a busy store adds many events at once, which costs the appends least."""
OUTAGE_SECONDS: Final = 5.0


Round = Callable[[], object]


@contextmanager
def keeping(*rounds: Round, patience_seconds: float | None = None) -> Iterator[None]:
    """Do each of these twice a second in a thread of its own, and once more at the end.

    One that waits itself, e.g. a `projections.resting.Rest`, is done as often as it wants to be.
    Whoever is not done `patience_seconds` after that is left behind; without, all are waited for.
    """
    stop = Event()
    threads = [Thread(target=_keep, args=(each, stop), daemon=True) for each in rounds]
    for thread in threads:
        thread.start()
    try:
        yield
    finally:
        stop.set()
        _wait_for(threads, patience_seconds)


def _keep(do: Round, stop: Event) -> None:
    wait_seconds = 0.0
    while not stop.wait(wait_seconds):
        wait_seconds = _round(do, wait_seconds)
    once(do)


def once(do: Round) -> None:
    """Do it now; where that fails, it is logged and left."""
    _round(do, 0.0)


def at_once(*rounds: Round, patience_seconds: float) -> None:
    """Do each of these now, beside the others, and leave behind who is not done in time."""
    threads = [Thread(target=once, args=(each,), daemon=True) for each in rounds]
    for thread in threads:
        thread.start()
    _wait_for(threads, patience_seconds)


def _wait_for(threads: Iterable[Thread], patience_seconds: float | None) -> None:
    deadline = None if patience_seconds is None else time.monotonic() + patience_seconds
    for thread in threads:
        thread.join(None if deadline is None else max(0.0, deadline - time.monotonic()))


def _round(do: Round, waited_seconds: float) -> float:
    try:
        do()
    except Exception as error:
        # The loop is the last resort: whatever went wrong, the next round may go well.
        wait_seconds = min(2 * max(waited_seconds, ROUND_SECONDS), OUTAGE_SECONDS)
        log.error(
            "a round cannot be done",
            round=getattr(do, "__qualname__", ""),
            error=name_of(error),
            retry_seconds=wait_seconds,
        )
        return wait_seconds
    return ROUND_SECONDS
