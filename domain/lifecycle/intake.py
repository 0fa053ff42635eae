"""The steps from the report to the evidence: a conflict is taken in."""

from __future__ import annotations

from domain import decisions as decide
from domain import emotions, events, readiness, rules
from domain.lifecycle.step import IMPORTER, INTAKE, NEW, OPEN, Step
from domain.values import Status

STEPS = (
    Step(
        command="report",
        event=events.ConflictReported,
        allowed_in=NEW,
        leads_to=Status.REPORTED,
        roles=INTAKE,
        decides={"reference": decide.reference, "edition": decide.edition},
    ),
    Step(
        command="import_record",
        event=events.CaseImported,
        allowed_in=NEW,
        roles=IMPORTER,
        decides={"reference": decide.reference, "edition": decide.edition},
        rules=(rules.source_states_no_merge,),
    ),
    Step(
        command="note_imported_entry",
        event=events.ImportedEntryNoted,
        allowed_in=frozenset(Status),
        roles=IMPORTER,
        ready=(readiness.case_was_imported,),
        rules=(rules.source_states_no_merge, rules.source_moves_only_its_own),
        may_precede_report=True,
    ),
    Step(
        command="acknowledge",
        event=events.ConflictAcknowledged,
        allowed_in=OPEN,
        ready=(emotions.person_answers_anger,),
    ),
    Step(
        command="confirm",
        event=events.ConflictConfirmed,
        allowed_in=frozenset({Status.REPORTED}),
        leads_to=Status.CONFIRMED,
        ready=(emotions.person_answers_anger,),
        rules=(rules.customer_agreed, rules.subtype_fits_type),
    ),
    Step(
        command="dismiss",
        event=events.ConflictDismissed,
        allowed_in=frozenset({Status.REPORTED}),
        leads_to=Status.DISMISSED,
        ready=(emotions.person_answers_anger,),
        rules=(rules.alternative_offered,),
    ),
    Step(
        command="attach_evidence",
        event=events.EvidenceAttached,
        allowed_in=OPEN,
        roles=INTAKE,
        decides={"evidence_id": decide.evidence_id},
        rules=(rules.document_or_reason,),
    ),
    Step(
        command="log_interaction",
        event=events.InteractionLogged,
        allowed_in=OPEN,
        roles=INTAKE,
        rules=(emotions.person_turns_to_the_angry, emotions.feelings_agree),
        may_precede_report=True,
    ),
)
