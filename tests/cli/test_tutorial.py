"""The tutorial's commands do what it says, on a running service."""

import json
import re
import subprocess
import sys
import urllib.request
from pathlib import Path

from service.settings import Settings
from tests.cli.conftest import Run, Start
from tests.cli.processes import environment_of, free_port, until

ROOT = Path(__file__).parents[2]
TUTORIAL = ROOT / "docs" / "tutorial" / "first-case.md"
MEANT_TO_BE_REFUSED = ["customer_has_not_agreed", "approval_missing"]


def commands() -> str:
    return "\n".join(re.findall(r"```sh\n(.*?)```", TUTORIAL.read_text(encoding="utf-8"), re.S))


def token(run: Run, name: str, *roles: str) -> str:
    given = [argument for role in roles for argument in ("--role", role)]
    return run("token", "create", "--name", name, "--kind", "person", *given).stdout.strip()


def answers(address: str) -> bool:
    try:
        return bool(urllib.request.urlopen(f"{address}/readyz", timeout=5).status == 200)
    except OSError:
        return False


def put_curl_on_path(directory: Path) -> str:
    stand_in = directory / "curl"
    stand_in.write_text(f'#!/bin/sh\nexec {sys.executable} -m tests.cli.curl "$@"\n')
    stand_in.chmod(0o755)
    return f"{directory}:/usr/bin:/bin"


def test_the_tutorial_takes_a_case_from_its_report_to_its_end(
    run: Run, start: Start, settings: Settings, tmp_path: Path
) -> None:
    port = free_port()
    address = f"http://127.0.0.1:{port}"
    start("serve", "--port", str(port), env=environment_of(settings))
    until(lambda: answers(address))
    surroundings = {
        "PATH": put_curl_on_path(tmp_path),
        "PYTHONPATH": str(ROOT),
        "AMENDS": address,
        "HANDLER": token(run, "ann", "handler", "reporter", "analyst"),
        "APPROVER": token(run, "bob", "approver", "auditor"),
    }

    told = subprocess.run(
        ["/bin/sh", "-eu", "-c", commands()],
        cwd=tmp_path,
        env=surroundings,
        capture_output=True,
        text=True,
        timeout=600,
    )

    assert told.stderr == ""
    assert re.findall(r'"code":"(\w+)","request_id"', told.stdout) == MEANT_TO_BE_REFUSED
    assert '"status":"closed"' in told.stdout
    assert "<html" in (tmp_path / "lessons.html").read_text(encoding="utf-8")
    assert json.loads((tmp_path / "case.json").read_text(encoding="utf-8"))["version"] == 21
