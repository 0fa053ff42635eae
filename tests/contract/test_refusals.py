"""Every refusal has a stable code of its own, a reason to read, and a test that meets it."""

import ast
from pathlib import Path

import pytest

from domain import errors
from domain.errors import Refusal
from tests.contract.test_events import snake_case

RULES = Path(__file__).parents[1] / "domain" / "steps"

RAISED_WHERE_CASES_ARE_FOUND = {
    "AlreadyReported",
    "CaseNotFound",
    "VersionNotFound",
    "CaseHasMoved",
    "IdempotencyKeyReused",
    "OtherCaseNotFound",
    "SubjectNotFound",
    "LegalHoldStands",
    "HoldNotFound",
    "HoldAlreadyReleased",
    "AlarmNotFound",
    "AlarmHasMoved",
    "AlarmAlreadyAcknowledged",
    "AlarmAlreadyClosed",
    "RootCauseCaseMissing",
    "CaseAlreadyLinked",
    "IndicatorNotNewer",
    "ObservedBeforeErasure",
    "ReviewNotFound",
    "ReviewHasMoved",
    "ReviewAlreadyHeld",
    "ReviewDecisionNotFound",
    "ReviewDecisionAlreadyDone",
    "DueDayOver",
    "DueUnchanged",
    "HeldInFuture",
    "HeldBeforeOpened",
    "OwnerAbsent",
    "TooFewParties",
    "PartyToldTwice",
    "NotAnAudit",
    "AuditFiguresMissing",
    "FigureNotOfThisAudit",
    "FigureToldTwice",
    "ExpectationMissing",
    "CorrectiveActionNotFound",
    "CorrectiveActionHasMoved",
    "CorrectiveActionAlreadyDone",
    "CorrectiveActionAlreadyVerified",
    "CorrectiveActionNotDone",
    "OwnerUnchanged",
    "VerifierDidIt",
    "VerifierNotAPerson",
}
"""Refusals of the service: of other cases, versions, requests, people, holds, alarms, risks,
reviews."""

each_refusal = pytest.mark.parametrize(
    "refusal", errors.all_refusals(), ids=lambda refusal: refusal.code
)


def refusals_met(source: str) -> set[str]:
    """The names that follow `errors.` inside the assertions of a test file."""
    return {
        node.attr
        for node in ast.walk(ast.parse(source))
        if isinstance(node, ast.Attribute)
        and isinstance(node.value, ast.Name)
        and node.value.id == "errors"
    }


def test_every_refusal_of_the_domain_is_met_in_a_test() -> None:
    met = set().union(*(refusals_met(file.read_text("utf-8")) for file in RULES.glob("test_*.py")))

    assert met | RAISED_WHERE_CASES_ARE_FOUND == {r.__name__ for r in errors.all_refusals()}


@each_refusal
def test_a_code_is_the_refusals_own_name_and_a_sentence_says_why(refusal: type[Refusal]) -> None:
    assert refusal.code == snake_case(refusal.__name__)
    assert refusal.__doc__
    assert refusal.__doc__.strip().endswith(".")


def test_no_two_refusals_share_a_code() -> None:
    codes = [refusal.code for refusal in errors.all_refusals()]

    assert len(set(codes)) == len(codes)


def test_a_refusal_reads_as_its_code_and_what_it_concerns() -> None:
    refusal = errors.TooFewOptions(proposed=1, needed=2)

    assert str(refusal) == "too_few_options(proposed=1, needed=2)"
