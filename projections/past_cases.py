"""The case list as it was, or as it was known: the same questions, asked of the past."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import TypeVar

from sqlalchemy import Connection

from projections.case_list import CASES, READ_MODEL
from projections.case_questions import CaseFilter, lasting_conditions
from projections.event_log import Mapper
from projections.instants import Instants
from projections.read_model import Tools
from projections.rewinding import MOST_EVENTS, Rewinding
from projections.search_tokens import NoWords
from projections.snapshots import in_snapshot

Answer = TypeVar("Answer")
WORDLESS = Tools(NoWords())
"""Where nobody searches, no text need be opened."""


@dataclass(frozen=True)
class PastCases:
    """Lets the case list be asked about the past. `tools` make the words that a search finds."""

    mapper: Mapper
    tools: Tools
    most_events: int | None = MOST_EVENTS

    def ask(
        self,
        connection: Connection,
        wanted: CaseFilter,
        instants: Instants,
        ask: Callable[[Connection], Answer],
    ) -> Answer:
        """What `ask` finds in the list as it was. `wanted` is what it will ask for.

        `connection` must not be in a transaction. Raises TooMuchHasMoved.
        """
        rewinding = Rewinding(READ_MODEL, (CASES,), self.mapper, self.most_events)
        tools = WORDLESS if wanted.text is None else self.tools

        def of_the_past(snapshot: Connection) -> Answer:
            with rewinding.to(snapshot, instants, tools, lasting_conditions(wanted)):
                return ask(snapshot)

        return in_snapshot(connection, [CASES.fullname], of_the_past)
