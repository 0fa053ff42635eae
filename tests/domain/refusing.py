"""Steps that must be refused: they record nothing and leave the case as it was."""

from typing import Any

import pytest

from domain.circumstances import Circumstances
from domain.conflict_case import ConflictCase
from domain.errors import Refusal
from tests.given import Story


def refused(story: Story, command: str, by: Circumstances | None = None, **changes: Any) -> Refusal:
    """The refusal of a step, after seeing that the case stands as its events tell it."""
    recorded = list(story.events)

    with pytest.raises(Refusal) as caught:
        story.take(command, by, **changes)

    assert story.events == recorded
    assert story.case == ConflictCase.folded(story.case.id, recorded)
    return caught.value
