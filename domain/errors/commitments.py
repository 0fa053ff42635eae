"""Refusals of promises, and of what the customer hears meanwhile."""

from __future__ import annotations

from domain.errors.refusal import Refusal


class UnknownCommitment(Refusal):
    """The case has no such promise, or none for which the step could be taken."""

    code = "unknown_commitment"


class CommitmentNotOpen(Refusal):
    """The promise was kept, withdrawn, replaced, approved or cancelled before."""

    code = "commitment_not_open"


class CommitmentNotApproved(Refusal):
    """A promise of this kind, or to this type of customer, needs approval to be put in writing."""

    code = "commitment_not_approved"


class ApproverIsPromiser(Refusal):
    """Who made a promise does not approve it (four eyes)."""

    code = "approver_is_promiser"


class VaguePromise(Refusal):
    """A promise says by what one can tell that it is kept: not the same again, nor "soon" (S32)."""

    code = "vague_promise"


class ChangeNotAgreed(Refusal):
    """A promise that the customer has is withdrawn or replaced with the customer's agreement."""

    code = "change_not_agreed"


class PromisesOpen(Refusal):
    """A case is not closed while promises are open (S32)."""

    code = "promises_open"


class UnknownAgreement(Refusal):
    """Nothing of this id was agreed with the customer, so that it could be confirmed."""

    code = "unknown_agreement"


class SameChannel(Refusal):
    """An agreement is confirmed on another channel than the one it was made on (S12)."""

    code = "same_channel"


class NoOpenPoints(Refusal):
    """These minutes left nothing open, or it is settled."""

    code = "no_open_points"


class NothingAsked(Refusal):
    """Nobody waits for supplementary material."""

    code = "nothing_asked"


class BlockersUnanswered(Refusal):
    """A progress update that names blockers says what is done about them (S46)."""

    code = "blockers_unanswered"


class NothingDelayed(Refusal):
    """A disclosure names either an open promise, or an open run of a clock that is not paused."""

    code = "nothing_delayed"


class NoDelay(Refusal):
    """What is expected by its due time is not late."""

    code = "no_delay"
