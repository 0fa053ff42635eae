"""The page of a case in a pack: in the language asked for, and of what was typed only text."""

from __future__ import annotations

import re

import pytest

from tests.api.conftest import REPORT, Caller, Callers, Json
from tests.api.packs.steps import REF, of_case, pack_of
from tests.api.test_errors import assert_problem
from tests.packs import files_of
from tests.projections.ledger.a_ledger import ALedger


@pytest.mark.parametrize(
    ("language", "words"),
    [
        ("en", ("Conflict reported", "All times are UTC", "Phone", "AUDIT PACK")),
        ("zh-CN", ("冲突上报", "所有时间均为协调世界时", "电话", "审计包")),
    ],
)
def test_the_timeline_is_a_page_of_its_own_in_the_language_asked_for(
    callers: Callers, case: Json, language: str, words: tuple[str, ...]
) -> None:
    files = files_of(pack_of(callers.auditor, of_case(case), Accept_Language=language))

    page = files[f"cases/{case['id']}/timeline.html"].decode()
    for word in (*words[:3], case["reference"], REF, 'lang="' + language[:2]):
        assert word in page
    assert words[3] in files["README.txt"].decode()
    assert "<script" not in page
    assert re.findall(r"""(?:src|href)=|url\(|@import""", page) == []
    assert "@media print" in page


def test_the_language_may_stand_in_the_address(callers: Callers, case: Json) -> None:
    answer = callers.auditor.get(f"{of_case(case)}?language=zh", Accept_Language="en")
    refused = callers.auditor.get(f"{of_case(case)}?language=de")

    assert answer.headers["Content-Language"] == "zh"
    assert "审计包" in files_of(answer.get_data())["README.txt"].decode()
    assert_problem(refused, 400, "invalid_parameter")


def test_the_page_shows_what_was_typed_as_text(
    callers: Callers, everybody: Caller, ledger: ALedger
) -> None:
    case = callers.reporter.report({**REPORT, "summary": "<script>x</script>"})
    ledger.keep()

    files = files_of(pack_of(everybody, of_case(case)))

    assert b"&lt;script&gt;x&lt;/script&gt;" in files[f"cases/{case['id']}/timeline.html"]
