"""What `--help` tells: every option and every argument of every command is explained."""

from __future__ import annotations

import re

import click
import pytest

from api.cli.program import amends
from tests.cli.test_json_shapes import commands

EVERY = dict(commands(amends))
each_command = pytest.mark.parametrize("name", EVERY)


@each_command
def test_every_option_is_explained(name: str) -> None:
    options = [each for each in EVERY[name].params if isinstance(each, click.Option)]

    assert [each.opts for each in options if not each.help] == []


@each_command
def test_every_argument_is_named_in_what_the_command_does(name: str) -> None:
    command = EVERY[name]
    context = click.Context(command)
    arguments = [each for each in command.params if isinstance(each, click.Argument)]

    named = [re.findall(r"[\w-]+", each.make_metavar(context)) for each in arguments]

    assert [each for words in named for each in words if each not in (command.help or "")] == []


def test_whoever_chooses_a_language_chooses_it_in_one_way() -> None:
    choosing = {
        name: option
        for name, command in EVERY.items()
        for option in command.params
        if option.name == "language" and name != "export"
    }

    assert {option.type.to_info_dict()["choices"] for option in choosing.values()} == {("en", "zh")}
    assert (
        len({option.help for option in choosing.values() if isinstance(option, click.Option)}) == 1
    )
    assert {option.default for option in choosing.values()} == {"en"}
