"""The lessons-learned report as a table."""

from __future__ import annotations

import csv
import io
import re

from api.reports.as_csv import COLUMNS
from tests.api.conftest import Caller, Callers, Json
from tests.api.lessons.conftest import LIVED


def table(caller: Caller, query: str = "") -> list[dict[str, str]]:
    content = caller.get(f"{LIVED}&format=csv{query}").get_data()
    return list(csv.DictReader(io.StringIO(content.decode("utf-8-sig"), newline="")))


def test_the_table_is_tidy(callers: Callers, cases: list[Json], report: Json) -> None:
    answer = callers.analyst.get(f"{LIVED}&format=csv")
    rows = table(callers.analyst)

    assert answer.get_data().startswith(b"\xef\xbb\xbf" + ",".join(COLUMNS).encode() + b"\r\n")
    assert re.fullmatch(
        r'attachment; filename="lessons-learned-[\d-]{10}-to-[\d-]{10}-by-type\.csv"',
        answer.headers["Content-Disposition"],
    )
    keys = [tuple(row[name] for name in COLUMNS[:6]) for row in rows]
    assert len(keys) == len(set(keys))
    (total,) = (
        row
        for row in rows
        if row["measure"] == "cases" and row["section"] == "own" and not row["group_by"]
    )
    assert total["value"] == str(report["total"]["cases"])


def test_the_table_says_the_same_as_the_json(
    callers: Callers, cases: list[Json], report: Json
) -> None:
    rows = [row for row in table(callers.analyst) if row["section"] == "own"]

    for group in report["groups"]:
        mine = {
            (row["measure"], row["item"]): row
            for row in rows
            if row["group_by"] and row["group"] == (group["code"] or "")
        }
        share = group["first_contact_resolution"]
        assert float(mine["first_contact_resolution", ""]["value"]) == share["share"]
        assert mine["first_contact_resolution", ""]["n"] == str(share["of"])
        median = float(mine["time_to_stage_median", "resolved"]["value"])
        assert median == group["stages"]["resolved"]["median_seconds"]
        for count in group["codes"]["outcomes"]:
            assert mine["outcomes", count["code"]]["value"] == str(count["standing"])
            assert mine["outcomes", count["code"]]["item_label"] == count["label"]


def test_the_table_is_in_chinese_where_asked(callers: Callers, cases: list[Json]) -> None:
    rows = table(callers.analyst, "&language=zh")

    assert {row["group_label"] for row in rows} & {"全部案例"}
