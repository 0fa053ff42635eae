"""What commands say in lines of their own, in the language that was asked for."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

from domain.book import Labels

LINES: Final[Mapping[str, Labels]] = {
    "alarms_of_backtest": Labels(
        "{alarms} of {rules} over {facts}.", "{alarms}（{rules}，依据 {facts}）。"
    ),
    "order_plan": Labels("{order_id} plan: {plan}", "{order_id} 方案：{plan}"),
    "order_result": Labels("{order_id} result: {result}", "{order_id} 结果：{result}"),
    "order_step": Labels("   {action}, {owner}, due {due}", "   {action}，{owner}，{due} 到期"),
    "playbook_recorded": Labels("{at} by {who}{why}", "{at}，{who}{why}"),
    "playbook_rule": Labels("rule", "原则"),
    "playbook_sums": Labels(
        "{followed} followed, {skipped} left out, {open} open.",
        "已执行 {followed} 项，未采用 {skipped} 项，待办 {open} 项。",
    ),
    "promise": Labels("{commitment_id}: {text}", "{commitment_id}：{text}"),
    "risk_score": Labels(
        "{score_label}: {score}, {band}; rests on {rests_on} of {of} indicators.",
        "{score_label}：{score}，{band}；依据 {of} 项指标中的 {rests_on} 项。",
    ),
    "risk_without_score": Labels(
        "{why} It rests on {rests_on} of {of} indicators.",
        "{why}依据 {of} 项指标中的 {rests_on} 项。",
    ),
    "why": Labels(": {reason}", "：{reason}"),
}

STAND_INS: Final[Mapping[str, Labels]] = {
    "erased": Labels("(erased)", "（已删除）"),
    "hidden": Labels("(hidden)", "（已隐藏）"),
    "none": Labels("(none)", "（无）"),
}
"""What stands in the place of a text."""

PLAYBOOK_MARKS: Final[Mapping[bool | None, Labels]] = {
    True: Labels("done", "已执行"),
    False: Labels("left out", "未采用"),
    None: Labels("open", "待办"),
}
"""What became of a step of a playbook."""


def line(name: str, language: str, **values: object) -> str:
    """A line with its values. Raises KeyError for one that nobody has named."""
    return LINES[name].in_language(language).format(**values)
