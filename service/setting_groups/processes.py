"""Settings of the processes: where the web server listens, how many there are, what they log."""

from dataclasses import dataclass

from service.setting_fields import setting
from service.setting_values import one_of, whole_number

LOG_FORMATS = ("auto", "json", "console")
LOG_LEVELS = ("debug", "info", "warning", "error")


@dataclass(frozen=True, kw_only=True)
class ProcessSettings:
    """Processes and their logs."""

    host: str = setting("AMENDS_HOST", "127.0.0.1", "Address that the web server listens on.")
    port: int = setting(
        "AMENDS_PORT",
        8080,
        "Port that the web server listens on.",
        whole_number(1, 65_535),
        also=("PORT",),
    )
    web_processes: int = setting(
        "AMENDS_WEB_PROCESSES", 2, "Number of web server processes.", whole_number(1, 64)
    )
    web_threads: int = setting(
        "AMENDS_WEB_THREADS", 8, "Threads in each web server process.", whole_number(1, 128)
    )
    rebuild_processes: int = setting(
        "AMENDS_REBUILD_PROCESSES",
        2,
        "Processes that a worker starts while a read model is rebuilt from a long log; 0: the "
        "worker does it alone.",
        whole_number(0, 64),
    )
    log_format: str = setting(
        "AMENDS_LOG_FORMAT",
        "auto",
        "`json`, `console`, or `auto`: console on a terminal, else json.",
        one_of(*LOG_FORMATS),
    )
    log_level: str = setting(
        "AMENDS_LOG_LEVEL", "info", f"One of {', '.join(LOG_LEVELS)}.", one_of(*LOG_LEVELS)
    )
