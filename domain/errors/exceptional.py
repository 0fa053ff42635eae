"""Refusals of merging and importing, of erasing a person and holding a case."""

from __future__ import annotations

from domain.errors.refusal import Refusal


class MergedIntoItself(Refusal):
    """A case is not merged into itself, nor into a case that leads back to it."""

    code = "merged_into_itself"


class HandledHere(Refusal):
    """People went on with an imported case here: the source's log no longer moves its status."""

    code = "handled_here"


class OtherCaseNotFound(Refusal):
    """There is no case with the id that a case is to be merged into."""

    code = "other_case_not_found"


class NotImported(Refusal):
    """Entries of a source's log belong to imported cases only."""

    code = "not_imported"


class SubjectNotFound(Refusal):
    """No case and no key names this person."""

    code = "subject_not_found"


class LegalHoldStands(Refusal):
    """A legal hold keeps this person's data: nothing is erased until it is released."""

    code = "legal_hold_stands"


class HoldNotFound(Refusal):
    """There is no legal hold with this id."""

    code = "hold_not_found"


class HoldAlreadyReleased(Refusal):
    """The legal hold was released before."""

    code = "hold_already_released"
