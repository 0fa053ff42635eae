"""What the tests of the event store share."""

import pytest
from sqlalchemy import Engine

from service.event_store import EventRecorder


@pytest.fixture
def recorder(engine: Engine) -> EventRecorder:
    return EventRecorder(engine)
