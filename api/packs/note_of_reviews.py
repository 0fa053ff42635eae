"""What the note in a pack says besides where the pack holds reviews; nothing where it does not."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

from projections.packs.evidence import Evidence


@dataclass(frozen=True)
class MoreTold:
    """The lines that are put in, each where the note has a place for it."""

    counted: str = ""
    files: str = ""
    proven: str = ""
    receipts: str = 'pathlib.Path("cases").glob("*/receipts/*")'


_COUNTED: Final = {
    "en": """
And every review and corrective action in which anything was recorded then, from its opening on.
Cases: {cases}, with {events} events. Reviews: {reviews}, corrective actions: {actions},
with {records} records.""",
    "zh": """
以及其间有记录的全部回顾和纠正措施，自其开启之日起。
案例 {cases} 个，事件 {events} 个；回顾 {reviews} 次，纠正措施 {actions} 项，记录 {records} 条。""",
}
_FILES: Final = {
    "en": """\
reviews/ID/             a regular review or an audit
  records.json          its records, readable; they are about no customer, and nothing is hidden
  stored.pgcopy         its records as they are stored, byte for byte
  receipts/             for each version the proof that it is in the ledger
corrective_actions/ID/  what a figure of an audit led to; the same files
""",
    "zh": """\
reviews/ID/             一次定期回顾或审计
  records.json          可读的记录；不涉及任何客户，没有隐藏内容
  stored.pgcopy         记录的存储原文，逐字节一致
  receipts/             每个版本在账本中的证明
corrective_actions/ID/  由审计指标引出的纠正措施；文件相同
""",
}
_PROVEN: Final = {
    "en": """\
Of a review and of a corrective
action every record is in it from the opening until the last one of the period, proven in the same
way. They name people and teams by references alone.
""",
    "zh": """\
每次回顾和每项纠正措施，自开启起至期间内最后一条记录，全部在内，并以同样方式得到证明；
其中只以编号指称人员和团队。
""",
}


def told_of_reviews(evidence: Evidence, language: str) -> MoreTold:
    """What there is to say of them in "en" or "zh"."""
    if not evidence.reviews:
        return MoreTold()
    reviews, actions, records = evidence.counts_of_reviews
    counted = _COUNTED[language].format(
        cases=len(evidence.slices),
        events=sum(part.events for part in evidence.slices),
        reviews=reviews,
        actions=actions,
        records=records,
    )
    receipts = 'pathlib.Path().glob("*/*/receipts/*")'
    return MoreTold(counted, _FILES[language], _PROVEN[language], receipts)
