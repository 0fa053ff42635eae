"""How gunicorn serves the API: threads for waiting on the database, our log lines, our limits."""

import logging
from pathlib import Path

from gunicorn.config import Config
from gunicorn.glogging import Logger

from service.logging import configure_logging
from service.settings import Settings

_settings = Settings.from_environment()


class ServiceLogger(Logger):
    """Hands gunicorn's own lines to our log; the API itself writes one line per request."""

    def setup(self, cfg: Config) -> None:
        """Let lines rise to the root logger, which names no typed text."""
        self.cfg = cfg
        self._access_log_enabled = False
        configure_logging(_settings)
        self.error_log.propagate = True
        self.error_log.setLevel(logging.INFO)


wsgi_app = "api.app:create_app()"
bind = f"{_settings.host}:{_settings.port}"
worker_class = "gthread"
workers = _settings.web_processes
threads = _settings.web_threads
logger_class = ServiceLogger

# Workers report that they live through a file: in memory where there is such a place.
worker_tmp_dir = "/dev/shm" if Path("/dev/shm").is_dir() else None  # noqa: S108
control_socket_disable = True

timeout = 60
graceful_timeout = 30
keepalive = 75
backlog = 2_048
limit_request_line = 8_190
limit_request_fields = 64
