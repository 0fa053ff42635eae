"""What the HTML pages are made with: templates that escape, one style each, and its policy."""

from __future__ import annotations

import base64
import hashlib
from pathlib import Path
from typing import Final

from jinja2 import Environment, FileSystemLoader, StrictUndefined
from markupsafe import Markup, escape

PAGES_FOLDER: Final = Path(__file__).parent / "pages_html"


def templates(folder: Path, *, trim: bool = True) -> Environment:
    """The templates of a folder; `trim` leaves out the lines that only a block stands on."""
    return Environment(
        loader=FileSystemLoader(folder),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=trim,
        lstrip_blocks=trim,
    )


class PageStyle:
    """A style sheet of ours that stands in the page itself, so that nothing is fetched."""

    def __init__(self, file: Path) -> None:
        text = file.read_text(encoding="utf-8")
        digest = base64.b64encode(hashlib.sha256(text.encode()).digest()).decode()
        # Taken as it is, since its hash stands in the policy; it is our own file.
        self.markup: Final = Markup(text)  # noqa: S704
        self.policy: Final = f"default-src 'none'; style-src 'sha256-{digest}'"
        """Its own style and nothing else, as a page says it of itself (CSP Level 3)."""
        self.policy_header: Final = f"{self.policy}; frame-ancestors 'none'"
        """The same for the answer's header, where framing can be forbidden too."""


def coded(text: str) -> Markup:
    """A sentence of ours as HTML: what stands between backticks is code."""
    parts = text.split("`")
    return Markup("").join(
        Markup("<code>{}</code>").format(part) if number % 2 else escape(part)
        for number, part in enumerate(parts)
    )
