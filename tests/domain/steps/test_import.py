"""Taking over a case handled elsewhere: what its source does not say stays unknown."""

from datetime import date

import pytest

from domain import errors
from domain.values import Role, SourceRecord, Status
from tests.details.common import DIGEST
from tests.domain.refusing import refused
from tests.given import Story, a_new_case, an_imported_story, circumstances

LONGEST = "x" * 100


def test_what_the_source_does_not_say_is_unknown() -> None:
    case = a_new_case()
    said = {
        "source": SourceRecord(system="cfpb", external_id="1"),
        "row_digest": DIGEST,
        "leads_to": Status.CLOSED,
        "received_on": date(2014, 10, 30),
    }

    case.take("import_record", said, circumstances(roles=[Role.ADMIN]))

    assert case.imported is not None
    unsaid = ("channel", "product", "issue", "company", "outcome", "timely", "disputed")
    assert [getattr(case.imported, name) for name in unsaid] == [None] * 7
    assert (case.report, case.confirmation, case.closed_at) == (None, None, None)


def test_the_record_itself_stands_for_the_person_it_does_not_name() -> None:
    story = Story()

    story.take("import_record", source=SourceRecord(system=LONGEST, external_id=LONGEST))

    assert story.case.subject_ref == f"{LONGEST}:{LONGEST}"


@pytest.mark.parametrize(
    ("source", "field"),
    [
        (None, "source"),
        (SourceRecord(system="", external_id="1"), "source.system"),
        (SourceRecord(system="cfpb", external_id="a b"), "source.external_id"),
    ],
)
def test_a_faulty_source_is_named_by_its_own_path(source: object, field: str) -> None:
    refusal = refused(Story(), "import_record", source=source)

    assert isinstance(refusal, errors.InvalidValue)
    assert refusal.params["field"] == field


def test_an_imported_case_has_its_reference_and_edition_too() -> None:
    story = Story()

    event = story.take("import_record")

    assert (story.case.reference, event.reference) == ("C-2026-000007",) * 2
    assert story.case.edition.number == event.edition
    assert story.case.began_at == event.occurred_at


def test_a_status_is_not_guessed_from_text() -> None:
    refusal = refused(Story(), "import_record", leads_to="closed")

    assert refusal.params == {"field": "leads_to", "reason": "wrong_type"}


def test_entries_of_a_sources_log_join_an_imported_case() -> None:
    story = an_imported_story(Status.REPORTED)

    first = story.take("note_imported_entry", leads_to=Status.RESOLVED)
    second = story.take("note_imported_entry", leads_to=Status.CLOSED)

    assert story.case.imported_entries == [first, second]
    assert story.case.status is Status.CLOSED


def test_a_case_reported_here_has_no_entries_of_another_log() -> None:
    story = Story().to(Status.REPORTED)

    refusal = refused(story, "note_imported_entry")

    assert isinstance(refusal, errors.NotImported)


def test_a_dispute_goes_on_here_from_where_its_record_stands() -> None:
    story = an_imported_story(Status.CLOSED)

    story.after("reopen").to(Status.CLOSED)

    assert story.case.status is Status.CLOSED
    assert story.case.attempt == 2


def test_once_handled_here_the_source_no_longer_moves_the_case() -> None:
    story = an_imported_story(Status.REPORTED).after("acknowledge")

    refusal = refused(story, "note_imported_entry", leads_to=Status.WITHDRAWN)

    assert isinstance(refusal, errors.HandledHere)
    assert refusal.params == {"status": story.case.status}


def test_a_source_cannot_state_a_merge() -> None:
    refusal = refused(Story(), "import_record", leads_to=Status.MERGED)

    assert isinstance(refusal, errors.InvalidValue)
    assert refusal.params == {"field": "leads_to", "reason": "out_of_range"}
