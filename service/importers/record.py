"""What one row of a source says, before any case takes it over."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from service.case_ids import case_id_of


class BadRow(Exception):
    """A row does not say what it must; the message names columns, never what they hold."""


@dataclass(frozen=True)
class Saying:
    """One thing a row says: when it happened, and the details of the event that records it."""

    occurred_at: datetime
    details: Mapping[str, Any]


@dataclass(frozen=True)
class Record:
    """One row: the case it belongs to, how that case begins, and the log entry it adds.

    `entry` is None where the source keeps one row per case. An entry without `leads_to` leaves
    the case in its status.
    """

    system: str
    external_id: str
    digest: str
    beginning: Saying
    entry: Saying | None = None

    @property
    def case_id(self) -> UUID:
        """The same for the same record, whichever file it comes in and however often."""
        return case_id_of(self.system, self.external_id)


def digest_of(values: Mapping[str, str]) -> str:
    """SHA-256 in hex over the columns that hold something, in order of their names.

    So neither the order of columns nor an empty column more makes a row look changed.
    """
    held = sorted((name, value) for name, value in values.items() if value)
    return hashlib.sha256(json.dumps(held, separators=(",", ":")).encode()).hexdigest()
