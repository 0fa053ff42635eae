"""Refusals while a conflict is taken in."""

from __future__ import annotations

from domain.errors.refusal import Refusal


class CustomerHasNotAgreed(Refusal):
    """A conflict is confirmed only once the customer agrees with the restatement (S11)."""

    code = "customer_has_not_agreed"


class SubtypeOfOtherType(Refusal):
    """The subtype belongs to another conflict type (S4)."""

    code = "subtype_of_other_type"


class NoAlternativeOffered(Refusal):
    """A dismissal offers the customer at least one alternative (S35)."""

    code = "no_alternative_offered"


class EvidenceIncomplete(Refusal):
    """Evidence is a document (uri, digest, media type, size) or absent with a reason (S14)."""

    code = "evidence_incomplete"


class EvidenceMissing(Refusal):
    """Before the analysis every evidence kind is attached or declared absent (S14)."""

    code = "evidence_missing"
