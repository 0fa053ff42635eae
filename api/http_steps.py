"""Which lifecycle steps HTTP offers, and what they are called in addresses."""

from __future__ import annotations

from typing import Final

from domain import events
from domain.lifecycle import TABLE

# What a source's record tells comes in by the importers, which check it against the file, and an
# erasure concerns a person, not a case. Timers ask nobody.
_NOT_BY_HTTP: Final = (
    events.CaseImported,
    events.ImportedEntryNoted,
    events.PersonalDataErased,
)
HTTP_STEPS: Final = tuple(
    step for step in TABLE if step.event not in _NOT_BY_HTTP and not step.by_timers
)
STEP_PATHS: Final = {step.command: step.command.replace("_", "-") for step in HTTP_STEPS}
"""The name of each offered step in addresses: `propose-solution`."""
