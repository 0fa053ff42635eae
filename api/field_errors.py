"""What is said about one field or parameter, by code; a code may carry one limit after a space."""

from __future__ import annotations

from typing import Final

_SENTENCES: Final[dict[str, tuple[str, str]]] = {
    "required": ("This is needed.", "必填。"),
    "unknown_field": ("There is no such field here.", "此处没有该字段。"),
    "unknown_parameter": (
        "There is no such parameter here; `allowed` lists those there are.",
        "此处没有该参数;可用的参数见 `allowed`。",
    ),
    "null": ("This may not be null; leave it out instead.", "不能为 null,可省略。"),
    "not_an_object": ("A JSON object is expected.", "应为 JSON 对象。"),
    "not_a_list": ("A JSON list is expected.", "应为 JSON 数组。"),
    "not_text": ("Text is expected.", "应为文本。"),
    "not_a_number": ("A whole number is expected.", "应为整数。"),
    "not_a_boolean": ("true or false is expected.", "应为 true 或 false。"),
    "not_an_amount": (
        'An amount as text with at most 4 decimals is expected, such as "12.50".',
        '应为文本形式的金额,最多 4 位小数,例如 "12.50"。',
    ),
    "not_a_figure": (
        "A number with at most 4 decimals is expected, such as 12.5.",
        "应为数值,最多 4 位小数,例如 12.5。",
    ),
    "below_minor_unit": (
        "The amount is finer than the smallest unit of its currency (ISO 4217).",
        "金额小于该货币的最小单位(ISO 4217)。",
    ),
    "not_an_instant": (
        "A time as in RFC 3339 with offset is expected, such as 2026-03-01T09:30:00+08:00.",
        "应为带时区的 RFC 3339 时间,例如 2026-03-01T09:30:00+08:00。",
    ),
    "not_an_instant_or_day": (
        "A time as in RFC 3339 with offset, or a day, is expected, such as "
        "2026-03-01T09:30:00+08:00 or 2026-03-01.",
        "应为带时区的 RFC 3339 时间或日期,例如 2026-03-01T09:30:00+08:00 或 2026-03-01。",
    ),
    "no_offset": (
        "The time needs an offset, such as Z or +08:00.",
        "时间需带时区,例如 Z 或 +08:00。",
    ),
    "in_future": (
        "The time lies in the future; what will be known then, nobody can tell.",
        "该时间在未来,届时的情况尚无法得知。",
    ),
    "not_a_date": ("A date is expected, such as 2026-03-01.", "应为日期,例如 2026-03-01。"),
    "year_out_of_range": (
        "The year must lie between 1900 and 9998.",
        "年份须在 1900 与 9998 之间。",
    ),
    "not_a_period": (
        "The end must lie after the beginning, and at most 100 years.",
        "结束须晚于开始,且相距不超过 100 年。",
    ),
    "not_a_version": (
        "The case has no such version.",
        "该案例没有此版本。",
    ),
    "not_over_yet": (
        "The period must be over: a time that has passed is expected.",
        "期间须已结束:应为已过去的时间。",
    ),
    "not_an_id": ("A UUID is expected.", "应为 UUID。"),
    "not_a_case": (
        "The id of a case, a UUID, or its reference is expected, such as C-2026-000123.",
        "应为案例的 UUID 或案例编号,例如 C-2026-000123。",
    ),
    "one_of_two": (
        "Either a person or a case is named, not both.",
        "请注明个人或案例之一,不可同时注明。",
    ),
    "id_or_reference": (
        "Either `case_id` or `reference` is needed, not both.",
        "请注明 `case_id` 或 `reference` 之一,不可同时注明。",
    ),
    "position_or_case": (
        "Name the event by its position, or by `case_id` and `version`.",
        "请用位置,或用 `case_id` 和 `version` 指明事件。",
    ),
    "not_subject_reference": (
        "The reference of a person: letters A-Z and a-z, digits and . _ : / # - only, at most 201. "
        "It is kept in clear, so no name may hide in it.",
        "个人编号:只能包含英文字母、数字和 . _ : / # -,最多 201 个字符。"
        "编号以明文保存,不得含姓名。",
    ),
    "blank": ("Something that can be seen is needed.", "不能只有空白或不可见的字符。"),
    "too_long": ("At most {} characters.", "最多 {} 个字符。"),
    "text_length": ("The text is empty or too long.", "文本为空或过长。"),
    "unstorable_character": (
        "A control character or a broken character stands in the text.",
        "文本含有控制字符或无效字符。",
    ),
    "out_of_range": (
        "The number must lie between {least} and {most}.",
        "数值须在 {least} 与 {most} 之间。",
    ),
    "list_length": ("The list must have {} items.", "列表须有 {} 项。"),
    "unknown_code": (
        "Not a code of the reference book {}; `allowed` or the book lists them.",
        "不是参考手册 {} 中的代码;见 `allowed` 或该参考手册。",
    ),
    "not_one_of": ("One of these is expected: {}.", "应为以下之一:{}。"),
    "not_reference": (
        "Letters A-Z and a-z, digits and . _ : / # - only, at most 100, no spaces and no @. It is "
        "kept in clear, so no name may hide in it.",
        "只能包含英文字母、数字和 . _ : / # -,最多 100 个字符,不含空格和 @。"
        "编号以明文保存,不得含姓名。",
    ),
    "not_playbook_step": (
        "A step is named as the playbook names it, such as emotions.angry.1.",
        "步骤请按应对手册中的名称填写,例如 emotions.angry.1。",
    ),
    "not_owner": (
        "Letters A-Z and a-z, Chinese characters, digits and . _ : / # - only, at most 100, no "
        "spaces and no @.",
        "只能包含汉字、英文字母、数字和 . _ : / # -,最多 100 个字符,不含空格和 @。",
    ),
    "not_local_id": (
        "A number inside the case is expected, such as S1.",
        "应为案例内编号,例如 S1。",
    ),
    "not_sha256": ("64 hexadecimal digits in lower case.", "64 位小写十六进制数字。"),
    "not_media_type": (
        "A media type is expected, such as image/png.",
        "应为媒体类型,例如 image/png。",
    ),
    "not_uri": (
        "A URI is expected that begins with https:, http:, s3:, gs: or urn:, without @.",
        "应为以 https:、http:、s3:、gs: 或 urn: 开头且不含 @ 的 URI。",
    ),
    "not_version_name": (
        "A version name, such as sentiment-2.1.",
        "应为版本名,例如 sentiment-2.1。",
    ),
    "repeated": ("Give this once.", "只能出现一次。"),
    "repeated_item": ("The list names something twice.", "列表中有重复的项。"),
    "any_version": (
        "Name the version you saw; * would overwrite what others did.",
        "请注明所依据的版本;* 会覆盖他人的修改。",
    ),
    "not_one_entity_tag": (
        'One strong entity tag is expected, such as "3".',
        '应为一个强实体标签,例如 "3"。',
    ),
    "not_printable": ("1 to {} printable ASCII characters.", "1 到 {} 个可打印 ASCII 字符。"),
    "nothing_to_search": (
        "No word in this can be searched for: only common words or punctuation.",
        "没有可搜索的词:只有常用词或标点。",
    ),
    "missing": ("This is needed.", "必填。"),
    "wrong_type": ("The value is of the wrong type.", "值的类型错误。"),
    "not_finite": ("A finite number is expected.", "应为有限数值。"),
    "invalid": ("The value is not valid.", "值无效。"),
}

CODES: Final = frozenset(_SENTENCES)


def sentence(code: str, limit: str, language: str) -> str:
    """One sentence for people; codes without a sentence of their own get the general one.

    `limit`: what the sentence names; of a range it is `least..most`.
    """
    en, zh = _SENTENCES.get(code, _SENTENCES["invalid"])
    least, _, most = limit.partition("..")
    return (zh if language == "zh" else en).format(limit, least=least, most=most)
