"""What HTTP says of the refusals in `domain/errors/raising.py`."""

from __future__ import annotations

from typing import Final

from api.problem_catalogue import Kind, kind

PROBLEMS: Final[dict[str, Kind]] = {
    "not_approved": kind(
        409,
        "There is no approval to take back",
        "没有可撤回的审批",
        "An approval that was given shows as `approval` in the case.",
        "已作出的审批显示在案例的 `approval` 中。",
    ),
    "already_carried_out": kind(
        409,
        "What was approved is being carried out",
        "已批准的方案正在执行",
        "The steps in `step_numbers` are done. Revise the plan (`revise-plan`) instead.",
        "`step_numbers` 中的步骤已完成。请改为修订计划(`revise-plan`)。",
    ),
    "no_words_heard": kind(
        422,
        "No words of the customer stand in that version",
        "该版本中没有客户所说的内容",
        "Name in `heard_in` the version of the report, of an inbound contact, or of an answer.",
        "请在 `heard_in` 中填写上报、客户来访记录或客户答复所在的版本。",
    ),
    "emotion_contradicts_sentiment": kind(
        422,
        "Emotion and sentiment contradict each other",
        "情绪与情感倾向相互矛盾",
        "Send one of the two, or let them agree: nobody is angry and positive, or satisfied and "
        "negative.",
        "请只发送其中一项,或使二者一致:愤怒与正面、满意与负面不能并存。",
    ),
    "emotion_already_recognised": kind(
        409,
        "This model has spoken about these words",
        "该模型已对这段内容作出判断",
        "What another model hears, or a newer version of this one, may stand beside it.",
        "其他模型或该模型新版本的判断可以并列记录。",
    ),
    "person_must_take_over": kind(
        409,
        "The customer is angry, and a person has to take over",
        "客户情绪愤怒,须由人员接手",
        "Let a person send `escalate`; until then a service may only record what the customer "
        "says.",
        "请由人员发送 `escalate`;在此之前,服务程序只能记录客户所说的内容。",
    ),
    "task_force_missing": kind(
        409,
        "A case of this severity needs a named task force",
        "该严重程度的案例须指定专门团队",
        "Send `name-task-force` with a lead and members; `severity` says what asks for it.",
        "请发送 `name-task-force` 指定负责人和成员;`severity` 为提出此要求的严重程度。",
    ),
    "director_not_informed": kind(
        409,
        "A director must know of a case of this severity",
        "该严重程度的案例须告知总监",
        "Send `escalate` with the level `director`; `severity` says what asks for it.",
        "请发送级别为 `director` 的 `escalate`;`severity` 为提出此要求的严重程度。",
    ),
    "unknown_playbook_step": kind(
        422,
        "The playbook of the case has no such step",
        "该案例的应对手册没有此步骤",
        "`GET /v1/cases/{id}/playbook` names the steps; they change with the customer's type, "
        "emotion and conflict.",
        "`GET /v1/cases/{id}/playbook` 列出步骤;步骤随客户类型、情绪和冲突类型而变。",
    ),
    "skipped_without_reason": kind(
        422,
        "A step that was left out needs a reason",
        "未执行的步骤须说明原因",
        "Say in `reason` why the step was left out.",
        "请在 `reason` 中说明未执行该步骤的原因。",
    ),
}
