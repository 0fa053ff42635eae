"""Search over text that is stored nowhere in clear: a blind index of keyed word tokens.

Words are cut from the text, brought to one form, and replaced by 64 bits of their keyed BLAKE2b
(RFC 7693) under a key derived from the master key. A query goes the same way, so equal words
meet as equal numbers, and nobody without the key learns the words. What such an index does give
away stands in docs/decisions/0010-search-by-blind-tokens.md.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Callable, Iterable
from enum import StrEnum
from functools import lru_cache
from hashlib import blake2b
from itertools import chain
from operator import add

from snowballstemmer import stemmer  # type: ignore[import-untyped]

from domain.personal import Erased, PersonalText, RestrictedText, StaffText
from service.master_key import derived_key

KEY_PURPOSE = b"amends/search-tokens/1"
TOKEN_BYTES = 8
REMEMBERED_WORDS = 1 << 17
LONGEST_WORD = 64
"""Longer runs of letters are no words; they are cut, in texts and in queries alike."""

# Han ideographs with their extensions, kana and hangul: scripts read without spaces.
_UNSPACED = (
    "\u3005\u3007\u3040-\u30ff\u3400-\u4dbf\u4e00-\u9fff"
    "\uac00-\ud7af\uf900-\ufaff\U00020000-\U0003ffff"
)
_UNSPACED_RUN = re.compile(rf"[{_UNSPACED}]+")
_SPACED_RUN = re.compile(rf"[^\W_{_UNSPACED}]+(?:[-_./:#@'’][^\W_{_UNSPACED}]+)*")
_PARTS = re.compile(r"[^\W_]+")
_ACCENTS = re.compile("[\u0300-\u036f]")
_DIGIT = re.compile(r"\d")
_LETTER = re.compile(r"[a-z]")
_PLAIN_WORD = re.compile(r"[a-z]{3,}")

# Words in nearly every text find nothing, and would be the easiest to recognise by how often
# their token occurs.
# fmt: off
COMMON_WORDS = frozenset({
    "a", "an", "and", "are", "as", "at", "be", "been", "but", "by", "did", "do", "for", "from",
    "had", "has", "have", "he", "her", "him", "his", "i", "if", "in", "is", "it", "its", "me",
    "my", "no", "not", "of", "on", "or", "our", "she", "so", "that", "the", "their", "them",
    "they", "this", "to", "us", "was", "we", "were", "what", "when", "which", "who", "will",
    "with", "would", "you", "your",
})
# fmt: on
COMMON_CHARACTERS = frozenset("的了是我在和也就都不有")

_stem = stemmer("english").stemWord


class Sight(StrEnum):
    """Whose words a reader may search: those in codes and references, in staff's texts, in all."""

    PLAIN = "plain"
    STAFF = "staff"
    PERSONAL = "personal"


WIDER = {
    Sight.PLAIN: (Sight.PLAIN, Sight.STAFF, Sight.PERSONAL),
    Sight.STAFF: (Sight.STAFF, Sight.PERSONAL),
    Sight.PERSONAL: (Sight.PERSONAL,),
}


def sight_of(roles: frozenset[str]) -> Sight:
    """How far a reader with these roles may search."""
    if PersonalText.READERS & roles:
        return Sight.PERSONAL
    return Sight.STAFF if StaffText.READERS & roles else Sight.PLAIN


class BlindIndex:
    """Turns texts and queries into tokens. Whoever makes two with one key gets equal tokens."""

    def __init__(self, master_key: bytes) -> None:
        key = derived_key(master_key, KEY_PURPOSE)
        self._tokens = {sight: _Tokens(key, sight) for sight in Sight}
        self._of_piece = {sight: self._piece_cache(WIDER[sight]) for sight in Sight}

    def of_code(self, *codes: str | None) -> set[int]:
        """Tokens of codes and references, which everybody may search."""
        return set(self._all(" ".join(filter(None, codes)), Sight.PLAIN))

    def of_text(self, *texts: PersonalText | None) -> set[int]:
        """Tokens of personal texts, each for those who may read it; none of an erased one.

        Texts about who is accountable are not searchable at all.
        """
        found: set[int] = set()
        for text in texts:
            if text is None or isinstance(text, RestrictedText):
                continue
            clear = text.reveal()
            if not isinstance(clear, Erased):
                sight = Sight.STAFF if isinstance(text, StaffText) else Sight.PERSONAL
                found.update(self._all(clear, sight))
        return found

    def of_query(self, query: str, sight: Sight) -> list[int]:
        """The tokens that a case must all have to answer the query; none for an empty query."""
        return sorted(map(self._tokens[sight].__getitem__, words_in_query(query)))

    def _all(self, text: str, narrowest: Sight) -> Iterable[int]:
        """The tokens of all words, some twice, for everybody who sees at least so far."""
        if text.isascii():
            # Pieces repeat, so that hardly any is taken apart: a third of the time.
            return chain.from_iterable(map(self._of_piece[narrowest], text.lower().split()))
        return self._of_runs(_runs(text), WIDER[narrowest])

    def _of_runs(self, runs: Runs, sights: Iterable[Sight]) -> set[int]:
        words = _words_of(runs)
        return set(
            chain.from_iterable(map(self._tokens[each].__getitem__, words) for each in sights)
        )

    def _piece_cache(self, sights: Iterable[Sight]) -> Callable[[str], tuple[int, ...]]:
        """The tokens of a piece of lower-case ASCII without white space, kept once made."""

        @lru_cache(REMEMBERED_WORDS)
        def of_piece(piece: str) -> tuple[int, ...]:
            return tuple(self._of_runs(_runs(piece), sights))

        return of_piece


class NoWords(BlindIndex):
    """Finds no word in anything: for who needs no search, and so no text opened."""

    def __init__(self) -> None:
        pass

    def of_code(self, *codes: str | None) -> set[int]:
        return set()

    def of_text(self, *texts: PersonalText | None) -> set[int]:
        return set()


class _Tokens(dict[str, int]):
    """The token of each word, kept once made: a vocabulary is small, and texts repeat it.

    BLAKE2b is a keyed hash by itself. HMAC-SHA256 would do as well, but costs three times as much
    here, and Python's lets go of the interpreter at every call, which other threads then take.
    """

    def __init__(self, key: bytes, sight: Sight) -> None:
        super().__init__()
        self._keyed = blake2b(digest_size=TOKEN_BYTES, key=key, person=sight.value.encode())

    def __missing__(self, word: str) -> int:
        if len(self) >= REMEMBERED_WORDS:
            self.clear()
        hashed = self._keyed.copy()  # a third less than to begin with the key each time
        hashed.update(word.encode())
        token = self[word] = int.from_bytes(hashed.digest(), "big", signed=True)
        return token


Runs = tuple[list[str], list[str]]
"""The runs of letters and digits in a text: those of scripts without spaces, and the others."""


def _runs(text: str) -> Runs:
    if text.isascii():
        return [], _SPACED_RUN.findall(text.lower())
    folded = unicodedata.normalize("NFKD", text.casefold())
    folded = unicodedata.normalize("NFC", _ACCENTS.sub("", folded))
    return _UNSPACED_RUN.findall(folded), _SPACED_RUN.findall(folded)


def _words_of(runs: Runs) -> set[str]:
    """All words in these runs, each in its one form.

    English words are stemmed, accents fall away. Where a script has no spaces, every character
    and every pair of neighbours is a word. Numbers and codes stand for themselves, whole and in
    their parts.
    """
    unspaced, spaced = runs
    words = set(chain.from_iterable(map(_words_of_spaced_run, spaced)))
    for run in unspaced:
        words.update(run, map(add, run, run[1:]))
    return words - COMMON_CHARACTERS


def words_in_query(query: str) -> set[str]:
    """The words that a text must have: of an unspaced run of two or more, the pairs will do."""
    unspaced, spaced = _runs(query)
    words = set(chain.from_iterable(map(_words_of_spaced_run, spaced)))
    for run in unspaced:
        words.update([run] if len(run) == 1 else map(add, run, run[1:]))
    return words - COMMON_CHARACTERS


@lru_cache(maxsize=REMEMBERED_WORDS)
def _words_of_spaced_run(run: str) -> tuple[str, ...]:
    parts = _PARTS.findall(run)
    whole = [run[:LONGEST_WORD]] if len(parts) > 1 and _DIGIT.search(run) else []
    telling = (part for part in parts if part not in COMMON_WORDS and not _LETTER.fullmatch(part))
    return (*whole, *(_one_form(part[:LONGEST_WORD]) for part in telling))


def _one_form(word: str) -> str:
    return _stem(word) if _PLAIN_WORD.fullmatch(word) else word
