"""What HTTP says of the refusals in `domain/errors/follow_up.py`."""

from __future__ import annotations

from typing import Final

from api.problem_catalogue import Kind, kind

PROBLEMS: Final[dict[str, Kind]] = {
    "survey_before_resolution": kind(
        409,
        "Nothing stands resolved to ask about",
        "尚无已解决的事项可供调查",
        'Resolve the case first; before that, only the occasion "contact" can be asked about.',
        "请先解决该案例;在此之前只能就 contact 时机发起调查。",
    ),
    "unknown_survey": kind(
        409,
        "The case has no such survey",
        "该案例没有此调查",
        "Surveys are sent by `send-survey`; see `surveys` of the case.",
        "调查由 `send-survey` 发出;见案例的 `surveys`。",
    ),
    "survey_already_answered": kind(
        409,
        "The survey was answered before",
        "该调查已有答复",
        "Ask again by `send-survey`; `follow-up` records what a talk brought.",
        "可用 `send-survey` 再次询问;通话所得请用 `follow-up` 记录。",
    ),
    "nothing_answered": kind(
        422,
        "An answer says at least one thing",
        "答复至少须包含一项内容",
        "Give at least one of value, satisfied, substantially_solved, comment.",
        "请至少给出 value、satisfied、substantially_solved、comment 之一。",
    ),
    "order_already_open": kind(
        409,
        "A director's order is open on the case",
        "该案例已有未关闭的总监督办单",
        "One order at a time.",
        "同一时间只能有一张督办单。",
    ),
    "no_order_open": kind(
        409,
        "No director's order is open on the case",
        "该案例没有未关闭的督办单",
        "Open orders are listed by `GET /v1/orders?state=open`.",
        "未关闭的督办单见 `GET /v1/orders?state=open`。",
    ),
    "order_plan_missing": kind(
        409,
        "The order has no plan yet",
        "该督办单尚无方案",
        "Deliver the plan first (`deliver-director-plan`).",
        "请先提交方案(`deliver-director-plan`)。",
    ),
    "order_plan_already_delivered": kind(
        409,
        "The plan of the order was delivered before",
        "该督办单的方案已提交",
        "What is left is to carry it out and to close the order (`close-director-order`).",
        "余下的是执行方案并关闭督办单(`close-director-order`)。",
    ),
}
