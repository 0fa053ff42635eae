"""The export of a person as a page to read and to print: no scripts, nothing from elsewhere."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any, Final

from api.html_pages import PAGES_FOLDER, PageStyle, templates

_PAGES: Final = templates(PAGES_FOLDER, trim=False)
STYLE: Final = PageStyle(PAGES_FOLDER / "docs.css")
_CHUNK: Final = 64

_WORDS: Final[Mapping[str, Mapping[str, str]]] = {
    "en": {
        "title": "What is held about you",
        "about": "Everything recorded under the reference below, as of the time below.",
        "reference": "Reference",
        "made": "Made",
        "case": "Case",
        "holds": "Duties to keep this data",
        "erasures": "Erasures",
        "alarms": "Early warnings about you",
        "indicators": "What other services told about you",
        "risk": "The risk that is computed from it",
        "accesses": "Who was shown your texts",
        "none": "None.",
        "by": "by",
        "erased": "erased",
        "hidden": "not about you: who inside the company is accountable",
        "standing": "in force",
        "ended": "ended",
    },
    "zh": {
        "title": "我们保存的关于您的信息",
        "about": "截至下列时间,在下列编号下记录的全部内容。",
        "reference": "编号",
        "made": "生成时间",
        "case": "案例",
        "holds": "须保存这些数据的义务",
        "erasures": "删除记录",
        "alarms": "关于您的预警",
        "indicators": "其他服务提供的关于您的指标",
        "risk": "由此计算的风险",
        "accesses": "谁查看过您的文本",
        "none": "无。",
        "by": "操作者",
        "erased": "已删除",
        "hidden": "与您无关:公司内部的责任人",
        "standing": "有效",
        "ended": "已结束",
    },
}


def subject_page(parts: Mapping[str, Any], language: str) -> Iterator[bytes]:
    """The page in pieces, as its cases are read."""
    words = _WORDS[language]
    stream = _PAGES.get_template("subject.html").stream(
        **parts,
        language=language,
        words=words,
        style=STYLE.markup,
        told=lambda data: list(_told(data, "", words)),
    )
    stream.enable_buffering(_CHUNK)
    return (piece.encode() for piece in stream)


def _told(value: Any, path: str, words: Mapping[str, str]) -> Iterator[tuple[str, str]]:
    """Every field that says something, by its path, each in words."""
    if value == {"erased": True} or value == {"hidden": True}:
        yield path, f"({words[next(iter(value))]})"
    elif isinstance(value, dict):
        for name, inner in value.items():
            readable = name.replace("_", " ")
            yield from _told(inner, f"{path}, {readable}" if path else readable, words)
    elif isinstance(value, list):
        for number, inner in enumerate(value, start=1):
            yield from _told(inner, f"{path} {number}", words)
    elif value is not None:
        yield path, str(value)
