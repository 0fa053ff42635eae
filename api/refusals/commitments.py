"""What HTTP says of the refusals in `domain/errors/commitments.py`."""

from __future__ import annotations

from typing import Final

from api.problem_catalogue import Kind, kind

PROBLEMS: Final[dict[str, Kind]] = {
    "unknown_commitment": kind(
        409,
        "The case has no such promise for this step",
        "该案例没有可执行此步骤的承诺",
        "A promise is named by its id, such as C1; the case shows them under `commitments`. "
        "`commitment_ids` has those of this case, and is empty where none is left for this step.",
        "承诺以编号(如 C1)指定,见案例的 `commitments`。`commitment_ids` 为该案例的承诺;为空表示没"
        "有可执行此步骤的承诺。",
    ),
    "commitment_not_open": kind(
        409,
        "This was done with the promise before",
        "该承诺已处理完毕",
        "It is `state` already. Make a new promise where one is needed.",
        "该承诺的状态已是 `state`。如有需要,请作出新的承诺。",
    ),
    "commitment_not_approved": kind(
        409,
        "The promise has not been approved for writing",
        "该承诺尚未获准以书面形式作出",
        "Somebody with the role approver takes `approve-commitment` first. Confirming a spoken "
        "promise in writing makes it a written one, which needs that too.",
        "请先由具有 approver 角色的人执行 `approve-commitment`。以书面形式确认口头承诺,即成为书面"
        "承诺,同样需要批准。",
    ),
    "approver_is_promiser": kind(
        403,
        "Who made the promise does not approve it",
        "作出承诺的人不得批准该承诺",
        "Another person has to approve it.",
        "须由他人批准。",
    ),
    "vague_promise": kind(
        422,
        "The promise does not say by what one can tell that it is kept",
        "承诺未说明如何判断已履行",
        "Say in `outcome` what will be there, how much, or who will see it. The same again, signs "
        'without a letter or digit, and nothing but words such as "as soon as possible" say none '
        "of that; when it will be there is told in `due_at`.",
        "请在 `outcome` 中说明将交付什么、多少,或由谁看到结果。仅重复承诺内容、不含文字或数字,"
        "或只有“尽快处理”之类的用语,均不足以说明;完成时间请填写在 `due_at` 中。",
    ),
    "change_not_agreed": kind(
        422,
        "The customer has not agreed to the change of the promise",
        "客户尚未同意变更承诺",
        "Talk to the customer, and say in `agreement` that they agreed, when and by which channel.",
        "请与客户沟通,并在 `agreement` 中注明客户已同意、时间和渠道。",
    ),
    "promises_open": kind(
        409,
        "Promises are open",
        "尚有未履行的承诺",
        "Keep the promises in `commitment_ids`, or withdraw them with the customer's agreement. "
        "What was broken is no hindrance once the worker has recorded it.",
        "请先履行 `commitment_ids` 中的承诺,或经客户同意撤回。已被记录为违约的承诺不影响结案。",
    ),
    "unknown_agreement": kind(
        409,
        "Nothing of this id was agreed with the customer",
        "没有此编号的约定",
        "`agreements` lists what may be confirmed: open promises such as C1, minutes such as M1, "
        "and solutions that the customer was consulted on, such as S1.",
        "`agreements` 列出可确认的约定:未完成的承诺(如 C1)、纪要(如 M1)和已征询客户的方案(如 S1)。",
    ),
    "same_channel": kind(
        422,
        "The agreement was made on this channel",
        "该约定即通过此渠道达成",
        "Confirm it on another channel than `channel`.",
        "请通过 `channel` 以外的渠道再次确认。",
    ),
    "no_open_points": kind(
        409,
        "These minutes leave nothing open",
        "该纪要没有未决事项",
        "`minutes_ids` lists the minutes with open points; they are numbered as they were sent.",
        "`minutes_ids` 列出仍有未决事项的纪要;编号按发送顺序。",
    ),
    "nothing_asked": kind(
        409,
        "Nobody waits for more material",
        "没有人在等待补充材料",
        "Supplements are asked for by `ask-supplement`; others are sent with `attach-evidence`.",
        "补充材料由 `ask-supplement` 提出;其他材料请用 `attach-evidence`。",
    ),
    "blockers_unanswered": kind(
        422,
        "Say what is done about the blockers",
        "请说明针对阻碍的对策",
        "Name at least one countermeasure, or leave the blockers out.",
        "请至少列出一项对策,或省略阻碍。",
    ),
    "nothing_delayed": kind(
        422,
        "This names nothing that is open",
        "所指事项并非未完成事项",
        "Name either `commitment_id`, or `clock` and `run`, of what is open and not paused; the "
        "case shows them under `commitments` and `clocks`.",
        "请填写 `commitment_id`,或 `clock` 与 `run`,且该事项未完成、未暂停;见案例的 `commitments` "
        "与 `clocks`。",
    ),
    "no_delay": kind(
        422,
        "That would be in time",
        "该时间并未逾期",
        "Name a time after the due time.",
        "请填写晚于期限的时间。",
    ),
}
