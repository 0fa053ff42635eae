"""A signed ledger with a case in it, from its report to its end."""

from __future__ import annotations

import pytest

from tests.api.conftest import Callers, Json
from tests.api.packs.steps import REF
from tests.packs import a_life
from tests.projections.ledger.a_ledger import ALedger


@pytest.fixture(scope="module")
def case(callers: Callers, ledger: ALedger) -> Json:
    """A case in Chinese, from its report to its end, in a signed ledger."""
    told = a_life(callers, "zh", REF)
    ledger.keep()
    return told
