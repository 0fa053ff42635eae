"""Verifies the invariants of a store in service: one snapshot, in chunks, beside live writers."""

from __future__ import annotations

import re
from base64 import urlsafe_b64decode
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from typing import Any, Final, TypeVar
from uuid import UUID

from eventsourcing.persistence import StoredEvent
from sqlalchemy import Connection, Engine, Row, TextClause
from sqlalchemy.exc import DataError

from service import store_check_statements as statements
from service.mapper import CaseEventMapper, UnreadableEvent
from service.progress import TellInWords
from service.record_book import UnreadableRecord, logged_record

CHUNK: Final = 20_000
"""Events and records looked at in one statement: a fraction of a second, and little memory."""
PAGE: Final = 2_000
"""Events, or records, read whole in one statement."""
EXAMPLES_MAX: Final = 5

RULES: Final = {
    "versions": "versions of every case and of every stream of records run from 1 without holes",
    "order": "positions rise with the versions of a case or stream",
    "positions": "every position stands once, and an append has no hole",
    "base": "the next append gets a position above every event and record",
    "readers": "nothing has been read beyond the horizon",
    "summaries": "times and subjects of events are summed up as the log has them",
    "alarms": "the row of every alarm says what its records say",
    "parked": "what is parked or skipped stands in the log",
    "commands": "every command points to its event or record",
    "contents": "every event and record can be read",
    "keys": "the key of every sealed text exists, or was erased",
}
CONTENTS: Final = frozenset({"contents", "keys"})
"""The rules that need every event's bytes, and so most of the time."""

READ_MODEL_CURE: Final = "a worker makes it anew"
ALARMS_CURE: Final = "`amends store mend-alarms` makes it anew"
LEDGER_CURE: Final = "see “The ledger is ahead of the log” in docs/how-to/back-up-and-restore.md"

_TOKEN: Final = re.compile(rb'"sealed1\.([A-Za-z0-9_-]{22})[A-Za-z0-9_-]{38,}"')
_HIGHEST_ID: Final = UUID(int=2**128 - 1)
_LOWEST, _HIGHEST = -(2**63), 2**63 - 1

Bound = TypeVar("Bound", int, UUID)


@dataclass
class Found:
    """How often a rule is broken, and where it was seen first: ids, numbers and names only."""

    violations: int = 0
    examples: list[str] = field(default_factory=list)

    def add(self, example: str) -> None:
        """Count one more; the first few are kept."""
        self.violations += 1
        if len(self.examples) < EXAMPLES_MAX:
            self.examples.append(example)


@dataclass(frozen=True)
class StoreReport:
    """What was found at one moment; `found` has an entry for every rule that was looked at."""

    events: int
    records: int
    horizon: int
    found: dict[str, Found]

    @property
    def is_sound(self) -> bool:
        """Whether no rule is broken."""
        return not any(each.violations for each in self.found.values())


def check_store(
    engine: Engine, mapper: CaseEventMapper, tell: TellInWords, *, quick: bool = False
) -> StoreReport:
    """Look at the whole store as it is now; `quick` leaves out the contents of events.

    Everything is seen in one snapshot that only reads, so it holds no reader back and takes no
    lock; what is appended meanwhile is left for the next time. `tell` hears how far it
    is. Raises SQLAlchemy's errors.
    """
    reading = engine.execution_options(isolation_level="REPEATABLE READ", postgresql_readonly=True)
    with reading.connect() as connection:
        check = _Check(connection, tell)
        check.look_at_the_whole()
        check.look_at_cases()
        check.look_at_positions()
        check.look_at_alarms()
        check.look_at_commands()
        if not quick:
            check.look_at_contents(mapper)
            check.look_at_records()
        looked_at = [rule for rule in RULES if not quick or rule not in CONTENTS]
        found = {rule: check.found.get(rule, Found()) for rule in looked_at}
        return StoreReport(check.events, check.records, check.horizon, found)


class _Check:
    """One look at a store: what it has found, and how far it is."""

    def __init__(self, connection: Connection, tell: TellInWords) -> None:
        self._connection = connection
        self._tell = tell
        self.found: dict[str, Found] = {}
        whole = self._rows(statements.WHOLE)[0]
        self.events: int = whole.events
        self.records: int = whole.records
        self.horizon: int = whole.horizon
        self._base: int = whole.base
        self._next: int = whole.next_position
        self._newest: int | None = whole.newest
        self._newest_event: int = whole.newest_event or 0
        self._summed_up_to: int = self._scalar(statements.SUMMED_UP_TO)

    def look_at_the_whole(self) -> None:
        if self._base % 4096 or self._base < 0:
            self._add("base", f"the base of positions is {self._base}, no multiple of 4096")
        if self._newest is not None and self._newest >= self._next:
            says = f"the newest stands at {self._newest}, the next one gets {self._next}"
            self._add("base", says)
        ends = {"newest_event": self._newest_event, "newest": self._newest or 0}
        for row in self._rows(statements.READERS, horizon=self.horizon, **ends):
            says = f"the newest {row.of} has {row.newest}, the horizon is {self.horizon}"
            cure = LEDGER_CURE if row.reader == "ledger" else READ_MODEL_CURE
            self._add("readers", f"{row.reader} has read to {row.position}; {says}: {cure}")
        for row in self._rows(statements.PARKED):
            self._add("parked", f"{row.what} at {row.position}")

    def look_at_cases(self) -> None:
        done = 0
        for first, last in self._ranges(statements.NEXT_CASE, UUID(int=0), _HIGHEST_ID, _next_id):
            done += CHUNK
            self._say(done, "versions")
            for row in self._rows(statements.CASES, first=first, last=last):
                if row.version != (row.version_before or 0) + 1:
                    before = row.version_before or "none"
                    self._add("versions", f"{row.whose}: {row.version} after {before}")
                if row.position <= (row.position_before or _LOWEST):
                    says = f"version {row.version} at {row.position}, before its predecessor"
                    self._add("order", f"{row.whose}: {says}")

    def look_at_positions(self) -> None:
        done = 0
        for first, last in self._ranges(statements.NEXT_POSITION, _LOWEST, _HIGHEST, _next_number):
            done += CHUNK
            self._say(done, "positions")
            for row in self._rows(statements.POSITIONS, first=first, last=last):
                entries = "1 entry" if row.entries == 1 else f"{row.entries} entries"
                says = f"{entries} from {row.lowest} to {row.highest}"
                self._add("positions", f"the append at {row.append_at} has {says}")
            self._look_at_summaries(first, last)

    def _look_at_summaries(self, first: int, last: int) -> None:
        part = {"first": first, "last": last}
        for row in self._rows(statements.TIMES, **part, summed_up_to=self._summed_up_to):
            self._add("summaries", f"position {row.position}: outside the times of its run")
        for row in self._rows(statements.SUBJECTS, **part, summed_up_to=self._summed_up_to):
            self._add("summaries", f"position {row.position}: another subject, or none")

    def look_at_alarms(self) -> None:
        try:
            with self._connection.begin_nested():
                rows = self._rows(statements.ALARMS)
        except DataError:  # which record it is, `contents` says
            self._add("alarms", "a record of an alarm cannot be read")
            return
        for row in rows:
            self._add("alarms", f"alarm {row.alarm_id}: {row.difference}: {ALARMS_CURE}")

    def look_at_commands(self) -> None:
        done = 0
        for first, last in self._ranges(
            statements.NEXT_COMMAND, UUID(int=0), _HIGHEST_ID, _next_id
        ):
            done += CHUNK
            self._tell(done, None, f"{done:,} commands")
            for row in self._rows(statements.COMMANDS, first=first, last=last):
                says = f"version {row.version} of {row.case_id} at {row.position}"
                self._add("commands", f"command {row.command_id}: {says}")

    def look_at_contents(self, mapper: CaseEventMapper) -> None:
        done, after = 0, _LOWEST
        while page := self._rows(statements.PAGE, after=after, limit=PAGE):
            for row in page:
                self._read(mapper, row)
            self._look_for_keys(page)
            done, after = done + len(page), page[-1].position
            self._say(done, "contents")

    def look_at_records(self) -> None:
        done, after = self.events, _LOWEST
        while page := self._rows(statements.RECORDS, after=after, limit=PAGE):
            for row in page:
                self._read_record(row)
            done, after = done + len(page), page[-1].position
            self._say(done, "contents")

    def _read_record(self, row: Row[Any]) -> None:
        try:
            logged_record(row)
        except UnreadableRecord:
            self._add("contents", f"position {row.position}: cannot read {row.topic}")

    def _read(self, mapper: CaseEventMapper, row: Row[Any]) -> None:
        stored = StoredEvent(row.case_id, row.version, row.topic, bytes(row.state))
        try:
            mapper.to_domain_event(stored)
        except UnreadableEvent as unreadable:
            self._add("contents", f"position {row.position}: {unreadable}")

    def _look_for_keys(self, page: Sequence[Row[Any]]) -> None:
        tokens = {row.position: set(_TOKEN.findall(row.state)) for row in page}
        key_of = {token: _key_id(token) for token in set[bytes]().union(*tokens.values())}
        ids = list(set(key_of.values()))
        known = set(self._connection.execute(statements.KEYS, {"ids": ids}).scalars())
        for position, used in tokens.items():
            for key_id in {key_of[token] for token in used} - known:
                self._add("keys", f"position {position}: there is no key {key_id}")

    def _ranges(
        self, statement: TextClause, lowest: Bound, highest: Bound, after: Callable[[Bound], Bound]
    ) -> Iterator[tuple[Bound, Bound]]:
        """Bounds, both included, that hold about CHUNK rows each and together everything."""
        first = lowest
        while (last := self._scalar(statement, first=first, rows=CHUNK)) is not None:
            yield first, last
            if last == highest:
                return
            first = after(last)
        yield first, highest

    def _rows(self, statement: TextClause, **values: Any) -> Sequence[Row[Any]]:
        return self._connection.execute(statement, values).all()

    def _scalar(self, statement: TextClause, **values: Any) -> Any:
        return self._connection.execute(statement, values).scalar()

    def _add(self, rule: str, example: str) -> None:
        self.found.setdefault(rule, Found()).add(example)

    def _say(self, done: int, what: str) -> None:
        total = self.events + self.records
        done = min(done, total)
        self._tell(done, total, f"{what} of {done:,} events and records")


def _next_id(last: UUID) -> UUID:
    return UUID(int=last.int + 1)


def _next_number(last: int) -> int:
    return last + 1


def _key_id(token: bytes) -> UUID:
    """The key of a sealed text: its first 16 bytes; see `service.data_keys`."""
    return UUID(bytes=urlsafe_b64decode(token + b"=="))
