"""Figures of audits over HTTP, and which of them open a corrective action."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from uuid import uuid4

from tests.api.conftest import Callers, shown
from tests.api.reviews.steps import ALL_FIGURES, actions_of, figures, hold, tell
from tests.api.test_errors import assert_problem


def test_a_figure_above_five_per_cent_opens_one_action_and_exactly_five_none(
    callers: Callers, audit: str
) -> None:
    told = tell(callers.analyst, audit, figures({"records_complete": "75.9",
                                                 "cases_within_time": "76"}))  # fmt: skip

    found = {each["figure"]: each for each in shown(told)["audit"]["figures"]}
    assert told.headers["ETag"] == '"2"'
    assert (
        found["records_complete"]["deviation_percent"],
        found["records_complete"]["deviates"],
    ) == ("5.125", True)
    assert (
        found["cases_within_time"]["deviation_percent"],
        found["cases_within_time"]["deviates"],
    ) == ("5", False)
    (action,) = actions_of(callers.auditor, audit)
    assert (action["figure"], action["state"], action["owner"]) == (
        "records_complete",
        "open",
        "quality",
    )
    assert (action["expected"], action["found"]) == ("80", "75.9")
    assert (action["deviation_percent"], action["threshold_percent"]) == ("5.125", "5")


def test_where_nothing_was_expected_anything_found_opens_an_action(
    callers: Callers, audit: str
) -> None:
    told = tell(callers.analyst, audit, figures({"cases_with_finding": "0.5"}, "0"))

    (figure,) = shown(told)["audit"]["figures"]
    assert (figure["deviation_percent"], figure["deviates"]) == (None, True)
    assert actions_of(callers.auditor, audit)[0]["deviation_percent"] is None


def test_a_retry_and_a_correction_open_no_second_action(callers: Callers, audit: str) -> None:
    key, body = str(uuid4()), figures({"records_complete": "50"})
    first = tell(callers.analyst, audit, body, key=key)
    again = tell(callers.analyst, audit, body, key=key)
    with ThreadPoolExecutor(4) as threads:
        more = list(threads.map(lambda _: tell(callers.analyst, audit, body, key=key), range(4)))

    corrected = tell(callers.analyst, audit, figures({"records_complete": "60"}), version=2)

    assert [each.get_data() for each in (again, *more)] == [first.get_data()] * 5
    assert shown(corrected)["version"] == 3
    assert len(actions_of(callers.auditor, audit)) == 1


def test_an_audit_is_held_once_all_figures_are_told(callers: Callers, audit: str) -> None:
    body = {"attendees": [{"party": "internal_audit", "people": 2}]}
    first = tell(callers.analyst, audit, figures({"records_complete": "80"}, None))
    missing = shown(first)["audit"]["missing_figures"]
    early = hold(callers.approver, audit, body, version=2)
    tell(callers.analyst, audit, figures(ALL_FIGURES), version=2)

    held = hold(callers.approver, audit, body, version=3)

    assert len(missing) == 5
    assert missing[0] == {
        "figure": "first_contact_resolution",
        "figure_label": "Resolved at first contact",
        "unit": "percent",
        "expected": "80",
        "worse": "lower",
    }
    assert_problem(early, 409, "audit_figures_missing")
    assert len(shown(early)["params"]["figures"]) == 5
    assert (shown(held)["state"], shown(held)["audit"]["missing_figures"]) == ("held", [])
    late = tell(callers.analyst, audit, figures(ALL_FIGURES), version=4)
    assert_problem(late, 409, "review_already_held")
