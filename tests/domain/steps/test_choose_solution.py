"""The decision gate: what must be on the table before one solution is chosen (S23 to S28)."""

from dataclasses import replace

import pytest

from domain import errors
from domain.conflict_case import ConflictCase
from domain.personal import StaffText
from domain.solution_values import ComparedSolution, Explained, Feasibility
from domain.values import Status
from tests.details.solving import feasibility, principles, remedy, risks
from tests.domain.refusing import refused
from tests.given import Story, a_chosen_story

HARMLESS = {"risks": risks()}
PRINCIPLES = principles()


def a_story_to_consult() -> Story:
    return Story().to(Status.RISK_ASSESSED)


def a_story_to_choose() -> Story:
    return a_story_to_consult().after("consult_customer")


def test_one_option_is_no_choice() -> None:
    story = Story().to(Status.ANALYSED)
    story.after("propose_solution", "assess_risk", "consult_customer")

    refusal = refused(story, "choose_solution")

    assert isinstance(refusal, errors.TooFewOptions)
    assert refusal.params == {"proposed": 1, "needed": 2}


def test_a_replaced_proposal_is_no_option() -> None:
    story = a_story_to_consult()
    story.take("propose_solution", replaces="S1")
    story.take("propose_solution", replaces="S2")
    story.take("propose_solution", replaces="S3")
    story.after("assess_risk", "assess_risk", "consult_customer")
    story.take("choose_solution")

    assert [c.solution_id for c in story.case.choice.comparison] == ["S4", "S5"]


def test_a_solution_of_an_earlier_attempt_is_no_option() -> None:
    story = Story().to(Status.RESOLVED).after("reopen", "analyse", "propose_solution")
    story.after("assess_risk", "consult_customer")

    refusal = refused(story, "choose_solution")

    assert isinstance(refusal, errors.TooFewOptions)


@pytest.mark.parametrize("dimension", Feasibility.__dataclass_fields__)
@pytest.mark.parametrize("place", [0, 1])
def test_every_option_is_scored_on_every_dimension(dimension: str, place: int) -> None:
    story = Story().to(Status.ANALYSED)
    for number in range(2):
        scores = feasibility(**({dimension: None} if number == place else {}))
        story.take("propose_solution", feasibility=scores)
    story.after("assess_risk", "assess_risk", "consult_customer")

    refusal = refused(story, "choose_solution", solution_id="S1")

    assert isinstance(refusal, errors.FeasibilityIncomplete)
    name = f"S{place + 1}"
    assert refusal.params == {"solution_ids": [name], "missing": {name: [dimension]}}


def test_missing_scores_are_completed_by_a_replacing_proposal() -> None:
    story = Story().to(Status.ANALYSED).after("propose_solution")
    story.take("propose_solution", feasibility=feasibility(time=None))
    story.take("propose_solution", replaces="S2")
    story.after("assess_risk", "assess_risk", "consult_customer")

    event = story.take("choose_solution")

    assert event.comparison == (
        ComparedSolution(solution_id="S1", feasibility_total=19, highest_risk=12),
        ComparedSolution(solution_id="S3", feasibility_total=19, highest_risk=12),
    )


def test_every_option_has_its_risks_assessed() -> None:
    """The status says so too, unless an event was recorded under another rule."""
    story = Story().to(Status.ANALYSED).after("propose_solution", "propose_solution")
    assessed = story.take("assess_risk")
    story.events[-1] = replace(assessed, leads_to=Status.RISK_ASSESSED)
    story.case = ConflictCase.folded(story.case.id, story.events)

    refusal = refused(story, "choose_solution")

    assert isinstance(refusal, errors.RiskUnassessed)
    assert refusal.params == {"solution_ids": ["S2"]}


def test_the_customer_is_asked_about_the_chosen_solution_itself() -> None:
    story = a_story_to_consult()
    story.take("consult_customer", solution_id="S2")

    refusal = refused(story, "choose_solution", solution_id="S1")

    assert isinstance(refusal, errors.CustomerNotConsulted)
    assert refusal.params == {"solution_id": "S1"}


@pytest.mark.parametrize("untold", ["pros", "cons", "risks"])
def test_pros_cons_and_risks_are_all_explained(untold: str) -> None:
    story = a_story_to_consult()
    explained = Explained(**({"pros": True, "cons": True, "risks": True} | {untold: False}))
    story.take("consult_customer", explained=explained)

    refusal = refused(story, "choose_solution")

    assert isinstance(refusal, errors.CustomerNotConsulted)


def test_every_talk_with_the_customer_is_kept_and_the_newest_counts() -> None:
    story = a_story_to_consult()

    first = story.take("consult_customer", answer="declined")
    second = story.take("consult_customer", answer="accepted")

    assert story.case.consultations == [first, second]
    assert story.case.solutions["S1"].consultation == second


@pytest.mark.parametrize("solution_id", ["S3", "S9"])
def test_the_customer_is_asked_about_a_standing_solution(solution_id: str) -> None:
    story = a_story_to_consult()

    refusal = refused(story, "consult_customer", solution_id=solution_id)

    assert isinstance(refusal, errors.UnknownSolution)


def test_an_unknown_solution_is_not_chosen() -> None:
    refusal = refused(a_story_to_choose(), "choose_solution", solution_id="S7")

    assert isinstance(refusal, errors.UnknownSolution)


@pytest.mark.parametrize("missing", range(6))
def test_all_six_principles_are_checked(missing: int) -> None:
    story = a_story_to_choose()
    five = tuple(check for place, check in enumerate(PRINCIPLES) if place != missing)

    refusal = refused(story, "choose_solution", principles=five)

    assert isinstance(refusal, errors.PrinciplesIncomplete)
    assert refusal.params["missing"] == [PRINCIPLES[missing].principle]
    assert refusal.params["repeated"] == []


def test_no_principle_stands_in_for_another() -> None:
    story = a_story_to_choose()

    refusal = refused(story, "choose_solution", principles=(*PRINCIPLES[:5], PRINCIPLES[1]))

    assert isinstance(refusal, errors.PrinciplesIncomplete)
    assert refusal.params["missing"] == ["proactive"]
    assert refusal.params["repeated"] == ["fair"]


def test_fair_points_to_evidence() -> None:
    refusal = refused(a_story_to_choose(), "choose_solution", principles=principles(()))

    assert isinstance(refusal, errors.FairWithoutEvidence)
    assert refusal.params == {"field": "principles.1.evidence_ids"}


@pytest.mark.parametrize("note", [None, StaffText("Others got more 其他客户得到更多")])
def test_where_fair_is_not_met_a_note_says_why(note: StaffText | None) -> None:
    unfair = replace(PRINCIPLES[1], met=False, evidence_ids=(), note=note)
    checked = {"principles": (PRINCIPLES[0], unfair, *PRINCIPLES[2:])}

    if note is None:
        refusal = refused(a_story_to_choose(), "choose_solution", **checked)
        assert isinstance(refusal, errors.FairWithoutEvidence)
    else:
        assert a_story_to_choose().take("choose_solution", **checked).principles[1].note == note


def test_the_evidence_pointed_to_is_of_this_case() -> None:
    refusal = refused(a_story_to_choose(), "choose_solution", principles=principles(("E8",)))

    assert isinstance(refusal, errors.UnknownEvidence)
    assert refusal.params == {"evidence_ids": ["E8"]}


def test_a_rejected_solution_is_not_chosen_again() -> None:
    story = a_chosen_story().after("reject_solution", "consult_customer")

    refusal = refused(story, "choose_solution", solution_id="S1")

    assert isinstance(refusal, errors.SolutionWasRejected)
    assert refusal.params == {"solution_id": "S1"}


def test_nothing_is_chosen_where_everything_was_rejected() -> None:
    story = a_chosen_story().after("reject_solution", "consult_customer", "choose_solution")
    story.take("reject_solution")

    refusal = refused(story, "choose_solution")

    assert isinstance(refusal, errors.SolutionWasRejected)
    assert refusal.params == {"solution_ids": ["S1", "S2"]}


@pytest.mark.parametrize("answer", ["declined", "counter_offer"])
def test_what_the_customer_did_not_accept_is_chosen_with_a_reason_only(answer: str) -> None:
    story = a_story_to_consult()
    story.take("consult_customer", answer=answer)

    refusal = refused(story, "choose_solution", reason=None)
    event = story.take("choose_solution", reason=StaffText("The law asks for it 法律要求"))

    assert isinstance(refusal, errors.CustomerHasNotAccepted)
    wrong = {"field": "reason", "solution_id": "S1", "answer": answer}
    assert refusal.params == wrong
    assert event.solution_id == "S1"


def test_what_the_customer_accepted_needs_no_reason() -> None:
    event = a_story_to_choose().take("choose_solution", reason=None)

    assert event.reason is None


def test_a_principle_may_be_checked_as_not_met() -> None:
    story = a_story_to_choose()
    unmet = tuple(
        type(check)(principle=check.principle, met=False, evidence_ids=check.evidence_ids)
        for check in PRINCIPLES
    )

    story.take("choose_solution", principles=unmet)

    assert not any(check.met for check in story.case.choice.principles)


def test_a_second_choice_takes_the_place_of_the_first_and_of_its_approval() -> None:
    story = a_chosen_story().after("approve_solution")
    story.take("consult_customer", solution_id="S2")

    story.take("choose_solution", solution_id="S2")

    assert story.case.chosen_solution.id == "S2"
    assert story.case.approval is None
    assert story.case.needs_approval


# When somebody else must approve


def a_story_with(risks_of_each: dict[str, object], **proposal: object) -> Story:
    story = Story().to(Status.ANALYSED)
    for _ in range(2):
        story.take("propose_solution", **proposal)
    for _ in range(2):
        story.take("assess_risk", **risks_of_each)
    return story.after("consult_customer", "choose_solution")


def test_nobody_must_approve_a_harmless_choice() -> None:
    story = a_story_with(HARMLESS, remedies=(remedy("apology"),))

    assert story.case.choice.approval_reasons == ()
    assert not story.case.needs_approval


@pytest.mark.parametrize(
    ("assessed", "remedies", "reasons"),
    [
        (risks(3, 4), (), ("high_risk",)),
        (risks(1, 1, "accept"), (), ("accepted_risk",)),
        (risks(3, 4, "accept"), (), ("high_risk", "accepted_risk")),
        (risks(), (remedy("coupon", "200.01"),), ("remedy_beyond_limit",)),
        (risks(), (remedy("recall"),), ("remedy_beyond_limit",)),
    ],
)
def test_a_choice_says_why_it_needs_an_approval(
    assessed: object, remedies: object, reasons: tuple[str, ...]
) -> None:
    story = a_story_with({"risks": assessed}, remedies=remedies)

    assert story.case.choice.approval_reasons == reasons
    refusal = refused(story, "resolve", remedies=())
    assert isinstance(refusal, errors.ApprovalMissing)
    assert refusal.params == {"reasons": reasons}
    assert isinstance(refused(story, "complete_plan_step"), errors.ApprovalMissing)
    assert isinstance(refused(story, "revise_plan"), errors.ApprovalMissing)
