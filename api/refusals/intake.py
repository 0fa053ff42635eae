"""What HTTP says of the refusals in `domain/errors/intake.py`."""

from __future__ import annotations

from typing import Final

from api.problem_catalogue import Kind, kind

PROBLEMS: Final[dict[str, Kind]] = {
    "customer_has_not_agreed": kind(
        422,
        "The customer has not agreed with the restatement",
        "客户尚未同意复述内容",
        "Say the problem back again until the customer agrees, then confirm.",
        "请再次复述,直到客户同意,然后再确认。",
    ),
    "subtype_of_other_type": kind(
        422,
        "The subtype belongs to another conflict type",
        "该子类型属于另一冲突类型",
        "This subtype belongs to the type `belongs_to`; see /v1/reference-books/conflict_subtypes.",
        "该子类型属于 `belongs_to`;见 /v1/reference-books/conflict_subtypes。",
    ),
    "no_alternative_offered": kind(
        422,
        "A dismissal offers at least one alternative",
        "驳回时须至少提供一个替代方案",
        "Name what the customer can do instead in `alternatives_offered`.",
        "请在 `alternatives_offered` 中说明客户的其他选择。",
    ),
    "evidence_incomplete": kind(
        422,
        "Evidence is a whole document, or absent with a reason",
        "证据须为完整文件,或注明缺失原因",
        "Send either `document` or, where none exists, `absent_reason`; not both.",
        "请提供 `document`,或在不存在时提供 `absent_reason`;二者只能选一。",
    ),
    "evidence_missing": kind(
        409,
        "An evidence kind is not settled yet",
        "尚有证据类别未落实",
        "Attach a document for each of `kinds`, or declare it absent, by `attach-evidence`.",
        "请用 `attach-evidence` 为 `kinds` 中的每一类附上文件,或注明缺失。",
    ),
}
