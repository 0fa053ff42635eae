"""What HTTP says of the refusals in `domain/errors/outcome.py`."""

from __future__ import annotations

from typing import Final

from api.problem_catalogue import Kind, kind

PROBLEMS: Final[dict[str, Kind]] = {
    "score_outside_scale": kind(
        422,
        "The score does not lie on its scale",
        "评分超出量表范围",
        "This scale goes from `least` to `most`.",
        "该量表范围为 `least` 到 `most`。",
    ),
    "lessons_missing": kind(
        409,
        "The lessons are not recorded yet",
        "尚未记录经验教训",
        "Record the lessons first (`record-lessons`).",
        "请先记录经验教训(`record-lessons`)。",
    ),
    "answers_unknown": kind(
        409,
        "It is not known whether the customer is satisfied and helped",
        "尚不清楚客户是否满意、问题是否实质解决",
        "Ask the customer what stands in `unknown` and record it by `follow-up`.",
        "请就 `unknown` 中的问题询问客户,并用 `follow-up` 记录。",
    ),
    "unknown_prevention": kind(
        409,
        "The case has no such preventive action",
        "案例中没有该预防措施",
        "See `preventions` of the case; `plan-prevention` adds one.",
        "见案例的 `preventions`;可用 `plan-prevention` 新增。",
    ),
    "prevention_already_done": kind(
        409,
        "The preventive action was completed before",
        "该预防措施已完成",
        "Its effect is recorded by `check-prevention`.",
        "其效果用 `check-prevention` 记录。",
    ),
    "prevention_not_done": kind(
        409,
        "The preventive action is not completed yet",
        "该预防措施尚未完成",
        "Record first that it is done (`complete-prevention`).",
        "请先用 `complete-prevention` 记录其完成。",
    ),
}
