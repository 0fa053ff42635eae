"""What a caller can do about each refusal of the domain, in English and Chinese.

A sentence may name a member of `params`, or `errors`, only where that refusal always has it.
"""

from __future__ import annotations

from typing import Final

REFUSAL_ADVICE: Final[dict[str, tuple[str, str]]] = {
    "refused": ("See the title.", "请参阅标题。"),
    "invalid_value": (
        "See `errors` for the place and the reason.",
        "请查看 `errors` 中的位置和原因。",
    ),
    "occurred_in_future": (
        "Say when it happened, at most `tolerance_seconds` ahead of our clock. Where `occurred_at` "
        "may be left out, that means now.",
        "请填写实际发生时间(最多超前 `tolerance_seconds` 秒)。可省略 `occurred_at` 之处,"
        "省略表示现在。",
    ),
    "occurred_before_report": (
        "The case was reported at `reported_at`. Only a contact (`log-interaction`) may lie "
        "before it.",
        "案例上报于 `reported_at`。只有联系记录(`log-interaction`)可以早于该时间。",
    ),
    "occurred_before_answered": (
        "What the step answers occurred at `answered_at`; it cannot have occurred earlier.",
        "该步骤所回应的事件发生于 `answered_at`,该步骤不能早于该时间。",
    ),
    "done_in_future": (
        "Name a time or day that is not after the step itself; see `errors`.",
        "请填写不晚于该步骤发生时间的时间或日期;见 `errors`。",
    ),
    "done_before_report": (
        "The case was reported at `reported_at`; at most one day earlier is accepted.",
        "案例上报于 `reported_at`;最多可早一天。",
    ),
    "role_not_allowed": ("One of the roles in `needs` is needed.", "需要 `needs` 中的任一角色。"),
    "step_not_allowed": (
        "The case must stand in one of `allowed_in`; `allowed_steps` of the case says what may "
        "follow now.",
        "案例须处于 `allowed_in` 中的某个状态;案例的 `allowed_steps` 列出当前可执行的步骤。",
    ),
    "case_not_found": (
        "A case is named by its id, a UUID, or by its reference, such as C-2026-000123. Under "
        "its reference it is found as soon as the case list has read it. Where a past is asked "
        "for, `began` says when the case began, and when that was recorded.",
        "案例以其 id(UUID)或编号(如 C-2026-000123)指定。案例列表读取之后方可按编号找到。"
        "查询过去时,`began` 说明案例何时开始、何时记录。",
    ),
    "version_not_found": (
        "The newest version is `current_version`.",
        "最新版本是 `current_version`。",
    ),
    "case_has_moved": (
        "Read the case again, decide anew, and name `current_version` in If-Match. What timers "
        "noted meanwhile, such as a missed deadline, is no reason for this.",
        "请重新读取案例并重新决定,再于 If-Match 中注明 `current_version`。仅由计时器记录的事件"
        "(如时限已过)不会导致此错误。",
    ),
    "idempotency_key_reused": (
        "Use a fresh key for each new request, and the same key only for a retry.",
        "每个新请求请使用新的键,只有重试时才使用同一个键。",
    ),
    "already_reported": (
        "The case `case_id` has the same `source`: go on with that one.",
        "案例 `case_id` 具有相同的 `source`:请在该案例中继续处理。",
    ),
    "customer_has_not_agreed": (
        "Say the problem back again until the customer agrees, then confirm.",
        "请再次复述,直到客户同意,然后再确认。",
    ),
    "subtype_of_other_type": (
        "This subtype belongs to the type `belongs_to`; see /v1/reference-books/conflict_subtypes.",
        "该子类型属于 `belongs_to`;见 /v1/reference-books/conflict_subtypes。",
    ),
    "no_alternative_offered": (
        "Name what the customer can do instead in `alternatives_offered`.",
        "请在 `alternatives_offered` 中说明客户的其他选择。",
    ),
    "evidence_incomplete": (
        "Send either `document` or, where none exists, `absent_reason`; not both.",
        "请提供 `document`,或在不存在时提供 `absent_reason`;二者只能选一。",
    ),
    "evidence_missing": (
        "Attach a document for each of `kinds`, or declare it absent, by `attach-evidence`.",
        "请用 `attach-evidence` 为 `kinds` 中的每一类附上文件,或注明缺失。",
    ),
    "main_issue_not_listed": (
        "`main_issue` is a place in `issues`, counted from 1.",
        "`main_issue` 是 `issues` 中的位置,从 1 开始计数。",
    ),
    "primary_cause_repeated": (
        "Leave the primary cause out of `secondary_causes`.",
        "请从 `secondary_causes` 中去掉主要原因。",
    ),
    "no_failed_solution": (
        "A solution has failed once it was declined, rejected, or its plan was revised.",
        "方案被客户拒绝、被否决或其计划被修订,才算失败。",
    ),
    "unknown_solution": (
        "Solutions of this attempt that were not replaced stand in `solutions` of the case.",
        "本轮中未被替换的方案见案例的 `solutions`。",
    ),
    "risk_factors_incomplete": (
        "Add what is `missing` and name each factor once; see /v1/reference-books/risk_factors.",
        "请补充 `missing` 中的因素,每个因素一次;见 /v1/reference-books/risk_factors。",
    ),
    "risk_response_missing": (
        "A risk of 12 or more (likelihood × impact) needs a `response`; `factors` names which.",
        "可能性×影响达到 12 的风险须有 `response`;见 `factors`。",
    ),
    "too_few_options": (
        "Propose another solution first (`propose-solution`).",
        "请先提出另一个方案(`propose-solution`)。",
    ),
    "feasibility_incomplete": (
        "`missing` names the scores that each solution lacks. Propose it again with all five "
        "scores and its id in `replaces`.",
        "`missing` 列出各方案缺少的评分。请重新提出该方案:给出全部五项评分,"
        "并在 `replaces` 中注明其编号。",
    ),
    "risk_unassessed": (
        "Assess each of `solution_ids` by `assess-risk`.",
        "请用 `assess-risk` 评估 `solution_ids` 中的每个方案。",
    ),
    "customer_not_consulted": (
        "Explain all three to the customer and record the answer by `consult-customer`.",
        "请向客户说明这三项,并用 `consult-customer` 记录其答复。",
    ),
    "customer_has_not_accepted": (
        "Consult the customer again, choose another solution, or say in `reason` why this one "
        "is chosen all the same.",
        "请再次征询客户、选择其他方案,或在 `reason` 中说明仍选择该方案的原因。",
    ),
    "principles_incomplete": (
        "Add what is `missing` and name each principle once; see /v1/reference-books/principles.",
        "请补充 `missing` 中的原则,每项一次;见 /v1/reference-books/principles。",
    ),
    "fair_without_evidence": (
        'Name evidence of this case in `evidence_ids` of "fair"; where it is not met, a `note` '
        "will do.",
        "请在 fair 的 `evidence_ids` 中列出本案例的证据;若未满足,可用 `note` 说明。",
    ),
    "unknown_evidence": (
        "`evidence_ids` names what is unknown; see `evidence` of the case.",
        "未知的证据见 `evidence_ids`;已有证据见案例的 `evidence`。",
    ),
    "solution_was_rejected": (
        "Choose another solution, or propose a new one.",
        "请选择其他方案或提出新方案。",
    ),
    "nothing_chosen": ("Choose a solution first.", "请先选择方案。"),
    "already_approved": ("Nothing is left to decide on it.", "无需再作审批。"),
    "approver_is_proposer": (
        "Another person has to decide on it.",
        "须由他人审批。",
    ),
    "approver_is_chooser": ("Another person has to decide on it.", "须由他人审批。"),
    "beyond_authority": (
        "Somebody with a wider authority has to approve; see /v1/reference-books/authority_matrix.",
        "须由权限更大的人员审批;见 /v1/reference-books/authority_matrix。",
    ),
    "approval_missing": (
        "Somebody else has to approve it (`approve-solution`); `reasons` says why.",
        "须由他人审批(`approve-solution`);原因见 `reasons`。",
    ),
    "unknown_plan_step": (
        "The plan has `steps` steps, counted from 1.",
        "计划共有 `steps` 个步骤,从 1 开始计数。",
    ),
    "plan_step_already_done": (
        "What is still open stands in `plan` of the case.",
        "未完成的步骤见案例的 `plan`。",
    ),
    "remedy_beyond_decision": (
        "Grant what the chosen solution holds, or choose one that holds more.",
        "请只给予所选方案中的补偿,或选择包含更多补偿的方案。",
    ),
    "score_outside_scale": (
        "This scale goes from `least` to `most`.",
        "该量表范围为 `least` 到 `most`。",
    ),
    "lessons_missing": (
        "Record the lessons first (`record-lessons`).",
        "请先记录经验教训(`record-lessons`)。",
    ),
    "answers_unknown": (
        "Ask the customer what stands in `unknown` and record it by `follow-up`.",
        "请就 `unknown` 中的问题询问客户,并用 `follow-up` 记录。",
    ),
    "unknown_prevention": (
        "See `preventions` of the case; `plan-prevention` adds one.",
        "见案例的 `preventions`;可用 `plan-prevention` 新增。",
    ),
    "prevention_already_done": (
        "Its effect is recorded by `check-prevention`.",
        "其效果用 `check-prevention` 记录。",
    ),
    "prevention_not_done": (
        "Record first that it is done (`complete-prevention`).",
        "请先用 `complete-prevention` 记录其完成。",
    ),
    "merged_into_itself": (
        "Name a case that does not lead back to this one.",
        "请指定一个不会指回本案例的案例。",
    ),
    "handled_here": (
        "The log of the source no longer moves its status.",
        "来源日志不再改变其状态。",
    ),
    "other_case_not_found": (
        "Name a case that exists by its id, as `GET /v1/cases` lists it.",
        "请填写已有案例的 id,可由 `GET /v1/cases` 查得。",
    ),
    "not_imported": (
        "A case that was reported here has no entries of a source.",
        "在本系统上报的案例没有来源日志条目。",
    ),
    "no_terms_given": (
        "Give at least one of urgency, request_kind, customer_tier, regulation, calendar.",
        "请至少给出 urgency、request_kind、customer_tier、regulation、calendar 之一。",
    ),
    "already_awaiting_customer": (
        "The pause ends with `hear-customer`.",
        "暂停在 `hear-customer` 时结束。",
    ),
    "not_awaiting_customer": (
        "A pause begins with `await-customer`.",
        "暂停自 `await-customer` 开始。",
    ),
    "unknown_clock_run": (
        "The runs of each clock are counted from 1.",
        "每个时钟的计时轮次从 1 开始计数。",
    ),
    "deadline_not_reached": (
        "It is recorded once the case's own events bear it out.",
        "须待案例自身的事件表明已到期后方可记录。",
    ),
    "deadline_already_recorded": ("Nothing is left to do.", "无需再作处理。"),
    "not_approved": (
        "An approval that was given shows as `approval` in the case.",
        "已作出的审批显示在案例的 `approval` 中。",
    ),
    "already_carried_out": (
        "The steps in `step_numbers` are done. Revise the plan (`revise-plan`) instead.",
        "`step_numbers` 中的步骤已完成。请改为修订计划(`revise-plan`)。",
    ),
    "no_words_heard": (
        "Name in `heard_in` the version of the report, of an inbound contact, or of an answer.",
        "请在 `heard_in` 中填写上报、客户来访记录或客户答复所在的版本。",
    ),
    "emotion_contradicts_sentiment": (
        "Send one of the two, or let them agree: nobody is angry and positive, or satisfied and "
        "negative.",
        "请只发送其中一项,或使二者一致:愤怒与正面、满意与负面不能并存。",
    ),
    "emotion_already_recognised": (
        "What another model hears, or a newer version of this one, may stand beside it.",
        "其他模型或该模型新版本的判断可以并列记录。",
    ),
    "person_must_take_over": (
        "Let a person send `escalate`; until then a service may only record what the customer "
        "says.",
        "请由人员发送 `escalate`;在此之前,服务程序只能记录客户所说的内容。",
    ),
    "task_force_missing": (
        "Send `name-task-force` with a lead and members; `severity` says what asks for it.",
        "请发送 `name-task-force` 指定负责人和成员;`severity` 为提出此要求的严重程度。",
    ),
    "director_not_informed": (
        "Send `escalate` with the level `director`; `severity` says what asks for it.",
        "请发送级别为 `director` 的 `escalate`;`severity` 为提出此要求的严重程度。",
    ),
    "survey_before_resolution": (
        'Resolve the case first; before that, only the occasion "contact" can be asked about.',
        "请先解决该案例;在此之前只能就 contact 时机发起调查。",
    ),
    "unknown_survey": (
        "Surveys are sent by `send-survey`; see `surveys` of the case.",
        "调查由 `send-survey` 发出;见案例的 `surveys`。",
    ),
    "survey_already_answered": (
        "Ask again by `send-survey`; `follow-up` records what a talk brought.",
        "可用 `send-survey` 再次询问;通话所得请用 `follow-up` 记录。",
    ),
    "nothing_answered": (
        "Give at least one of value, satisfied, substantially_solved, comment.",
        "请至少给出 value、satisfied、substantially_solved、comment 之一。",
    ),
    "order_already_open": ("One order at a time.", "同一时间只能有一张督办单。"),
    "no_order_open": (
        "Open orders are listed by `GET /v1/orders?state=open`.",
        "未关闭的督办单见 `GET /v1/orders?state=open`。",
    ),
    "order_plan_missing": (
        "Deliver the plan first (`deliver-director-plan`).",
        "请先提交方案(`deliver-director-plan`)。",
    ),
    "order_plan_already_delivered": (
        "What is left is to carry it out and to close the order (`close-director-order`).",
        "余下的是执行方案并关闭督办单(`close-director-order`)。",
    ),
    "nothing_handed_over": (
        "Get the background file of the case and name it in `background_file`, or hand over "
        "evidence or a `background`.",
        "请取得案例的背景材料并在 `background_file` 中注明,或移交证据或填写 `background`。",
    ),
    "unknown_playbook_step": (
        "`GET /v1/cases/{id}/playbook` names the steps; they change with the customer's type, "
        "emotion and conflict.",
        "`GET /v1/cases/{id}/playbook` 列出步骤;步骤随客户类型、情绪和冲突类型而变。",
    ),
    "skipped_without_reason": (
        "Say in `reason` why the step was left out.",
        "请在 `reason` 中说明未执行该步骤的原因。",
    ),
    "subject_not_found": (
        "A person is named by the reference that their cases have.",
        "请使用案例中的客户编号。",
    ),
    "legal_hold_stands": (
        "Release the hold first, once its reason is gone.",
        "待保全原因消失后,请先解除保全。",
    ),
    "hold_not_found": (
        "A hold is named by the id that it got when it was placed.",
        "请使用设立保全时得到的 id。",
    ),
    "hold_already_released": ("Nothing is left to do.", "无需再作处理。"),
    "unknown_commitment": (
        "A promise is named by its id, such as C1; the case shows them under `commitments`. "
        "`commitment_ids` has those of this case, and is empty where none is left for this step.",
        "承诺以编号(如 C1)指定,见案例的 `commitments`。`commitment_ids` 为该案例的承诺;"
        "为空表示没有可执行此步骤的承诺。",
    ),
    "commitment_not_open": (
        "It is `state` already. Make a new promise where one is needed.",
        "该承诺的状态已是 `state`。如有需要,请作出新的承诺。",
    ),
    "commitment_not_approved": (
        "Somebody with the role approver takes `approve-commitment` first. Confirming a spoken "
        "promise in writing makes it a written one, which needs that too.",
        "请先由具有 approver 角色的人执行 `approve-commitment`。以书面形式确认口头承诺,"
        "即成为书面承诺,同样需要批准。",
    ),
    "approver_is_promiser": ("Another person has to approve it.", "须由他人批准。"),
    "due_in_past": (
        "Name a due time that lies ahead, or make a new promise that `replaces` this one.",
        "请填写将来的期限,或以 `replaces` 作出新的承诺。",
    ),
    "vague_promise": (
        "Say in `outcome` what will be there, how much, or who will see it.",
        "请在 `outcome` 中说明将交付什么、多少,或由谁看到结果。",
    ),
    "change_not_agreed": (
        "Talk to the customer, and say in `agreement` that they agreed, when and by which channel.",
        "请与客户沟通,并在 `agreement` 中注明客户已同意、时间和渠道。",
    ),
    "promises_open": (
        "Keep the promises in `commitment_ids`, or withdraw them with the customer's agreement. "
        "What was broken is no hindrance once the worker has recorded it.",
        "请先履行 `commitment_ids` 中的承诺,或经客户同意撤回。已被记录为违约的承诺不影响结案。",
    ),
    "unknown_agreement": (
        "`agreements` lists what may be confirmed: open promises such as C1, minutes such as M1, "
        "and solutions that the customer was consulted on, such as S1.",
        "`agreements` 列出可确认的约定:未完成的承诺(如 C1)、纪要(如 M1)和已征询客户的方案(如 S1)。",
    ),
    "same_channel": (
        "Confirm it on another channel than `channel`.",
        "请通过 `channel` 以外的渠道再次确认。",
    ),
    "no_open_points": (
        "`minutes_ids` lists the minutes with open points; they are numbered as they were sent.",
        "`minutes_ids` 列出仍有未决事项的纪要;编号按发送顺序。",
    ),
    "alarm_not_found": (
        "An alarm is named by its id; `GET /v1/alarms` lists them.",
        "预警以其 id 指定;`GET /v1/alarms` 可列出预警。",
    ),
    "alarm_has_moved": (
        "Read the alarm again, decide anew, and name `current_version` in If-Match.",
        "请重新读取预警并重新决定,再于 If-Match 中注明 `current_version`。",
    ),
    "indicator_not_newer": (
        "Leave it out: `newest_observed_at` says when the value that counts was observed. Nothing "
        "of the request was recorded.",
        "请略去该项:`newest_observed_at` 为现用数值的观测时间。本次请求未记录任何内容。",
    ),
    "alarm_already_acknowledged": (
        "Link a case that looks for the cause, or close it.",
        "请关联追查原因的案例,或关闭该预警。",
    ),
    "alarm_already_closed": (
        "A closed alarm stays closed; the rule raises a new one when it finds more.",
        "已关闭的预警不再更改;规则再次发现异常时会发出新预警。",
    ),
    "root_cause_case_missing": (
        "Report a case for the root cause and link it (`link-case`), or close the alarm as "
        "`expected_event` or `false_alarm`.",
        "请上报根本原因案例并关联(`link-case`),或以 `expected_event` 或 `false_alarm` 关闭。",
    ),
    "case_already_linked": ("Nothing is left to do.", "无需再作处理。"),
    "nothing_asked": (
        "Supplements are asked for by `ask-supplement`; others are sent with `attach-evidence`.",
        "补充材料由 `ask-supplement` 提出;其他材料请用 `attach-evidence`。",
    ),
    "blockers_unanswered": (
        "Name at least one countermeasure, or leave the blockers out.",
        "请至少列出一项对策,或省略阻碍。",
    ),
    "nothing_delayed": (
        "Name either `commitment_id`, or `clock` and `run`, of what is open and not paused; the "
        "case shows them under `commitments` and `clocks`.",
        "请填写 `commitment_id`,或 `clock` 与 `run`,且该事项未完成、未暂停;"
        "见案例的 `commitments` 与 `clocks`。",
    ),
    "no_delay": (
        "Name a time after the due time.",
        "请填写晚于期限的时间。",
    ),
    "review_not_found": (
        "A review is named by its id; `GET /v1/reviews` lists them.",
        "回顾以其 id 指定;`GET /v1/reviews` 可列出。",
    ),
    "review_has_moved": (
        "Read the review again, decide anew, and name `current_version` in If-Match. That it "
        "was missed meanwhile is no reason for this.",
        "请重新读取回顾并重新决定,再于 If-Match 中注明 `current_version`。"
        "仅因逾期而产生的记录不会导致此错误。",
    ),
    "review_already_held": (
        "A review that was held stays as it is. What comes up later belongs to the next one.",
        "已完成的回顾不再更改;之后发现的事项请记入下一次回顾。",
    ),
    "held_in_future": (
        "Record it once it was held; `held_at` may be left out, which means now.",
        "请在回顾举行后再记录;可省略 `held_at`(表示现在)。",
    ),
    "held_before_opened": (
        "It was opened at `opened_at`; name that time or a later one.",
        "该回顾于 `opened_at` 开启;请填写该时间或之后的时间。",
    ),
    "owner_absent": (
        "Name `owner` among the attendees, or hold the review with them.",
        "请将 `owner` 列入参加方,或与其一同举行回顾。",
    ),
    "too_few_parties": (
        "At least `needed` parties take part in such a review.",
        "此类回顾至少须有 `needed` 个参加方。",
    ),
    "party_told_twice": (
        "Name each party once, with all of its people.",
        "每个参加方只填写一次,并注明其全部人数。",
    ),
    "not_an_audit": (
        "Figures are recorded of the quarterly audit; other reviews tell findings and "
        "decisions when they are held.",
        "指标仅在季度审计中记录;其他回顾在完成时记录发现与决定。",
    ),
    "audit_figures_missing": (
        "Record those in `figures` first (`record-figures`).",
        "请先记录 `figures` 中的指标(`record-figures`)。",
    ),
    "figure_not_of_this_audit": (
        "`audit.missing_figures` and `audit.figures` of the review name those that it looks at.",
        "回顾的 `audit.missing_figures` 与 `audit.figures` 列出本次审计的指标。",
    ),
    "figure_told_twice": (
        "Tell each figure once; to correct one, send it again in another request.",
        "每个指标只填写一次;如需更正,请另行提交。",
    ),
    "expectation_missing": (
        "Add `expected`: the book of figures names no target for this one.",
        "请填写 `expected`:指标册未给出该指标的目标值。",
    ),
    "corrective_action_not_found": (
        "A corrective action is named by its id; `GET /v1/corrective-actions` lists them.",
        "纠正措施以其 id 指定;`GET /v1/corrective-actions` 可列出。",
    ),
    "corrective_action_has_moved": (
        "Read the action again, decide anew, and name `current_version` in If-Match. That it "
        "was late meanwhile is no reason for this.",
        "请重新读取纠正措施并重新决定,再于 If-Match 中注明 `current_version`。"
        "仅因逾期而产生的记录不会导致此错误。",
    ),
    "corrective_action_already_done": (
        "Somebody who did not do it verifies it (`verify`).",
        "请由未参与执行的人员验证(`verify`)。",
    ),
    "corrective_action_already_verified": (
        "A verified action stays closed; the next audit shows whether it lasts.",
        "已验证的措施不再更改;下一次审计将显示其效果是否持续。",
    ),
    "corrective_action_not_done": (
        "Whoever sees to it says that it is done first (`complete`).",
        "请先由执行人记录完成(`complete`)。",
    ),
    "owner_unchanged": (
        "Nothing is left to do.",
        "无需再作处理。",
    ),
    "verifier_did_it": (
        "Somebody else verifies it, who never said that it is done.",
        "请由从未记录其完成的其他人员验证。",
    ),
    "verifier_not_a_person": (
        "Use the key of a person (`amends token create --kind person`).",
        "请使用个人密钥(`amends token create --kind person`)。",
    ),
}
