"""Who gives a command, by which right, when, and in which conversation."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Protocol

from domain.values import Actor, Via


class Caller(Protocol):
    """Who asks and by which right: enough to say which steps a case offers."""

    @property
    def actor(self) -> Actor: ...

    @property
    def roles(self) -> frozenset[str]: ...


@dataclass(frozen=True, kw_only=True)
class Circumstances:
    """Everything a command must be told besides its own details.

    `now` is the service's clock, `occurred_at` what the caller says and defaults to it;
    `reference_number` is the number kept ready for a case that begins.
    """

    actor: Actor
    roles: frozenset[str]
    now: datetime
    correlation_id: str
    via: Via = Via.API
    causation_id: str | None = None
    occurred_at: datetime | None = None
    reference_number: int = 0
