"""Charts as inline SVG: bars and spans. Colours are classes, which the page's style gives."""

from __future__ import annotations

import math
import unicodedata
from collections.abc import Iterable, Iterator, Sequence
from itertools import accumulate
from typing import Final, NamedTuple

from markupsafe import Markup

LINE_HEIGHT: Final = 15
ROW_PADDING: Final = 12
BAR_HEIGHT: Final = 15
_LATIN_WIDTH: Final = 6.7
"""Average width of a letter at the charts' text size; a Chinese character is twice as wide."""
_SEGMENT_GAP: Final = 1.5
_DAY: Final = 86_400
_TICKS: Final = (
    *(60, 600, 3_600, 6 * 3_600),
    *(days * _DAY for days in (1, 3, 7, 30, 90, 365)),
)
"""Round lengths of time in seconds, for the axis."""
_MOST_TICKS: Final = 6


class Bar(NamedTuple):
    """One line of a bar chart: `segments` are (value, colour class), drawn side by side."""

    label: str
    segments: Sequence[tuple[float, str]]
    note: str


class Span(NamedTuple):
    """One line of a span chart: from median to 90th percentile, in seconds."""

    label: str
    median: float | None
    p90: float | None
    note: str


class Frame(NamedTuple):
    """How wide a chart is, in pixels of its own, and its columns of labels and notes."""

    width: int
    label_width: int
    note_width: int

    @property
    def plot_width(self) -> int:
        return self.width - self.label_width - self.note_width


WIDE: Final = Frame(760, 210, 60)
HALF: Final = Frame(370, 169, 58)


class _Line(NamedTuple):
    """Where a row stands: its label in one or two lines, and its vertical middle."""

    label: list[str]
    middle: float
    bottom: float


def _lines(labels: Iterable[str], frame: Frame) -> list[_Line]:
    wrapped = [wrapped_label(label, frame.label_width - 12) for label in labels]
    heights = [max(len(lines), 1) * LINE_HEIGHT + ROW_PADDING for lines in wrapped]
    bottoms = accumulate(heights)
    return [
        _Line(lines, bottom - height / 2, bottom)
        for lines, height, bottom in zip(wrapped, heights, bottoms, strict=True)
    ]


def bars(title: str, rows: Sequence[Bar], frame: Frame = WIDE) -> Markup:
    """Horizontal bars to one scale, the label before and the note behind each."""
    longest = max((sum(value for value, _ in row.segments) for row in rows), default=0) or 1
    scale = frame.plot_width / longest
    lines = _lines((row.label for row in rows), frame)
    drawn = [_bar(row, line, scale, frame) for row, line in zip(rows, lines, strict=True)]
    return _svg(title, frame.width, lines[-1].bottom if lines else 0, drawn)


def _bar(row: Bar, line: _Line, scale: float, frame: Frame) -> Markup:
    left = float(frame.label_width)
    drawn = Markup("")
    for value, colour in row.segments:
        width = value * scale
        if width > 0:
            drawn += _rectangle(left, line.middle, max(width - _SEGMENT_GAP, 1), colour)
            left += width
    return _label(row.label, line, frame) + drawn + _note(row.note, left + 7, line)


def _rectangle(left: float, middle: float, width: float, colour: str) -> Markup:
    return Markup('<rect x="{}" y="{}" width="{}" height="{}" rx="2" class="{}"/>').format(
        f"{left:.1f}", f"{middle - BAR_HEIGHT / 2:.1f}", f"{width:.1f}", BAR_HEIGHT, colour
    )


def _label(text: str, line: _Line, frame: Frame) -> Markup:
    right = frame.label_width - 10
    top = line.middle + 4.5 - (len(line.label) - 1) * LINE_HEIGHT / 2
    spans = Markup("").join(
        Markup('<tspan x="{}" y="{}">{}</tspan>').format(right, top + n * LINE_HEIGHT, part)
        for n, part in enumerate(line.label)
    )
    return Markup('<text text-anchor="end">{}<title>{}</title></text>').format(spans, text)


def _note(text: str, left: float, line: _Line) -> Markup:
    return Markup('<text x="{}" y="{}" class="note">{}</text>').format(
        f"{left:.1f}", line.middle + 4.5, text
    )


def spans(title: str, rows: Sequence[Span], ticks: dict[int, str], frame: Frame = WIDE) -> Markup:
    """Median and 90th percentile on one logarithmic axis of time; `ticks` are its labels."""
    axis = _Axis(ticks, frame)
    lines = _lines((row.label for row in rows), frame)
    bottom = lines[-1].bottom if lines else 0
    drawn = [_span(row, line, axis, frame) for row, line in zip(rows, lines, strict=True)]
    return _svg(title, frame.width, bottom + 22, [*axis.lines(bottom), *drawn])


def ticks_for(rows: Iterable[Span]) -> list[int]:
    """Round times in seconds that enclose all values, from a minute to a year, at most six."""
    values = [value for row in rows for value in (row.median, row.p90) if value is not None]
    least, most = min(values, default=3_600), max(values, default=_DAY)
    first = max((n for n, tick in enumerate(_TICKS[:-1]) if tick <= least), default=0)
    last = min((n for n, tick in enumerate(_TICKS) if tick >= most), default=len(_TICKS) - 1)
    chosen = list(_TICKS[first : max(last, first + 1) + 1])
    while len(chosen) > _MOST_TICKS:
        # The ends stay; of the others, every second goes.
        chosen = [chosen[0], *chosen[2:-1:2], chosen[-1]]
    return chosen


class _Axis:
    """Where a time lies: the first tick at the left end of the plot, the last at the right."""

    def __init__(self, ticks: dict[int, str], frame: Frame) -> None:
        self._ticks = ticks
        self._frame = frame
        self._low, self._high = math.log(min(ticks)), math.log(max(ticks))

    def place(self, seconds: float) -> float:
        power = math.log(max(seconds, 1))
        share = min(max((power - self._low) / (self._high - self._low), 0), 1)
        return self._frame.label_width + 8 + share * (self._frame.plot_width - 40)

    def lines(self, bottom: float) -> Iterator[Markup]:
        for seconds, text in self._ticks.items():
            left = f"{self.place(seconds):.1f}"
            yield Markup('<line x1="{}" y1="0" x2="{}" y2="{}" class="grid"/>').format(
                left, left, bottom + 3
            )
            yield Markup('<text x="{}" y="{}" text-anchor="middle" class="tick">{}</text>').format(
                left, bottom + 18, text
            )


def _span(row: Span, line: _Line, axis: _Axis, frame: Frame) -> Markup:
    label = _label(row.label, line, frame)
    note = _note(row.note, frame.width - frame.note_width, line)
    if row.median is None or row.p90 is None:
        return label + note
    left, right = f"{axis.place(row.median):.1f}", f"{axis.place(row.p90):.1f}"
    reach = Markup('<line x1="{}" y1="{}" x2="{}" y2="{}" class="reach"/>').format(
        left, line.middle, right, line.middle
    )
    dots = Markup('<circle cx="{}" cy="{}" r="4" class="far"/>').format(right, line.middle)
    dots += Markup('<circle cx="{}" cy="{}" r="5.5" class="main"/>').format(left, line.middle)
    return label + reach + dots + note


def _svg(title: str, width: int, height: float, drawn: Iterable[Markup]) -> Markup:
    return Markup(
        '<svg viewBox="0 0 {} {:.0f}" role="img" aria-label="{}"><title>{}</title>{}</svg>'
    ).format(width, height, title, title, Markup("").join(drawn))


def wrapped_label(text: str, width: float) -> list[str]:
    """The text in at most two lines of `width` pixels, with an ellipsis where it is longer."""
    if not text:
        return []
    if _width(text) <= width:
        return [text]
    first = _fitting(text, width)
    if " " in first:
        first = first[: first.rindex(" ")] if text[len(first)] != " " else first
    else:
        # Chinese breaks anywhere: two halves rather than a last character on a line of its own.
        first = first[: max((len(text) + 1) // 2, len(text) - len(first))]
    rest = text[len(first) :].strip()
    fitted = _fitting(rest, width)
    return [first.strip(), rest if fitted == rest else f"{rest[: len(fitted) - 1].rstrip()}…"]


def _fitting(text: str, width: float) -> str:
    """The longest beginning of the text that is no wider than `width` pixels."""
    end = len(text)
    while end > 1 and _width(text[:end]) > width:
        end -= 1
    return text[:end]


def _width(text: str) -> float:
    wide = sum(unicodedata.east_asian_width(letter) in "WF" for letter in text)
    return (len(text) + wide) * _LATIN_WIDTH
