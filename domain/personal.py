"""Personal text: held without being shown, revealed only on request."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from typing import ClassVar, Final, final


@final
class Erased:
    """What is left of a personal text once its subject's key is destroyed."""

    __slots__ = ()

    def __repr__(self) -> str:
        return "ERASED"


ERASED: Final = Erased()


class PersonalText:
    """Words by or about a person. Printing one shows nothing; only `reveal` reads it.

    A caller makes one from clear text. The store gives one back *sealed*: it holds the
    ciphertext token and decrypts when, and only when, somebody with the right to it reveals it.
    """

    __slots__ = ("_is_erased", "_reveal", "token")

    READERS: ClassVar[frozenset[str]] = frozenset({"handler", "approver", "privacy"})

    def __init__(self, text: str) -> None:
        self.token: str | None = None
        self._reveal: Callable[[], str | Erased] = lambda: text
        self._is_erased: Callable[[str], bool] | None = None

    @classmethod
    def sealed(
        cls, token: str, unseal: Callable[[str], str | Erased], is_erased: Callable[[str], bool]
    ) -> PersonalText:
        """Hold the stored `token`; `unseal` turns it into clear text or `ERASED`.

        `is_erased` tells which of both without opening it.
        """
        text = cls.__new__(cls)
        text.token = token
        text._reveal = partial(unseal, token)
        text._is_erased = is_erased
        return text

    def is_erased(self) -> bool:
        """Whether the subject's key is gone: no secret, so nobody needs a right to know."""
        return (
            self.token is not None and self._is_erased is not None and self._is_erased(self.token)
        )

    def reveal(self) -> str | Erased:
        """The clear text, or `ERASED` where the subject's key is gone."""
        return self._reveal()

    def readable_by(self, roles: frozenset[str]) -> bool:
        """Whether a reader holding `roles` has the right to the clear text."""
        return not self.READERS.isdisjoint(roles)

    def __repr__(self) -> str:
        return f"<{type(self).__name__}>"

    def __eq__(self, other: object) -> bool:
        return type(other) is type(self) and self.reveal() == other.reveal()

    def __hash__(self) -> int:
        return hash(self.reveal())


class StaffText(PersonalText):
    """What staff wrote about the work itself: analysts and auditors read it too."""

    __slots__ = ()
    READERS: ClassVar[frozenset[str]] = PersonalText.READERS | {"analyst", "auditor"}


class RestrictedText(PersonalText):
    """Who inside the company is accountable: for approvers and auditors only (S22)."""

    __slots__ = ()
    READERS: ClassVar[frozenset[str]] = frozenset({"approver", "auditor"})
