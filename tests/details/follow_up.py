"""What surveys and directors' orders say."""

from __future__ import annotations

from domain.personal import PersonalText, StaffText
from domain.surveys import unanswered
from domain.values import OrderGround, SurveyOccasion
from tests.details.common import Giving
from tests.details.solving import plan

FOLLOW_UP: Giving = {
    "send_survey": lambda case: {
        "occasion": SurveyOccasion.RESOLUTION
        if case.status in ("resolved", "followed_up")
        else SurveyOccasion.CONTACT,
        "channel": "mail",
        "scale": "csat_1_10",
        "touchpoint": "complaint_handling",
    },
    "answer_survey": lambda case: {
        "survey_id": (unanswered(case) or ["Q1"])[0],
        "value": 9,
        "satisfied": True,
        "substantially_solved": True,
        "comment": PersonalText("服务很好 Quick and friendly"),
    },
    "open_director_order": lambda case: {
        "number": 1,
        "trigger": "low_scores",
        "grounds": (OrderGround(case_id=case.id, version=1),),
    },
    "deliver_director_plan": lambda case: {
        "plan": StaffText("Call the customer, then repair 先回访再整改"),
        "steps": plan(),
    },
    "close_director_order": lambda case: {"result": StaffText("The customer is content 客户满意")},
}
