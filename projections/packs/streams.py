"""Reviews and corrective actions in a pack: records that belong to no case, each from its opening.

They lie beside the cases, in a folder for each kind, under which `pack.json` lists them too.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final
from uuid import UUID

from projections.packs.layout import STORED, Json, Place

RECORDS: Final = "records.json"
FILES: Final = (RECORDS, STORED)


@dataclass(frozen=True)
class Streams:
    """One kind of them. `told`: what `pack.json` repeats of the record that opens one."""

    folder: str
    called: str
    id_name: str
    opened: str
    told: tuple[str, ...]

    def place(self, originator_id: UUID | str) -> Place:
        return Place(self.folder, str(originator_id), "records", self.called)

    def listed(self, originator_id: UUID | str, opening: Json, last_version: int) -> Json:
        """What `pack.json` says of one of them; `opening` is the data of its first record."""
        told = {name: opening.get(name) for name in self.told}
        return {self.id_name: str(originator_id), **told, "last_version": last_version}


REVIEWS: Final = Streams(
    "reviews", "review", "review_id", "review_opened", ("kind", "scheduled_on")
)
ACTIONS: Final = Streams(
    "corrective_actions",
    "corrective action",
    "corrective_action_id",
    "corrective_action_opened",
    ("review_id", "figure"),
)
BOTH: Final = (REVIEWS, ACTIONS)
"""In the order of the pack."""
