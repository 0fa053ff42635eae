"""Read models that are ahead of their log: noticed by the worker, and made anew from it."""

from __future__ import annotations

import structlog
from sqlalchemy import text

from projections import rebuild
from projections.builds import next_of
from projections.engine import ProjectionEngine

log = structlog.get_logger(__name__)

# A build remembers an event that it has seen, so it can only be ahead where the log was put back
# without it, e.g. restored alone. What it holds of lost events is in no log any more.
_AHEAD = text("""
    SELECT build FROM projection_builds
    WHERE greatest(position, folds_to) > coalesce((SELECT max(position) FROM events), 0)
""")
_BACK = text("""
    UPDATE projection_builds SET position = coalesce((SELECT max(position) FROM events), 0)
    WHERE build = ANY (:builds)
""")


def make_anew(engine: ProjectionEngine) -> list[str]:
    """Begin to rebuild every read model that has read further than the log goes; their names.

    Readers see the old one meanwhile, which reads on from the end of the log.
    """
    with engine.reads.connect() as connection:
        ahead = set(connection.execute(_AHEAD).scalars())
    for model in engine.models:
        if next_of(model.name) in ahead:
            rebuild.give_up(engine.database, model)
    found = [model.name for model in engine.models if model.name in ahead]
    if found:
        # In this order: after a crash in between they are still seen to be ahead.
        engine.begin_rebuilds(found)
        with engine.database.begin() as connection:
            connection.execute(_BACK, {"builds": found})
        log.warning("read models were ahead of the log", projections=found)
    return found
