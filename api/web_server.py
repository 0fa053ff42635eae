"""gunicorn as Amends runs it: its settings, its log lines, its processes, its error answers."""

import gc
import logging
import os
import secrets
import signal
from pathlib import Path
from threading import Timer
from typing import Any, Final

import msgspec
import structlog
from gunicorn import util
from gunicorn.app.base import BaseApplication
from gunicorn.arbiter import Arbiter
from gunicorn.config import Config
from gunicorn.glogging import Logger
from gunicorn.http import errors as http_errors
from gunicorn.workers.base import Worker
from gunicorn.workers.gthread import ThreadWorker

from api.app import create_app
from api.http_catalogue import CODE_FOR_STATUS, HTTP_PROBLEMS
from service.settings import Settings
from service.silence import GRACE_SECONDS, limit_silence

GRACEFUL_SECONDS: Final = 30
CYCLES_LOOKED_FOR_AFTER: Final = 50_000
"""So many more objects made than freed. A long case is some ten thousand, and none is a cycle."""
SHARED_MEMORY: Final = Path("/dev/shm")  # noqa: S108
# What gunicorn refuses before the application sees it; any other parse error is a 400.
STATUS_OF: Final[tuple[tuple[type[Exception], int], ...]] = (
    (http_errors.LimitRequestLine, 414),
    (http_errors.LimitRequestHeaders, 431),
    (http_errors.ExpectationFailed, 417),
    (http_errors.UnsupportedTransferCoding, 501),
    (http_errors.ConfigurationProblem, 500),
    (http_errors.ForbiddenProxyRequest, 421),
    (http_errors.ParseException, 400),
    (OSError, 400),
)
_log = structlog.get_logger("amends.web")


class ServiceLogger(Logger):
    """Hands gunicorn's own lines to our log; the API itself writes one line per request."""

    def setup(self, cfg: Config) -> None:
        """Let lines rise to the root logger, which names no typed text."""
        self.cfg = cfg
        self._access_log_enabled = False
        self.error_log.propagate = True
        self.error_log.setLevel(logging.WARNING)


class ServiceWorker(ThreadWorker):
    """A web process. Requests that gunicorn itself refuses are answered as problems too."""

    slot = 0

    def handle_quit(self, sig: int, frame: Any) -> None:
        """Stop at once, and leave the pool of threads to the end of the process.

        gunicorn would close it here, inside the signal handler: for ever, where the signal has
        interrupted this thread while it hands the pool a request and holds its lock.
        """
        Worker.handle_quit(self, sig, frame)

    def handle_error(self, req: Any, client: Any, addr: Any, exc: BaseException) -> None:
        """Answer what could not be parsed; nothing of it is repeated, here or in the log."""
        status = next((code for kind, code in STATUS_OF if isinstance(exc, kind)), 500)
        log = _log.warning if status < 500 else _log.error
        log("request_refused", status=status, error=type(exc).__name__)
        try:
            util.write_nonblock(client, refusal(status))
        except OSError:
            _log.info("answer_not_sent", status=status)


def refusal(status: int) -> bytes:
    """A whole HTTP answer with an RFC 9457 problem, for a request that has no application yet."""
    words = next(kind for kind in HTTP_PROBLEMS.values() if kind.status == status)
    code = CODE_FOR_STATUS[status]
    request_id = secrets.token_hex(12)
    problem = {
        "type": f"/docs#problem-{code}",
        "title": words.title.en,
        "status": status,
        "detail": words.advice.en,
        "instance": f"urn:amends:request:{request_id}",
        "code": code,
        "request_id": request_id,
    }
    body = msgspec.json.encode(problem)
    head = (
        f"HTTP/1.1 {status} {words.title.en}\r\n"
        "Connection: close\r\n"
        "Content-Type: application/problem+json\r\n"
        "Content-Language: en\r\n"
        "Cache-Control: no-store\r\n"
        "X-Content-Type-Options: nosniff\r\n"
        f"X-Request-Id: {request_id}\r\n"
        f"Content-Length: {len(body)}\r\n\r\n"
    )
    return head.encode("ascii") + body


def gunicorn_options(settings: Settings) -> dict[str, Any]:
    """How gunicorn serves the API: threads for waiting on the database, our limits."""
    host = f"[{settings.host}]" if ":" in settings.host else settings.host
    return {
        "bind": f"{host}:{settings.port}",
        "worker_class": ServiceWorker,
        "workers": settings.web_processes,
        "threads": settings.web_threads,
        "logger_class": ServiceLogger,
        # The application is made once and then forked: its counters are in shared memory. It
        # opens no connection before.
        "preload_app": True,
        "pre_fork": take_slot,
        "post_fork": use_slot,
        "worker_exit": end_in_time,
        # Workers report that they live through a file: in memory where there is such a place.
        "worker_tmp_dir": str(SHARED_MEMORY) if SHARED_MEMORY.is_dir() else None,
        "control_socket_disable": True,
        "timeout": 60,
        "graceful_timeout": GRACEFUL_SECONDS,
        "keepalive": 75,
        "backlog": 2_048,
        "limit_request_line": 8_190,
        "limit_request_fields": 64,
    }


def take_slot(arbiter: Any, worker: ServiceWorker) -> None:
    """Give a new process the lowest slot for its counters that no living one has."""
    taken = {other.slot for other in arbiter.WORKERS.values()}
    worker.slot = min(set(range(len(taken) + 1)) - taken)


def use_slot(arbiter: Any, worker: ServiceWorker) -> None:
    """In the new process: count in that slot, and wait for no database that hangs."""
    search_seldom_for_cycles()
    settings = arbiter.app.settings
    seconds = settings.statement_timeout_seconds + GRACE_SECONDS
    limit_silence(seconds, settings.required_database_url())
    arbiter.app.wsgi().extensions["amends"].use_slot(worker.slot)


def end_in_time(arbiter: Any, worker: Any) -> None:
    """End a process that is leaving also where one of its threads does not, e.g. waits for ever.

    Who started it would do so after as long, unless that one has died: then it would stay, and
    keep the port. Nothing for a process that is gone, about which gunicorn calls this too.
    """
    if os.getpid() == worker.pid:
        last_resort = Timer(arbiter.cfg.graceful_timeout, os._exit, (1,))
        last_resort.daemon = True
        last_resort.start()


def search_seldom_for_cycles() -> None:
    """Let Python look for cycles of objects less often, and never among what is there already.

    By default it would search several times while a long case is shown, for a third of its time.
    """
    gc.freeze()
    gc.set_threshold(CYCLES_LOOKED_FOR_AFTER)


class SupervisedArbiter(Arbiter):
    """Remembers that Ctrl-C ended it, and ends when its parent has."""

    interrupted = False
    parent: int | None = None

    def murder_workers(self) -> None:
        """Called about once a second, to look after the processes."""
        super().murder_workers()
        if self.parent not in (None, os.getppid()):
            self.SIG_QUEUE.put_nowait(signal.SIGTERM)

    def handle_int(self) -> None:
        """Stop at once, as gunicorn does."""
        self.interrupted = True
        super().handle_int()


class WebServer(BaseApplication):
    """gunicorn with these settings, without a command line or a file of its own."""

    def __init__(self, settings: Settings, **changed_options: Any) -> None:
        self.settings = settings
        self._options = {**gunicorn_options(settings), **changed_options}
        super().__init__()

    def load_config(self) -> None:
        """Called by gunicorn, to begin with and on SIGHUP."""
        for name, value in self._options.items():
            self.cfg.set(name, value)

    def load(self) -> Any:
        """Called by gunicorn before it forks its processes."""
        return create_app(self.settings)

    def serve(self, parent: int | None = None) -> bool:
        """Serve until told to stop, or until the `parent` process is gone; True after Ctrl-C.

        SystemExit with a code other than 0 means that it could not go on.
        """
        arbiter = SupervisedArbiter(self)
        arbiter.parent = parent
        try:
            arbiter.run()
        except SystemExit as end:
            if end.code:
                raise
        return arbiter.interrupted
