"""Contestants that are programs of their own: how they are started together and heard."""

from __future__ import annotations

import json
import shutil
import subprocess
from collections.abc import Sequence
from pathlib import Path

import psycopg2

from benchmarks.appending import Contest, Measured, Round
from benchmarks.field.fetch import (
    HOME,
    MESSAGE_DB,
    OTHER_PYTHON,
    fetch_node_packages,
    fetch_other_python,
)
from benchmarks.pgbench import pgbench

HERE = Path(__file__).parent

# One category, as all cases would be: its writers take turns, which is how message-db keeps order.
MESSAGE_DB_WRITE = (
    "SELECT message_store.write_message(gen_random_uuid()::varchar, 'case-' || uuidv7(),"
    " 'solution_proposed', '{\"text\": \"" + "a" * 244 + "\"}', NULL, -1);"
)
# In the order of its own install script, without its roles and views, and without the extension
# pgcrypto: PostgreSQL has had the one function that it is there for since version 13.
MESSAGE_DB_FILES = (
    "schema/message-store",
    "tables/messages",
    "types/message",
    "functions/message-store-version",
    "functions/hash-64",
    "functions/acquire-lock",
    "functions/category",
    "functions/is-category",
    "functions/id",
    "functions/cardinal-id",
    "functions/stream-version",
    "functions/write-message",
    "indexes/messages-id",
    "indexes/messages-stream",
    "indexes/messages-category",
)


def eventsourcing_sqlalchemy() -> Contest:
    """Its recorder with all defaults: threads in a process per core. Raises NotFetched."""
    fetch_other_python()
    return _outside([str(OTHER_PYTHON), str(HERE / "sqlalchemy_writer.py")])


def emmett() -> Contest:
    """Emmett's `appendToStream` with all defaults: a node process per core. Raises NotFetched."""
    fetch_node_packages()
    node = shutil.which("node")
    assert node is not None
    return _outside([node, str(HERE / "emmett_writer.mjs")])


def message_db() -> Contest:
    """message-db's `write_message`, called by pgbench. Raises NotFetched."""
    fetch_node_packages()
    return pgbench(MESSAGE_DB_WRITE, options="-csearch_path=message_store,public")


def install_message_db(owner: psycopg2.extensions.connection) -> None:
    """Its tables and functions in a schema of their own, from the files of its package."""
    with owner.cursor() as cursor:
        cursor.execute("SET search_path TO message_store, public")
        for name in MESSAGE_DB_FILES:
            cursor.execute((MESSAGE_DB / f"{name}.sql").read_text(encoding="utf-8"))
        cursor.execute("GRANT USAGE ON SCHEMA message_store TO PUBLIC")
        cursor.execute("GRANT ALL ON ALL TABLES IN SCHEMA message_store TO PUBLIC")
        cursor.execute("GRANT ALL ON ALL SEQUENCES IN SCHEMA message_store TO PUBLIC")
        cursor.execute("RESET search_path")


def _outside(program: Sequence[str]) -> Contest:
    def contest(each: Round) -> Measured:
        processes = [_started(program, each, writers) for writers in each.writers_per_process]
        for process in processes:
            assert process.stdin is not None
            process.stdin.write("go\n")
            process.stdin.flush()
        parts = [json.loads(process.communicate()[0]) for process in processes]
        return Measured.of((part["per_second"], part["latencies_us"]) for part in parts)

    return contest


def _started(program: Sequence[str], each: Round, writers: int) -> subprocess.Popen[str]:
    """A process that is ready; one after the other, since the first one makes the tables."""
    process = subprocess.Popen(
        [*program, each.url, str(writers), str(each.seconds)],
        cwd=HOME,
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
    )
    assert process.stdout is not None
    assert process.stdout.readline() == "ready\n", "a contestant did not start"
    return process
