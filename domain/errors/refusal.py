"""What every refusal is: a stable code and parameters without typed text."""

from __future__ import annotations

from typing import ClassVar


class Refusal(Exception):
    """A command was refused: nothing was recorded.

    `code` is stable and may be branched on; `params` name codes, numbers and field paths,
    never text that somebody typed.
    """

    code: ClassVar[str] = "refused"

    def __init__(self, **params: object) -> None:
        super().__init__(self.code)
        self.params = params

    def __str__(self) -> str:
        named = ", ".join(f"{name}={value}" for name, value in self.params.items())
        return f"{self.code}({named})"


class InvalidValue(Refusal):
    """A value is of the wrong kind: the field path and a reason code say which and why."""

    code = "invalid_value"
