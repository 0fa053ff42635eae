"""What there is to do about reviews, their decisions and corrective actions."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

from domain.book import Labels

HOLD: Final = "hold_review"
COMPLETE: Final = "complete_corrective_action"
CARRY_OUT: Final = "carry_out_decision"
VERIFY: Final = "verify_corrective_action"
REVIEW_WORK: Final[Mapping[str, Labels]] = {
    HOLD: Labels("Hold a review", "举行回顾"),
    CARRY_OUT: Labels("Carry out a decision of a review", "落实回顾决定"),
    COMPLETE: Labels("Complete a corrective action", "完成纠正措施"),
    VERIFY: Labels("Verify a corrective action", "验证纠正措施"),
}
