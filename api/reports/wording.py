"""Figures and codes as people read them, in one language."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import UTC, date, datetime
from typing import Final

from api.reports.words import WORDS
from domain.reference_books import EDITIONS, edition
from projections.figures import Answers, Share
from projections.lessons_period import Period

NOTHING: Final = "–"
SMALL_N: Final = 10
"""Shares of fewer cases are marked, so that nobody reads much into them."""
GROUP_BOOKS: Final = {
    "type": "conflict_types",
    "subtype": "conflict_subtypes",
    "channel": "channels",
    "customer_type": "customer_types",
    "cause": "complaint_causes",
}
_MINUTE, _HOUR, _DAY = 60, 3_600, 86_400
_UNITS: Final = {"en": ("min", "h", "days"), "zh": ("分钟", "小时", "天")}
_MONTHS: Final = (
    *("Jan", "Feb", "Mar", "Apr", "May", "Jun"),
    *("Jul", "Aug", "Sep", "Oct", "Nov", "Dec"),
)


class Wording:
    """Words, labels and numbers of a report in `language`, "en" or "zh".

    Codes are called what the newest edition that the counted cases use calls them.
    """

    def __init__(self, language: str, newest_edition: int) -> None:
        self.language = language
        self._editions = [
            edition(number)
            for number in sorted(EDITIONS, key=lambda number: (number != newest_edition, -number))
        ]

    @property
    def space(self) -> str:
        """What stands between two sentences."""
        return "" if self.language == "zh" else " "

    def word(self, key: str, **values: object) -> str:
        """One of the report's own words; `values` fill its places."""
        return WORDS[key].in_language(self.language).format(**values)

    def label(self, book: str, code: str) -> str:
        """What a code is called; the code itself where no edition knows it."""
        for books in self._editions:
            if books.has(book, code):
                return books.label(book, code, self.language)
        return code

    def group(self, group_by: str, code: str) -> str:
        """What a group is called. Products are called what the cases call them."""
        if not code:
            return self.word("not_known")
        book = GROUP_BOOKS.get(group_by)
        return self.label(book, code) if book else code

    def number(self, value: int) -> str:
        return f"{value:,}"

    def cases(self, count: int) -> str:
        """So many cases: 1 case, 2 cases."""
        return self.word("one_case") if count == 1 else self.word("many_cases", count=f"{count:,}")

    def percent(self, share: Share) -> str:
        return NOTHING if share.share is None else f"{share.share:.0%}"

    def count_of(self, share: Share) -> str:
        return self.word("of", count=self.number(share.count), of=self.number(share.of))

    def known(self, answers: Answers) -> str:
        """Yes of the known answers, and how many are not known."""
        unknown = f"{self.word('unknown')} {self.number(answers.unknown)}"
        return f"{self.count_of(answers.share)} · {unknown}"

    def listed(self, texts: Iterable[str]) -> str:
        return ("、" if self.language == "zh" else ", ").join(texts)

    def duration(self, seconds: float | None) -> str:
        """In the unit that suits the length: < 1 min, 12 min, 5.5 h, 3.2 days."""
        if seconds is None:
            return NOTHING
        minutes, hours, days = _UNITS[self.language]
        if seconds < _MINUTE:
            return f"< 1 {minutes}"
        if seconds < 99.5 * _MINUTE:
            return f"{seconds / _MINUTE:.0f} {minutes}"
        if seconds < 2 * _DAY:
            return f"{seconds / _HOUR:.1f} {hours}"
        return f"{seconds / _DAY:.1f} {days}"

    def round_duration(self, seconds: int) -> str:
        """A whole number of the largest unit that fits, for the ticks of an axis."""
        minutes, hours, days = _UNITS[self.language]
        for length, unit in ((_DAY, days), (_HOUR, hours), (_MINUTE, minutes)):
            if seconds >= length:
                one_day = unit == "days" and seconds < 2 * _DAY
                return f"{seconds // length} {'day' if one_day else unit}"
        return f"{seconds} s"

    def day(self, day: date | None) -> str:
        if day is None:
            return NOTHING
        if self.language == "zh":
            return f"{day.year}年{day.month}月{day.day}日"
        return f"{day.day} {_MONTHS[day.month - 1]} {day.year}"

    def instant(self, moment: datetime) -> str:
        """To the minute, in UTC."""
        moment = moment.astimezone(UTC)
        return f"{self.day(moment.date())} {moment:%H:%M} UTC"

    def period(self, period: Period) -> str:
        """Both days, or both instants where the period does not begin and end with a day."""
        if not period.is_of_days:
            ends = self.instant(period.start), self.instant(period.end)
        elif period.first_day == period.last_day:
            return self.day(period.first_day)
        else:
            ends = self.day(period.first_day), self.day(period.last_day)
        return self.word("period", first=ends[0], last=ends[1])
