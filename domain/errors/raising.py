"""Refusals around anger, routes, an approval taken back, playbooks."""

from __future__ import annotations

from domain.errors.refusal import Refusal


class NotApproved(Refusal):
    """There is no approval that could be taken back."""

    code = "not_approved"


class AlreadyCarriedOut(Refusal):
    """Steps of the approved plan are done: the approval can no longer be taken back."""

    code = "already_carried_out"


class NoWordsHeard(Refusal):
    """An emotion is recognised in something that the customer said in this case (S57)."""

    code = "no_words_heard"


class EmotionContradictsSentiment(Refusal):
    """One caller says of the same words that the customer is happy and unhappy."""

    code = "emotion_contradicts_sentiment"


class EmotionAlreadyRecognised(Refusal):
    """The same model has told what it heard in these words."""

    code = "emotion_already_recognised"


class PersonMustTakeOver(Refusal):
    """The customer is angry: a machine answers no more until a person has escalated (S10, S57)."""

    code = "person_must_take_over"


class TaskForceMissing(Refusal):
    """A case of this severity is decided by a named task force (S39)."""

    code = "task_force_missing"


class DirectorNotInformed(Refusal):
    """A case of this severity is resolved once a director knows of it (S39)."""

    code = "director_not_informed"


class UnknownPlaybookStep(Refusal):
    """The playbook of the case has no such step."""

    code = "unknown_playbook_step"


class SkippedWithoutReason(Refusal):
    """A step of the playbook is left out for a reason (S6)."""

    code = "skipped_without_reason"


def all_refusals() -> tuple[type[Refusal], ...]:
    """Every refusal the domain knows, in the order of this file."""
    return tuple(Refusal.__subclasses__())
