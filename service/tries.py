"""How often something is worked out again because others were faster."""

from typing import Final

MOST_TRIES: Final = 50
"""More than writers of one case or customer ever need; then StoreBusy, which asks to come again."""
