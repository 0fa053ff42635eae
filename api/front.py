"""Everything the views use, wired once for each application."""

from __future__ import annotations

from dataclasses import dataclass
from threading import BoundedSemaphore
from typing import Any, Final

from sqlalchemy import Engine

from api.auth import Authenticator
from api.jwt_keys import IssuerKeys
from api.jwt_subjects import Subjects
from api.jwt_tokens import JwtReader
from api.kept import Kept
from api.metrics import RequestMetrics
from api.rate_limit import RateLimiter
from projections.audit_questions import AuditQuestions
from projections.case_questions import CaseQuestions
from projections.lessons_report import rewinding_lessons
from projections.managers_report import rewinding_managers_report
from projections.past_cases import PastCases
from projections.past_lists import rewinding_deadlines, rewinding_satisfaction
from projections.read_models import tools_of
from projections.rewinding import Rewinding, Rewindings
from projections.search_tokens import BlindIndex
from projections.turns import Turns
from service.access_tokens import AccessTokens
from service.assembly import Service, build
from service.conflict_cases import ConflictCases
from service.master_key import load_master_key
from service.settings import Settings

READINESS_SECONDS: Final = 1.0


@dataclass(frozen=True)
class Front:
    """The service behind the front door, and what guards the door."""

    settings: Settings
    service: Service
    authenticator: Authenticator
    limiter: RateLimiter
    metrics: RequestMetrics
    readiness: Kept[list[dict[str, Any]]]
    case_questions: CaseQuestions
    audit_questions: AuditQuestions
    past_cases: PastCases
    past_lessons: Rewindings
    past_managers_report: Rewindings
    past_deadlines: Rewinding
    past_satisfaction: Rewinding
    waiting: BoundedSemaphore

    @property
    def cases(self) -> ConflictCases:
        return self.service.cases

    @property
    def engine(self) -> Engine:
        return self.service.engine

    def use_slot(self, number: int) -> None:
        """Count in this slot from now on; called once in each web process after it forked."""
        self.metrics.use_slot(number)
        self.service.hearing.tally.use_slot(number)


def build_front(settings: Settings, metrics: RequestMetrics) -> Front:
    """Wire the front door. Opens no connection yet, so that processes may fork afterwards."""
    service = build(settings)
    # Folding keeps the interpreter busy, so that whatever else a process is asked waits for it.
    turns = Turns(max(1, settings.web_threads // 4))
    return Front(
        settings=settings,
        service=service,
        authenticator=Authenticator(AccessTokens(service.engine), _jwt_reader(settings)),
        limiter=RateLimiter(settings.rate_limit_per_minute, settings.web_processes),
        metrics=metrics,
        readiness=Kept(READINESS_SECONDS),
        case_questions=CaseQuestions(service.keys, BlindIndex(load_master_key(settings))),
        audit_questions=AuditQuestions(service.keys, service.mapper, turns),
        past_cases=PastCases(service.mapper, tools_of(service), turns=turns),
        past_lessons=rewinding_lessons(service.mapper, turns=turns),
        past_managers_report=rewinding_managers_report(service.mapper, turns=turns),
        past_deadlines=rewinding_deadlines(service.mapper, turns),
        past_satisfaction=rewinding_satisfaction(service.mapper, turns),
        waiting=BoundedSemaphore(max(1, settings.web_threads // 2)),
    )


def _jwt_reader(settings: Settings) -> JwtReader | None:
    issuer, audience, url = settings.jwt_issuer, settings.jwt_audience, settings.jwt_jwks_url
    if not (issuer and audience and url):
        return None
    return JwtReader(issuer, audience, IssuerKeys(url), Subjects.of(settings, issuer))
