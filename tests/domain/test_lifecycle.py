"""What may follow what: every status with every step, and the table held against its design."""

import pytest

from domain import errors
from domain.lifecycle import OPEN, STEPS, TABLE, Step
from domain.values import Status
from tests.domain.refusing import refused
from tests.given import Story, a_story_to, an_imported_story
from tests.given_ready import a_story_ready_for

DESIGN = """
report              | new                                           | reported
import_record       | new                                           | decided
note_imported_entry | any                                           | decided
acknowledge         | open                                          | stays
confirm             | reported                                      | confirmed
dismiss             | reported                                      | dismissed
attach_evidence     | open                                          | stays
log_interaction     | open                                          | stays
analyse             | confirmed risk_assessed                       | analysed
propose_solution    | analysed solution_proposed risk_assessed      | solution_proposed
assess_risk         | solution_proposed risk_assessed               | decided
consult_customer    | risk_assessed                                 | stays
choose_solution     | risk_assessed                                 | stays
approve_solution    | risk_assessed                                 | stays
reject_solution     | risk_assessed                                 | stays
complete_plan_step  | risk_assessed resolved followed_up            | stays
revise_plan         | risk_assessed                                 | stays
resolve             | risk_assessed                                 | resolved
follow_up           | resolved followed_up                          | followed_up
record_lessons      | resolved followed_up                          | stays
plan_prevention     | open closed                                   | stays
complete_prevention | open closed                                   | stays
check_prevention    | open closed                                   | stays
hold_training       | open closed                                   | stays
close               | followed_up                                   | closed
reopen              | resolved followed_up closed dismissed         | decided
send_survey | open | stays
answer_survey | open closed dismissed | decided
open_director_order | any | stays
deliver_director_plan | any | stays
close_director_order | any | stays
escalate            | open                                          | stays
refer               | open                                          | stays
assign              | open                                          | stays
set_service_terms   | open                                          | stays
await_customer      | open                                          | stays
hear_customer       | open                                          | stays
send_minutes        | open                                          | stays
warn_deadline       | any                                           | stays
miss_deadline       | any                                           | stays
make_commitment     | open                                          | stays
approve_commitment  | open                                          | stays
keep_commitment     | open closed                                   | stays
withdraw_commitment | open                                          | stays
confirm_agreement   | open                                          | stays
settle_open_points  | open                                          | stays
break_commitment    | open dismissed withdrawn merged               | stays
remind              | open                                          | stays
ask_supplement      | open                                          | stays
send_supplement     | open                                          | stays
update_progress     | open                                          | stays
disclose_delay      | open                                          | stays
withdraw            | open                                          | withdrawn
merge_into          | open                                          | merged
unmerge             | merged                                        | decided
erase_personal_data | any                                           | stays
recognise_emotion   | open                                          | stays
name_task_force     | open                                          | stays
withdraw_approval   | risk_assessed                                 | stays
record_playbook     | open                                          | stays
"""
"""The table once more, as it was designed: a changed row must be changed here on purpose."""

WORDS = {"open": OPEN, "any": frozenset(Status), "new": frozenset[Status]()}


def statuses(text: str) -> frozenset[Status]:
    found = [WORDS[word] if word in WORDS else {Status(word)} for word in text.split()]
    return frozenset().union(*found)


def in_words(step: Step) -> str:
    if step.leads_to:
        return step.leads_to
    return "decided" if "leads_to" in own_fields(step) else "stays"


def own_fields(step: Step) -> set[str]:
    return {own.name for own in step.body_fields} | set(step.decides)


LEGAL = [(step.command, status) for step in TABLE for status in sorted(step.allowed_in)]
ILLEGAL = [
    (step.command, status) for step in TABLE for status in Status if status not in step.allowed_in
]


def test_the_table_is_the_designed_one() -> None:
    rows = [[cell.strip() for cell in row.split("|")] for row in DESIGN.strip().splitlines()]

    designed = [(command, statuses(allowed), leads) for command, allowed, leads in rows]

    assert [(s.command, s.allowed_in, in_words(s)) for s in TABLE] == designed


def test_open_is_every_status_before_the_ends() -> None:
    ends = {Status.CLOSED, Status.DISMISSED, Status.WITHDRAWN, Status.MERGED}

    assert set(Status) - ends == OPEN


def test_all_pairs_are_tried() -> None:
    assert len(LEGAL) + len(ILLEGAL) == len(TABLE) * len(Status)
    assert len(set(LEGAL) | set(ILLEGAL)) == len(TABLE) * len(Status)


@pytest.mark.parametrize(("command", "status"), LEGAL)
def test_a_legal_step_records_one_event_and_leads_where_the_table_says(
    command: str, status: Status
) -> None:
    story = a_story_ready_for(command, status)
    version = story.case.version
    assert story.case.status is status

    event = story.take(command)

    assert type(event) is STEPS[command].event
    assert story.case.version == event.version == version + 1
    assert story.case.status is STEPS[command].status_after(event, status)


@pytest.mark.parametrize(("command", "status"), ILLEGAL)
def test_an_illegal_step_is_refused_and_records_nothing(command: str, status: Status) -> None:
    story = a_story_to(status)

    refusal = refused(story, command)

    assert isinstance(refusal, errors.StepNotAllowed)
    assert refusal.params["step"] == command
    assert refusal.params["status"] is status
    assert set(refusal.params["allowed_in"]) == STEPS[command].allowed_in


@pytest.mark.parametrize("step", TABLE, ids=lambda step: step.command)
def test_only_report_and_import_begin_a_case(step: Step) -> None:
    story = Story()

    if step.begins_a_case:
        story.take(step.command)
        assert story.case.version == 1
    else:
        refusal = refused(story, step.command)
        assert isinstance(refusal, errors.StepNotAllowed)
        assert refusal.params["status"] is None


@pytest.mark.parametrize(
    ("command", "commands", "status"),
    [
        ("assess_risk", ["propose_solution"], Status.RISK_ASSESSED),
        ("assess_risk", ["propose_solution"] * 2, Status.SOLUTION_PROPOSED),
        ("assess_risk", ["propose_solution"] * 2 + ["assess_risk"], Status.RISK_ASSESSED),
    ],
)
def test_risks_are_assessed_once_every_proposed_solution_is(
    command: str, commands: list[str], status: Status
) -> None:
    story = Story().to(Status.ANALYSED).after(*commands)

    story.take(command)

    assert story.case.status is status


@pytest.mark.parametrize("stated", sorted(set(Status) - {Status.MERGED}))
def test_an_imported_case_stands_where_its_record_says(stated: Status) -> None:
    story = an_imported_story(stated)

    assert story.case.status is stated

    story.take("note_imported_entry", leads_to=Status.RESOLVED)

    assert story.case.status is Status.RESOLVED


def test_what_waits_for_assessments_says_which_are_missing() -> None:
    story = Story().to(Status.SOLUTION_PROPOSED).after("assess_risk")

    refusal = refused(story, "choose_solution")

    assert refusal.params["unassessed_solutions"] == ["S2"]
