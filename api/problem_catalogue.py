"""Every problem the service answers with: its code, its status, its words in two languages."""

from __future__ import annotations

from typing import Final, NamedTuple


class Words(NamedTuple):
    """One sentence in English and in simplified Chinese."""

    en: str
    zh: str

    def in_language(self, language: str) -> str:
        return self.zh if language == "zh" else self.en


class Kind(NamedTuple):
    """A kind of problem: the title names it, the advice says what the caller can do."""

    status: int
    title: Words
    advice: Words


def kind(status: int, en: str, zh: str, advice_en: str, advice_zh: str) -> Kind:
    """One row of a catalogue."""
    return Kind(status, Words(en, zh), Words(advice_en, advice_zh))


REQUEST_PROBLEMS: Final[dict[str, Kind]] = {
    "malformed_json": kind(
        400,
        "The body is not valid JSON",
        "请求体不是有效的 JSON",
        "Send one JSON object (RFC 8259). NaN and Infinity are not JSON.",
        "请发送一个 JSON 对象(RFC 8259)。NaN 和 Infinity 不是合法的 JSON。",
    ),
    "not_utf8": kind(
        400,
        "The body is not valid UTF-8",
        "请求体不是有效的 UTF-8",
        "Encode the body in UTF-8 without a byte order mark.",
        "请用不带字节序标记的 UTF-8 编码请求体。",
    ),
    "address_not_utf8": kind(
        400,
        "The address is not valid UTF-8",
        "地址不是有效的 UTF-8",
        "Percent-encode the UTF-8 bytes of each character of path and query (RFC 3986).",
        "请对路径和查询中每个字符的 UTF-8 字节进行百分号编码(RFC 3986)。",
    ),
    "duplicate_member": kind(
        400,
        "A name stands twice in one JSON object",
        "同一个 JSON 对象中有重复的名称",
        "Name every member of an object once.",
        "对象中的每个成员名称只能出现一次。",
    ),
    "invalid_parameter": kind(
        400,
        "A parameter of the address is not valid",
        "地址中的参数无效",
        "See `errors` for the parameter and the reason.",
        "请查看 `errors` 中的参数和原因。",
    ),
    "invalid_cursor": kind(
        400,
        "The cursor is not valid",
        "分页游标无效",
        "Take cursors only from the Link header of an answer, and keep the other parameters.",
        "请只使用响应 Link 头中的游标,并保持其他参数不变。",
    ),
    "invalid_header": kind(
        400,
        "A request header is not valid",
        "请求头无效",
        "See `errors` for the header and the reason.",
        "请查看 `errors` 中的请求头和原因。",
    ),
    "idempotency_key_required": kind(
        400,
        "An Idempotency-Key is required here",
        "此处必须提供 Idempotency-Key",
        "Send a fresh random key with each new request, and the same key when you retry it.",
        "每个新的请求请使用新的随机键,重试时使用同一个键。",
    ),
    "access_reason_required": kind(
        400,
        "A reason is required to be shown personal data",
        "查看个人信息必须说明理由",
        "Send `Amends-Access-Reason` with a ticket or a file number, without spaces.",
        "请在 `Amends-Access-Reason` 中注明工单号或文件号,不含空格。",
    ),
    "unauthenticated": kind(
        401,
        "Valid credentials are needed",
        "需要有效的凭证",
        "Send `Authorization: Bearer` with an API key or an access token that is in force.",
        "请在 `Authorization: Bearer` 中发送有效的 API 密钥或访问令牌。",
    ),
    "forbidden": kind(
        403,
        "This credential may not do this",
        "该凭证无权执行此操作",
        "One of the roles in `roles` is needed.",
        "需要 `roles` 中的任一角色。",
    ),
    "not_found": kind(
        404,
        "There is nothing at this address",
        "该地址没有内容",
        "See /openapi.json for the routes.",
        "路由请见 /openapi.json。",
    ),
    "read_model_not_ready": kind(
        503,
        "This list is being built",
        "该列表正在建立",
        "Ask again after Retry-After seconds; single cases can be read meanwhile.",
        "请在 Retry-After 秒后重试;其间仍可读取单个案例。",
    ),
    "not_read_yet": kind(
        503,
        "The list has not read that far within five seconds",
        "该列表在五秒内尚未读到该位置",
        "Ask again after Retry-After seconds, or leave out `wait_for`.",
        "请在 Retry-After 秒后重试,或省略 `wait_for`。",
    ),
    "past_is_busy": kind(
        503,
        "Too many questions about the past at once",
        "同时进行的历史查询过多",
        "Ask again after Retry-After seconds; what is asked without `as_of` and `known_at` is "
        "answered meanwhile.",
        "请在 Retry-After 秒后重试;其间不带 `as_of` 和 `known_at` 的查询仍可使用。",
    ),
    "position_not_in_log": kind(
        410,
        "The log does not have this position",
        "日志中没有该位置",
        "The log was set back after you had read it, or the position is not its own. Begin again "
        "without `cursor` and `wait_for`, and drop what you kept of later events.",
        "日志在您读取之后被回退,或该位置不属于本日志。请省略 `cursor` 和 `wait_for` 重新开始,"
        "并丢弃您保存的其后事件。",
    ),
    "customer_not_found": kind(
        404,
        "Nothing is known of this customer",
        "没有关于该客户的记录",
        "Customers appear once a case that names them has been read by the projection; their risk, "
        "once an indicator was supplied.",
        "涉及该客户的案例被投影读取之后,客户才会出现;提供指标之后即可查看其风险。",
    ),
    "event_not_found": kind(
        404,
        "There is no such event",
        "没有此事件",
        "Positions are those of `Amends-Position` and of the events of a case.",
        "位置请见 `Amends-Position` 以及案例的事件。",
    ),
    "nothing_recorded": kind(
        404,
        "Nothing was recorded in this period",
        "该期间没有任何记录",
        "`from` and `to` are times of recording, not of occurrence.",
        "`from` 和 `to` 是记录时间,不是发生时间。",
    ),
    "pack_too_large": kind(
        422,
        "This is too much for one request",
        "内容超出单次请求的上限",
        "Take shorter periods, or let the operator run `amends audit-pack`, which may take more. "
        "`cases` and `events` say how many one request may take.",
        "请缩短期间,或由运维人员执行上限更高的 `amends audit-pack`。"
        "`cases` 和 `events` 是单次请求的上限。",
    ),
    "ledger_size_not_found": kind(
        404,
        "The ledger never had these sizes, in this order",
        "账本从未有过这样的大小顺序",
        "Take sizes from checkpoints: `from` is at most `to`, and `to` at most the newest one's.",
        "请使用检查点中的大小:`from` 不大于 `to`,`to` 不大于最新检查点的大小。",
    ),
    "not_signed_yet": kind(
        503,
        "No checkpoint covers this yet",
        "尚无检查点覆盖此内容",
        "A running worker signs a new one within a second; ask again after Retry-After seconds.",
        "运行中的工作进程会在一秒内签署新的检查点;请在 Retry-After 秒后重试。",
    ),
    "ledger_incomplete": kind(
        503,
        "The ledger lacks rows that it must have",
        "账本缺少必要的数据行",
        "Tell the operator: `amends ledger verify` says where.",
        "请通知运维人员:`amends ledger verify` 会指出位置。",
    ),
    "book_not_found": kind(
        404,
        "There is no such reference book or version",
        "没有此参考手册或版本",
        "See /v1/reference-books for the names and versions.",
        "名称和版本请见 /v1/reference-books。",
    ),
    "method_not_allowed": kind(
        405,
        "The method is not allowed here",
        "此处不允许该方法",
        "The Allow header names the methods.",
        "允许的方法见 Allow 头。",
    ),
    "not_acceptable": kind(
        406,
        "None of the accepted formats can be served",
        "无法提供可接受的格式",
        "See /openapi.json for the formats of this route.",
        "该路由的格式请见 /openapi.json。",
    ),
    "still_running": kind(
        409,
        "The first request with this Idempotency-Key is still running",
        "使用该 Idempotency-Key 的首个请求仍在处理",
        "Wait a moment, then send the same request again.",
        "请稍候,再重新发送同一请求。",
    ),
    "body_too_large": kind(
        413,
        "The body is too large",
        "请求体过大",
        "A body has at most 1 MiB (1,048,576 bytes).",
        "请求体不得超过 1 MiB(1,048,576 字节)。",
    ),
    "unsupported_media_type": kind(
        415,
        "The body is of an unsupported media type",
        "不支持该媒体类型",
        "Send application/json in UTF-8, without Content-Encoding.",
        "请发送 UTF-8 编码的 application/json,不要使用 Content-Encoding。",
    ),
    "invalid_body": kind(
        422,
        "The body does not fit this route",
        "请求体不符合该路由的要求",
        "See `errors` for each place and the reason.",
        "请查看 `errors` 中的每个位置和原因。",
    ),
    "too_deep": kind(
        422,
        "The JSON is nested too deeply",
        "JSON 嵌套过深",
        "At most 32 levels.",
        "最多 32 层。",
    ),
    "too_many_items": kind(
        422,
        "A list or an object in the body is too long",
        "请求体中的列表或对象过长",
        "At most 200 items or members each.",
        "每个列表或对象最多 200 项。",
    ),
    "too_much_has_moved": kind(
        422,
        "Too much has happened since that instant",
        "该时刻之后发生的事件过多",
        "The cases that moved since have more events than are folded for one answer "
        "(`most_events`). Narrow a list by what lasts: cases by customer_ref, channel, "
        "external_id, origin, reported_from, reported_to; promises and work by owner; orders and "
        "scores by customer_ref. `amends report` has no bound.",
        "该时刻之后有变动的案例,其事件数超过一次应答可重算的上限(`most_events`)。请用不变的属性缩小列表范围:"
        "案例用 customer_ref、channel、external_id、origin、reported_from、reported_to;"
        "承诺和待办用 owner;督办单和评分用 customer_ref。"
        "命令 `amends report` 不受此限。",
    ),
    "version_required": kind(
        428,
        "A change names the version it saw",
        "修改必须注明所依据的版本",
        "Send If-Match with the ETag of what you decided upon; every answer that shows it has one.",
        "请在 If-Match 中发送作出决定所依据内容的 ETag,显示该内容的应答均带有 ETag。",
    ),
    "rate_limited": kind(
        429,
        "Too many requests with this credential",
        "该凭证的请求过多",
        "Wait as long as Retry-After says.",
        "请等待 Retry-After 所示的时间。",
    ),
    "internal_error": kind(
        500,
        "Something went wrong on our side",
        "服务内部出错",
        "Nothing you can correct. Name the `request_id` when you report it.",
        "这不是您的错误。报告时请提供 `request_id`。",
    ),
    "database_unavailable": kind(
        503,
        "The database cannot be reached",
        "无法连接数据库",
        "Try again after Retry-After seconds, with the same Idempotency-Key.",
        "请在 Retry-After 秒后用同一个 Idempotency-Key 重试。",
    ),
    "issuer_unavailable": kind(
        503,
        "The issuer of access tokens cannot be reached",
        "无法连接访问令牌的签发方",
        "The token may be good: try again after Retry-After seconds.",
        "令牌可能有效:请在 Retry-After 秒后重试。",
    ),
    "event_not_readable": kind(
        503,
        "A stored event cannot be read",
        "有一个已存储的事件无法读取",
        "This process is most likely older than the one that stored `event`. Nothing is lost; "
        "the operator has to bring it up to date.",
        "该进程很可能比存储 `event` 的进程版本旧。数据没有丢失,需由运维人员升级。",
    ),
    "written_by_newer_version": kind(
        503,
        "A newer version of Amends wrote this",
        "该内容由较新版本写入",
        "This process does not know the form or the reference books that it was written by. "
        "Nothing is lost; the operator has to bring it up to date.",
        "该进程不认识写入时所用的格式或参考手册。数据没有丢失,需由运维人员升级。",
    ),
    "not_ready": kind(
        503,
        "The service is not ready",
        "服务尚未就绪",
        "See `checks` for what is missing.",
        "缺少的内容请见 `checks`。",
    ),
}
