"""What HTTP says of the refusals in `domain/errors/risk.py`."""

from __future__ import annotations

from typing import Final

from api.problem_catalogue import Kind, kind

PROBLEMS: Final[dict[str, Kind]] = {
    "indicator_not_newer": kind(
        409,
        "A value of this indicator is known that was observed at this time or later",
        "该指标已有同时或更晚观测的数值",
        "Leave it out: `newest_observed_at` says when the value that counts was observed. Nothing "
        "of the request was recorded.",
        "请略去该项:`newest_observed_at` 为现用数值的观测时间。本次请求未记录任何内容。",
    ),
    "observed_before_erasure": kind(
        409,
        "The customer's data was erased after this was observed",
        "该客户的数据在此观测之后已被清除",
        "Supply only what was observed after `erased_at`. Nothing of the request was recorded.",
        "请仅提供在 `erased_at` 之后观测的数值。本次请求未记录任何内容。",
    ),
}
