"""`amends serve` as a real process: it starts, answers, survives, and leaves nothing behind."""

import json
import os
import re
import signal
import stat
import subprocess
from collections.abc import Callable, Iterator
from contextlib import closing, suppress
from dataclasses import dataclass
from http.client import HTTPConnection
from pathlib import Path

import psutil
import pytest

from api.cli.exits import Exit
from service.settings import Settings
from tests.cli.conftest import Run, Start
from tests.cli.processes import alive, environment_of, family_of, free_port, until


@dataclass
class Serving:
    """A running `amends serve`, with what it writes in a file."""

    process: "subprocess.Popen[str]"
    port: int
    output: Path

    def get(self, path: str) -> int:
        """The status of an answer; 0 while nothing answers."""
        connection = HTTPConnection("127.0.0.1", self.port, timeout=60)
        try:
            connection.request("GET", path)
            return connection.getresponse().status
        except OSError:
            return 0
        finally:
            connection.close()

    def readiness(self) -> str:
        """What /readyz says: `ready`, or `degraded` where a read model has a case parked."""
        connection = HTTPConnection("127.0.0.1", self.port, timeout=60)
        with closing(connection):
            connection.request("GET", "/readyz")
            return str(json.loads(connection.getresponse().read())["status"])

    def until_ready(self) -> "Serving":
        until(lambda: self.process.poll() is not None or "ready at" in self.output.read_text())
        assert self.get("/readyz") == 200, self.output.read_text()
        return self

    def stop(self, number: signal.Signals) -> int:
        """Signal the whole foreground group, as a terminal does; the exit code."""
        os.killpg(self.process.pid, number)
        return self.process.wait(120)

    def part(self, name: str) -> psutil.Process | None:
        """The child process that runs this command."""
        for each in family_of(self.process.pid)[1:]:
            with suppress(psutil.Error):
                if name in each.cmdline() and each.ppid() == self.process.pid:
                    return each
        return None


Serve = Callable[..., Serving]


@pytest.fixture
def serve(start: Start, tmp_path: Path) -> Iterator[Serve]:
    """Start `amends serve` on a free port."""

    def begin(*arguments: str, env: dict[str, str]) -> Serving:
        output, port = tmp_path / f"output-{free_port()}", free_port()
        with output.open("w") as file:
            process = start(
                *("serve", "--port", str(port), *arguments),
                env={"AMENDS_WEB_PROCESSES": "1", **env},
                stdout=file,
                stderr=file,
                start_new_session=True,
            )
        return Serving(process, port, output)

    return begin


@pytest.fixture
def on_server(serve: Serve, settings: Settings) -> Callable[[], Serving]:
    """`amends serve` on this test's database, which no `serve` has to start."""
    return lambda: serve(env=environment_of(settings)).until_ready()


def test_the_first_and_the_second_start(serve: Serve, tmp_path: Path, run: Run) -> None:
    """From an empty directory to a running service with real complaints, twice."""
    data = tmp_path / "data"
    env = {"AMENDS_DATA_DIR": str(data)}
    first = serve("--demo", env=env).until_ready()
    statuses = [first.readiness()]
    family, servers = family_of(first.process.pid), _postgres_in(data)
    ended = first.stop(signal.SIGINT)
    left = [*alive(family), *_postgres_in(data)]
    events = _exported(run, data)

    second = serve("--demo", env=env).until_ready()
    statuses.append(second.readiness())
    told_running = _port_by_doctor(run, data)
    second.stop(signal.SIGTERM)

    assert ended == Exit.INTERRUPTED
    assert len(servers) > 1
    assert left == []
    assert statuses == ["ready", "ready"]
    assert len(events) == _complaints(first) == _complaints(second) > 100
    assert _exported(run, data) == events
    assert "Imported " in first.output.read_text()
    assert "Imported " not in second.output.read_text()
    assert _tokens(first) == _tokens(second) != []
    assert stat.S_IMODE((data / "demo-tokens.json").stat().st_mode) == 0o600
    assert first.output.read_text().endswith("Everything is stopped.\n")
    assert "Traceback" not in first.output.read_text() + second.output.read_text()
    assert _postgres_in(data) == []
    assert told_running == f"Amends answers at http://127.0.0.1:{second.port}"


def _port_by_doctor(run: Run, data: Path) -> str:
    """What the doctor says about the port, who knows the data directory only."""
    external = ("AMENDS_DATABASE_URL", "AMENDS_OWNER_DATABASE_URL", "AMENDS_MASTER_KEY")
    env = dict.fromkeys(external) | {"AMENDS_DATA_DIR": str(data), "PORT": str(free_port())}
    findings = json.loads(run("doctor", "--json", env=env).stdout)["findings"]
    return next(each["says"] for each in findings if each["check"] == "port")


def _exported(run: Run, data: Path) -> list[str]:
    """Every event in an embedded database that does not run at the moment."""
    external = ("AMENDS_DATABASE_URL", "AMENDS_OWNER_DATABASE_URL", "AMENDS_MASTER_KEY")
    env = dict.fromkeys(external) | {"AMENDS_DATA_DIR": str(data)}
    return run("export", "-", env=env).stdout.splitlines()


def _postgres_in(data: Path) -> list[psutil.Process]:
    found = []
    for each in psutil.process_iter(["name", "cwd"]):
        if each.info["name"] == "postgres" and each.info["cwd"] == str(data / "postgres"):
            found.append(each)
    return alive(found)


def _tokens(serving: Serving) -> list[str]:
    return re.findall(r"^  export (?:HANDLER|APPROVER)=(\S+)$", serving.output.read_text(), re.M)


def _complaints(serving: Serving) -> int:
    (number,) = re.findall(r"sample of (\d+) real complaints", serving.output.read_text())
    return int(number)


def test_sigterm_is_the_ordinary_end(on_server: Callable[[], Serving]) -> None:
    serving = on_server()
    family = family_of(serving.process.pid)
    kept_alive = HTTPConnection("127.0.0.1", serving.port, timeout=60)
    kept_alive.request("GET", "/healthz")
    kept_alive.getresponse().read()

    ended = serving.stop(signal.SIGTERM)
    kept_alive.close()

    assert ended == Exit.OK
    assert alive(family) == []
    assert "part_killed" not in serving.output.read_text()
    assert serving.get("/healthz") == 0


@pytest.mark.parametrize("name", ["worker", "web"])
def test_a_part_that_is_killed_comes_back(on_server: Callable[[], Serving], name: str) -> None:
    serving = on_server()
    before = serving.part(name)
    assert before is not None
    os.kill(before.pid, signal.SIGKILL)

    after = until(lambda: (found := serving.part(name)) and found.pid != before.pid and found)

    assert until(lambda: serving.get("/readyz") == 200)
    assert alive([after]) == [after]
    assert '"how": "was ended by SIGKILL"' in serving.output.read_text()


def test_nothing_outlives_a_supervisor_that_is_killed(serve: Serve, tmp_path: Path) -> None:
    data = tmp_path / "data"
    serving = serve(env={"AMENDS_DATA_DIR": str(data)}).until_ready()
    family = family_of(serving.process.pid)

    serving.process.kill()

    assert until(lambda: not alive(family))
    assert until(lambda: not _postgres_in(data))


def test_a_database_that_dies_is_started_again(serve: Serve, tmp_path: Path) -> None:
    data = tmp_path / "data"
    serving = serve(env={"AMENDS_DATA_DIR": str(data)}).until_ready()
    family = family_of(serving.process.pid)
    first_line, *_ = (data / "postgres" / "postmaster.pid").read_text().splitlines()

    os.kill(int(first_line), signal.SIGKILL)
    meanwhile = until(lambda: (status := serving.get("/readyz")) != 200 and status)

    assert meanwhile == 503
    assert until(lambda: serving.get("/readyz") == 200)
    assert '"event": "database_started_again"' in serving.output.read_text()
    assert alive(family) == family
    assert serving.stop(signal.SIGTERM) == Exit.OK
    assert _postgres_in(data) == []


def test_a_port_in_use_is_said_before_anything_starts(
    on_server: Callable[[], Serving], start: Start, tmp_path: Path
) -> None:
    port, data = str(on_server().port), tmp_path / "other"

    process = start("serve", env={"PORT": port, "AMENDS_DATA_DIR": str(data)})
    out, err = process.communicate(timeout=60)

    assert process.returncode == Exit.IN_USE
    assert err.splitlines()[0] == f"amends: port {port} on 127.0.0.1 is in use"
    assert "--port" in err
    assert out == ""
    assert not (data / "postgres").exists()


def test_a_second_serve_on_the_same_directory_is_refused(
    serve: Serve, start: Start, tmp_path: Path
) -> None:
    env = {"AMENDS_DATA_DIR": str(tmp_path / "data")}
    first = serve(env=env).until_ready()

    second = start("serve", "--port", str(free_port()), env=env)
    out, err = second.communicate(timeout=60)

    assert second.returncode == Exit.IN_USE
    assert f"runs already on {tmp_path / 'data'} (process {first.process.pid} at http" in err
    assert out == ""
    assert first.get("/readyz") == 200


def test_a_wrong_master_key_is_refused_at_the_start(
    serve: Serve, settings: Settings, run: Run
) -> None:
    run_with_text(run)
    wrong = {**environment_of(settings), "AMENDS_MASTER_KEY": "A" * 43 + "="}

    serving = serve(env=wrong)

    assert serving.process.wait(60) == Exit.CONFIGURATION
    assert "the master key is not the one" in serving.output.read_text()


def run_with_text(run: Run) -> None:
    """Make sure that a personal text is stored: the excerpt with narratives holds some."""
    excerpt = Path(__file__).parents[1] / "data" / "cfpb_2023_narratives.csv"
    result = run("import", "cfpb", str(excerpt), "--json")
    assert json.loads(result.stdout)["imported"] > 0


@pytest.mark.parametrize("host", ["no.such.host.invalid", "203.0.113.7"])
def test_a_host_that_is_not_ours_is_a_wrong_setting(
    start: Start, settings: Settings, host: str
) -> None:
    process = start("serve", "--host", host, env=environment_of(settings))
    _, err = process.communicate(timeout=60)

    assert process.returncode == Exit.CONFIGURATION
    assert "AMENDS_HOST" in err
    assert "Traceback" not in err
