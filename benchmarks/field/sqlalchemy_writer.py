"""Appends by eventsourcing-sqlalchemy on psycopg2, in an environment with its own SQLAlchemy.

`python sqlalchemy_writer.py URL WRITERS SECONDS` says "ready", then waits for a line on its
input, and prints what it did as JSON.
"""

import json
import sys
import threading
import time
from uuid import uuid4

from eventsourcing.persistence import InfrastructureFactory, StoredEvent
from eventsourcing.utils import Environment

TOPIC = "solution_proposed:1"
STATE = b"\x61" * 256


def main(url: str, writers: int, seconds: float) -> None:
    """Append with so many threads, all with the defaults of the recorder."""
    environment = {
        "PERSISTENCE_MODULE": "eventsourcing_sqlalchemy",
        "SQLALCHEMY_URL": url.replace("postgresql:", "postgresql+psycopg2:"),
    }
    factory = InfrastructureFactory.construct(Environment("sqlalchemy", environment))
    recorder = factory.application_recorder()
    latencies: list[int] = []
    together = threading.Barrier(writers, action=_ready)

    def append() -> None:
        recorder.insert_events([StoredEvent(uuid4(), 1, TOPIC, STATE)])

    def write() -> None:
        append()
        together.wait()
        before = time.perf_counter()
        end = before + seconds
        while before < end:
            append()
            after = time.perf_counter()
            latencies.append(round((after - before) * 1e6))
            before = after

    threads = [threading.Thread(target=write) for _ in range(writers)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    print(json.dumps({"per_second": len(latencies) / seconds, "latencies_us": latencies}))


def _ready() -> None:
    print("ready", flush=True)
    sys.stdin.readline()


if __name__ == "__main__":
    main(sys.argv[1], int(sys.argv[2]), float(sys.argv[3]))
