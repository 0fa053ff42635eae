"""The read models there are, and the engine that feeds them."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence

from psycopg2 import errorcodes
from sqlalchemy import Engine
from sqlalchemy.exc import ProgrammingError

from projections import (
    audit_trail,
    case_list,
    deadlines,
    indicators,
    lessons_learned,
    satisfaction,
)
from projections.builds import find_all
from projections.engine import ProjectionEngine
from projections.read_model import ReadModel, Tools
from projections.search_tokens import BlindIndex
from service.assembly import Service
from service.data_keys import key_ids_of
from service.master_key import load_master_key

READ_MODELS: tuple[ReadModel, ...] = (
    case_list.READ_MODEL,
    audit_trail.READ_MODEL,
    lessons_learned.READ_MODEL,
    deadlines.READ_MODEL,
    satisfaction.READ_MODEL,
    indicators.READ_MODEL,
)


VERSIONS: Mapping[str, int] = {model.name: model.version for model in READ_MODELS}
"""The version of each definition, which a build in use may not have yet, or no more."""
_UNDEFINED = frozenset({errorcodes.UNDEFINED_COLUMN, errorcodes.UNDEFINED_TABLE})


def is_any_of_other_version(database: Engine) -> bool:
    """Whether a read model in use was built by another version of its definition.

    It may lack what this version asks it for, until a worker of this version has rebuilt it.
    """
    found = find_all(database)
    return any(
        name in found and found[name].version != version for name, version in VERSIONS.items()
    )


def lacks_what_is_asked(database: Engine, error: ProgrammingError) -> bool:
    """Whether a question failed since a read model in use was built by another version."""
    is_undefined = getattr(error.orig, "pgcode", None) in _UNDEFINED
    return is_undefined and is_any_of_other_version(database)


def build_engine(
    service: Service, models: Sequence[ReadModel] = READ_MODELS, *, folds: bool = True
) -> ProjectionEngine:
    """The engine that feeds these read models from this service's log; see `ProjectionEngine`."""
    return ProjectionEngine(
        service.engine,
        service.recorder,
        service.mapper,
        models,
        tools=tools_of(service),
        folds=folds,
    )


def tools_of(service: Service) -> Tools:
    """What handlers need: the blind index of this installation, and its keys."""
    keys = service.keys

    def open_keys(tokens: Iterable[str]) -> object:
        return keys.open_many(key_ids_of(tokens))

    return Tools(BlindIndex(load_master_key(service.settings)), open_keys)
