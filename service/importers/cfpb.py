"""US consumer complaints (CFPB): one row per complaint, in any of the layouts published."""

from __future__ import annotations

import re
from collections.abc import Mapping
from datetime import UTC, date, datetime

from domain.personal import PersonalText
from domain.values import SourceFact, SourceRecord, Status
from domain.written import is_blank
from service.importers.columns import Columns
from service.importers.record import BadRow, Record, Saying, digest_of

SYSTEM = "cfpb"

COLUMNS = Columns(
    required=(
        "complaint_id",
        "date_received",
        "product",
        "sub_product",
        "issue",
        "sub_issue",
        "company",
        "state",
        "zip_code",
        "submitted_via",
        "date_sent_to_company",
        "company_response",
        "timely_response",
        "consumer_disputed",
    ),
    optional=(
        "narrative",
        "company_public_response",
        "tags",
        "consumer_consent_provided",
    ),
    spellings={
        "zipcode": "zip_code",
        "company_response_to_consumer": "company_response",
        "timely": "timely_response",
        "consumer_complaint_narrative": "narrative",
        "complaint_what_happened": "narrative",
    },
)

FACTS = (
    "sub_product",
    "sub_issue",
    "state",
    "zip_code",
    "tags",
    "submitted_via",
    "consumer_consent_provided",
    "company_public_response",
)
"""Columns that no field of the event holds word for word; "N/A" as an answer is one more."""

CHANNELS = {
    "Web": "web",
    "Phone": "phone",
    "Postal mail": "letter",
    "Fax": "fax",
    "Email": "mail",
    "Referral": "referral",
}
"""Only what needs no guess: "Web Referral", for one, is both, so its channel stays unknown."""

QUESTIONS = ("timely_response", "consumer_disputed")
ANSWERS = {"Yes": True, "No": False, "N/A": None, "": None}

OLDEST_YEAR = 1900
_SLASHED = re.compile(r"([0-9]{1,2})/([0-9]{1,2})/([0-9]{4})")
_ISO = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}(T[0-9:.]{5,15}(Z|[+-][0-9]{2}:[0-9]{2})?)?")


def read(values: Mapping[str, str]) -> Record:
    """What a row says, by our names of its columns. Raises BadRow."""
    external_id = values["complaint_id"].strip()
    if not re.fullmatch(r"[0-9]{1,18}", external_id):
        raise BadRow("complaint_id is missing" if not external_id else "complaint_id is no number")
    received_on, occurred_at = _required_date("date_received", values)
    forwarded_on, _ = _date("date_sent_to_company", values)
    digest = _digest(values, received_on, forwarded_on)
    timely, disputed = (_answer(question, values) for question in QUESTIONS)
    details = {
        "source": SourceRecord(system=SYSTEM, external_id=external_id),
        "row_digest": digest,
        "leads_to": _status(values["company_response"], disputed),
        "received_on": received_on,
        "channel": CHANNELS.get(values["submitted_via"].strip()),
        "product": values["product"] or None,
        "issue": values["issue"] or None,
        "company": values["company"] or None,
        "forwarded_on": forwarded_on,
        "outcome": values["company_response"] or None,
        "timely": timely,
        "disputed": disputed,
        "narrative": _narrative(values.get("narrative", "")),
        "facts": _facts(values),
    }
    return Record(SYSTEM, external_id, digest, Saying(occurred_at, details))


def _status(response: str, disputed: bool | None) -> Status:
    """How far the record proves the case went; a response we do not know proves nothing."""
    if disputed:
        return Status.FOLLOWED_UP
    response = response.strip().lower()
    responded = response.startswith("closed") or response == "untimely response"
    return Status.RESOLVED if responded else Status.REPORTED


def _answer(column: str, values: Mapping[str, str]) -> bool | None:
    try:
        return ANSWERS[values[column].strip()]
    except KeyError:
        raise BadRow(f"{column} is neither Yes nor No") from None


def _required_date(column: str, values: Mapping[str, str]) -> tuple[date, datetime]:
    day, instant = _date(column, values)
    if day is None or instant is None:
        raise BadRow(f"{column} is missing")
    return day, instant


def _date(column: str, values: Mapping[str, str]) -> tuple[date | None, datetime | None]:
    """The day as the source writes it, and the instant: midnight UTC where it gives no time."""
    text = values[column].strip()
    if not text:
        return None, None
    try:
        day, instant = _read_date(text)
    except ValueError:
        raise BadRow(f"{column} is no date") from None
    if day.year < OLDEST_YEAR:
        raise BadRow(f"{column} lies before {OLDEST_YEAR}")
    return day, instant


def _read_date(text: str) -> tuple[date, datetime]:
    if slashed := _SLASHED.fullmatch(text):
        month, day, year = map(int, slashed.groups())
        return date(year, month, day), datetime(year, month, day, tzinfo=UTC)
    if _ISO.fullmatch(text):
        written = datetime.fromisoformat(text)
        return written.date(), written if written.tzinfo else written.replace(tzinfo=UTC)
    raise ValueError


def _narrative(text: str) -> PersonalText | None:
    return None if is_blank(text) else PersonalText(text)


def _facts(values: Mapping[str, str]) -> tuple[SourceFact, ...]:
    unanswered = [name for name in QUESTIONS if ANSWERS[values[name].strip()] is None]
    given = ((name, values.get(name, "")) for name in (*FACTS, *unanswered))
    return tuple(SourceFact(name=name, value=value) for name, value in given if value)


def _digest(values: Mapping[str, str], received_on: date, forwarded_on: date | None) -> str:
    """Over the row with its dates written one way, so that a new layout is no change."""
    sent = forwarded_on.isoformat() if forwarded_on else ""
    dates = {"date_received": received_on.isoformat(), "date_sent_to_company": sent}
    return digest_of({**values, **dates})
