"""Classes that msgspec knows before there are threads."""

from __future__ import annotations

from collections.abc import Iterable

import msgspec


def make_known(kinds: Iterable[type]) -> None:
    """Let msgspec look at classes now; to be called where the module is imported.

    Else it does so when it first makes one, and notes what it has found so far on the class: a
    second thread that comes meanwhile finds half of it, and the process ends by SIGSEGV (msgspec
    0.22). The first requests after a start come in several threads.
    """
    for kind in kinds:
        msgspec.json.Decoder(kind)
