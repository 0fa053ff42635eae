"""The places where checkpoints lie, as the settings name them."""

from __future__ import annotations

from projections.ledger.directory import CheckpointDirectory
from projections.ledger.object_store import ObjectStore
from projections.ledger.places import Place
from service.settings import Settings


def places_of(settings: Settings) -> list[Place]:
    """The directory first, then the object store. Raises SettingsError."""
    store = ObjectStore.of(settings)
    return [CheckpointDirectory(settings.published_dir), *([store] if store else [])]
