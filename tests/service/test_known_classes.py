"""The first events that a process reads may be read by many threads at once."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).parents[2]
TRIES = 3

# Every thread makes every stored event of the golden story, and turns change all the time.
READS_AT_ONCE = """
import sys
from threading import Barrier, Thread

from tests.golden.stored import lines, mapper

stored, reader, begin, failed = [line.stored for line in lines()], mapper(), Barrier(16), []


def read(first):
    begin.wait()
    try:
        for each in stored[first:]:
            reader.to_domain_event(each)
    except BaseException as error:
        failed.append(error)


sys.setswitchinterval(1e-6)
threads = [Thread(target=read, args=(number % 3,)) for number in range(16)]
for each in threads:
    each.start()
for each in threads:
    each.join()
assert stored and not failed, failed
"""


def test_threads_that_read_their_first_events_at_once_do_no_harm() -> None:
    command = [sys.executable, "-c", READS_AT_ONCE]

    ended = [
        subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False)
        for _ in range(TRIES)
    ]

    assert [each.returncode for each in ended] == [0] * TRIES, ended[0].stderr
