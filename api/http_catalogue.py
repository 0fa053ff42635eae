"""Titles for plain HTTP errors that no row of the problem catalogue names."""

from __future__ import annotations

from typing import Final

from api.problem_catalogue import Kind, Words

_ADVICE: Final = Words(
    "See /openapi.json for what this route takes.", "请求要求请见 /openapi.json。"
)

HTTP_PROBLEMS: Final[dict[str, Kind]] = {
    code: Kind(status, Words(en, zh), _ADVICE)
    for status, code, en, zh in (
        (400, "bad_request", "The request cannot be understood", "无法理解该请求"),
        (402, "payment_required", "Payment is required", "需要付款"),
        (407, "proxy_authentication_required", "A proxy needs credentials", "代理需要凭证"),
        (408, "request_timeout", "The request took too long to arrive", "请求到达超时"),
        (409, "conflict", "The request conflicts with the present state", "请求与当前状态冲突"),
        (410, "gone", "What stood here is gone", "该内容已不存在"),
        (411, "length_required", "The length of the body is needed", "需要请求体长度"),
        (412, "precondition_failed", "A precondition does not hold", "前提条件不成立"),
        (414, "uri_too_long", "The address is too long", "地址过长"),
        (416, "range_not_satisfiable", "This range cannot be served", "无法提供该范围"),
        (417, "expectation_failed", "The expectation cannot be met", "无法满足期望"),
        (418, "teapot", "This is not a coffee machine", "这不是咖啡机"),
        (421, "misdirected_request", "The request came to the wrong server", "请求发错了服务器"),
        (422, "unprocessable", "The request makes no sense here", "请求在此无意义"),
        (423, "locked", "This is locked", "该资源已锁定"),
        (424, "failed_dependency", "Another request failed first", "前置请求失败"),
        (428, "precondition_required", "A precondition is required", "需要前提条件"),
        (429, "too_many_requests", "Too many requests", "请求过多"),
        (431, "headers_too_large", "The headers are too large", "请求头过大"),
        (451, "legally_unavailable", "Withheld for legal reasons", "因法律原因不可用"),
        (500, "server_error", "Something went wrong on our side", "服务内部出错"),
        (501, "not_implemented", "The method is not known here", "未实现该方法"),
        (502, "bad_gateway", "A service behind this one failed", "后端服务出错"),
        (503, "unavailable", "The service is not available", "服务不可用"),
        (504, "gateway_timeout", "A service behind this one took too long", "后端服务超时"),
        (
            505,
            "http_version_not_supported",
            "This HTTP version is not spoken",
            "不支持该 HTTP 版本",
        ),
    )
}

CODE_FOR_STATUS: Final[dict[int, str]] = {
    **{kind.status: code for code, kind in HTTP_PROBLEMS.items()},
    401: "unauthenticated",
    403: "forbidden",
    404: "not_found",
    405: "method_not_allowed",
    406: "not_acceptable",
    413: "body_too_large",
    415: "unsupported_media_type",
    500: "internal_error",
}
