"""What HTTP says of the refusals in `domain/errors/handling.py`."""

from __future__ import annotations

from typing import Final

from api.problem_catalogue import Kind, kind

PROBLEMS: Final[dict[str, Kind]] = {
    "no_terms_given": kind(
        422,
        "Name at least one term to set",
        "请至少指定一项服务条件",
        "Give at least one of urgency, request_kind, customer_tier, regulation, calendar.",
        "请至少给出 urgency、request_kind、customer_tier、regulation、calendar 之一。",
    ),
    "already_awaiting_customer": kind(
        409,
        "The case waits for the customer already",
        "该案例已在等待客户答复",
        "The pause ends with `hear-customer`.",
        "暂停在 `hear-customer` 时结束。",
    ),
    "not_awaiting_customer": kind(
        409,
        "The case does not wait for the customer",
        "该案例并未在等待客户",
        "A pause begins with `await-customer`.",
        "暂停自 `await-customer` 开始。",
    ),
    "unknown_clock_run": kind(
        409,
        "The clock has no such run",
        "该时钟没有此计时轮次",
        "The runs of each clock are counted from 1.",
        "每个时钟的计时轮次从 1 开始计数。",
    ),
    "deadline_not_reached": kind(
        409,
        "The due time has not come, or does not count",
        "尚未到期或不再计时",
        "It is recorded once the case's own events bear it out.",
        "须待案例自身的事件表明已到期后方可记录。",
    ),
    "deadline_already_recorded": kind(
        409,
        "The warning or the breach is on record already",
        "该预警或超时已有记录",
        "Nothing is left to do.",
        "无需再作处理。",
    ),
    "nothing_in_minutes": kind(
        422,
        "The minutes say nothing",
        "会议纪要没有内容",
        "Name at least one of `agreements` and `open_points`; that you meet again is an agreement "
        "too.",
        "请至少填写一项 `agreements` 或 `open_points`;约定再次会面也属于 `agreements`。",
    ),
    "nothing_handed_over": kind(
        422,
        "A mediator needs to know what it is about",
        "须向调解方移交背景材料",
        "Get the background file of the case and name it in `background_file`, or hand over "
        "evidence or a `background`.",
        "请取得案例的背景材料并在 `background_file` 中注明,或移交证据或填写 `background`。",
    ),
}
