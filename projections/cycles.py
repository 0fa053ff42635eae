"""The search for cycles among objects: dearer than what it finds while a page is applied."""

from __future__ import annotations

import gc
from collections.abc import Iterator
from contextlib import contextmanager


@contextmanager
def no_search_for_cycles() -> Iterator[None]:
    """No search while a page is applied: it makes no cycles, and many objects to look at.

    Searching took a third of the time of a rebuild. What a page leaves is looked at afterwards.
    """
    was_enabled = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        if was_enabled:
            gc.enable()
