"""`amends playbook`: what to do in a case, and what of it was done."""

from functools import partial
from typing import Any

import click
from rich.cells import cell_len

from api.cli.finding import case_then
from api.cli.looking import looked_at, reader_of, reveal_options
from api.cli.opening import open_service
from api.cli.output import json_option, line_of, say, show, show_json
from api.cli.values import language_option
from api.cli.words import PLAYBOOK_MARKS, line
from api.playbook import playbook_json
from api.rendering import Reader
from domain.conflict_case import ConflictCase
from service.instants import NOW


@click.command("playbook")
@click.argument("case")
@reveal_options
@language_option
@json_option
def command(case: str, reveal: bool, reason: str | None, language: str, as_json: bool) -> None:
    """Show the playbook of a case: each step, and whether it was followed or left out.

    CASE is its id or its reference. Why a step was left out is hidden unless --reveal is given;
    then the rights are those of the same key over HTTP, and the access log says who looked.
    """
    with open_service(gives_up=True) as service:
        found = case_then(service, case, NOW)
        token = reader_of(service, reveal=reveal)
        made = partial(_playbook, found, language)
        told = looked_at(service, "playbook", found.id, token, reason, made)
    if as_json:
        show_json(told)
        return
    for step in told["items"]:
        _show(step, language)
    for rule in told["rules"]:
        show(f"{_padded(line('playbook_rule', language))}  {rule}")
    say(line("playbook_sums", language, **{name: told[name] for name in _SUMS}))


def _playbook(case: ConflictCase, language: str, reader: Reader) -> dict[str, Any]:
    return playbook_json(case, reader, language)


_SUMS = ("followed", "skipped", "open")
_MARK_WIDTH = 8


def _padded(mark: str) -> str:
    """A mark as wide as the others, in columns of a terminal."""
    return mark + " " * (_MARK_WIDTH - cell_len(mark))


def _show(step: dict[str, Any], language: str) -> None:
    mark = PLAYBOOK_MARKS[step["followed"]].in_language(language)
    show(f"{_padded(mark)}  {step['step']}  {step['text']}")
    if step["recorded_at"]:
        reason = step["reason"]
        why = line("why", language, reason=line_of(reason, language)) if reason else ""
        told = {"at": step["recorded_at"], "who": step["actor"]["id"], "why": why}
        show(f"{_padded('')}  {line('playbook_recorded', language, **told)}")
