"""What HTTP says of the refusals in `domain/errors/solving.py`."""

from __future__ import annotations

from typing import Final

from api.problem_catalogue import Kind, kind

PROBLEMS: Final[dict[str, Kind]] = {
    "main_issue_not_listed": kind(
        422,
        "The main issue is not among the issues",
        "主要问题不在问题列表中",
        "`main_issue` is a place in `issues`, counted from 1.",
        "`main_issue` 是 `issues` 中的位置,从 1 开始计数。",
    ),
    "primary_cause_repeated": kind(
        422,
        "The primary cause stands among the secondary ones too",
        "主要原因不得同时列为次要原因",
        "Leave the primary cause out of `secondary_causes`.",
        "请从 `secondary_causes` 中去掉主要原因。",
    ),
    "no_failed_solution": kind(
        409,
        "A case is analysed again only after a solution failed",
        "只有方案失败后才能重新分析",
        "A solution has failed once it was declined, rejected, or its plan was revised.",
        "方案被客户拒绝、被否决或其计划被修订,才算失败。",
    ),
    "unknown_solution": kind(
        409,
        "The case has no such solution",
        "案例中没有该方案",
        "Solutions of this attempt that were not replaced stand in `solutions` of the case.",
        "本轮中未被替换的方案见案例的 `solutions`。",
    ),
    "risk_factors_incomplete": kind(
        422,
        "Each of the four risk factors is assessed once",
        "四个风险因素须各评估一次",
        "Add what is `missing` and name each factor once; see /v1/reference-books/risk_factors.",
        "请补充 `missing` 中的因素,每个因素一次;见 /v1/reference-books/risk_factors。",
    ),
    "risk_response_missing": kind(
        422,
        "A high risk has no response",
        "高风险缺少应对措施",
        "A risk of 12 or more (likelihood × impact) needs a `response`; `factors` names which.",
        "可能性×影响达到 12 的风险须有 `response`;见 `factors`。",
    ),
    "too_few_options": kind(
        409,
        "A choice needs at least two solutions",
        "选择前须至少有两个方案",
        "Propose another solution first (`propose-solution`).",
        "请先提出另一个方案(`propose-solution`)。",
    ),
    "feasibility_incomplete": kind(
        409,
        "A solution lacks a feasibility score",
        "有方案缺少可行性评分",
        "`missing` names the scores that each solution lacks. Propose it again with all five "
        "scores and its id in `replaces`.",
        "`missing` 列出各方案缺少的评分。请重新提出该方案:给出全部五项评分,并在 `replaces` 中注明"
        "其编号。",
    ),
    "risk_unassessed": kind(
        409,
        "A solution's risks are not assessed",
        "有方案尚未评估风险",
        "Assess each of `solution_ids` by `assess-risk`.",
        "请用 `assess-risk` 评估 `solution_ids` 中的每个方案。",
    ),
    "customer_not_consulted": kind(
        409,
        "The customer was not told of pros, cons and risks",
        "尚未向客户说明利弊和风险",
        "Explain all three to the customer and record the answer by `consult-customer`.",
        "请向客户说明这三项,并用 `consult-customer` 记录其答复。",
    ),
    "customer_has_not_accepted": kind(
        409,
        "The customer has not accepted this solution",
        "客户尚未接受该方案",
        "Consult the customer again, choose another solution, or say in `reason` why this one is "
        "chosen all the same.",
        "请再次征询客户、选择其他方案,或在 `reason` 中说明仍选择该方案的原因。",
    ),
    "principles_incomplete": kind(
        422,
        "Each of the six principles is checked once",
        "六项原则须各检查一次",
        "Add what is `missing` and name each principle once; see /v1/reference-books/principles.",
        "请补充 `missing` 中的原则,每项一次;见 /v1/reference-books/principles。",
    ),
    "fair_without_evidence": kind(
        422,
        "Fairness points to no evidence",
        "公平原则未指向任何证据",
        'Name evidence of this case in `evidence_ids` of "fair"; where it is not met, a `note` '
        "will do.",
        "请在 fair 的 `evidence_ids` 中列出本案例的证据;若未满足,可用 `note` 说明。",
    ),
    "unknown_evidence": kind(
        409,
        "The case has no such evidence",
        "案例中没有该证据",
        "`evidence_ids` names what is unknown; see `evidence` of the case.",
        "未知的证据见 `evidence_ids`;已有证据见案例的 `evidence`。",
    ),
    "solution_was_rejected": kind(
        409,
        "A rejected solution is not chosen again",
        "被否决的方案不能再次选择",
        "Choose another solution, or propose a new one.",
        "请选择其他方案或提出新方案。",
    ),
    "nothing_chosen": kind(
        409,
        "No solution is chosen yet",
        "尚未选择方案",
        "Choose a solution first.",
        "请先选择方案。",
    ),
    "already_approved": kind(
        409,
        "The solution is approved already",
        "方案已获批准",
        "Nothing is left to decide on it.",
        "无需再作审批。",
    ),
    "approver_is_proposer": kind(
        403,
        "Who proposed the solution does not decide on it",
        "方案提出人不得审批该方案",
        "Another person has to decide on it.",
        "须由他人审批。",
    ),
    "approver_is_chooser": kind(
        403,
        "Who chose the solution does not decide on it",
        "方案选择人不得审批该方案",
        "Another person has to decide on it.",
        "须由他人审批。",
    ),
    "beyond_authority": kind(
        403,
        "The remedies exceed your authority",
        "补偿超出您的权限",
        "Somebody with a wider authority has to approve; see /v1/reference-books/authority_matrix.",
        "须由权限更大的人员审批;见 /v1/reference-books/authority_matrix。",
    ),
    "approval_missing": kind(
        409,
        "The chosen solution needs an approval",
        "所选方案需要审批",
        "Somebody else has to approve it (`approve-solution`); `reasons` says why.",
        "须由他人审批(`approve-solution`);原因见 `reasons`。",
    ),
    "unknown_plan_step": kind(
        409,
        "The plan has no such step",
        "计划中没有该步骤",
        "The plan has `steps` steps, counted from 1.",
        "计划共有 `steps` 个步骤,从 1 开始计数。",
    ),
    "plan_step_already_done": kind(
        409,
        "The plan step was done before",
        "该计划步骤已完成",
        "What is still open stands in `plan` of the case.",
        "未完成的步骤见案例的 `plan`。",
    ),
    "remedy_beyond_decision": kind(
        409,
        "A remedy goes beyond what was decided",
        "补偿超出已决定的范围",
        "Grant what the chosen solution holds, or choose one that holds more.",
        "请只给予所选方案中的补偿,或选择包含更多补偿的方案。",
    ),
}
