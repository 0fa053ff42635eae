"""Reviews and audits that are open, each time others."""

from __future__ import annotations

from datetime import date
from itertools import count

import pytest

from service.assembly import Service
from tests.api.reviews.steps import DAY, open_one

WEEKS, QUARTERS = count(), count()


@pytest.fixture
def weekly(service: Service) -> str:
    """A weekly review that is open, each time another one."""
    monday = date(2024, 1, 8) + next(WEEKS) * 7 * DAY
    return open_one(service, "voice_of_customer", monday)


@pytest.fixture
def audit(service: Service) -> str:
    """A quarterly audit that is open, each time another one."""
    number = next(QUARTERS)
    day = date(2010 + number // 4, 1 + number % 4 * 3, 10)
    return open_one(service, "quarterly_audit", day)
