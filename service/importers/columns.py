"""The header of a file, recognised whatever its order and spelling."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field


class FileRefused(Exception):
    """A file is refused as a whole, and nothing was imported; the message says why."""


@dataclass(frozen=True)
class Columns:
    """The columns of a source: those every file has, those some have, and other spellings.

    Names are compared in lower case with `_` for everything that is no letter or digit.
    """

    required: tuple[str, ...]
    optional: tuple[str, ...] = ()
    spellings: Mapping[str, str] = field(default_factory=dict)

    def recognised(self, header: Sequence[str]) -> list[str]:
        """Our name of each column, in the file's order. Raises FileRefused.

        A column nobody knows refuses the file: its values might be personal, and would be
        stored in clear. It is named by its number, since a file without a header has data there.
        """
        names = [self._name(title) for title in header]
        missing = [name for name in self.required if name not in names]
        if missing:
            raise FileRefused(f"columns missing: {', '.join(missing)}")
        known = {*self.required, *self.optional}
        for number, name in enumerate(names, start=1):
            if name not in known:
                raise FileRefused(f"column {number} is not known")
            if name in names[: number - 1]:
                raise FileRefused(f"column {number} repeats {name}")
        return names

    def _name(self, title: str) -> str:
        name = re.sub(r"[^a-z0-9]+", "_", title.lower()).strip("_")
        return self.spellings.get(name, name)
