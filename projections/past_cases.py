"""The case list as it was, or as it was known: the same questions, asked of the past."""

from __future__ import annotations

from dataclasses import dataclass

from projections.case_list import CASES, READ_MODEL
from projections.case_questions import CaseFilter, lasting_conditions
from projections.event_log import Mapper
from projections.read_model import Tools
from projections.rewinding import MOST_EVENTS, Past, Rewinding
from projections.search_tokens import NoWords
from projections.turns import NO_LIMIT, Turns

WORDLESS = Tools(NoWords())
"""Where nobody searches, no text need be opened."""


@dataclass(frozen=True)
class PastCases:
    """Lets the case list be asked about the past. `tools` make the words that a search finds."""

    mapper: Mapper
    tools: Tools
    most_events: int | None = MOST_EVENTS
    turns: Turns = NO_LIMIT

    def of(self, wanted: CaseFilter) -> Past:
        """For questions that ask for these cases only."""
        rewinding = Rewinding(READ_MODEL, (CASES,), self.mapper, self.most_events, turns=self.turns)
        tools = WORDLESS if wanted.text is None else self.tools
        return Past(rewinding, tools, lasting_conditions(wanted))
