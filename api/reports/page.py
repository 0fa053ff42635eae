"""The lessons-learned report as one page: no scripts, nothing fetched, prints on A4."""

from __future__ import annotations

import base64
import hashlib
from pathlib import Path
from typing import Final

from jinja2 import Environment, FileSystemLoader, StrictUndefined
from markupsafe import Markup

from api.rendering import Reader
from api.reports.definitions import PROMISES, SATISFACTION
from api.reports.page_figures import PageFigures
from api.reports.page_imported import PageImported
from api.reports.page_learning import PageLearning
from api.reports.page_promises import PagePromises
from api.reports.page_satisfaction import PageSatisfaction
from api.reports.page_texts import PageTexts
from api.reports.wording import Wording
from api.reports.words import DEFINITIONS
from projections.managers_report import ManagersReport

_HERE: Final = Path(__file__).parent
_PAGES: Final = Environment(
    loader=FileSystemLoader(_HERE),
    autoescape=True,
    undefined=StrictUndefined,
    trim_blocks=True,
    lstrip_blocks=True,
)

_DEFINITIONS: Final = {**DEFINITIONS, **PROMISES, **SATISFACTION, **DEFINITIONS}
"""In the order of the page; what two reports define is told as this one means it."""
STYLE: Final = (_HERE / "page.css").read_text(encoding="utf-8")


def style_policy() -> str:
    """The content security policy of the page: its own style and nothing else."""
    digest = base64.b64encode(hashlib.sha256(STYLE.encode()).digest()).decode()
    return f"default-src 'none'; style-src 'sha256-{digest}'"


def report_page(whole: ManagersReport, reader: Reader, wording: Wording) -> bytes:
    """The page in UTF-8."""
    report = whole.lessons
    shown = _PAGES.get_template("page.html").render(
        report=report,
        figures=PageFigures(report, wording),
        learning=PageLearning(report, wording),
        imported=PageImported(report, wording),
        promises=PagePromises(whole, wording),
        satisfaction=PageSatisfaction(whole, wording),
        texts=PageTexts(report, reader, wording),
        total=report.total,
        t=wording.word,
        wording=wording,
        # Taken as it is, since its hash stands in the policy; it is our own file.
        style=Markup(STYLE),  # noqa: S704
        policy=style_policy(),
        definitions=[
            (wording.word(figure), labels.in_language(wording.language))
            for figure, labels in _DEFINITIONS.items()
        ],
    )
    return shown.encode()
