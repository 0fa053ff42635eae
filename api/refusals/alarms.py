"""What HTTP says of the refusals in `domain/errors/alarms.py`."""

from __future__ import annotations

from typing import Final

from api.problem_catalogue import Kind, kind

PROBLEMS: Final[dict[str, Kind]] = {
    "alarm_not_found": kind(
        404,
        "There is no such alarm",
        "没有此预警",
        "An alarm is named by its id; `GET /v1/alarms` lists them.",
        "预警以其 id 指定;`GET /v1/alarms` 可列出预警。",
    ),
    "alarm_has_moved": kind(
        412,
        "The alarm has moved on since the version you saw",
        "预警在您所见版本之后已有更新",
        "Read the alarm again, decide anew, and name `current_version` in If-Match.",
        "请重新读取预警并重新决定,再于 If-Match 中注明 `current_version`。",
    ),
    "alarm_already_acknowledged": kind(
        409,
        "The alarm was acknowledged before",
        "该预警已确认",
        "Link a case that looks for the cause, or close it.",
        "请关联追查原因的案例,或关闭该预警。",
    ),
    "alarm_already_closed": kind(
        409,
        "The alarm was closed before",
        "该预警已关闭",
        "A closed alarm stays closed; the rule raises a new one when it finds more.",
        "已关闭的预警不再更改;规则再次发现异常时会发出新预警。",
    ),
    "root_cause_case_missing": kind(
        409,
        "No case looks for the root cause yet",
        "尚无案例追查根本原因",
        "Report a case for the root cause and link it (`link-case`), or close the alarm as "
        "`expected_event` or `false_alarm`.",
        "请上报根本原因案例并关联(`link-case`),或以 `expected_event` 或 `false_alarm` 关闭。",
    ),
    "case_already_linked": kind(
        409,
        "The case is linked to the alarm already",
        "该案例已关联此预警",
        "Nothing is left to do.",
        "无需再作处理。",
    ),
}
