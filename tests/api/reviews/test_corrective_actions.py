"""Corrective actions over HTTP: done by one, verified by another, and every refusal."""

from __future__ import annotations

from uuid import UUID, uuid4

import pytest
from flask import Flask

from domain.values import ActorKind, Role
from service.access_tokens import AccessTokens
from service.assembly import Service
from tests.api.conftest import Caller, Callers, shown
from tests.api.reviews.steps import HELD, actions_of, an_action, change, figures, hold, listed, tell
from tests.api.test_errors import assert_problem


@pytest.fixture
def machine(app: Flask) -> Caller:
    """Another service with the rights of an administrator."""
    tokens = AccessTokens(app.extensions["amends"].engine)
    name = f"machine-{uuid4().hex[:8]}"
    key = tokens.create(name, [Role.ADMIN], actor_kind=ActorKind.SERVICE)[1]
    return Caller(app, key, name)


def test_an_action_is_assigned_done_by_one_and_verified_by_another(
    callers: Callers, audit: str
) -> None:
    action = an_action(callers, audit)

    assigned = change(callers.approver, action, "assign", {"owner": "WAREHOUSE-2"})
    done = change(callers.analyst, action, "complete", {"measure": "train_staff"}, 2)
    own = change(callers.analyst, action, "verify", {"result": "deviation_gone"}, 3)
    back = change(callers.approver, action, "verify", {"result": "deviation_remains"}, 3)
    again = change(callers.handler, action, "complete", {"measure": "correct_records"}, 4)
    still = change(callers.analyst, action, "verify", {"result": "deviation_gone"}, 5)
    verified = change(callers.approver, action, "verify", {"result": "deviation_gone"}, 5)

    assert (shown(assigned)["owner"], shown(done)["state"]) == ("WAREHOUSE-2", "done")
    assert shown(done)["done"]["by"]["id"] == "analyst-1"
    assert_problem(own, 409, "verifier_did_it")
    assert (shown(back)["state"], shown(back)["sent_back"], shown(back)["done"]) == (
        "open",
        1,
        None,
    )
    assert shown(again)["done"]["by"]["id"] == "handler-1"
    assert_problem(still, 409, "verifier_did_it")
    assert (shown(verified)["state"], verified.headers["ETag"]) == ("verified", '"6"')
    assert shown(verified)["verified"]["result_label"] == "The deviation is gone"


def test_what_an_action_refuses_changes_nothing(app: Flask, callers: Callers, audit: str) -> None:
    action = an_action(callers, audit)
    admin, path = callers.admin, f"/v1/corrective-actions/{action}"

    answers = [
        (change(admin, action, "verify", {"result": "deviation_gone"}), 409,
         "corrective_action_not_done"),
        (change(admin, action, "assign", {"owner": "quality"}), 409, "owner_unchanged"),
        (change(admin, action, "assign", {"owner": "Jo Doe"}), 422, "invalid_body"),
        (change(admin, action, "complete", {}), 422, "invalid_body"),
        (change(admin, action, "complete", {"measure": "magic"}), 422, "invalid_body"),
        (change(admin, action, "complete", {"measure": "train_staff", "note": "x"}), 422,
         "invalid_body"),
        (change(admin, action, "complete", {"measure": "train_staff"}, 7), 412,
         "corrective_action_has_moved"),
        (change(admin, str(uuid4()), "complete", {"measure": "train_staff"}), 404,
         "corrective_action_not_found"),
        (admin.post(f"{path}/complete", {"measure": "train_staff"}, If_Match='"1"'), 400,
         "idempotency_key_required"),
        (admin.post(f"{path}/complete", {"measure": "train_staff"}, Idempotency_Key="k"), 428,
         "version_required"),
        (change(callers.auditor, action, "complete", {"measure": "train_staff"}), 403,
         "forbidden"),
        (change(callers.handler, action, "verify", {"result": "deviation_gone"}), 403,
         "forbidden"),
        (callers.reporter.get("/v1/corrective-actions"), 403, "forbidden"),
        (admin.get(f"/v1/corrective-actions/{uuid4()}"), 404, "corrective_action_not_found"),
        (admin.get("/v1/corrective-actions?state=lost"), 400, "invalid_parameter"),
        (admin.get("/v1/corrective-actions?figure=beauty"), 400, "invalid_parameter"),
        (admin.get("/v1/corrective-actions?owner=Jo%20Doe"), 400, "invalid_parameter"),
    ]  # fmt: skip

    for answer, status, code in answers:
        assert_problem(answer, status, code)
    assert shown(admin.get(path))["version"] == 1


def test_a_done_or_verified_action_is_neither_done_again_nor_verified_by_a_service(
    app: Flask, callers: Callers, audit: str, machine: Caller
) -> None:
    action = an_action(callers, audit)
    change(callers.handler, action, "complete", {"measure": "train_staff"})

    twice = change(callers.analyst, action, "complete", {"measure": "train_staff"}, 2)
    by_machine = change(machine, action, "verify", {"result": "deviation_gone"}, 2)
    change(callers.analyst, action, "verify", {"result": "recorded_in_error"}, 2)
    after = change(callers.analyst, action, "complete", {"measure": "train_staff"}, 3)

    assert_problem(twice, 409, "corrective_action_already_done")
    assert_problem(by_machine, 409, "verifier_not_a_person")
    assert_problem(after, 409, "corrective_action_already_verified")


@pytest.mark.parametrize("name", ["张伟", "仓库", "ann@example.com", "Ann Li"])
def test_records_have_no_room_for_a_name(
    callers: Callers, weekly: str, audit: str, name: str
) -> None:
    action = an_action(callers, audit)

    held = hold(
        callers.analyst, weekly, {**HELD, "decisions": [{"measure": "train_staff", "owner": name}]}
    )
    assigned = change(callers.approver, action, "assign", {"owner": name})

    assert_problem(held, 422, "invalid_body")
    assert_problem(assigned, 422, "invalid_body")
    assert name not in held.get_data(as_text=True) + assigned.get_data(as_text=True)


def test_actions_are_listed_by_what_is_asked(
    callers: Callers, service: Service, audit: str
) -> None:
    tell(callers.analyst, audit, figures({"records_complete": "1", "cases_within_time": "1",
                                          "first_contact_resolution": "1"}))  # fmt: skip
    by_figure = {each["figure"]: each["id"] for each in actions_of(callers.auditor, audit)}
    late, done = by_figure["records_complete"], by_figure["cases_within_time"]
    service.reviews.actions.miss(service.reviews.actions.get(UUID(late)))
    change(callers.handler, done, "complete", {"measure": "train_staff"})
    path = f"/v1/corrective-actions?limit=1&review_id={audit}"

    assert set(listed(callers.auditor, path)) == set(by_figure.values())
    assert listed(callers.auditor, f"{path}&state=late") == [late]
    assert listed(callers.auditor, f"{path}&late=true") == [late]
    assert listed(callers.auditor, f"{path}&state=done") == [done]
    assert listed(callers.auditor, f"{path}&state=open") == [by_figure["first_contact_resolution"]]
    assert listed(callers.auditor, f"{path}&owner=quality") == [late]
    assert listed(callers.auditor, f"{path}&figure=cases_within_time") == [done]
    assert listed(callers.auditor, f"{path}&opened_from=2999-01-01") == []
    assert listed(callers.auditor, f"{path}&known_at=2020-01-01T00:00:00Z") == []
