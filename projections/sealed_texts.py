"""Personal texts for readers of read models: given back sealed, opened by who has the right."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Mapping
from dataclasses import fields, is_dataclass
from typing import Any, Protocol
from uuid import UUID

import msgspec

from domain.personal import Erased, PersonalText
from service.data_keys import key_ids_of


class Keys(Protocol):
    """What is needed of `service.keys.SubjectKeys`."""

    def unseal(self, token: str, bound_to: bytes) -> str | Erased:
        """The clear text, or ERASED."""

    def is_erased(self, token: str) -> bool:
        """Whether the key of a sealed text was destroyed."""

    def open_many(self, key_ids: Collection[UUID]) -> Mapping[UUID, Any]:
        """Several keys, in at most one round trip."""


def sealed(token: str | None, case_id: UUID, keys: Keys) -> PersonalText | None:
    """A text that a read model keeps as its token; None stays None."""
    if token is None:
        return None
    bound_to = case_id.bytes
    return PersonalText.sealed(token, lambda token: keys.unseal(token, bound_to), keys.is_erased)


def open_keys(tokens: Iterable[str | None], keys: Keys) -> None:
    """Fetch the keys of all these tokens in one round trip, before they are opened one by one."""
    key_ids = key_ids_of(token for token in tokens if token is not None)
    if key_ids:
        keys.open_many(key_ids)


def as_json(value: Any) -> Any:
    """A value of the domain in JSON's kinds; the personal texts in it stay what they are."""
    if value is None or isinstance(value, PersonalText):
        return value
    if isinstance(value, tuple):
        return [as_json(inner) for inner in value]
    if is_dataclass(value):
        return {field.name: as_json(getattr(value, field.name)) for field in fields(value)}
    return msgspec.to_builtins(value)


def tokens_in(value: Any) -> Iterator[str | None]:
    """The tokens of all personal texts inside such a value."""
    if isinstance(value, PersonalText):
        yield value.token
    elif isinstance(value, dict | list):
        for inner in value.values() if isinstance(value, dict) else value:
            yield from tokens_in(inner)


def is_same(one: Any, other: Any) -> bool:
    """Whether two values of the domain are the same; of personal texts, without opening them."""
    return bool(_comparable(one) == _comparable(other))


def _comparable(value: Any) -> Any:
    return msgspec.to_builtins(value, enc_hook=lambda text: text.token)
