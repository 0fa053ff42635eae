"""A disk that fails to sync: `strace` answers the server's fsync calls with an I/O error."""

from __future__ import annotations

import shutil
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from functools import cache
from pathlib import Path

import psutil

from tests.cli.processes import until

SYNCS = "fsync,fdatasync,sync_file_range"


@contextmanager
def failing_syncs(processes: list[psutil.Process], *, children: bool) -> Iterator[None]:
    """Every sync to disk by these processes fails; with `children`, by new ones of theirs too."""
    command = ["strace", "-qq", "-o", "/dev/null", "-e", f"trace={SYNCS}"]
    command += ["-e", f"inject={SYNCS}:error=EIO", *(["-f"] if children else [])]
    for each in processes:
        command += ["-p", str(each.pid)]
    tracer = subprocess.Popen(command, stderr=subprocess.DEVNULL)
    try:
        until(lambda: tracer.poll() is not None or all(map(_is_traced, processes)))
        yield
    finally:
        tracer.terminate()
        tracer.wait()


def _is_traced(process: psutil.Process) -> bool:
    """Whether a tracer is attached, or the process is gone."""
    try:
        return "TracerPid:\t0" not in Path(f"/proc/{process.pid}/status").read_text()
    except OSError:
        return True


@cache
def why_no_failing_syncs() -> str | None:
    """Why this machine cannot do that, or None where it can."""
    if shutil.which("strace") is None:
        return "strace is not installed"
    tried = subprocess.run(
        ["strace", "-qq", "-e", "inject=fsync:error=EIO", "true"], capture_output=True, check=False
    )
    return None if tried.returncode == 0 else "strace may not trace processes here"
