"""Groups of commands whose modules are loaded only when they are asked for."""

import importlib
from collections.abc import Mapping
from typing import Any

import click


class LazyGroup(click.Group):
    """A group of commands in the order of a table: name -> module with its `command`."""

    def __init__(self, name: str | None, parts: Mapping[str, str], **extra: Any) -> None:
        super().__init__(name, **extra)
        self._parts = parts

    def list_commands(self, ctx: click.Context) -> list[str]:
        """The names in the order in which a reader meets them."""
        return list(self._parts)

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        """The command of that name; None makes click say that there is none."""
        if cmd_name not in self._parts:
            return None
        command: click.Command = importlib.import_module(self._parts[cmd_name]).command
        return command
