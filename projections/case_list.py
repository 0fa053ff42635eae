"""Read model of the case list: one row per case, with its filters, its order and its search."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import Any

from sqlalchemy import (
    BigInteger,
    Boolean,
    Column,
    DateTime,
    Index,
    Integer,
    MetaData,
    Table,
    Text,
    Uuid,
)
from sqlalchemy.dialects.postgresql import ARRAY

from domain import events
from domain.events import CaseEvent
from domain.lifecycle import STEP_OF_EVENT
from domain.personal import PersonalText
from domain.reference_books import CURRENT_EDITION, edition
from domain.values import Status
from projections import spans
from projections.read_model import CaseRows, Fact, ReadModel, Row, Tools

NAME = "case_list"
METADATA = MetaData(schema=NAME)

URGENCY_UNKNOWN = 9
"""Ranks behind every urgency of the reference book, whose first is the most urgent."""

CASES = Table(
    "cases",
    METADATA,
    Column("case_id", Uuid, primary_key=True),
    Column("reference", Text),
    Column("status", Text, nullable=False, default=Status.REPORTED.value),
    Column("version", Integer),
    Column("position", BigInteger),
    Column("imported", Boolean, nullable=False, default=False),
    Column("channel", Text),
    Column("subject_ref", Text),
    Column("customer_ref", Text),
    Column("customer_name", Text),
    Column("tier", Text),
    Column("summary", Text),
    Column("conflict_type", Text),
    Column("conflict_subtype", Text),
    Column("complaint_cause", Text),
    Column("severity", Text),
    Column("urgency", Text),
    Column("urgency_rank", Integer, nullable=False, default=URGENCY_UNKNOWN),
    Column("handler", Text),
    Column("unit", Text),
    Column("product", Text),
    Column("source_system", Text),
    Column("external_id", Text),
    Column("reported_at", DateTime(timezone=True)),
    Column("updated_at", DateTime(timezone=True)),
    *spans.columns(),
    Index("cases_by_report", "reported_at", "case_id"),
    Index("cases_by_update", "updated_at", "case_id"),
    Index("cases_by_status", "status", "reported_at", "case_id"),
    Index("cases_by_customer", "customer_ref", "reported_at", "case_id"),
    Index("cases_by_type", "conflict_type", "reported_at", "case_id"),
    Index("cases_by_handler", "handler", "reported_at", "case_id"),
    Index("cases_by_external_id", "external_id"),
    Index("cases_by_reference", "reference"),
    Index("cases_by_urgency", "urgency_rank", "reported_at", "case_id"),
)
# Apart from the rows above: nearly every event changes those, and hardly any changes the words.
WORDS = Table(
    "words",
    METADATA,
    Column("case_id", Uuid, primary_key=True),
    Column("codes", ARRAY(BigInteger), nullable=False, default=list),
    Column("texts", ARRAY(BigInteger), nullable=False, default=list),
)
ALL_WORDS = WORDS.c.codes.op("||")(WORDS.c.texts)
PENDING_WORDS_KB = 512
"""New words are gathered before the index takes them in; whoever fills this up waits for that.

The server's own limit, 4 MB, made a page of a few cases take 200 ms once in 650 cases, and the next
page of every read model wait for it. An eighth of it costs a quarter more for this read model.
"""
Index(
    "words_of_cases",
    ALL_WORDS,
    postgresql_using="gin",
    postgresql_with={"gin_pending_list_limit": PENDING_WORDS_KB},
)

Texts = tuple[PersonalText | None, ...]
SEARCHED: dict[type[CaseEvent], Callable[[Any], Texts]] = {
    events.ConflictReported: lambda event: (
        event.summary,
        event.description,
        event.desired_outcome,
        event.customer.name,
    ),
    events.CaseImported: lambda event: (event.narrative,),
    events.ConflictConfirmed: lambda event: (
        event.restatement.fact,
        event.restatement.feeling,
        event.restatement.intention,
    ),
    events.ConflictAnalysed: lambda event: (
        event.surface_cause,
        event.root_cause,
        *event.issues,
    ),
}
"""The personal texts of an event whose words find the case."""


def reported(case: CaseRows, event: events.ConflictReported) -> None:
    """The case appears in the list."""
    row = begin(case, event)
    row.update(
        channel=event.channel,
        customer_ref=event.customer.ref,
        customer_name=event.customer.name,
        tier=event.customer.tier,
        summary=event.summary,
        urgency=event.urgency,
        urgency_rank=rank(event.urgency, event.edition),
        product=event.product_ref,
    )
    if event.source:
        row.update(source_system=event.source.system, external_id=event.source.external_id)
    references = (event.reference, event.product_ref, event.order_ref, event.contract_ref)
    index(case, event, event.customer.ref, row["external_id"], *references)


def rank(urgency: str | None, edition_number: int) -> int:
    """The place of the urgency in its book, from 0, the most urgent."""
    codes = [entry.code for entry in edition(edition_number).book("urgencies").entries]
    return codes.index(urgency) if urgency in codes else URGENCY_UNKNOWN


def imported(case: CaseRows, event: events.CaseImported) -> None:
    """A case handled elsewhere appears, with what its source says."""
    begin(case, event).update(
        imported=True,
        channel=event.channel,
        product=event.product,
        source_system=event.source.system,
        external_id=event.source.external_id,
    )
    told = (event.product, event.issue, event.company)
    index(case, event, event.reference, event.source.external_id, *told)


def begin(case: CaseRows, event: events.ConflictReported | events.CaseImported) -> Row:
    """What both kinds of beginning have in common."""
    row = moved(case, event)
    row.update(reference=event.reference, subject_ref=event.subject_ref)
    return row


def confirmed(case: CaseRows, event: events.ConflictConfirmed) -> None:
    """The case gets its kind and its weight."""
    row = moved(case, event)
    for name in ("conflict_type", "conflict_subtype", "complaint_cause", "severity"):
        row[name] = getattr(event, name)
    index(case, event)


def analysed(case: CaseRows, event: events.ConflictAnalysed) -> None:
    """The causes find the case."""
    moved(case, event)
    index(case, event)


def assigned(case: CaseRows, event: events.CaseAssigned) -> None:
    """Somebody answers for the case."""
    moved(case, event).update(handler=event.handler, unit=event.unit)


def terms_set(case: CaseRows, event: events.ServiceTermsSet) -> None:
    """The urgency in force counts; the tier shown is the customer's own, which stays."""
    row = moved(case, event)
    if event.urgency is not None:
        row.update(urgency=event.urgency, urgency_rank=rank(event.urgency, CURRENT_EDITION))


def moved(case: CaseRows, event: CaseEvent) -> Row:
    """What every event changes: the status by the lifecycle table, the version, the time."""
    row = case.row(CASES)
    row["status"] = STEP_OF_EVENT[type(event)].status_after(event, Status(row["status"]))
    row["version"] = event.version
    row["position"] = case.position
    row["reported_at"] = row["reported_at"] or event.occurred_at
    spans.note(row, event.occurred_at, case.recorded_at)
    row["updated_at"] = row["last_occurred_at"]
    return row


def index(case: CaseRows, event: CaseEvent, *codes: str | None) -> None:
    """Let the words of the event find the case. Words once found keep finding it."""
    blind_index = case.tools.blind_index
    row = case.row(WORDS)
    texts = SEARCHED[type(event)](event)
    # Sorted, since their order in the text would tell something of it, and that of a set is random.
    row["codes"] += sorted(blind_index.of_code(*codes).difference(row["codes"]))
    row["texts"] += sorted(blind_index.of_text(*texts).difference(row["texts"]))


def erased(case: CaseRows, event: events.PersonalDataErased) -> None:
    """No word of a text finds the case any more; codes, references and counts stay."""
    moved(case, event)
    forget_words(case)


def forget_words(case: CaseRows) -> None:
    """Drop the tokens of personal texts: they are made under a key that outlives the person's."""
    if case.find(WORDS) is not None:
        case.row(WORDS)["texts"] = []


def open_keys(facts: Iterable[Fact], tools: Tools) -> None:
    """Fetch the keys of all texts that a page will read in one round trip."""
    tools.open_keys(token for fact in facts if (token := _first_token(fact.event)))


def _first_token(event: Any) -> str | None:
    """One will do: all texts of an event are sealed with one key."""
    texts = SEARCHED[type(event)](event) if type(event) in SEARCHED else ()
    return next((text.token for text in texts if text is not None), None)


HANDLERS: dict[type[CaseEvent], Callable[[CaseRows, Any], Any]] = {
    events.ConflictReported: reported,
    events.CaseImported: imported,
    events.ConflictConfirmed: confirmed,
    events.ConflictAnalysed: analysed,
    events.CaseAssigned: assigned,
    events.ServiceTermsSet: terms_set,
    events.ImportedEntryNoted: moved,
    events.ConflictAcknowledged: moved,
    events.ConflictDismissed: moved,
    events.EvidenceAttached: moved,
    events.InteractionLogged: moved,
    events.SolutionProposed: moved,
    events.RiskAssessed: moved,
    events.CustomerConsulted: moved,
    events.SolutionChosen: moved,
    events.SolutionApproved: moved,
    events.SolutionRejected: moved,
    events.PlanStepCompleted: moved,
    events.PlanRevised: moved,
    events.ConflictResolved: moved,
    events.ConflictFollowedUp: moved,
    events.LessonsRecorded: moved,
    events.PreventionPlanned: moved,
    events.PreventionCompleted: moved,
    events.PreventionChecked: moved,
    events.TrainingHeld: moved,
    events.CaseClosed: moved,
    events.CaseReopened: moved,
    events.SurveySent: moved,
    events.SurveyAnswered: moved,
    events.DirectorOrderOpened: moved,
    events.DirectorPlanDelivered: moved,
    events.DirectorOrderClosed: moved,
    events.CaseEscalated: moved,
    events.CaseReferred: moved,
    events.CustomerAwaited: moved,
    events.CustomerHeard: moved,
    events.MinutesSent: moved,
    events.DeadlineWarned: moved,
    events.DeadlineMissed: moved,
    events.CommitmentMade: moved,
    events.CommitmentApproved: moved,
    events.CommitmentKept: moved,
    events.CommitmentWithdrawn: moved,
    events.AgreementConfirmed: moved,
    events.OpenPointsSettled: moved,
    events.CommitmentBroken: moved,
    events.ReminderGiven: moved,
    events.SupplementAsked: moved,
    events.SupplementSent: moved,
    events.ProgressUpdated: moved,
    events.DelayDisclosed: moved,
    events.ConflictWithdrawn: moved,
    events.CaseMerged: moved,
    events.CaseUnmerged: moved,
    events.PersonalDataErased: erased,
    events.EmotionRecognised: moved,
    events.TaskForceNamed: moved,
    events.ApprovalWithdrawn: moved,
    events.PlaybookRecorded: moved,
}

READ_MODEL = ReadModel(
    name=NAME,
    version=6,
    tables=(CASES, WORDS),
    handlers=HANDLERS,
    prepare=open_keys,
    forget=forget_words,
)
