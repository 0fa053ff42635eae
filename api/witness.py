"""What one request has shown of personal text, so that it can be recorded who looked."""

from __future__ import annotations

from collections.abc import Iterable
from uuid import UUID

from service.data_keys import by_key, key_ids_of


class Witness:
    """Notes every text that is shown: of which case, and under which key. Never the text."""

    __slots__ = (
        "_about",
        "_is_noted",
        "_tokens",
        "cases",
        "exported",
        "searched",
        "subject_ref",
        "texts",
    )

    def __init__(self) -> None:
        self._about: UUID | None = None
        self._is_noted = False
        self._tokens: dict[str, str] = {}
        self.cases: set[UUID] = set()
        self.texts = 0
        self.searched = False
        self.exported = False
        self.subject_ref: str | None = None

    @property
    def saw_anything(self) -> bool:
        """Whether there is something to record; an export is, whatever it holds."""
        asked = self.searched or self.exported or self.subject_ref is not None
        return asked or self.texts > 0

    @property
    def key_ids(self) -> set[UUID]:
        """The keys with which the texts were opened."""
        return key_ids_of(self._tokens.values())

    def takes(self, case_ids: Iterable[UUID]) -> None:
        """The evidence about these cases is taken away, whether or not it shows a text."""
        self.exported = True
        self.cases.update(case_ids)

    def about(self, case_id: UUID) -> None:
        """What is shown from here on belongs to this case."""
        if case_id is not self._about:
            self._about, self._is_noted = case_id, False

    def saw(self, token: str | None) -> None:
        """A text was shown in clear; without a token it came with this very request."""
        if token is None:
            return
        if self._about is None:
            raise LookupError("a text is shown, and nobody said of which case")
        self.texts += 1
        if not self._is_noted:
            self.cases.add(self._about)
            self._is_noted = True
        self._tokens[by_key(token)] = token
