"""Personal texts in read models: kept as their ciphertext token, given back sealed to readers."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Mapping
from typing import Any, Protocol
from uuid import UUID

from domain.personal import Erased, PersonalText, RestrictedText, StaffText
from service.data_keys import parsed

KINDS: dict[str, type[PersonalText]] = {
    "personal": PersonalText,
    "staff": StaffText,
    "restricted": RestrictedText,
}
NAMES = {kind: name for name, kind in KINDS.items()}
TOKEN, KIND = "sealed", "kind"


class Keys(Protocol):
    """What is needed of `service.keys.SubjectKeys`."""

    def unseal(self, token: str, bound_to: bytes) -> str | Erased:
        """The clear text, or ERASED."""

    def open_many(self, key_ids: Collection[UUID]) -> Mapping[UUID, Any]:
        """Several keys, in at most one round trip."""


def sealed(token: str | None, case_id: UUID, keys: Keys) -> PersonalText | None:
    """The customer's or about the customer: a text to be opened by who has the right."""
    return None if token is None else _sealed(PersonalText, token, case_id, keys)


def _sealed(kind: type[PersonalText], token: str, case_id: UUID, keys: Keys) -> PersonalText:
    bound_to = case_id.bytes
    return kind.sealed(token, lambda token: keys.unseal(token, bound_to))


def open_keys(tokens: Iterable[str | None], keys: Keys) -> None:
    """Fetch the keys of all these tokens in one round trip, before they are opened one by one."""
    key_ids = {parsed(token).key_id for token in tokens if token is not None}
    if key_ids:
        keys.open_many(key_ids)


def as_stored(text: PersonalText) -> dict[str, str]:
    """A sealed text inside a JSON value, with who may read it. Raises TypeError for a clear one."""
    if text.token is None:
        raise TypeError("only sealed personal text may be stored in a read model")
    return {TOKEN: text.token, KIND: NAMES[type(text)]}


def is_stored_text(value: object) -> bool:
    """Whether a JSON value stands for a sealed text."""
    return isinstance(value, dict) and value.keys() == {TOKEN, KIND}


def tokens_in(value: Any) -> Iterator[str]:
    """The tokens of all sealed texts inside a JSON value."""
    if is_stored_text(value):
        yield value[TOKEN]
    elif isinstance(value, dict | list):
        for inner in value.values() if isinstance(value, dict) else value:
            yield from tokens_in(inner)


def with_texts(value: Any, case_id: UUID, keys: Keys) -> Any:
    """The JSON value with its sealed texts as PersonalText again."""
    if is_stored_text(value):
        return _sealed(KINDS[value[KIND]], value[TOKEN], case_id, keys)
    if isinstance(value, dict):
        return {name: with_texts(inner, case_id, keys) for name, inner in value.items()}
    if isinstance(value, list):
        return [with_texts(inner, case_id, keys) for inner in value]
    return value
