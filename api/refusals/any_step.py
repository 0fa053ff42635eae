"""What HTTP says of the refusals in `domain/errors/any_step.py`."""

from __future__ import annotations

from typing import Final

from api.problem_catalogue import Kind, kind

PROBLEMS: Final[dict[str, Kind]] = {
    "occurred_in_future": kind(
        422,
        "The time of the event lies in the future",
        "事件发生时间在未来",
        "Say when it happened, at most `tolerance_seconds` ahead of our clock. Where "
        "`occurred_at` may be left out, that means now.",
        "请填写实际发生时间(最多超前 `tolerance_seconds` 秒)。可省略 `occurred_at` 之处,省略表示现"
        "在。",
    ),
    "occurred_before_report": kind(
        422,
        "The step lies before the report of the case",
        "该步骤早于案例上报时间",
        "The case was reported at `reported_at`. Only a contact (`log-interaction`) may lie "
        "before it.",
        "案例上报于 `reported_at`。只有联系记录(`log-interaction`)可以早于该时间。",
    ),
    "occurred_before_answered": kind(
        422,
        "The step lies before what it answers",
        "该步骤早于其所回应的事件",
        "What the step answers occurred at `answered_at`; it cannot have occurred earlier.",
        "该步骤所回应的事件发生于 `answered_at`,该步骤不能早于该时间。",
    ),
    "done_in_future": kind(
        422,
        "What is told as done lies in the future",
        "所述已完成事项在未来",
        "Name a time or day that is not after the step itself; see `errors`.",
        "请填写不晚于该步骤发生时间的时间或日期;见 `errors`。",
    ),
    "done_before_report": kind(
        422,
        "What is told as done lies before the report of the case",
        "所述已完成事项早于案例上报时间",
        "The case was reported at `reported_at`; at most one day earlier is accepted.",
        "案例上报于 `reported_at`;最多可早一天。",
    ),
    "due_in_past": kind(
        422,
        "It would be due already",
        "期限已过",
        "Name a time after the step's own (`occurred_at`), or a day that is not over yet. A "
        "promise whose time has passed is not approved: make a new one that `replaces` it.",
        "请填写晚于该步骤时间(`occurred_at`)的时间,或尚未结束的日期。期限已过的承诺不再批准:请以 "
        "`replaces` 作出新的承诺。",
    ),
    "role_not_allowed": kind(
        403,
        "None of your roles may take this step",
        "您的角色无权执行该步骤",
        "One of the roles in `needs` is needed.",
        "需要 `needs` 中的任一角色。",
    ),
    "step_not_allowed": kind(
        409,
        "The status of the case does not allow this step",
        "案例的当前状态不允许该步骤",
        "The case must stand in one of `allowed_in`; `allowed_steps` of the case says what may "
        "follow now.",
        "案例须处于 `allowed_in` 中的某个状态;案例的 `allowed_steps` 列出当前可执行的步骤。",
    ),
    "case_not_found": kind(
        404,
        "There is no such case",
        "没有此案例",
        "A case is named by its id, a UUID, or by its reference, such as C-2026-000123. Under its "
        "reference it is found as soon as the case list has read it. Where a past is asked for, "
        "`began` says when the case began, and when that was recorded.",
        "案例以其 id(UUID)或编号(如 C-2026-000123)指定。案例列表读取之后方可按编号找到。查询过去时"
        ",`began` 说明案例何时开始、何时记录。",
    ),
    "version_not_found": kind(
        404,
        "The case has no such version",
        "该案例没有此版本",
        "The newest version is `current_version`.",
        "最新版本是 `current_version`。",
    ),
    "case_has_moved": kind(
        412,
        "The case has moved on since the version you saw",
        "案例在您所见版本之后已有更新",
        "Read the case again, decide anew, and name `current_version` in If-Match. What timers "
        "noted meanwhile, such as a missed deadline, is no reason for this.",
        "请重新读取案例并重新决定,再于 If-Match 中注明 `current_version`。仅由计时器记录的事件(如"
        "时限已过)不会导致此错误。",
    ),
    "idempotency_key_reused": kind(
        422,
        "This Idempotency-Key was used for another request",
        "该 Idempotency-Key 已用于另一个请求",
        "Use a fresh key for each new request, and the same key only for a retry.",
        "每个新请求请使用新的键,只有重试时才使用同一个键。",
    ),
    "already_reported": kind(
        409,
        "This record of its source has a case already",
        "该来源记录已有案例",
        "The case `case_id` has the same `source`: go on with that one.",
        "案例 `case_id` 具有相同的 `source`:请在该案例中继续处理。",
    ),
}
