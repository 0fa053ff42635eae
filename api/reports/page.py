"""The lessons-learned report as one page: no scripts, nothing fetched, prints on A4."""

from __future__ import annotations

from pathlib import Path
from typing import Final

from api.html_pages import PageStyle, templates
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
_PAGES: Final = templates(_HERE)

_DEFINITIONS: Final = {**DEFINITIONS, **PROMISES, **SATISFACTION, **DEFINITIONS}
"""In the order of the page; what two reports define is told as this one means it."""
STYLE: Final = PageStyle(_HERE / "page.css")


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
        style=STYLE.markup,
        policy=STYLE.policy,
        definitions=[
            (wording.word(figure), labels.in_language(wording.language))
            for figure, labels in _DEFINITIONS.items()
        ],
    )
    return shown.encode()
