"""Evidence, contacts and hand-over: what is known, or known not to exist."""

import pytest

from domain import errors
from domain.personal import StaffText
from domain.values import BackgroundFile, Document, Status
from tests.details.common import DIGEST
from tests.domain.refusing import refused
from tests.given import Story

DOCUMENT = Document(uri="s3://files/1", sha256=DIGEST, media_type="application/pdf", size_bytes=1)
REASON = StaffText("没有合同")


@pytest.mark.parametrize(
    ("pieces", "given", "field"),
    [
        ({"document": None, "absent_reason": None}, "neither", "document"),
        ({"document": DOCUMENT, "absent_reason": REASON}, "both", "absent_reason"),
    ],
)
def test_evidence_is_a_document_or_a_reason_why_there_is_none(
    pieces: dict[str, object], given: str, field: str
) -> None:
    story = Story().to(Status.REPORTED)

    refusal = refused(story, "attach_evidence", kind="transaction", **pieces)

    assert isinstance(refusal, errors.EvidenceIncomplete)
    assert refusal.params == {"field": field, "kind": "transaction", "given": given}


def test_pieces_are_numbered_in_the_order_they_came() -> None:
    story = Story().to(Status.REPORTED)

    story.take("attach_evidence", kind="transaction", document=DOCUMENT, absent_reason=None)
    story.take("attach_evidence", kind="transaction", document=None, absent_reason=REASON)

    assert [piece.evidence_id for piece in story.case.evidence] == ["E1", "E2"]


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("uri", "no scheme"),
        ("uri", "https://a b"),
        ("sha256", DIGEST.upper()),
        ("sha256", DIGEST[:-1]),
        ("media_type", "png"),
        ("size_bytes", -1),
        ("size_bytes", (1 << 40) + 1),
    ],
)
def test_a_document_says_where_it_is_and_how_to_recognise_it(field: str, value: object) -> None:
    story = Story().to(Status.REPORTED)
    faulty = Document(
        **{"uri": "s3://a", "sha256": DIGEST, "media_type": "a/b", "size_bytes": 1, field: value}
    )

    refusal = refused(story, "attach_evidence", document=faulty)

    assert refusal.params["field"] == f"document.{field}"


def test_a_mediator_gets_evidence_of_this_case_only() -> None:
    story = Story().to(Status.CONFIRMED)

    refusal = refused(story, "refer", handed_over=("E1", "E9", "E5", "E9"))

    assert isinstance(refusal, errors.UnknownEvidence)
    assert refusal.params == {"evidence_ids": ["E5", "E9"]}


def test_a_mediator_gets_a_file_evidence_or_the_background() -> None:
    nothing: dict[str, object] = {"handed_over": (), "background": None, "background_file": None}
    story = Story().to(Status.CONFIRMED)

    refusal = refused(story, "refer", **nothing)
    for given in nothing:
        others = {name: value for name, value in nothing.items() if name != given}
        story.take("refer", **others)

    assert isinstance(refusal, errors.NothingHandedOver)
    assert len(story.case.referrals) == 3


@pytest.mark.parametrize("version", [0, 8, 99])
def test_the_background_file_tells_a_version_that_there_is(version: int) -> None:
    story = Story().to(Status.CONFIRMED)
    file = BackgroundFile(sha256="0" * 64, case_version=version)

    refusal = refused(story, "refer", background_file=file)

    assert isinstance(refusal, errors.InvalidValue)
    assert refusal.params["field"] == "background_file.case_version"
