"""Valid details for every command, as a caller would give them to the case as it stands."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from typing import Any
from uuid import UUID

from domain.commitments import Commitment
from domain.conflict_case import ConflictCase
from domain.personal import PersonalText, RestrictedText, StaffText
from domain.playbooks import playbook
from domain.surveys import unanswered
from domain.values import (
    Agreement,
    BackgroundFile,
    Customer,
    Document,
    Explained,
    Feasibility,
    FishboneCause,
    Money,
    OrderGround,
    PlanStep,
    PlaybookMark,
    PrincipleCheck,
    Remedy,
    Restatement,
    Risk,
    SatisfactionScore,
    Sentiment,
    SourceFact,
    SourceRecord,
    Stakeholder,
    Status,
    SurveyOccasion,
)

Details = dict[str, Any]

BEGAN_AT = datetime(2026, 11, 2, 9, 0, tzinfo=UTC)
OTHER_CASE = UUID("0190f000-0000-7000-8000-00000000beef")
ERASURE = UUID("0190f000-0000-7000-8000-00000000f0e7")
DIGEST = "9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08"


def details_for(command: str, case: ConflictCase) -> Details:
    """Details that `case` accepts for `command`, once it has come far enough to take it."""
    return DETAILS[command](case)


def remedy(code: str, amount: str | None = None, currency: str = "CNY") -> Remedy:
    """A remedy worth `amount`, or of no stated worth."""
    value = None if amount is None else Money(amount=Decimal(amount), currency=currency)
    return Remedy(remedy=code, value=value)


REMEDIES = (
    remedy("apology"),
    remedy("compensation", "900"),
    Remedy(remedy="points", points=300),
)


def feasibility(**changes: int | None) -> Feasibility:
    """Scores on all five dimensions, with some changed or, by None, left out."""
    scores = {"resources": 4, "time": 3, "manpower": 4, "customer_acceptance": 5, "market": 3}
    return Feasibility(**(scores | changes))


def risks(
    likelihood: int = 2, impact: int = 3, response: str | None = "reduce"
) -> tuple[Risk, ...]:
    """The four factors, all judged alike."""
    return tuple(
        Risk(factor=factor, likelihood=likelihood, impact=impact, response=response)
        for factor in ("negative_effect", "legal", "customer_reaction", "market")
    )


def principles(evidence_ids: tuple[str, ...] = ("E1",)) -> tuple[PrincipleCheck, ...]:
    """All six principles met, with the evidence that "fair" points to."""
    codes = ("customer_centred", "fair", "lawful", "flexible", "long_term", "proactive")
    return tuple(
        PrincipleCheck(
            principle=code,
            met=True,
            evidence_ids=evidence_ids if code == "fair" else (),
            note=StaffText("与同类客户一致 As others were treated") if code == "fair" else None,
        )
        for code in codes
    )


def plan(*actions: str) -> tuple[PlanStep, ...]:
    """An action plan, a day apart from step to step."""
    return tuple(
        PlanStep(
            action=StaffText(action),
            owner="ann",
            due=BEGAN_AT + timedelta(days=number),
            priority=2,
        )
        for number, action in enumerate(actions or ("Refund the fee", "向客户致歉"), start=1)
    )


def playbook_marks(case: ConflictCase) -> tuple[PlaybookMark, ...]:
    """The case's playbook followed, but for its last step."""
    steps = playbook(case)
    reason = StaffText("The customer had no time 客户没有时间")
    return tuple(
        PlaybookMark(step=step.id, followed=step is not steps[-1], reason=reason) for step in steps
    )


def _report(case: ConflictCase) -> Details:
    return {
        "channel": "phone",
        "customer": Customer(
            ref="K-1001",
            name=PersonalText("张三"),
            contact=PersonalText("zhang.san@mail.example"),
            tier="silver",
        ),
        "summary": PersonalText("The parcel came three weeks late 包裹晚到三周"),
        "description": PersonalText("他们承诺三天送达，但我等了三周。Nobody answered my calls."),
        "desired_outcome": PersonalText("退还运费并道歉"),
        "language": "zh",
        "urgency": "normal",
        "request_kind": "ordinary",
        "emotion": "disappointed",
        "product_ref": "PRD-7",
        "order_ref": "ORD-2026-118",
        "contract_ref": "CON-55",
        "touchpoint": "delivery",
        "source": SourceRecord(system="crm", external_id=f"T-{case.id.hex}"),
    }


def _import_record(case: ConflictCase) -> Details:
    return {
        "source": SourceRecord(system="cfpb", external_id="1290161"),
        "row_digest": DIGEST,
        "leads_to": Status.CLOSED,
        "received_on": date(2014, 10, 30),
        "channel": "web",
        "product": "Credit card",
        "issue": "Billing disputes",
        "company": "Some Bank",
        "forwarded_on": date(2014, 10, 31),
        "outcome": "Closed with monetary relief",
        "timely": True,
        "disputed": False,
        "reopen_count": 0,
        "narrative": PersonalText("I was charged twice 我被重复扣款"),
        "facts": (SourceFact(name="State", value="CA"),),
    }


def _note_imported_entry(case: ConflictCase) -> Details:
    return {
        "row_digest": DIGEST,
        "leads_to": case.status if case.is_handled_here else Status.CLOSED,
        "source_state": "Closed",
        "timely": True,
        "reopen_count": 1,
        "facts": (SourceFact(name="priority", value="3 - Moderate"),),
    }


def _acknowledge(case: ConflictCase) -> Details:
    return {"channel": "sms", "text": PersonalText("我们已收到您的投诉。We are on it.")}


def _confirm(case: ConflictCase) -> Details:
    return {
        "restatement": Restatement(
            fact=PersonalText("包裹晚到了三周"),
            feeling=PersonalText("You felt ignored 您感到被忽视"),
            intention=PersonalText("You want the fee back"),
        ),
        "agreement": Agreement(agreed=True, at=_newest(case), channel="phone"),
        "conflict_type": "quality",
        "conflict_subtype": "slow_response",
        "complaint_cause": "service_failure",
        "severity": "minor",
        "customer_type": "impatient",
        "barrier": "language",
        "stakeholders": (
            Stakeholder(role="customer", name=PersonalText("张三"), attitude=-2, influence=3),
            Stakeholder(role="company_unit", attitude=1, influence=4),
        ),
    }


def _newest(case: ConflictCase) -> datetime:
    """When the newest event of the case occurred: what was done by then, may be told."""
    return case.updated_at or BEGAN_AT


def _dismiss(case: ConflictCase) -> Details:
    return {
        "reason": "outside_scope",
        "explanation": PersonalText("这不在我们的责任范围内"),
        "alternatives_offered": (PersonalText("Ask the carrier's own desk"),),
    }


def _attach_evidence(case: ConflictCase) -> Details:
    """The first kind that is still missing; only the complaint itself is a document."""
    known = {piece.kind for piece in case.evidence}
    kinds = [entry.code for entry in case.edition.book("evidence_kinds").entries]
    kind = next((code for code in kinds if code not in known), kinds[0])
    if kind != kinds[0]:
        return {"kind": kind, "absent_reason": StaffText("None exists 没有相关记录")}
    document = Document(
        uri="https://files.example/1", sha256=DIGEST, media_type="image/png", size_bytes=2048
    )
    return {"kind": kind, "document": document}


def _log_interaction(case: ConflictCase) -> Details:
    return {
        "channel": "phone",
        "direction": "inbound",
        "people": (PersonalText("张三"), PersonalText("Ann")),
        "content": PersonalText("客户询问进展"),
        "process": StaffText("Looked up the order"),
        "result": StaffText("Promised a call on Friday"),
        "satisfied": False,
        "emotion": "angry",
        "sentiment": Sentiment(label="negative", model_version="senti-2.1"),
        "touchpoint": "service_hotline",
        "next_step": StaffText("Call back 回电"),
    }


def _analyse(case: ConflictCase) -> Details:
    return {
        "issues": (StaffText("Late delivery 延迟送达"), StaffText("Calls unanswered")),
        "main_issue": 1,
        "primary_cause": "process",
        "secondary_causes": ("staff_error",),
        "surface_cause": StaffText("The parcel lay in the wrong depot"),
        "root_cause": StaffText("分拣规则没有更新"),
        "five_whys": (StaffText("Wrong label"), StaffText("旧的规则")),
        "fishbone": (FishboneCause(category="method", cause=StaffText("Old sorting table")),),
        "kano_class": "basic",
        "stated_needs": (PersonalText("退款"),),
        "unstated_needs": (PersonalText("To be taken seriously"),),
        "accountable": RestrictedText("Depot 4, 李四"),
    }


def _propose_solution(case: ConflictCase) -> Details:
    return {
        "kind": "compensate",
        "title": StaffText(f"Way {len(case.solutions) + 1} 方案"),
        "steps": plan(),
        "expected_effect": StaffText("The customer stays 客户留存"),
        "remedies": REMEDIES,
        "feasibility": feasibility(),
    }


def _assess_risk(case: ConflictCase) -> Details:
    """For the first solution that waits for it; one risk is high, so a choice needs approval."""
    waiting = [s.id for s in case.proposed_solutions if not s.assessment]
    high = Risk(
        factor="legal", likelihood=4, impact=3, response="reduce", note=StaffText("法务已审核")
    )
    return {
        "solution_id": (waiting or [_first_solution(case)])[0],
        "risks": (high, *(risk for risk in risks() if risk.factor != "legal")),
    }


def _consult_customer(case: ConflictCase) -> Details:
    return {
        "solution_id": _first_solution(case),
        "channel": "phone",
        "explained": Explained(pros=True, cons=True, risks=True),
        "answer": "accepted",
        "comment": PersonalText("可以接受"),
    }


def _choose_solution(case: ConflictCase) -> Details:
    return {
        "solution_id": _first_solution(case),
        "principles": principles(),
        "reason": StaffText("Best for the customer 对客户最有利"),
    }


def _first_solution(case: ConflictCase) -> str:
    """The first proposed solution that nobody rejected; S1 where there is none."""
    free = [s.id for s in case.proposed_solutions if not s.rejection]
    return free[0] if free else "S1"


def _first_open_plan_step(case: ConflictCase) -> int:
    if not case.plans:
        return 1
    now = case.plans[-1]
    numbers = range(1, len(now.steps) + 1)
    return next((n for n in numbers if (now.revision, n) not in case.completed_plan_steps), 1)


def _first_prevention(case: ConflictCase, *, done: bool) -> str:
    """The first preventive action that is done, or still open."""
    found = (p for p in case.preventions if (p in case.preventions_done) is done)
    return next(found, "P1")


def _deadline(case: ConflictCase, which: str) -> Details:
    """The first run whose warning, or breach, an hour after each event has not been recorded."""
    now = BEGAN_AT + timedelta(hours=case.version)
    warned = {(event.clock, event.run) for event in case.deadlines_warned}
    missed = {(event.clock, event.run) for event in case.deadlines_missed}
    for run in case.clock_runs(now):
        named = (run.clock, run.number)
        if which == "miss" and run.missed_at and named not in missed:
            return {"clock": run.clock, "run": run.number}
        near = run.warn_at is not None and run.warn_at <= now
        if which == "warn" and near and run.state == "running" and named not in warned:
            return {"clock": run.clock, "run": run.number}
    return {"clock": "first_reply", "run": 1}


def _first_promise(case: ConflictCase, fits: Callable[[Commitment], object]) -> str:
    found = (each.id for each in case.commitments.values() if fits(each))
    return next(found, "C1")


def _first_minutes(case: ConflictCase) -> str:
    """The first minutes with points that nobody settled."""
    open_ones = (each for each in case.sent_minutes if each.owed.is_open(case.occasions))
    return next((each.id for each in open_ones), "M1")


def _remind(case: ConflictCase) -> Details:
    """The first reminder that has not been given yet, of the first promise that is open."""
    about = _first_promise(case, lambda each: each.owed.is_open(case.occasions))
    given = {each.reminder for each in case.reminders if each.about == about}
    days = ("day_3", "day_7", "day_15")
    return {"about": about, "reminder": next((d for d in days if d not in given), "day_3")}


def _disclose_delay(case: ConflictCase) -> Details:
    """Of a promise that is open, else of the weekly update, which runs in every open case."""
    told = {
        "expected_at": BEGAN_AT + timedelta(days=90),
        "alternative": PersonalText("A machine on loan 备用机"),
        "channel": "phone",
        "reason": PersonalText("维修点停业"),
    }
    for each in case.commitments.values():
        if each.may_be_given and each.owed.is_open(case.occasions):
            return {"commitment_id": each.id, **told}
    runs = [run for run in case.clock_runs(_newest(case)) if not run.is_over and run.due_at]
    clock, number = (runs[0].clock, runs[0].number) if runs else ("first_reply", 1)
    return {"clock": clock, "run": number, **told}


DETAILS: dict[str, Callable[[ConflictCase], Details]] = {
    "report": _report,
    "import_record": _import_record,
    "note_imported_entry": _note_imported_entry,
    "acknowledge": _acknowledge,
    "confirm": _confirm,
    "dismiss": _dismiss,
    "attach_evidence": _attach_evidence,
    "log_interaction": _log_interaction,
    "analyse": _analyse,
    "propose_solution": _propose_solution,
    "assess_risk": _assess_risk,
    "consult_customer": _consult_customer,
    "choose_solution": _choose_solution,
    "approve_solution": lambda case: {"comment": StaffText("Agreed 同意")},
    "reject_solution": lambda case: {"reason": StaffText("Too dear 成本过高")},
    "complete_plan_step": lambda case: {
        "step_number": _first_open_plan_step(case),
        "result": PersonalText("Done, the customer has the money 已退款"),
    },
    "revise_plan": lambda case: {
        "reason": StaffText("The effect was missed 未达到预期"),
        "steps": plan("Refund by bank transfer", "再次致歉", "Call back"),
    },
    "resolve": lambda case: {
        "outcome": "remedied",
        "remedies": REMEDIES,
        "customer_accepts": True,
        "explanation": PersonalText("我们已退还运费"),
        "upheld": "fully",
    },
    "follow_up": lambda case: {
        "channel": "phone",
        "satisfied": True,
        "substantially_solved": True,
        "score": SatisfactionScore(scale="csat_1_5", value=5),
        "touchpoint": "complaint_handling",
        "comment": PersonalText("谢谢，问题解决了"),
    },
    "record_lessons": lambda case: {
        "verdict": "success",
        "root": StaffText("Sorting table too old"),
        "trigger": StaffText("标签打印错误"),
        "what_worked": StaffText("A quick call"),
        "what_made_it_worse": StaffText("三天没有回复"),
        "missed_by_early_detection": StaffText("Depot backlog"),
        "lesson_codes": ("slow", "poor_internal_communication"),
        "wrong_behaviours": ("stalling", "hiding"),
    },
    "plan_prevention": lambda case: {
        "action": StaffText("Update the sorting table 更新分拣规则"),
        "owner": "depot-4",
        "due_on": date(2026, 12, 1),
    },
    "complete_prevention": lambda case: {
        "prevention_id": _first_prevention(case, done=False),
        "done_on": _newest(case).date(),
        "result": StaffText("Updated 已更新"),
    },
    "check_prevention": lambda case: {
        "prevention_id": _first_prevention(case, done=True),
        "effect": "effective",
        "finding": StaffText("No wrong label since 此后未再出错"),
    },
    "hold_training": lambda case: {
        "topic": StaffText("Reading the sorting table"),
        "audience": StaffText("仓库员工"),
        "held_on": _newest(case).date(),
        "participants": 14,
        "effect": StaffText("12 of 14 passed the test"),
    },
    "close": lambda case: {},
    "reopen": lambda case: {"reason": PersonalText("It came back 问题再次出现")},
    "send_survey": lambda case: {
        "occasion": SurveyOccasion.RESOLUTION
        if case.status in ("resolved", "followed_up")
        else SurveyOccasion.CONTACT,
        "channel": "mail",
        "scale": "csat_1_10",
        "touchpoint": "complaint_handling",
    },
    "answer_survey": lambda case: {
        "survey_id": (unanswered(case) or ["Q1"])[0],
        "value": 9,
        "satisfied": True,
        "substantially_solved": True,
        "comment": PersonalText("服务很好 Quick and friendly"),
    },
    "open_director_order": lambda case: {
        "number": 1,
        "trigger": "low_scores",
        "grounds": (OrderGround(case_id=case.id, version=1),),
    },
    "deliver_director_plan": lambda case: {
        "plan": StaffText("Call the customer, then repair 先回访再整改"),
        "steps": plan(),
    },
    "close_director_order": lambda case: {"result": StaffText("The customer is content 客户满意")},
    "escalate": lambda case: {
        "level": "director",
        "reason": StaffText("Angry customer 客户很生气"),
        "due": BEGAN_AT + timedelta(hours=2),
    },
    "refer": lambda case: {
        "mediator": PersonalText("消费者协会"),
        "mediator_reference": PersonalText("M-2026-5, clerk Wang"),
        "handed_over": tuple(piece.evidence_id for piece in case.evidence),
        "background": PersonalText("Late parcel, two offers declined"),
        "background_file": BackgroundFile(sha256=DIGEST, case_version=case.version),
    },
    "assign": lambda case: {"handler": "ann", "unit": "care-team-2"},
    "set_service_terms": lambda case: {
        "urgency": "urgent",
        "request_kind": "formal_complaint",
        "customer_tier": "gold",
        "regulation": "cn_market",
        "calendar": "cn_mainland",
        "reason": StaffText("The contract says so 合同约定"),
    },
    "await_customer": lambda case: {"reason": StaffText("Photos are missing 缺少照片")},
    "hear_customer": lambda case: {"channel": "mail", "text": PersonalText("照片已发送")},
    "send_minutes": lambda case: {
        "channel": "mail",
        "agreements": (PersonalText("Refund by Friday 周五前退款"),),
        "open_points": (PersonalText("运费由谁承担"),),
        "owner": "ann",
        "next_meeting_at": BEGAN_AT + timedelta(days=3),
    },
    "warn_deadline": lambda case: _deadline(case, "warn"),
    "miss_deadline": lambda case: _deadline(case, "miss"),
    "make_commitment": lambda case: {
        "kind": "compensation",
        "text": PersonalText("Refund of the shipping fee 退还运费"),
        "outcome": PersonalText("12.50 元退回原支付账户"),
        "owner": "财务组",
        "due_at": _newest(case) + timedelta(days=1),
        "promised_to": "customer",
        "channel": "mail",
        "in_writing": not case.commitments,
    },
    "approve_commitment": lambda case: {
        "commitment_id": _first_promise(case, lambda each: each.approval is None),
        "comment": StaffText("Within the budget 在预算内"),
    },
    "keep_commitment": lambda case: {
        "commitment_id": _first_promise(case, lambda each: each.may_be_given and not each.kept),
        "result": PersonalText("Paid 已付款"),
        "evidence_ids": tuple(piece.evidence_id for piece in case.evidence),
    },
    "withdraw_commitment": lambda case: {
        "commitment_id": _first_promise(case, lambda each: each.owed.is_open(case.occasions)),
        "reason": PersonalText("The customer wants points instead 客户改要积分"),
        "agreement": Agreement(agreed=True, at=_newest(case), channel="phone"),
    },
    "confirm_agreement": lambda case: {
        "about": _first_promise(case, lambda each: each.owed.is_open(case.occasions)),
        "channel": "sms",
        "in_writing": False,
        "text": PersonalText("Refund by tomorrow 明天前退款"),
    },
    "settle_open_points": lambda case: {
        "minutes_id": _first_minutes(case),
        "result": PersonalText("运费由我们承担"),
    },
    "break_commitment": lambda case: {
        "commitment_id": _first_promise(case, lambda each: not each.broken),
    },
    "remind": _remind,
    "ask_supplement": lambda case: {
        "channel": "mail",
        "text": PersonalText("Please send the test protocol 请发送检测记录"),
    },
    "send_supplement": lambda case: {
        "channel": "mail",
        "text": PersonalText("检测记录见附件"),
        "evidence_ids": tuple(piece.evidence_id for piece in case.evidence),
    },
    "update_progress": lambda case: {
        "channel": "mail",
        "completion_percent": 40,
        "blockers": (PersonalText("Spare part missing 备件未到"),),
        "countermeasures": (PersonalText("Sent by air 改为空运"),),
        "text": PersonalText("维修正在进行"),
    },
    "disclose_delay": _disclose_delay,
    "withdraw": lambda case: {
        "withdrawn_by": "customer",
        "reason": PersonalText("不想再追究了"),
    },
    "merge_into": lambda case: {
        "into_case_id": OTHER_CASE,
        "reason": StaffText("Same parcel 同一包裹"),
    },
    "unmerge": lambda case: {"reason": StaffText("Another parcel after all")},
    "erase_personal_data": lambda case: {
        "erasure_id": ERASURE,
        "ground": "consent_withdrawn",
        "request_ref": "privacy-2026-118",
    },
    "recognise_emotion": lambda case: {
        "heard_in": 1,
        "sentiment": "negative",
        "emotion": "angry",
        "confidence_percent": 91,
        "model": "tone",
        "model_version": "2.1",
    },
    "name_task_force": lambda case: {
        "lead": "ann",
        "members": ("质检部", "depot-4"),
        "mission": StaffText("Find the lost parcel 找回包裹"),
    },
    "withdraw_approval": lambda case: {"reason": StaffText("The figures were wrong 数据有误")},
    "record_playbook": lambda case: {"steps": playbook_marks(case)},
}
