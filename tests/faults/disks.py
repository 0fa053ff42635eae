"""A small disk that can be filled to the last byte and emptied again."""

from __future__ import annotations

import errno
import os
import subprocess
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from functools import cache
from pathlib import Path

BALLAST = "ballast"
CHUNKS_BYTES = (1 << 20, 1 << 12, 1)


@dataclass(frozen=True)
class SmallDisk:
    """A file system of a fixed size, in memory."""

    path: Path

    def fill(self) -> int:
        """Leave no room for one more byte; how many were needed for that."""
        with (self.path / BALLAST).open("ab", buffering=0) as ballast:
            for size in CHUNKS_BYTES:
                while _written(ballast.fileno(), b"\0" * size):
                    pass
            return ballast.tell()

    def free(self) -> None:
        """Make room again."""
        (self.path / BALLAST).unlink()


def _written(file_number: int, chunk: bytes) -> int:
    try:
        return os.write(file_number, chunk)
    except OSError as error:
        if error.errno != errno.ENOSPC:
            raise
        return 0


@contextmanager
def small_disk(megabytes: int) -> Iterator[SmallDisk]:
    """A disk of that size, mounted for the block."""
    with tempfile.TemporaryDirectory(prefix="amends-disk-") as name:
        Path(name).chmod(0o711)
        options = f"size={megabytes}m,mode=0711"
        _run("mount", "-t", "tmpfs", "-o", options, "tmpfs", name)
        try:
            yield SmallDisk(Path(name))
        finally:
            _run("umount", "--lazy", name)


def _run(*command: str) -> None:
    subprocess.run(command, check=True, capture_output=True)


@cache
def why_no_small_disk() -> str | None:
    """Why this machine cannot mount one, or None where it can."""
    if os.geteuid() != 0:
        return "mounting a small file system needs root"
    try:
        with small_disk(1):
            return None
    except (OSError, subprocess.CalledProcessError) as problem:
        return f"a small file system cannot be mounted ({type(problem).__name__})"
