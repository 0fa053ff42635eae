"""What a route is: one row from which the URL map, the guards and the OpenAPI page are made."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Final

from flask import Request
from werkzeug.datastructures import MultiDict

from api import parsing
from api.errors import Problem, language_of
from api.readers import codes_for
from api.rendering import Reader, WordedReader
from api.witness import Witness
from domain.book import Edition
from domain.lifecycle import Step
from domain.values import Role

if TYPE_CHECKING:
    from api.auth import Credential
    from api.front import Front
    from api.request_context import RequestContext

EVERY_ROLE: Final = frozenset(Role)
ALL_BUT_REPORTERS: Final = EVERY_ROLE - {Role.REPORTER}
"""Who works on cases or answers for them; a reporter only brings them in."""
JSON: Final = "application/json"
ZIP: Final = "application/zip"
_PARAMETER_NAME: Final = re.compile(r"[a-z][a-z0-9_]{0,63}")


@dataclass(frozen=True)
class Param:
    """A query parameter: how it is read, and how OpenAPI describes it.

    `many`: it may stand several times, or once with commas, and its value is a tuple.
    """

    name: str
    read: Callable[[str], Any]
    schema: Mapping[str, Any]
    about: str
    default: Any = None
    many: bool = False

    def value_of(self, texts: list[str]) -> Any:
        """What the query gives for it. Raises Fault."""
        if self.many:
            return tuple(self.read(part) for text in texts for part in text.split(","))
        if len(texts) != 1:
            raise parsing.Fault("repeated")
        return self.read(texts[0])


@dataclass(frozen=True, slots=True)
class Call:
    """One request on its way into a view."""

    front: Front
    request: Request
    context: RequestContext
    asker: Credential | None
    query: Mapping[str, Any]

    @property
    def credential(self) -> Credential:
        """Who is asking; only open routes are called without anybody."""
        if self.asker is None:
            raise Problem("unauthenticated")
        return self.asker

    def reader(self, used: set[tuple[str, str]] | None = None) -> Reader:
        """For whom the answer is rendered; what they see is noted and recorded."""
        return Reader(self.credential.roles, self.context.witness, used)

    def again_in_words(self) -> Callable[[Edition], Reader]:
        """The same as `again`, with codes as words of the caller's language."""
        roles, language = self.credential.roles, self.language
        return lambda edition: WordedReader(roles, Witness(), edition=edition, language=language)

    def again(self) -> Reader:
        """For an answer that is sent in parts, after `reader` has seen all of it."""
        return Reader(self.credential.roles, Witness())

    @property
    def language(self) -> str:
        """What `language` in the query names, where the route takes it; else see `language_of`."""
        return self.query.get("language") or language_of(self.request)


@dataclass(frozen=True, slots=True)
class Answer:
    """What a view answers. `body` is JSON unless it is bytes already, or comes in parts."""

    body: Any
    status: int = 200
    headers: Mapping[str, str] = field(default_factory=dict)
    media_type: str = JSON


@dataclass(frozen=True, kw_only=True)
class Route:
    """One row. `roles` None: open to everybody. `step`: the lifecycle step it takes.

    `order`: what the body holds where it takes none, as a dataclass; `example`: such a body.
    `shows` names the schema of the answer; `media_types` what it can be served as; `quiet`: asked
    so often that good answers leave no line in the log. `in_outage` answers, if anything, where
    the database that knows the caller is away; nobody has proved who they are then. `versioned`:
    an order that names the version it saw in If-Match.
    """

    method: str
    path: str
    name: str
    summary: str
    tag: str
    view: Callable[..., Answer]
    shows: str
    roles: frozenset[Role] | None = EVERY_ROLE
    params: tuple[Param, ...] = ()
    step: Step | None = None
    order: type | None = None
    versioned: bool = False
    example: Mapping[str, Any] = field(default_factory=dict)
    status: int = 200
    media_types: tuple[str, ...] = (JSON,)
    quiet: bool = False
    in_outage: Callable[[Call], Answer] | None = None


def read_query(params: tuple[Param, ...], given: MultiDict[str, str]) -> dict[str, Any]:
    """The values of the query parameters. Raises Problem for unknown, repeated or bad ones.

    `X_from` and `X_to` are a period, whose end lies after its beginning.
    """
    known = {param.name: param for param in params}
    values = {param.name: param.default for param in params}
    errors: list[dict[str, Any]] = []
    for name, texts in given.lists():
        param = known.get(name)
        if param is None:
            errors.append({**_fault(name, "unknown_parameter"), "allowed": sorted(known)})
            continue
        try:
            values[name] = param.value_of(texts)
        except parsing.Fault as fault:
            errors.append({**_fault(name, fault.code), **codes_for(fault.code)})
    errors += [_fault(end, "not_a_period") for end in _ends_too_early(values)]
    if errors:
        raise Problem("invalid_parameter", errors=errors)
    return values


def _ends_too_early(values: Mapping[str, Any]) -> Iterator[str]:
    for name, end in values.items():
        begin = values.get(f"{name.removesuffix('_to')}_from") if name.endswith("_to") else None
        if begin is not None and end is not None and end <= begin:
            yield name


def _fault(name: str, code: str) -> dict[str, str]:
    shown = name if _PARAMETER_NAME.fullmatch(name) else ""
    return {"parameter": shown, "code": code}
