"""A value that is kept for a moment."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import count
from threading import Event, Thread

from api.kept import Kept
from tests.still_clocks import Stopwatch


def _numbers() -> Iterator[int]:
    return count(1)


def test_a_value_is_made_again_only_after_a_while() -> None:
    clock, numbers = Stopwatch(), _numbers()
    kept: Kept[int] = Kept(1.0, clock)

    first = [kept.get(lambda: next(numbers)) for _ in range(3)]
    clock.now = 1.5

    assert first == [1, 1, 1]
    assert kept.get(lambda: next(numbers)) == 2


def test_nobody_waits_for_one_who_looks_for_long() -> None:
    clock, numbers = Stopwatch(), _numbers()
    kept: Kept[int] = Kept(1.0, clock)
    kept.get(lambda: next(numbers))
    clock.now = 2.0
    looking, go_on = Event(), Event()

    def look_for_long() -> int:
        looking.set()
        go_on.wait(60)
        return next(numbers)

    slow = Thread(target=lambda: kept.get(look_for_long))
    slow.start()
    looking.wait(60)

    meanwhile = kept.get(lambda: next(numbers))
    go_on.set()
    slow.join()

    assert meanwhile == 1
    assert kept.get(lambda: next(numbers)) == 2
