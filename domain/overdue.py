"""When a due time has passed: the boundary between in time and too late, told once."""

from __future__ import annotations

from datetime import datetime, timedelta

INSTANT = timedelta(microseconds=1)
"""The least that times differ by: what is due is late from this much after its due time on."""


def is_overdue(due_at: datetime, now: datetime, *, on_record: bool = False) -> bool:
    """Whether it is too late: in time is at the due time or before (S45).

    A breach is recorded as of the due time itself. Where it is `on_record`, that instant is late
    too, so that the very version that tells of the breach shows it.
    """
    return due_at < now or (on_record and due_at == now)
