"""The token bucket of a credential."""

from __future__ import annotations

from uuid import uuid4

import pytest

from api.errors import Problem
from api.rate_limit import RateLimiter
from tests.still_clocks import Stopwatch


def test_a_burst_is_allowed_and_then_the_rate() -> None:
    clock, credential = Stopwatch(), uuid4()
    limiter = RateLimiter(per_minute=60, clock=clock)
    for _ in range(10):
        limiter.take(credential)

    with pytest.raises(Problem) as refused:
        limiter.take(credential)

    assert refused.value.code == "rate_limited"
    assert refused.value.headers == {"Retry-After": "1"}
    clock.now = 1.0
    limiter.take(credential)


def test_credentials_do_not_share_a_bucket() -> None:
    limiter = RateLimiter(per_minute=6, clock=Stopwatch())
    limiter.take(uuid4())

    limiter.take(uuid4())


def test_each_process_grants_its_share() -> None:
    credential = uuid4()
    limiter = RateLimiter(per_minute=60, processes=2, clock=Stopwatch())
    for _ in range(5):
        limiter.take(credential)

    with pytest.raises(Problem):
        limiter.take(credential)


def test_zero_means_no_limit() -> None:
    limiter, credential = RateLimiter(per_minute=0, clock=Stopwatch()), uuid4()

    for _ in range(1_000):
        limiter.take(credential)
