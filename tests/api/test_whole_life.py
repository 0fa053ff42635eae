"""A case's whole life over HTTP alone, in English and in Chinese, by the examples of the docs."""

from __future__ import annotations

import pytest

from api import examples
from tests.api.conftest import Callers, Json


def _live(callers: Callers, language: str) -> Json:
    report, *later = examples.life(language)
    case = callers.of(report.role).report(report.body)
    for each in later:
        case = callers.of(each.role).take(case, each.step, each.body)
    return case


@pytest.mark.parametrize("language", examples.LANGUAGES)
def test_a_case_goes_from_its_report_to_its_end(callers: Callers, language: str) -> None:
    _live(callers, language)
