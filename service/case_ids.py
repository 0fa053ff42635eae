"""The ids of new cases: by their source where they have one, else by their time of birth."""

from __future__ import annotations

import secrets
import time
from collections.abc import Mapping
from typing import Any
from uuid import UUID, uuid5

from domain.values import SourceRecord

NAMESPACE = UUID("6f1c3b52-0e0b-5c58-9d0a-7a1f3a0f6d2e")
"""Makes case ids of external ids. It never changes, or every import would come in twice."""


def case_id_for(details: Mapping[str, Any]) -> UUID:
    """The id of a case that begins with these details.

    One record of another system makes one case: the key of the event store refuses a second.
    """
    source: SourceRecord | None = details.get("source")
    return case_id_of(source.system, source.external_id) if source else new_case_id()


def case_id_of(system: str, external_id: str) -> UUID:
    """The same for the same record, whichever door it comes through and however often."""
    # A system's name may hold a colon too; two names must not make one id.
    separator = "\n" if ":" in system else ":"
    return uuid5(NAMESPACE, f"{system}{separator}{external_id}")


def new_case_id() -> UUID:
    """A UUID version 7 (RFC 9562): by time of birth, so that new cases lie together on disk."""
    milliseconds = time.time_ns() // 1_000_000
    value = (milliseconds << 80) | secrets.randbits(80)
    value = value & ~(0xF << 76) | (0x7 << 76)
    return UUID(int=value & ~(0x3 << 62) | (0x2 << 62))
