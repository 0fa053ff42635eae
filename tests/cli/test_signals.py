"""Signals as something to wait for: no lost ones, no lock, handlers put back."""

import os
import signal
import subprocess
import sys
import time
from threading import Timer

import pytest

from api.cli.signals import STOPPING, StopSignal

LONG_SECONDS = 30.0


@pytest.mark.parametrize("number", STOPPING)
def test_a_signal_ends_the_wait(number: signal.Signals) -> None:
    with StopSignal() as stop:
        timer = Timer(0.01, os.kill, (os.getpid(), number))
        timer.start()
        began = time.monotonic()
        told = stop.wait(LONG_SECONDS)
        timer.join()

    assert told
    assert stop.is_set()
    assert stop.received == [number]
    assert time.monotonic() - began < LONG_SECONDS / 2


def test_a_signal_before_the_wait_is_not_lost() -> None:
    with StopSignal() as stop:
        os.kill(os.getpid(), signal.SIGTERM)

        assert stop.wait(LONG_SECONDS)


def test_only_ctrl_c_counts_as_interrupted() -> None:
    with StopSignal() as stop:
        os.kill(os.getpid(), signal.SIGTERM)
        before = stop.interrupted
        os.kill(os.getpid(), signal.SIGINT)

    assert not before
    assert stop.interrupted


def test_a_wait_ends_with_its_time() -> None:
    with StopSignal() as stop:
        told = stop.wait(0.01)

    assert not told
    assert not stop.is_set()


def test_set_stops_without_a_signal() -> None:
    with StopSignal() as stop:
        stop.set()

        assert stop.wait(LONG_SECONDS)


def test_the_end_of_a_child_ends_a_wait() -> None:
    with StopSignal() as stop:
        child = subprocess.Popen([sys.executable, "-c", ""])
        began = time.monotonic()
        stop.rest(LONG_SECONDS)

        assert child.wait(LONG_SECONDS) == 0

    assert not stop.is_set()
    assert time.monotonic() - began < LONG_SECONDS / 2


def test_a_lost_parent_is_a_reason_to_stop() -> None:
    with StopSignal(os.getppid()) as ours, StopSignal(os.getpid()) as gone:
        assert not ours.is_set()
        assert gone.is_set()


def test_handlers_are_put_back() -> None:
    before = [signal.getsignal(number) for number in (*STOPPING, signal.SIGCHLD)]

    with StopSignal():
        pass

    assert [signal.getsignal(number) for number in (*STOPPING, signal.SIGCHLD)] == before
