"""The one place where the service room is wired together."""

from __future__ import annotations

from dataclasses import dataclass, field
from functools import partial

from sqlalchemy import Engine

from service.access_log import AccessLog
from service.alarms import Alarms
from service.conflict_cases import ConflictCases
from service.corrective_actions import CorrectiveActions
from service.database import MERGE_LOCK, PRIVACY_LOCK, create_engine, taking_turns
from service.director_orders import DirectorOrders
from service.erasure import Erasures
from service.erasure_register import ErasureRegister
from service.event_store import EventRecorder
from service.hearing import Hearing, hearing_for
from service.keys import SubjectKeys
from service.legal_holds import LegalHolds
from service.mapper import CaseEventMapper
from service.master_key import derived_key, load_master_key
from service.record_book import RecordBook
from service.reference_numbers import ReferenceNumbers
from service.reviews import Reviews
from service.risk_indicators import RiskIndicators
from service.settings import Settings
from service.subjects import Subjects


@dataclass(frozen=True)
class Service:
    """What the rooms above use. One per process: its connections must not cross a fork."""

    settings: Settings
    engine: Engine
    recorder: EventRecorder
    keys: SubjectKeys
    mapper: CaseEventMapper
    numbers: ReferenceNumbers
    cases: ConflictCases
    records: RecordBook
    subjects: Subjects
    holds: LegalHolds
    orders: DirectorOrders
    erasures: Erasures
    access_log: AccessLog
    alarms: Alarms
    hearing: Hearing
    risks: RiskIndicators
    reviews: Reviews
    request_key: bytes = field(repr=False)
    """Fingerprints of requests are keyed with it, so that none confirms a guess of the body."""


def build(settings: Settings) -> Service:
    """Wire the service for these settings. Raises SettingsError where something is missing."""
    engine = create_engine(settings)
    recorder = EventRecorder(engine)
    master_key = load_master_key(settings)
    keys = SubjectKeys(engine, master_key)
    mapper = CaseEventMapper(keys)
    numbers = ReferenceNumbers(engine)
    merging = partial(taking_turns, engine, MERGE_LOCK)
    hearing = hearing_for(settings)
    cases = ConflictCases(recorder, mapper, numbers, merging, hearing)
    records, subjects = RecordBook(engine, recorder), Subjects(engine)
    deciding = partial(taking_turns, engine, PRIVACY_LOCK)
    holds = LegalHolds(records, subjects, deciding)
    register = ErasureRegister(path) if (path := settings.erasure_register) else None
    erasures = Erasures(cases, keys, records, holds, subjects, register, deciding)
    request_key = derived_key(master_key, b"amends request fingerprints")
    return Service(
        settings,
        engine,
        recorder,
        keys,
        mapper,
        numbers,
        cases,
        records,
        subjects,
        holds,
        DirectorOrders(cases, subjects),
        erasures,
        AccessLog(records, keys, subjects),
        Alarms(records, subjects),
        hearing,
        RiskIndicators(engine, records, keys),
        Reviews(records, CorrectiveActions(records)),
        request_key,
    )
