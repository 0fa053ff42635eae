"""What `make run` adds to `serve`: real complaints, two people's tokens, and what to try next."""

import json
import os
import tempfile
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

import click
from sqlalchemy import Engine

from api.cli.import_ import run_import
from api.cli.listening import base_url
from api.cli.output import say
from domain.values import ActorKind, Role
from service import importers
from service.access_tokens import AccessTokens, parse
from service.assembly import build
from service.importers.running import Source
from service.settings import Settings

FILE_NAME = "demo-tokens.json"
SAMPLE = Path(importers.__file__).parent / "sample" / "cfpb_sample.csv.gz"


@dataclass(frozen=True)
class Person:
    """Somebody in the demonstration: a name, and what they may do."""

    name: str
    roles: tuple[Role, ...]


# Two people, since whoever proposes a solution may not approve it.
PEOPLE: Mapping[str, Person] = {
    "handler": Person("demo-handler", (Role.REPORTER, Role.HANDLER, Role.ANALYST)),
    "approver": Person("demo-approver", (Role.APPROVER, Role.AUDITOR)),
}


def prepare(settings: Settings) -> Callable[[], None]:
    """Import the sample unless it is there, make the tokens unless they work.

    Returns what to call when the service is ready: it prints what to try next.
    """
    service = build(settings)
    try:
        report = run_import(Source.CFPB, SAMPLE, service)
        if report.imported:
            say(f"Imported {report.imported} complaints: the sample that comes with Amends.")
        tokens = _tokens(settings.data_dir / FILE_NAME, service.engine)
    finally:
        service.engine.dispose()
    return lambda: click.echo(_what_to_try(base_url(settings), tokens, report.rows))


def _tokens(path: Path, engine: Engine) -> dict[str, str]:
    """The clear tokens by part played; the same ones as long as they are in force."""
    store = AccessTokens(engine)
    kept = _read(path)
    tokens = {
        part: kept[part] if _works(kept.get(part, ""), store) else _new(person, store)
        for part, person in PEOPLE.items()
    }
    if tokens != kept:
        _write(path, tokens)
    return tokens


def _works(clear: str, store: AccessTokens) -> bool:
    parsed = parse(clear)
    token = store.find(parsed[0]) if parsed else None
    return bool(
        parsed and token and token.has_secret(parsed[1]) and token.in_force(datetime.now(UTC))
    )


def _new(person: Person, store: AccessTokens) -> str:
    return store.create(person.name, person.roles, actor_kind=ActorKind.PERSON)[1]


def _read(path: Path) -> dict[str, str]:
    try:
        kept = json.loads(path.read_text(encoding="ascii"))
    except (OSError, ValueError):
        return {}
    return {part: str(clear) for part, clear in kept.items()} if isinstance(kept, dict) else {}


def _write(path: Path, tokens: Mapping[str, str]) -> None:
    """Replace the file in one step; nobody else may read it."""
    path.parent.mkdir(parents=True, exist_ok=True)
    number, draft = tempfile.mkstemp(dir=path.parent, prefix=".demo-")  # mkstemp makes it 0600
    with os.fdopen(number, "w", encoding="ascii") as file:
        json.dump(tokens, file, indent=1)
    Path(draft).replace(path)


def _what_to_try(address: str, tokens: Mapping[str, str], complaints: int) -> str:
    handler = f'-H "Authorization: Bearer {tokens["handler"]}"'
    return f"""
Amends is ready at {address}. The sample of {complaints} real complaints is in it.
Ctrl-C stops all of it.

Try next, in another terminal:
  curl {handler} "{address}/v1/cases?limit=3"

Lessons-learned report, to open in a browser:
  curl {handler} "{address}/v1/reports/lessons-learned?format=html&from=2011-01-01" -o lessons.html

Your first case, step by step: docs/tutorial/first-case.md. It needs two people, since whoever
proposes a solution may not approve it:
  export AMENDS={address}
  export HANDLER={tokens["handler"]}
  export APPROVER={tokens["approver"]}

Documentation of the API: {address}/docs
"""
