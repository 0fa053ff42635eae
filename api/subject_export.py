"""Everything that is held about one person, as JSON or as a page to read (Article 15, GDPR)."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any, Final
from uuid import UUID

from api import params
from api.alarm_json import alarm_json
from api.formats import accepted_form
from api.json_body import encode, rfc3339
from api.privacy import PRIVACY, erasure_json, hold_json, subject
from api.rendering import Reader, actor, said
from api.risk_json import risk_json, supplied_json
from api.routes import JSON, Answer, Call, Route
from api.subject_page import STYLE, subject_page
from api.who_looked import access_json
from domain.book import Edition
from domain.conflict_case import ConflictCase
from domain.errors import SubjectNotFound
from service.access_log import AccessFilter
from service.assembly import Service
from service.mapper import LoggedEvent
from service.record_book import LoggedRecord

MEDIA_TYPES: Final = {"json": JSON, "html": "text/html"}
ACCESSES_AT_ONCE: Final = 500
Json = dict[str, Any]


@dataclass(frozen=True)
class Held:
    """What is held about a person, told part by part, so that no case waits for another."""

    service: Service
    subject_ref: str
    case_ids: tuple[UUID, ...]

    def cases(self, reader_of: Callable[[Edition], Reader]) -> Iterator[Json]:
        """Each case with everything that was recorded about it, oldest first."""
        for case_id in self.case_ids:
            history = self.service.cases.history(case_id)
            case = ConflictCase.folded(case_id, (logged.event for logged in history))
            reader = reader_of(case.edition)
            yield {
                "id": str(case_id),
                "reference": case.reference,
                "status": case.status.value,
                "edition": case.edition.number,
                "events": [_event(logged, reader) for logged in history],
            }

    def holds(self) -> list[Json]:
        """The legal holds that concern the person, released ones too."""
        cases = frozenset(self.case_ids)
        return [
            hold_json(held)
            for held in self.service.holds.all()
            if held.hold.concerns(self.subject_ref, cases)
        ]

    def erasures(self) -> list[Json]:
        return [erasure_json(each) for each in self.service.erasures.of(self.subject_ref)]

    def alarms(self, language: str) -> list[Json]:
        """The alarms of early warning about the person."""
        with self.service.engine.connect() as connection:
            found = self.service.alarms.about(connection, self.subject_ref)
        return [alarm_json(each, language) for each in found]

    def indicators(self, language: str) -> list[Json]:
        """Everything that other services supplied about the person's risk, oldest first."""
        found = self.service.risks.all_about(self.subject_ref)
        erasure = self.service.erasures.newest(self.subject_ref)
        return [supplied_json(each, language, erasure) for each in found]

    def risk(self, language: str) -> Json:
        """What is made of it: the profile that people inside see."""
        found = self.service.risks.risk_of(self.subject_ref, datetime.now(UTC))
        return risk_json(self.subject_ref, found, language)

    def accesses(self) -> Iterator[Json]:
        """Who was shown the person's texts, the newest first."""
        wanted, before = AccessFilter(subject_ref=self.subject_ref), None
        while found := self._accesses(wanted, before):
            yield from map(access_json, found)
            before = found[-1].position

    def _accesses(self, wanted: AccessFilter, before: int | None) -> Sequence[LoggedRecord]:
        """A page of them; no connection is kept while the caller takes it in."""
        with self.service.engine.connect() as connection:
            log = self.service.access_log
            return log.page(connection, wanted, ACCESSES_AT_ONCE, before)


def _event(logged: LoggedEvent, reader: Reader) -> Json:
    event = logged.event
    return {
        "version": event.originator_version,
        "name": event.NAME,
        "occurred_at": rfc3339(event.occurred_at),
        "recorded_at": rfc3339(logged.recorded_at),
        "actor": actor(event),
        "via": event.via.value,
        "data": said(event, reader),
    }


def export_subject(call: Call, ref: str) -> Answer:
    """The export, streamed; on record with all it shows before its first byte leaves.

    It is gone through once to see which texts it shows, and once to send them: so neither a
    whole export is kept in memory, nor a text in a file.
    """
    service = call.front.service
    held = Held(service, subject(ref), tuple(service.subjects.cases_of(ref)))
    if not service.subjects.are_known(held.subject_ref) and not held.erasures():
        raise SubjectNotFound
    form = call.query["format"] or accepted_form(call.request, MEDIA_TYPES)
    call.context.witness.subject_ref = ref
    seeing = call.reader()
    for _ in held.cases(lambda edition: seeing):
        pass
    exported_at = rfc3339(datetime.now(UTC))
    if form == "json":
        return Answer(_json(held, call.again(), exported_at, call.language), headers=_named("json"))
    told = {"Content-Security-Policy": STYLE.policy_header, "Content-Language": call.language}
    body = subject_page(
        parts(held, call.again_in_words(), exported_at, call.language), call.language
    )
    return Answer(body, headers={**_named("html"), **told}, media_type="text/html; charset=utf-8")


def _named(suffix: str) -> dict[str, str]:
    """A name without the person's reference: file names are seen by many."""
    return {
        "Content-Disposition": f'attachment; filename="personal-data.{suffix}"',
        "Vary": "Accept, Accept-Language",
    }


def parts(
    held: Held, reader_of: Callable[[Edition], Reader], exported_at: str, language: str
) -> Json:
    """Everything about the person; the lists are read as they are gone through."""
    return {
        "subject_ref": held.subject_ref,
        "exported_at": exported_at,
        "cases": held.cases(reader_of),
        "legal_holds": iter(held.holds()),
        "erasures": iter(held.erasures()),
        "alarms": iter(held.alarms(language)),
        "indicators": iter(held.indicators(language)),
        "risk": held.risk(language),
        "accesses": held.accesses(),
    }


def _json(held: Held, reader: Reader, exported_at: str, language: str) -> Iterator[bytes]:
    between = b"{"
    for name, value in parts(held, lambda edition: reader, exported_at, language).items():
        yield between + encode(name) + b":"
        if isinstance(value, Iterator):
            yield from _list(value)
        else:
            yield encode(value)
        between = b","
    yield b"}"


def _list(items: Iterator[Json]) -> Iterator[bytes]:
    between = b"["
    for item in items:
        yield between + encode(item)
        between = b","
    yield b"]" if between == b"," else b"[]"


EXPORT_ROUTES: Final = (
    Route(
        method="GET",
        path="/v1/subjects/<path:ref>/export",
        name="export_subject",
        summary="Everything that is held about a person, to hand over to them.",
        tag="Privacy",
        view=export_subject,
        roles=PRIVACY,
        params=(params.choice("format", tuple(MEDIA_TYPES), "Instead of the `Accept` header."),),
        shows="SubjectExport",
        media_types=tuple(MEDIA_TYPES.values()),
    ),
)
