"""What the domain refuses, as HTTP says it: one row per refusal, in the order of the domain.

409: the state of the case forbids it; 422: the body contradicts a rule by itself;
403: another credential may do it.
"""

from __future__ import annotations

from typing import Final

from api.problem_catalogue import Kind, Words
from api.refusal_advice import REFUSAL_ADVICE

_ROWS: Final = (
    ("refused", 409, "The step was refused", "该步骤被拒绝"),
    ("invalid_value", 422, "A value is not of the right kind", "某个值的类型或内容无效"),
    (
        "occurred_in_future",
        422,
        "The time of the event lies in the future",
        "事件发生时间在未来",
    ),
    (
        "occurred_before_report",
        422,
        "The step lies before the report of the case",
        "该步骤早于案例上报时间",
    ),
    (
        "done_in_future",
        422,
        "What is told as done lies in the future",
        "所述已完成事项在未来",
    ),
    (
        "done_before_report",
        422,
        "What is told as done lies before the report of the case",
        "所述已完成事项早于案例上报时间",
    ),
    ("role_not_allowed", 403, "None of your roles may take this step", "您的角色无权执行该步骤"),
    (
        "step_not_allowed",
        409,
        "The status of the case does not allow this step",
        "案例的当前状态不允许该步骤",
    ),
    ("case_not_found", 404, "There is no such case", "没有此案例"),
    ("version_not_found", 404, "The case has no such version", "该案例没有此版本"),
    (
        "case_has_moved",
        412,
        "The case has moved on since the version you saw",
        "案例在您所见版本之后已有更新",
    ),
    (
        "idempotency_key_reused",
        422,
        "This Idempotency-Key was used for another request",
        "该 Idempotency-Key 已用于另一个请求",
    ),
    (
        "already_reported",
        409,
        "This record of its source has a case already",
        "该来源记录已有案例",
    ),
    (
        "customer_has_not_agreed",
        422,
        "The customer has not agreed with the restatement",
        "客户尚未同意复述内容",
    ),
    (
        "subtype_of_other_type",
        422,
        "The subtype belongs to another conflict type",
        "该子类型属于另一冲突类型",
    ),
    (
        "no_alternative_offered",
        422,
        "A dismissal offers at least one alternative",
        "驳回时须至少提供一个替代方案",
    ),
    (
        "evidence_incomplete",
        422,
        "Evidence is a whole document, or absent with a reason",
        "证据须为完整文件,或注明缺失原因",
    ),
    ("evidence_missing", 409, "An evidence kind is not settled yet", "尚有证据类别未落实"),
    (
        "main_issue_not_listed",
        422,
        "The main issue is not among the issues",
        "主要问题不在问题列表中",
    ),
    (
        "primary_cause_repeated",
        422,
        "The primary cause stands among the secondary ones too",
        "主要原因不得同时列为次要原因",
    ),
    (
        "no_failed_solution",
        409,
        "A case is analysed again only after a solution failed",
        "只有方案失败后才能重新分析",
    ),
    ("unknown_solution", 409, "The case has no such solution", "案例中没有该方案"),
    (
        "risk_factors_incomplete",
        422,
        "Each of the four risk factors is assessed once",
        "四个风险因素须各评估一次",
    ),
    ("risk_response_missing", 422, "A high risk has no response", "高风险缺少应对措施"),
    ("too_few_options", 409, "A choice needs at least two solutions", "选择前须至少有两个方案"),
    (
        "feasibility_incomplete",
        409,
        "A solution lacks a feasibility score",
        "有方案缺少可行性评分",
    ),
    ("risk_unassessed", 409, "A solution's risks are not assessed", "有方案尚未评估风险"),
    (
        "customer_not_consulted",
        409,
        "The customer was not told of pros, cons and risks",
        "尚未向客户说明利弊和风险",
    ),
    (
        "customer_has_not_accepted",
        409,
        "The customer has not accepted this solution",
        "客户尚未接受该方案",
    ),
    (
        "principles_incomplete",
        422,
        "Each of the six principles is checked once",
        "六项原则须各检查一次",
    ),
    ("fair_without_evidence", 422, "Fairness points to no evidence", "公平原则未指向任何证据"),
    ("unknown_evidence", 409, "The case has no such evidence", "案例中没有该证据"),
    (
        "solution_was_rejected",
        409,
        "A rejected solution is not chosen again",
        "被否决的方案不能再次选择",
    ),
    ("nothing_chosen", 409, "No solution is chosen yet", "尚未选择方案"),
    ("already_approved", 409, "The solution is approved already", "方案已获批准"),
    (
        "approver_is_proposer",
        403,
        "Who proposed the solution does not decide on it",
        "方案提出人不得审批该方案",
    ),
    (
        "approver_is_chooser",
        403,
        "Who chose the solution does not decide on it",
        "方案选择人不得审批该方案",
    ),
    ("beyond_authority", 403, "The remedies exceed your authority", "补偿超出您的权限"),
    ("approval_missing", 409, "The chosen solution needs an approval", "所选方案需要审批"),
    ("unknown_plan_step", 409, "The plan has no such step", "计划中没有该步骤"),
    ("plan_step_already_done", 409, "The plan step was done before", "该计划步骤已完成"),
    (
        "remedy_beyond_decision",
        409,
        "A remedy goes beyond what was decided",
        "补偿超出已决定的范围",
    ),
    ("score_outside_scale", 422, "The score does not lie on its scale", "评分超出量表范围"),
    ("lessons_missing", 409, "The lessons are not recorded yet", "尚未记录经验教训"),
    (
        "answers_unknown",
        409,
        "It is not known whether the customer is satisfied and helped",
        "尚不清楚客户是否满意、问题是否实质解决",
    ),
    ("unknown_prevention", 409, "The case has no such preventive action", "案例中没有该预防措施"),
    (
        "prevention_already_done",
        409,
        "The preventive action was completed before",
        "该预防措施已完成",
    ),
    (
        "prevention_not_done",
        409,
        "The preventive action is not completed yet",
        "该预防措施尚未完成",
    ),
    (
        "merged_into_itself",
        409,
        "A case is not merged into itself or in a circle",
        "案例不能并入自身或循环合并",
    ),
    (
        "handled_here",
        409,
        "The imported case has been taken on here",
        "该导入案例已在本系统中继续处理",
    ),
    (
        "other_case_not_found",
        409,
        "There is no case to merge into with this id",
        "没有可并入的此案例",
    ),
    (
        "not_imported",
        409,
        "Entries of a source's log belong to imported cases",
        "来源日志条目只属于导入的案例",
    ),
    ("subject_not_found", 404, "No case names this person", "没有案例涉及此人"),
    (
        "legal_hold_stands",
        409,
        "A legal hold forbids the erasure",
        "法定保全期间不得删除",
    ),
    ("hold_not_found", 404, "There is no such legal hold", "没有此法定保全"),
    (
        "hold_already_released",
        409,
        "The legal hold was released before",
        "该法定保全已解除",
    ),
    ("no_terms_given", 422, "Name at least one term to set", "请至少指定一项服务条件"),
    (
        "already_awaiting_customer",
        409,
        "The case waits for the customer already",
        "该案例已在等待客户答复",
    ),
    (
        "not_awaiting_customer",
        409,
        "The case does not wait for the customer",
        "该案例并未在等待客户",
    ),
    ("unknown_clock_run", 409, "The clock has no such run", "该时钟没有此计时轮次"),
    (
        "deadline_not_reached",
        409,
        "The due time has not come, or does not count",
        "尚未到期或不再计时",
    ),
    (
        "deadline_already_recorded",
        409,
        "The warning or the breach is on record already",
        "该预警或超时已有记录",
    ),
    (
        "unknown_commitment",
        409,
        "The case has no such promise for this step",
        "该案例没有可执行此步骤的承诺",
    ),
    (
        "commitment_not_open",
        409,
        "This was done with the promise before",
        "该承诺已处理完毕",
    ),
    (
        "commitment_not_approved",
        409,
        "The written promise has not been approved",
        "该书面承诺尚未获批准",
    ),
    (
        "approver_is_promiser",
        403,
        "Who made the promise does not approve it",
        "作出承诺的人不得批准该承诺",
    ),
    ("due_in_past", 422, "The promise would be due already", "承诺期限已过"),
    (
        "vague_promise",
        422,
        "The promise does not say by what one can tell that it is kept",
        "承诺未说明如何判断已履行",
    ),
    (
        "change_not_agreed",
        422,
        "The customer has not agreed to the change of the promise",
        "客户尚未同意变更承诺",
    ),
    (
        "promises_open",
        409,
        "Promises are open",
        "尚有未履行的承诺",
    ),
    (
        "unknown_agreement",
        409,
        "Nothing of this id was agreed with the customer",
        "没有此编号的约定",
    ),
    (
        "same_channel",
        422,
        "The agreement was made on this channel",
        "该约定即通过此渠道达成",
    ),
    ("no_open_points", 409, "These minutes leave nothing open", "该纪要没有未决事项"),
    ("not_approved", 409, "There is no approval to take back", "没有可撤回的审批"),
    (
        "already_carried_out",
        409,
        "What was approved is being carried out",
        "已批准的方案正在执行",
    ),
    (
        "no_words_heard",
        422,
        "No words of the customer stand in that version",
        "该版本中没有客户所说的内容",
    ),
    (
        "emotion_already_recognised",
        409,
        "This model has spoken about these words",
        "该模型已对这段内容作出判断",
    ),
    (
        "person_must_take_over",
        409,
        "The customer is angry, and a person has to take over",
        "客户情绪愤怒,须由人员接手",
    ),
    (
        "task_force_missing",
        409,
        "A case of this severity needs a named task force",
        "该严重程度的案例须指定专门团队",
    ),
    (
        "director_not_informed",
        409,
        "A director must know of a case of this severity",
        "该严重程度的案例须告知总监",
    ),
    (
        "survey_before_resolution",
        409,
        "Nothing stands resolved to ask about",
        "尚无已解决的事项可供调查",
    ),
    ("unknown_survey", 409, "The case has no such survey", "该案例没有此调查"),
    ("survey_already_answered", 409, "The survey was answered before", "该调查已有答复"),
    ("nothing_answered", 422, "An answer says at least one thing", "答复至少须包含一项内容"),
    (
        "order_already_open",
        409,
        "A director's order is open on the case",
        "该案例已有未关闭的总监督办单",
    ),
    ("no_order_open", 409, "No director's order is open on the case", "该案例没有未关闭的督办单"),
    ("order_plan_missing", 409, "The order has no plan yet", "该督办单尚无方案"),
    (
        "order_plan_already_delivered",
        409,
        "The plan of the order was delivered before",
        "该督办单的方案已提交",
    ),
)

_GENERAL: Final = REFUSAL_ADVICE["refused"]

REFUSAL_PROBLEMS: Final[dict[str, Kind]] = {
    code: Kind(status, Words(en, zh), Words(*REFUSAL_ADVICE.get(code, _GENERAL)))
    for code, status, en, zh in _ROWS
}
