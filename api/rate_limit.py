"""A token bucket per credential, kept in each process."""

from __future__ import annotations

import math
import threading
import time
from collections import OrderedDict
from collections.abc import Callable
from typing import Final
from uuid import UUID

from api.errors import Problem

_MAX_BUCKETS: Final = 10_000
_BURST_SECONDS: Final = 10


class RateLimiter:
    """At most `per_minute` requests a minute for each credential, shared over `processes`.

    Each process grants its share and knows nothing of the others, so a credential whose requests
    all reach one process meets its limit early. Ten seconds' worth may come at once.
    """

    def __init__(
        self, per_minute: int, processes: int = 1, clock: Callable[[], float] = time.monotonic
    ) -> None:
        self._per_second = per_minute / 60 / processes
        self._most = max(1.0, self._per_second * _BURST_SECONDS)
        self._clock = clock
        self._lock = threading.Lock()
        self._buckets: OrderedDict[UUID, tuple[float, float]] = OrderedDict()

    def take(self, credential_id: UUID) -> None:
        """Count one request. Raises Problem (429) where the credential has none left."""
        if not self._per_second:
            return
        now = self._clock()
        with self._lock:
            left, at = self._buckets.get(credential_id, (self._most, now))
            left = min(self._most, left + (now - at) * self._per_second)
            allowed = left >= 1
            self._buckets[credential_id] = (left - allowed, now)
            self._buckets.move_to_end(credential_id)
            if len(self._buckets) > _MAX_BUCKETS:
                self._buckets.popitem(last=False)
        if not allowed:
            seconds = math.ceil((1 - left) / self._per_second)
            raise Problem("rate_limited", headers={"Retry-After": str(max(1, seconds))})
