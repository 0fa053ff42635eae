"""What the figures on promises and on satisfaction mean, in English and Chinese."""

from __future__ import annotations

from typing import Final

from domain.book import Labels
from projections.satisfaction_report import REPEAT_WITHIN

PROMISES: Final = {
    "promises": Labels(
        "Promises made in the period, as they stand now. In time: kept by their time, of those "
        "that were kept, late or broken. Late: kept after their time, or only after the breach "
        "was on record, whatever time was named. Late and broken are all the breaches of these "
        "promises.",
        "期间内作出的承诺的现状。按时：在期限内履行的，占已履行、逾期履行和违约的承诺。逾期：超过期限才履行，"
        "或违约已被记录之后才报告履行（无论所填时间）。逾期与违约合计为这些承诺的全部违约。",
    ),
    "confirmed": Labels(
        "Promises confirmed on a second channel, of all.",
        "已通过第二渠道确认的承诺，占全部承诺。",
    ),
    "disclosed": Labels(
        "Breaches that the customer was told of by their due time, of all breaches of two kinds: "
        "late and broken promises to customers, and missed runs of service clocks whose delays "
        "customers are told of, such as the first plan. So there can be more of them than late "
        "and broken promises.",
        "在期限前已向客户披露的违约，占以下两类违约之和：对客户承诺的逾期与违背，以及应告知客户的服务时钟"
        "（如初版方案）的逾期轮次。因此总数可能多于逾期与违约的承诺数。",
    ),
    "reminders": Labels(
        "Reminders given of promises made and minutes sent in the period.",
        "针对期间内的承诺和纪要发出的跟进提醒。",
    ),
    "targets": Labels(
        "Runs of service clocks that began in the period. Attained: met, of those met or missed.",
        "期间内开始的服务时钟轮次。达成：按时完成的，占已完成和逾期的。",
    ),
}
SATISFACTION: Final = {
    "scores": Labels(
        "Scores given in the period. Averages, low and net leave invalid scores out: those in a "
        "row of ten or more identical ones of a customer.",
        "期间内给出的评分。平均分、低分数和净值均不含无效评分：同一客户连续十个及以上相同的评分。",
    ),
    "low": Labels("Below 4 of 5 on any scale.", "按任一量表折算低于5分制的4分。"),
    "net": Labels(
        "NPS: the share of 9 and 10 less the share of 0 to 6, in percent points.",
        "NPS：9至10分的占比减去0至6分的占比（百分点）。",
    ),
    "surveys_answered": Labels(
        "Surveys sent in the period that have been answered by now.",
        "期间内发出的调查中至今已答复的。",
    ),
    "repeat_complaints": Labels(
        "Cases reported in the period that follow one of the same customer by the same channel "
        f"within {REPEAT_WITHIN.days} days, of all that were neither merged nor dismissed.",
        f"期间内上报且在{REPEAT_WITHIN.days}天内同一客户曾以同一渠道投诉的案例，"
        "占未被合并或驳回的案例。",
    ),
    "orders": Labels(
        "Directors' orders opened in the period, as they stand now. In time: the plan came within "
        "its time, of those whose plan came or is overdue.",
        "期间内触发的总监督办单的现状。按时：方案在期限内提交的，占已提交或已逾期的。",
    ),
}
