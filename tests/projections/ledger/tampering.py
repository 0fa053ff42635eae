"""Everything a superuser can do to a ledger, and what verification must find of it."""

from __future__ import annotations

import random
from collections.abc import Callable
from contextlib import closing
from dataclasses import dataclass
from typing import Any

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from psycopg2.extensions import cursor as Cursor  # noqa: N812

from projections.ledger.edge import Edge
from projections.ledger.findings import Kind, Verified
from projections.ledger.leaves import leaf_hashes, read_stored
from projections.ledger.notes import Checkpoint, VerifierKey
from tests.projections.ledger.a_ledger import ORIGIN, ALedger


@dataclass
class Tampering:
    """What one tampering needs: the ledger, the superuser, chance."""

    ledger: ALedger
    cursor: Cursor
    chance: random.Random

    def ask(self, statement: str, *values: Any) -> Any:
        self.cursor.execute(statement, values)
        return self.cursor.fetchone()[0]

    def do(self, statement: str, *values: Any) -> None:
        self.cursor.execute(statement, values)
        assert self.cursor.rowcount, "nothing was tampered with"

    def any_position(self) -> int:
        return self.chance.choice(self.ledger.positions)

    def table_of(self, position: int) -> str:
        return self.ledger.table_at(position)

    def index_of(self, position: int) -> int:
        return self.ledger.positions.index(position)


@dataclass(frozen=True)
class Expected:
    """What verification must find first. `up_to`: the position may be any up to this one."""

    kind: Kind
    position: int | None
    index: int | None = None
    up_to: int | None = None

    def is_met_by(self, found: Verified) -> bool:
        first = found.first
        if first is None or first.kind is not self.kind:
            return False
        if self.up_to is not None:
            return first.position is not None and first.position <= self.up_to
        return first.position == self.position and self.index in (None, first.index)


def edit_state(t: Tampering) -> Expected:
    position = t.any_position()
    table = t.table_of(position)
    length = t.ask(f"SELECT octet_length(state) FROM {table} WHERE position = %s", position)
    at, by = t.chance.randrange(length), 1 << t.chance.randrange(8)
    edit = f"UPDATE {table} SET state = set_byte(state, %s, get_byte(state, %s) # %s)"
    t.do(f"{edit} WHERE position = %s", at, at, by, position)
    return Expected(Kind.CHANGED, position, t.index_of(position))


def edit_time(t: Tampering) -> Expected:
    position, shift = t.any_position(), t.chance.choice((-1, 1)) * t.chance.randint(1, 10**9)
    edit = (
        f"UPDATE {t.table_of(position)} SET recorded_at = recorded_at + make_interval(secs => %s)"
    )
    t.do(f"{edit} WHERE position = %s", shift / 10**6, position)
    return Expected(Kind.CHANGED, position, t.index_of(position))


def edit_column(t: Tampering) -> Expected:
    position = t.any_position()
    edits = (
        "topic = topic || '0'",
        "originator_version = originator_version + 100",
        "originator_id = gen_random_uuid()",
    )
    edit = f"UPDATE {t.table_of(position)} SET {t.chance.choice(edits)}"
    t.do(f"{edit} WHERE position = %s", position)
    return Expected(Kind.CHANGED, position, t.index_of(position))


def delete(t: Tampering) -> Expected:
    position = t.any_position()
    t.do(f"DELETE FROM {t.table_of(position)} WHERE position = %s", position)
    return Expected(Kind.MISSING, position, t.index_of(position))


def insert(t: Tampering) -> Expected:
    position = t.chance.choice([-t.chance.randint(1, 10**9), 0, *t.ledger.positions[:-1]])
    while position in t.ledger.positions:
        position += 1
    into = t.chance.choice(("events", "records"))
    t.do(f"INSERT INTO {into} VALUES (%s, now(), gen_random_uuid(), 1, 'x:1', '{{}}')", position)
    return Expected(Kind.INSERTED, position)


def move(t: Tampering) -> Expected:
    position = t.any_position()
    to = position + 1
    while to in t.ledger.positions:
        to += 1
    t.do(f"UPDATE {t.table_of(position)} SET position = %s WHERE position = %s", to, position)
    return Expected(Kind.MISSING, position, t.index_of(position))


def swap(t: Tampering) -> Expected:
    one, other = sorted(t.chance.sample(t.ledger.positions, 2))
    tables = {one: t.table_of(one), other: t.table_of(other), -1: t.table_of(one)}
    for old, new in ((one, -1), (other, one), (-1, other)):
        t.do(f"UPDATE {tables[old]} SET position = %s WHERE position = %s", new, old)
    return Expected(Kind.CHANGED, one, t.index_of(one))


def hide(t: Tampering) -> Expected:
    """Take an event out of its case by moving it among the records, or the other way round."""
    position = t.any_position()
    table = t.table_of(position)
    other = "records" if table == "events" else "events"
    t.do(f"INSERT INTO {other} SELECT * FROM {table} WHERE position = %s", position)
    t.do(f"DELETE FROM {table} WHERE position = %s", position)
    return Expected(Kind.CHANGED, position, t.index_of(position))


def cut_tail(t: Tampering) -> Expected:
    position = t.any_position()
    _delete_from(t, position)
    return Expected(Kind.MISSING, position, t.index_of(position))


def _delete_from(t: Tampering, position: int) -> None:
    for table in ("events", "records"):
        t.cursor.execute(f"DELETE FROM {table} WHERE position >= %s", (position,))


def _cut_tree(t: Tampering) -> int:
    """Take the newest rows of the ledger away; the size that is left."""
    t.cursor.execute("SELECT first_index FROM ledger.leaves")
    size = t.chance.choice([row[0] for row in t.cursor.fetchall()])
    t.do("DELETE FROM ledger.leaves WHERE first_index >= %s", size)
    t.cursor.execute("DELETE FROM ledger.nodes WHERE (number + 1) << height > %s", (size,))
    t.do("DELETE FROM ledger.checkpoints WHERE tree_size > %s", size)
    return size


def cut_tail_and_tree(t: Tampering) -> Expected:
    size = _cut_tree(t)
    _delete_from(t, t.ledger.positions[size])
    return Expected(Kind.MISSING, None, size)


def cut_tree(t: Tampering) -> Expected:
    size = _cut_tree(t)
    return Expected(Kind.TREE, t.ledger.positions[size], size)


def edit_and_rewrite_tree(t: Tampering) -> Expected:
    changed = edit_state(t)
    with closing(t.cursor.connection.cursor()) as cursor:
        hashes = leaf_hashes(read_stored(cursor, -1))
    t.cursor.execute("SELECT first_index, leaf_count FROM ledger.leaves")
    for first, count in t.cursor.fetchall():
        joined = b"".join(hashes[first : first + count])
        t.do("UPDATE ledger.leaves SET hashes = %s WHERE first_index = %s", joined, first)
    for node in Edge().append(hashes):
        change = "UPDATE ledger.nodes SET hash = %s WHERE height = %s AND number = %s"
        t.do(change, node.hash, node.height, node.number)
    return Expected(Kind.REWRITTEN, None, up_to=changed.position)


def edit_leaf(t: Tampering) -> Expected:
    position = t.any_position()
    index = t.index_of(position)
    edit = "UPDATE ledger.leaves SET hashes = set_byte(hashes, at, get_byte(hashes, at) # 1)"
    row = "SELECT first_index AS f, 32 * (%s - first_index)::integer AS at FROM ledger.leaves"
    where = "WHERE first_index <= %s AND %s < first_index + leaf_count"
    t.do(f"{edit} FROM ({row} {where}) AS r WHERE first_index = f", index, index, index)
    return Expected(Kind.TREE, position, index)


def edit_node(t: Tampering) -> Expected:
    t.cursor.execute("SELECT height, number FROM ledger.nodes")
    height, number = t.chance.choice(t.cursor.fetchall())
    edit = t.chance.choice(
        ("UPDATE ledger.nodes SET hash = sha256(hash)", "DELETE FROM ledger.nodes")
    )
    t.do(f"{edit} WHERE height = %s AND number = %s", height, number)
    return Expected(Kind.TREE, t.ledger.positions[number << height], number << height)


def _any_checkpoint(t: Tampering, *, published: bool = False) -> int:
    t.cursor.execute("SELECT tree_size FROM ledger.checkpoints")
    sizes = {row[0] for row in t.cursor.fetchall()}
    if published:
        sizes &= {int(path.name) for path in t.ledger.directory.files()}
    return int(t.chance.choice(sorted(sizes)))


def _of_checkpoint(t: Tampering, size: int) -> Expected:
    return Expected(Kind.CHECKPOINT, t.ledger.positions[size - 1], size - 1)


def replace_checkpoint(t: Tampering) -> Expected:
    """By one that somebody else signed, who put a key of his into the database too."""
    size, forger = _any_checkpoint(t), Ed25519PrivateKey.generate()
    note = Checkpoint(ORIGIN, size, t.chance.randbytes(32)).signed(forger)
    t.do("UPDATE ledger.checkpoints SET note = %s WHERE tree_size = %s", str(note), size)
    t.do("INSERT INTO ledger.keys VALUES (%s, now())", str(VerifierKey.of(ORIGIN, forger)))
    return _of_checkpoint(t, size)


def edit_checkpoint(t: Tampering) -> Expected:
    size = _any_checkpoint(t)
    t.do("UPDATE ledger.checkpoints SET note = replace(note, '=', 'A') WHERE tree_size = %s", size)
    return _of_checkpoint(t, size)


def swap_checkpoints(t: Tampering) -> Expected:
    size = _any_checkpoint(t)
    old = "SELECT note FROM ledger.checkpoints WHERE tree_size <> %s LIMIT 1"
    t.do(f"UPDATE ledger.checkpoints SET note = ({old}) WHERE tree_size = %s", size, size)
    return _of_checkpoint(t, size)


def delete_checkpoint(t: Tampering) -> Expected:
    size = _any_checkpoint(t, published=True)
    t.do("DELETE FROM ledger.checkpoints WHERE tree_size = %s", size)
    return _of_checkpoint(t, size)


def edit_published(t: Tampering) -> Expected:
    """Not in the database: a published file is replaced."""
    path = t.chance.choice(list(t.ledger.directory.files()))
    note = Checkpoint(ORIGIN, int(path.name), bytes(32)).signed(Ed25519PrivateKey.generate())
    path.unlink()
    path.write_text(str(note))
    return _of_checkpoint(t, int(path.name))


TAMPERINGS: tuple[Callable[[Tampering], Expected], ...] = (
    edit_state,
    edit_time,
    edit_column,
    delete,
    insert,
    move,
    swap,
    hide,
    cut_tail,
    cut_tail_and_tree,
    cut_tree,
    edit_and_rewrite_tree,
    edit_leaf,
    edit_node,
    replace_checkpoint,
    edit_checkpoint,
    swap_checkpoints,
    delete_checkpoint,
    edit_published,
)
