"""The running number in a case's reference: unique, rising, with holes, and cheap to get."""

from __future__ import annotations

from threading import Lock

from sqlalchemy import Engine, text

BLOCK = 50
"""Numbers fetched at once; the sequence steps by as many. What a process leaves unused is lost."""


class ReferenceNumbers:
    """Hands out numbers from blocks, so that hardly any report pays for a round trip."""

    def __init__(self, engine: Engine) -> None:
        self._engine = engine
        self._lock = Lock()
        self._block = iter(range(0))

    def next(self) -> int:
        """A number no other case has."""
        with self._lock:
            number = next(self._block, None)
            if number is None:
                self._block = iter(self._fetch_block())
                number = next(self._block)
            return number

    def _fetch_block(self) -> range:
        with self._engine.connect() as connection:
            first = connection.scalar(text("SELECT nextval('case_reference_numbers')"))
            connection.commit()
        return range(int(first), int(first) + BLOCK)
