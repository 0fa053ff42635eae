"""`amends playbook`: what to do in a case, and what of it was done."""

from functools import partial
from typing import Any

import click

from api.cli.finding import case_then
from api.cli.looking import looked_at, reader_of, reveal_options
from api.cli.opening import open_service
from api.cli.output import json_option, line_of, say, show, show_json
from api.cli.values import language_option
from api.playbook import playbook_json
from api.rendering import Reader
from domain.conflict_case import ConflictCase
from service.instants import NOW

MARKS = {True: "done", False: "left out", None: "open"}


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
        _show(step)
    for rule in told["rules"]:
        show(f"rule      {rule}")
    say(f"{told['followed']} followed, {told['skipped']} left out, {told['open']} open.")


def _playbook(case: ConflictCase, language: str, reader: Reader) -> dict[str, Any]:
    return playbook_json(case, reader, language)


def _show(step: dict[str, Any]) -> None:
    show(f"{MARKS[step['followed']]:<8}  {step['step']}  {step['text']}")
    if step["recorded_at"]:
        why = f": {line_of(step['reason'])}" if step["reason"] else ""
        show(f"          {step['recorded_at']} by {step['actor']['id']}{why}")
