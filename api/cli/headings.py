"""What the headings of tables are called in Chinese; the English one is the key."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

from api.state_labels import PROMISE_STATES
from domain.reference_books import Labels

HEADINGS: Final[Mapping[str, str]] = {
    "Adds": "贡献分",
    "Because of": "触发原因",
    "By": "提供方",
    "Case": "案例",
    "Changes": "变更次数",
    "Channel": "渠道",
    "Confirmed": "已确认",
    "Counts": "计入",
    "Count": "数量",
    "Covers from": "覆盖自",
    "Customer": "客户",
    "Due": "到期",
    "Expected": "预期",
    "Figure": "指标",
    "Found": "实际",
    "Given": "评分时间",
    "Handler": "处理人",
    "Id": "编号",
    "Indicator": "指标",
    "Kept": "履行",
    "Kind": "类型",
    "Late": "逾期",
    "Led by": "负责层级",
    "Level": "级别",
    "Low": "低分",
    "Made": "作出",
    "Measure": "措施",
    "Measured in": "单位",
    "Observed": "观测时间",
    "Of": "对象",
    "On record": "已在案",
    "Opened": "开启",
    "Opens": "开启时间",
    "Order": "督办单",
    "Out of": "总数",
    "Overdue": "逾期未办",
    "Owner": "负责方",
    "Parties": "至少参加方",
    "Plan due": "方案到期",
    "Points": "得分",
    "Promise": "承诺",
    "Rule": "规则",
    "Scale": "量表",
    "Share": "占比",
    "Source": "来源",
    "State": "状态",
    "To": "至",
    "Touchpoint": "触点",
    "Unit": "部门",
    "Value": "数值",
    "Weight": "权重",
    "Why": "原因",
    "Window ends": "窗口结束",
}

FIGURES: Final[Mapping[str, Labels]] = {
    "attained": Labels("Attained", "达成"),
    "average": Labels("Average", "平均分"),
    "by_trigger": Labels("Orders by trigger", "按触发原因的督办单"),
    "cancelled": Labels("Cancelled", "取消"),
    "closed": Labels("Closed", "已办结"),
    "clock_label": Labels("Clock", "时钟"),
    "confirmed": Labels("Confirmed", "已确认"),
    "count": Labels("Count", "数量"),
    "disclosed": Labels(
        "Breaches of promises and missed clocks, told of in time",
        "承诺违约与时钟逾期（按时告知客户）",
    ),
    "in_time": Labels("In time", "按时"),
    "kind_label": Labels("Kind", "类型"),
    "low": Labels("Low", "低分"),
    "made": Labels("Made", "作出"),
    "met": Labels("Met", "按时完成"),
    "missed": Labels("Missed", "逾期"),
    "net": Labels("Net", "净值"),
    "invalid": Labels("Invalid", "无效"),
    "occasion_label": Labels("Occasion", "时机"),
    "of": Labels("Of", "总数"),
    "opened": Labels("Opened", "触发"),
    "orders": Labels("Directors' orders", "总监督办单"),
    "owner_label": Labels("Owner", "负责方"),
    "planned": Labels("Planned", "已有方案"),
    "promises": Labels("Promises", "承诺"),
    "promises_by_kind": Labels("Promises by kind", "按类型的承诺"),
    "promises_by_owner": Labels("Promises by owner", "按负责方的承诺"),
    "reminders": Labels("Reminders", "跟进提醒"),
    "repeat_complaints": Labels("Repeat complaints", "重复投诉"),
    "running": Labels("Running", "进行中"),
    "scale_label": Labels("Scale", "量表"),
    "scores": Labels("Scores", "评分"),
    "scores_by_touchpoint": Labels("Scores by touchpoint", "按触点的评分"),
    "share": Labels("Share", "占比"),
    "surveys_answered": Labels("Surveys answered", "已答复的调查"),
    "surveys_answered_by_occasion": Labels("Surveys answered by occasion", "按时机的已答复调查"),
    "targets": Labels("Targets", "时限目标"),
    "touchpoint_label": Labels("Touchpoint", "触点"),
    "trigger_label": Labels("Trigger", "触发原因"),
    "valid": Labels("Valid", "有效"),
    "waiting_for_plan": Labels("Waiting for a plan", "待提交方案"),
}
"""The figures of reports by their names in JSON."""

PROMISED: Final = frozenset({"promises", "promises_by_kind", "promises_by_owner"})
"""Groups of figures in which the names of states are those of promises."""

COUNTED: Final[Mapping[str, tuple[str, str, str]]] = {
    "access": ("access", "accesses", "次查看"),
    "alarm": ("alarm", "alarms", "条预警"),
    "case": ("case", "cases", "个案例"),
    "corrective action": ("corrective action", "corrective actions", "项纠正措施"),
    "decision": ("decision", "decisions", "项决定"),
    "event": ("event", "events", "个事件"),
    "fact": ("fact", "facts", "条事实"),
    "key": ("key", "keys", "个密钥"),
    "order": ("order", "orders", "件督办单"),
    "piece of work": ("piece of work", "pieces of work", "项待办"),
    "promise": ("promise", "promises", "项承诺"),
    "record": ("record", "records", "条记录"),
    "review": ("review", "reviews", "次回顾"),
    "rule": ("rule", "rules", "条规则"),
    "score": ("score", "scores", "个评分"),
}
"""What lists hold: one, several, and in Chinese with its measure word."""


def figure(name: str, group: str, language: str) -> str:
    """What a figure of a group is called. Raises KeyError for one that nobody has named."""
    of_promises = PROMISE_STATES.get(name) if group in PROMISED else None
    return (of_promises or FIGURES[name]).in_language(language)


def counted(count: int, what: str, language: str) -> str:
    """So many of something: 1 promise, 2 promises. Raises KeyError for what is not counted."""
    one, several, chinese = COUNTED[what]
    if language == "zh":
        return f"{count:,} {chinese}"
    return f"{count:,} {one if count == 1 else several}"


def how_many_listed(count: int, what: str, language: str, *, more: bool = False) -> str:
    """The last line of a list: 1 promise. 2 promises. Raises KeyError for what is not counted."""
    told = counted(count, what, language)
    if language == "zh":
        return f"仅前 {told}，还有更多：--limit。" if more else f"共 {told}。"
    return f"The first {told}; there are more: --limit." if more else f"{told}."


def heading(english: str, language: str) -> str:
    """A heading of a table in a language. Raises KeyError for one that nobody has named."""
    return HEADINGS[english] if language == "zh" else english
