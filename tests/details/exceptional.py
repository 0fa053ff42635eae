"""What withdrawals, merges and erasures say."""

from __future__ import annotations

from domain.personal import PersonalText, StaffText
from tests.details.common import ERASURE, OTHER_CASE, Giving

EXCEPTIONAL: Giving = {
    "withdraw": lambda case: {
        "withdrawn_by": "customer",
        "reason": PersonalText("不想再追究了"),
    },
    "merge_into": lambda case: {
        "into_case_id": OTHER_CASE,
        "reason": StaffText("Same parcel 同一包裹"),
    },
    "unmerge": lambda case: {"reason": StaffText("Another parcel after all")},
    "erase_personal_data": lambda case: {
        "erasure_id": ERASURE,
        "ground": "consent_withdrawn",
        "request_ref": "privacy-2026-118",
    },
}
