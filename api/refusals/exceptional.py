"""What HTTP says of the refusals in `domain/errors/exceptional.py`."""

from __future__ import annotations

from typing import Final

from api.problem_catalogue import Kind, kind

PROBLEMS: Final[dict[str, Kind]] = {
    "merged_into_itself": kind(
        409,
        "A case is not merged into itself or in a circle",
        "案例不能并入自身或循环合并",
        "Name a case that does not lead back to this one.",
        "请指定一个不会指回本案例的案例。",
    ),
    "handled_here": kind(
        409,
        "The imported case has been taken on here",
        "该导入案例已在本系统中继续处理",
        "The log of the source no longer moves its status.",
        "来源日志不再改变其状态。",
    ),
    "other_case_not_found": kind(
        409,
        "The other case that the request names does not exist",
        "请求中所填的另一案例不存在",
        "Name a case that exists: `GET /v1/cases` lists each with its id and its reference.",
        "请填写已有的案例,其 id 和编号可由 `GET /v1/cases` 查得。",
    ),
    "not_imported": kind(
        409,
        "Entries of a source's log belong to imported cases",
        "来源日志条目只属于导入的案例",
        "A case that was reported here has no entries of a source.",
        "在本系统上报的案例没有来源日志条目。",
    ),
    "subject_not_found": kind(
        404,
        "No case names this person",
        "没有案例涉及此人",
        "A person is named by the reference that their cases have.",
        "请使用案例中的客户编号。",
    ),
    "legal_hold_stands": kind(
        409,
        "A legal hold forbids the erasure",
        "法定保全期间不得删除",
        "Release the hold first, once its reason is gone.",
        "待保全原因消失后,请先解除保全。",
    ),
    "hold_not_found": kind(
        404,
        "There is no such legal hold",
        "没有此法定保全",
        "A hold is named by the id that it got when it was placed.",
        "请使用设立保全时得到的 id。",
    ),
    "hold_already_released": kind(
        409,
        "The legal hold was released before",
        "该法定保全已解除",
        "Nothing is left to do.",
        "无需再作处理。",
    ),
}
