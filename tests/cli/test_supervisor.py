"""The supervisor: what dies is started again, what keeps dying stops everything."""

import os
import signal
import sys
from collections.abc import Callable
from pathlib import Path
from threading import Timer

import psutil
import pytest

from api.cli import supervisor
from api.cli.exits import CommandError, Exit
from api.cli.supervisor import Part, own_command, supervise
from tests.cli.processes import alive

WAITS = "import signal; signal.sigwait([signal.SIGUSR2])"


def part(code: str, name: str = "part") -> Part:
    return Part(name, [sys.executable, "-c", code])


def never() -> bool:
    return False


def nothing() -> None:
    """Nobody listens."""


def stop_when(condition: Callable[[], object]) -> Callable[[], bool]:
    """A readiness probe that tells this process to stop as soon as something is the case."""

    def probe() -> bool:
        if condition():
            os.kill(os.getpid(), signal.SIGTERM)
        return False

    return probe


def test_all_parts_are_started_and_stopped() -> None:
    parts = [part(WAITS), part(WAITS)]
    seen: list[psutil.Process] = []

    def both_run() -> bool:
        seen[:] = [psutil.Process(each.process.pid) for each in parts if each.process]
        return len(seen) == 2

    code = supervise(parts, stop_when(both_run), nothing)

    assert code == Exit.OK
    assert alive(seen) == []


def test_ctrl_c_has_its_own_code() -> None:
    def probe() -> bool:
        os.kill(os.getpid(), signal.SIGINT)
        return False

    code = supervise([part(WAITS)], probe, nothing)

    assert code == Exit.INTERRUPTED


def test_ready_is_told_once() -> None:
    told: list[None] = []
    timer = Timer(0.3, os.kill, (os.getpid(), signal.SIGTERM))

    def tell() -> None:
        told.append(None)
        timer.start()

    supervise([part(WAITS)], lambda: True, tell)

    assert told == [None]


def test_a_part_that_dies_is_started_again(tmp_path: Path) -> None:
    count = tmp_path / "starts"
    dies_once = (
        f"import os, signal; f = open({str(count)!r}, 'a'); f.write('x'); f.close()\n"
        f"if os.path.getsize({str(count)!r}) == 1: os.kill(os.getpid(), signal.SIGKILL)\n{WAITS}"
    )
    parts = [part(dies_once)]

    code = supervise(
        parts, stop_when(lambda: count.exists() and count.stat().st_size == 2), nothing
    )

    assert code == Exit.OK
    assert len(parts[0].ends) == 1


def test_a_part_that_keeps_dying_stops_the_others(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(supervisor, "FIRST_PAUSE_SECONDS", 0.001)
    steady = part(WAITS)

    with pytest.raises(CommandError) as caught:
        supervise([steady, part("raise SystemExit(9)", "worker")], never, nothing)

    assert caught.value.exit_code == Exit.STOPPED
    assert caught.value.message.startswith("the worker ended with code 9, 5 times in a row")
    assert steady.process is not None
    assert steady.process.poll() == -signal.SIGTERM


@pytest.mark.parametrize("code", sorted(supervisor.HOPELESS))
def test_what_cannot_get_better_is_not_tried_again(code: int) -> None:
    with pytest.raises(CommandError) as caught:
        supervise([part(f"raise SystemExit({code:d})")], never, nothing)

    assert caught.value.message == f"the part ended with code {code:d}: everything is stopped"


def test_a_part_that_does_not_stop_is_killed(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setattr(supervisor, "STOP_WITHIN_SECONDS", 0.2)
    deaf = tmp_path / "deaf"
    goes_deaf = f"signal.signal(15, signal.SIG_IGN); open({str(deaf)!r}, 'w').close()"
    stubborn = part(f"import signal; {goes_deaf}; {WAITS}")

    code = supervise([stubborn], stop_when(deaf.exists), nothing)

    assert code == Exit.OK
    assert stubborn.process is not None
    assert stubborn.process.returncode == -signal.SIGKILL


def test_the_program_is_started_again_as_it_was_started(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sys, "argv", ["/opt/amends/bin/amends", "serve"])
    installed = own_command()
    monkeypatch.setattr(sys, "argv", ["/opt/amends/api/cli/__main__.py", "serve"])

    assert installed == [sys.executable, "/opt/amends/bin/amends"]
    assert own_command() == [sys.executable, "-m", "api.cli"]
