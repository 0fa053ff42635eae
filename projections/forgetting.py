"""Forgetting an erased person in every read model at once, before any worker gets to it."""

from __future__ import annotations

from collections.abc import Collection, Iterable
from uuid import UUID

from sqlalchemy import Engine

from projections import builds
from projections.builds import next_of
from projections.feeding import Feeder
from projections.read_model import ReadModel, Tools

CASES_AT_ONCE = 500


def forget_cases(engine: Engine, models: Iterable[ReadModel], case_ids: Collection[UUID]) -> None:
    """Drop what is readable of these cases in the build in use and in the one being made.

    The worker does the same when it reads that the person was erased; this does not wait for it.
    Each build is locked meanwhile, so that no page under way puts anything back.
    """
    ordered = sorted(case_ids)
    for model in models:
        if model.forget is None:
            continue
        feeder = Feeder(engine, model, Tools())
        for start in range(0, len(ordered), CASES_AT_ONCE):
            _forget_some(feeder, set(ordered[start : start + CASES_AT_ONCE]))


def _forget_some(feeder: Feeder, case_ids: set[UUID]) -> None:
    name = feeder.model.name
    with feeder.database.begin() as connection:
        found = builds.lock(connection, name, next_of(name))
        for build in found.values():
            if build.version == feeder.model.version:
                feeder.forget(connection, build.name, case_ids)
