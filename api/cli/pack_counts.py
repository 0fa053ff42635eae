"""What the commands say is in an audit pack."""

from __future__ import annotations

from api.cli.headings import counted


def pack_counts(cases: int, events: int, reviews: int, actions: int, records: int) -> str:
    """Events of cases, and records of reviews and corrective actions where it holds any."""
    told = f"{_so_many(events, 'event')} of {_so_many(cases, 'case')}"
    if not records:
        return told
    about = f"{_so_many(reviews, 'review')} and {_so_many(actions, 'corrective action')}"
    return f"{told}, {_so_many(records, 'record')} of {about}"


def _so_many(count: int, what: str) -> str:
    return counted(count, what, "en")
