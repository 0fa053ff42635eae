"""Packs of both versions of the form, which verifiers read for good.

Those of version 1 were made by a build that knew no other. They hold two invented cases, their
texts hidden, in a ledger of three events. The one of version 2 holds a case, a review, an audit and
a corrective action.
"""

from __future__ import annotations

from pathlib import Path
from typing import Final

FOLDER: Final = Path(__file__).parent / "packs_v1"
WITH_REVIEWS: Final = Path(__file__).parent / "packs_v2" / "period.zip"
SECRET: Final = bytes(range(32))
"""Of the key that signed them: no other ledger has it."""


def stored_packs() -> dict[str, bytes]:
    """Those of version 1: what each is about -> the pack."""
    return {path.stem: path.read_bytes() for path in sorted(FOLDER.glob("*.zip"))}
