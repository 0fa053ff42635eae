"""What HTTP says of the refusals in `domain/errors/refusal.py`."""

from __future__ import annotations

from typing import Final

from api.problem_catalogue import Kind, kind

PROBLEMS: Final[dict[str, Kind]] = {
    "refused": kind(
        409,
        "The step was refused",
        "该步骤被拒绝",
        "See the title.",
        "请参阅标题。",
    ),
    "invalid_value": kind(
        422,
        "A value is not of the right kind",
        "某个值的类型或内容无效",
        "See `errors` for the place and the reason.",
        "请查看 `errors` 中的位置和原因。",
    ),
}
