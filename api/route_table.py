"""Every route of the service: URL map, guards and OpenAPI are made from these rows."""

from __future__ import annotations

from typing import Final

from api.alarms import ALARM_ROUTES
from api.audit_pack import PACK_ROUTES
from api.audit_trail import TRAIL_ROUTES
from api.background_file import BACKGROUND_ROUTES
from api.case_list import LIST_ROUTES
from api.cases import CASE_ROUTES
from api.commitments import COMMITMENT_ROUTES
from api.corrective_actions import ACTION_ROUTES
from api.customer_risk import RISK_ROUTES
from api.customers import CUSTOMER_ROUTES
from api.description import DESCRIPTION_ROUTES
from api.health import HEALTH_ROUTES
from api.ledger import LEDGER_ROUTES
from api.lessons_report import REPORT_ROUTES
from api.mining_export import MINING_ROUTES
from api.orders import ORDER_ROUTES
from api.playbook import PLAYBOOK_ROUTES
from api.privacy import PRIVACY_ROUTES
from api.promise_report import PROMISE_REPORT_ROUTES
from api.reference_books import BOOK_ROUTES
from api.review_decisions import DECISION_ROUTES
from api.review_preview import PREVIEW_ROUTES
from api.review_report import REVIEW_REPORT_ROUTES
from api.reviews import REVIEW_ROUTES
from api.routes import Route
from api.satisfaction_report import SATISFACTION_ROUTES
from api.steps import step_routes
from api.subject_export import EXPORT_ROUTES
from api.who_looked import ACCESS_ROUTES
from api.work import WORK_ROUTES

ROUTES: Final[tuple[Route, ...]] = (
    *step_routes(),
    *LIST_ROUTES,
    *CASE_ROUTES,
    *BACKGROUND_ROUTES,
    *PLAYBOOK_ROUTES,
    *WORK_ROUTES,
    *ORDER_ROUTES,
    *COMMITMENT_ROUTES,
    *ALARM_ROUTES,
    *REVIEW_ROUTES,
    *PREVIEW_ROUTES,
    *DECISION_ROUTES,
    *ACTION_ROUTES,
    *TRAIL_ROUTES,
    *PACK_ROUTES,
    *CUSTOMER_ROUTES,
    *RISK_ROUTES,
    *REPORT_ROUTES,
    *SATISFACTION_ROUTES,
    *PROMISE_REPORT_ROUTES,
    *REVIEW_REPORT_ROUTES,
    *MINING_ROUTES,
    *PRIVACY_ROUTES,
    *ACCESS_ROUTES,
    *EXPORT_ROUTES,
    *BOOK_ROUTES,
    *LEDGER_ROUTES,
    *DESCRIPTION_ROUTES,
    *HEALTH_ROUTES,
)
