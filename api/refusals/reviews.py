"""What HTTP says of the refusals in `domain/errors/reviews.py`."""

from __future__ import annotations

from typing import Final

from api.problem_catalogue import Kind, kind

PROBLEMS: Final[dict[str, Kind]] = {
    "review_not_found": kind(
        404,
        "There is no such review",
        "没有此回顾",
        "A review is named by its id; `GET /v1/reviews` lists them.",
        "回顾以其 id 指定;`GET /v1/reviews` 可列出。",
    ),
    "review_has_moved": kind(
        412,
        "The review has moved on since the version you saw",
        "回顾在您所见版本之后已有更新",
        "Read the review again, decide anew, and name `current_version` in If-Match. That it was "
        "missed meanwhile is no reason for this.",
        "请重新读取回顾并重新决定,再于 If-Match 中注明 `current_version`。仅因逾期而产生的记录不会"
        "导致此错误。",
    ),
    "review_already_held": kind(
        409,
        "The review is on record as held",
        "该回顾已记录为完成",
        "A review that was held stays as it is. What comes up later belongs to the next one.",
        "已完成的回顾不再更改;之后发现的事项请记入下一次回顾。",
    ),
    "held_in_future": kind(
        422,
        "The review has not been held yet",
        "回顾尚未举行",
        "Record it once it was held; `held_at` may be left out, which means now.",
        "请在回顾举行后再记录;可省略 `held_at`(表示现在)。",
    ),
    "held_before_opened": kind(
        422,
        "The review had not begun then",
        "当时回顾尚未开始",
        "It was opened at `opened_at`; name that time or a later one.",
        "该回顾于 `opened_at` 开启;请填写该时间或之后的时间。",
    ),
    "owner_absent": kind(
        422,
        "Whoever the review belongs to was not there",
        "回顾的负责方未参加",
        "Name `owner` among the attendees, or hold the review with them.",
        "请将 `owner` 列入参加方,或与其一同举行回顾。",
    ),
    "too_few_parties": kind(
        422,
        "Too few parties took part",
        "参加方不足",
        "At least `needed` parties take part in such a review.",
        "此类回顾至少须有 `needed` 个参加方。",
    ),
    "party_told_twice": kind(
        422,
        "A party is named twice",
        "同一参加方重复填写",
        "Name each party once, with all of its people.",
        "每个参加方只填写一次,并注明其全部人数。",
    ),
    "not_an_audit": kind(
        409,
        "Such a review tells no figures",
        "此类回顾不记录指标",
        "Figures are recorded of the quarterly audit; other reviews tell findings and decisions "
        "when they are held.",
        "指标仅在季度审计中记录;其他回顾在完成时记录发现与决定。",
    ),
    "audit_figures_missing": kind(
        409,
        "The audit has not told all of its figures",
        "审计指标尚未记全",
        "Record those in `figures` first (`record-figures`).",
        "请先记录 `figures` 中的指标(`record-figures`)。",
    ),
    "figure_not_of_this_audit": kind(
        422,
        "The audit does not look at this figure",
        "本次审计不含该指标",
        "`audit.missing_figures` and `audit.figures` of the review name those that it looks at.",
        "回顾的 `audit.missing_figures` 与 `audit.figures` 列出本次审计的指标。",
    ),
    "figure_told_twice": kind(
        422,
        "A figure is told twice",
        "同一指标重复填写",
        "Tell each figure once; to correct one, send it again in another request.",
        "每个指标只填写一次;如需更正,请另行提交。",
    ),
    "expectation_missing": kind(
        422,
        "Nobody says what is expected of this figure",
        "该指标缺少预期值",
        "Add `expected`: the book of figures names no target for this one.",
        "请填写 `expected`:指标册未给出该指标的目标值。",
    ),
    "review_decision_not_found": kind(
        404,
        "The review took no such decision",
        "该回顾没有此项决定",
        "Decisions are numbered from 1, in the order in which they were told when the review was "
        "held; `decisions` says how many there are.",
        "决定按完成回顾时填写的顺序从 1 起编号;`decisions` 为决定的数量。",
    ),
    "review_decision_already_done": kind(
        409,
        "The decision is on record as done",
        "该决定已记录为完成",
        "Nothing is left to do. If it did not help, the next review decides anew.",
        "无需再作处理。如未见成效,请由下一次回顾另作决定。",
    ),
    "due_day_over": kind(
        422,
        "That day is over",
        "该日期已过",
        "Name today or a later day, in a decision the day the review was held or a later one; days "
        "end in the zone of the review's calendar.",
        "请填写当天或之后的日期;回顾作出的决定须填写回顾举行当天或之后的日期。日期按回顾所用日历的时区计算。",
    ),
    "due_unchanged": kind(
        409,
        "It is due on this day already",
        "该事项的期限已是这一天",
        "Nothing is left to do.",
        "无需再作处理。",
    ),
    "corrective_action_not_found": kind(
        404,
        "There is no such corrective action",
        "没有此纠正措施",
        "A corrective action is named by its id; `GET /v1/corrective-actions` lists them.",
        "纠正措施以其 id 指定;`GET /v1/corrective-actions` 可列出。",
    ),
    "corrective_action_has_moved": kind(
        412,
        "The corrective action has moved on since the version you saw",
        "纠正措施在您所见版本之后已有更新",
        "Read the action again, decide anew, and name `current_version` in If-Match. That it was "
        "late meanwhile is no reason for this.",
        "请重新读取纠正措施并重新决定,再于 If-Match 中注明 `current_version`。仅因逾期而产生的记录"
        "不会导致此错误。",
    ),
    "corrective_action_already_done": kind(
        409,
        "The action is done and waits to be verified",
        "该措施已完成,等待验证",
        "Somebody who did not do it verifies it (`verify`).",
        "请由未参与执行的人员验证(`verify`)。",
    ),
    "corrective_action_already_verified": kind(
        409,
        "The action was verified before",
        "该措施已验证",
        "A verified action stays closed; the next audit shows whether it lasts.",
        "已验证的措施不再更改;下一次审计将显示其效果是否持续。",
    ),
    "corrective_action_not_done": kind(
        409,
        "Nothing is done yet to be verified",
        "尚无已完成的措施可供验证",
        "Whoever sees to it says that it is done first (`complete`).",
        "请先由执行人记录完成(`complete`)。",
    ),
    "owner_unchanged": kind(
        409,
        "It belongs to this owner already",
        "该事项已由此负责方负责",
        "Nothing is left to do.",
        "无需再作处理。",
    ),
    "verifier_did_it": kind(
        409,
        "You did it yourself",
        "该措施由您本人执行",
        "Somebody else verifies it, who never said that it is done.",
        "请由从未记录其完成的其他人员验证。",
    ),
    "verifier_not_a_person": kind(
        409,
        "A person verifies a corrective action",
        "纠正措施须由人员验证",
        "Use the key of a person (`amends token create --kind person`).",
        "请使用个人密钥(`amends token create --kind person`)。",
    ),
}
