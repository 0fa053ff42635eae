"""What people do with the cases of a service, at times that a test sets."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from domain.conflict_case import ConflictCase
from domain.errors import CaseHasMoved
from domain.values import Customer, Role, SurveyOccasion
from service.assembly import Service
from tests.given import BEGAN_AT, circumstances, details_for

NOBODYS = ConflictCase(UUID(int=0))


@dataclass
class Desk:
    """What people do, at times that the test sets."""

    service: Service
    now: datetime = BEGAN_AT

    def report(self, customer: str, channel: str = "web") -> UUID:
        details = details_for("report", NOBODYS) | {
            "source": None,
            "customer": Customer(ref=customer),
            "channel": channel,
        }
        return self.service.cases.begin("report", details, circumstances(at=self.now)).case.id

    def take(self, case_id: UUID, step: str, role: Role = Role.HANDLER, **details: object) -> None:
        by = circumstances("ann", [role], self.now)
        while True:
            try:
                self.service.cases.take_step(case_id, step, details, expected_version=None, by=by)
            except CaseHasMoved:
                continue
            return

    def score(self, case_id: UUID, value: int, scale: str = "csat_1_5") -> None:
        """Asked about a talk, which may be at any time."""
        asked = len(self.service.cases.get(case_id).surveys) + 1
        contact = SurveyOccasion.CONTACT
        self.take(case_id, "send_survey", occasion=contact, channel="mail", scale=scale)
        self.take(case_id, "answer_survey", survey_id=f"Q{asked}", value=value)

    def finish(self, case_id: UUID) -> None:
        """Plan the open order and close it."""
        details = details_for("deliver_director_plan", NOBODYS)
        self.take(case_id, "deliver_director_plan", Role.APPROVER, **details)
        details = details_for("close_director_order", NOBODYS)
        self.take(case_id, "close_director_order", Role.APPROVER, **details)
