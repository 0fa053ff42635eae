"""Fetch what the benchmark compares with, or say why that cannot be done."""

from __future__ import annotations

import shutil
import subprocess
import sys
from pathlib import Path

HERE = Path(__file__).parent
LOCK = HERE / "python.lock"
HOME = HERE.parents[1] / "build" / "field"
"""Where it is kept: outside of everything that is committed or packed."""

NODE_PACKAGES = HOME / "node_modules"
MESSAGE_DB = NODE_PACKAGES / "@eventide" / "message-db" / "database"
OTHER_PYTHON = HOME / "python" / "bin" / "python"
FETCHED = "fetched"
"""A file with this name, beside what was fetched as a whole."""


class NotFetched(Exception):
    """Something could not be fetched; the text says why, in a few words."""


def fetch_node_packages() -> Path:
    """The folder with Emmett's and message-db's packages. Raises NotFetched."""
    npm = shutil.which("npm")
    if npm is None or shutil.which("node") is None:
        raise NotFetched("node is not installed")
    HOME.mkdir(parents=True, exist_ok=True)
    files = [HERE / "package.json", HERE / "package-lock.json"]
    if not _as_fetched(NODE_PACKAGES, files):
        for file in files:
            shutil.copy(file, HOME)
        _run([npm, "ci", "--ignore-scripts", "--no-audit", "--no-fund"], "npm")
        _remember(NODE_PACKAGES, files)
    return NODE_PACKAGES


def fetch_other_python() -> Path:
    """A Python for eventsourcing-sqlalchemy: it needs an older SQLAlchemy. Raises NotFetched."""
    home = HOME / "python"
    HOME.mkdir(parents=True, exist_ok=True)
    if not _as_fetched(home, [LOCK]):
        _run([sys.executable, "-m", "venv", "--clear", str(home)], "venv")
        options = ["--quiet", "--require-hashes", "--no-deps", "-r", str(LOCK)]
        _run([str(OTHER_PYTHON), "-m", "pip", "install", *options], "pip")
        _remember(home, [LOCK])
    return OTHER_PYTHON


def _as_fetched(folder: Path, files: list[Path]) -> bool:
    note = folder / FETCHED
    return note.exists() and note.read_text(encoding="utf-8") == _contents(files)


def _remember(folder: Path, files: list[Path]) -> None:
    (folder / FETCHED).write_text(_contents(files), encoding="utf-8")


def _contents(files: list[Path]) -> str:
    return "".join(file.read_text(encoding="utf-8") for file in files)


def _run(command: list[str], name: str) -> None:
    done = subprocess.run(command, cwd=HOME, capture_output=True, text=True, check=False)
    if done.returncode != 0:
        raise NotFetched(f"{name} could not fetch it (exit code {done.returncode})")
