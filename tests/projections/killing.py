"""A process that dies in the middle of its work."""

from __future__ import annotations

from typing import Any

import pytest


class Killed(BaseException):
    """Stands for the end of the process."""


def die_after(patch: pytest.MonkeyPatch, owner: Any, moment: str) -> None:
    """Let the process end as soon as it has done this; `patch.undo()` lets it live on."""
    done = getattr(owner, moment)

    def die(*given: Any, **named: Any) -> None:
        done(*given, **named)
        raise Killed

    patch.setattr(owner, moment, die)
