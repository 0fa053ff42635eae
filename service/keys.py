"""The data keys of subjects: made with the first append that needs them, destroyed to erase."""

from __future__ import annotations

import time
from collections.abc import Callable, Collection, Iterable, Sequence
from types import TracebackType
from typing import Self
from uuid import UUID

from sqlalchemy import Engine

from domain.personal import ERASED, Erased
from service.data_keys import (
    DataKey,
    KeyWrapper,
    MasterKeyMissing,
    MasterKeys,
    SealBroken,
    new_secret,
    parsed,
)
from service.event_store import NewKey, SubjectKeyDestroyed
from service.event_store.connections import connections_of
from service.event_store.encoding import key_arrays, uuid_array
from service.key_statements import (
    DESTROY,
    KEYS,
    LIVE_AMONG,
    LIVE_KEY,
    LIVE_KEYS,
    PREPARE_LIVE_KEY,
    SAVE,
)
from service.short_memory import ShortMemory

CACHE_SECONDS = 5.0
"""After an erasure, other processes may still read the person's texts for this long."""

SEALING_CACHE_SECONDS = 60.0
"""For sealing a key may be kept longer: each append asks anew whether the keys it used live."""

CACHED_KEYS = 20_000


class KeyMissing(Exception):
    """A text was sealed with a key of which there is no trace, not even a destroyed one."""


class SubjectKeys:
    """Seals and opens texts under the keys of their subjects. Threads may share it.

    `master_key` is the 32 bytes of one key, several keys, or any other KeyWrapper.
    Raises StoreUnavailable when the keys cannot be read.
    """

    def __init__(
        self,
        engine: Engine,
        master_key: bytes | KeyWrapper,
        *,
        cache_seconds: float = CACHE_SECONDS,
        cached_keys: int = CACHED_KEYS,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self._connections = connections_of(engine)
        self._wrapper = MasterKeys(master_key) if isinstance(master_key, bytes) else master_key
        self._by_id: ShortMemory[bytes, DataKey | Erased] = ShortMemory(
            cached_keys, cache_seconds, clock
        )
        self._by_subject: ShortMemory[str, DataKey] = ShortMemory(
            cached_keys, max(cache_seconds, SEALING_CACHE_SECONDS), clock
        )

    def sealing(self) -> Sealing:
        """Seal the texts of one append; see `Sealing`."""
        return Sealing(self)

    def unseal(self, token: str, bound_to: bytes) -> str | Erased:
        """The clear text, or ERASED. Raises SealBroken, KeyMissing, MasterKeyMissing."""
        sealed = parsed(token)
        # Nearly always at hand: a case's texts share their subject's key.
        key = self._by_id.get(sealed.key) or self.open(sealed.key_id)
        return key.open(sealed, bound_to) if isinstance(key, DataKey) else ERASED

    def is_erased(self, token: str) -> bool:
        """Whether the key of a sealed text was destroyed.

        Asked for readers without a right to the text: no fault of the key or the seal is theirs.
        """
        try:
            sealed = parsed(token)
            key = self._by_id.get(sealed.key) or self.open(sealed.key_id)
        except (KeyMissing, MasterKeyMissing, SealBroken):
            return False
        return not isinstance(key, DataKey)

    def key_for(self, subject_ref: str) -> DataKey | None:
        """A live key of this subject, or None while there is none."""
        key = self._by_subject.get(subject_ref)
        if key is None:
            found = self._connections.read(LIVE_KEY, (subject_ref,), preparation=PREPARE_LIVE_KEY)
            for key_id, wrapped in found:
                key = self._opened(UUID(key_id), subject_ref, bytes(wrapped))
                self.remember(key)
        return key

    def living(self, subject_ref: str) -> DataKey:
        """A live key of this subject; made and stored where there is none."""
        key = self.key_for(subject_ref)
        if key is None:
            key, new = self.new_key(subject_ref)
            self.save([new])
            self.remember(key)
        return key

    def at_hand(self, subject_ref: str) -> DataKey | None:
        """The key that is kept for this subject, without asking the database."""
        return self._by_subject.get(subject_ref)

    def new_key(self, subject_ref: str) -> tuple[DataKey, NewKey]:
        """A fresh key, and what of it must be stored before or with its first use."""
        key_id, secret = new_secret()
        wrapped = self._wrapper.wrap(secret, key_id)
        return DataKey(key_id, subject_ref, secret), NewKey(key_id, subject_ref, wrapped)

    def open(self, key_id: UUID) -> DataKey | None:
        """The key, or None when it was destroyed. Raises KeyMissing."""
        return self.open_many([key_id])[key_id]

    def open_many(self, key_ids: Collection[UUID]) -> dict[UUID, DataKey | None]:
        """Several keys, in at most one round trip. Raises KeyMissing."""
        found = {key_id: self._by_id.get(key_id.bytes) for key_id in key_ids}
        unknown = [key_id for key_id, key in found.items() if key is None]
        if unknown:
            found |= self._read(unknown)
        return {key_id: key if isinstance(key, DataKey) else None for key_id, key in found.items()}

    def save(self, new_keys: Sequence[NewKey]) -> None:
        """Store new keys by themselves, for callers that cannot store them with an append."""
        if new_keys:
            self._connections.write(SAVE, key_arrays(new_keys))

    def destroy(self, subject_ref: str) -> int:
        """Destroy every key of this subject, for ever; how many there were."""
        self._by_subject.drop(subject_ref)
        destroyed = self._connections.write(DESTROY, (subject_ref,))
        self._by_subject.drop(subject_ref)
        for (key_id,) in destroyed:
            self._by_id.put(UUID(key_id).bytes, ERASED)
        return len(destroyed)

    def live_keys(self, subject_ref: str) -> list[UUID]:
        """The ids of the keys that this subject's texts open with now."""
        rows = self._connections.read(LIVE_KEYS, (subject_ref,))
        return [UUID(key_id) for (key_id,) in rows]

    def live_among(self, key_ids: Collection[UUID]) -> dict[str, list[UUID]]:
        """Those of the keys that are not destroyed, by their subject."""
        found: dict[str, list[UUID]] = {}
        for key_id, subject_ref in self._connections.read(LIVE_AMONG, (uuid_array(key_ids),)):
            found.setdefault(subject_ref, []).append(UUID(key_id))
        return found

    def note_destroyed(self, subject_ref: str, key_ids: Iterable[UUID]) -> None:
        """These keys were destroyed just now: this process forgets them at once."""
        self._by_subject.drop(subject_ref)
        for key_id in key_ids:
            self._by_id.put(key_id.bytes, ERASED)

    def remember(self, key: DataKey) -> None:
        """Keep a stored key at hand for a short time."""
        self._by_id.put(key.key_id.bytes, key)
        self._by_subject.put(key.subject_ref, key)

    def forget_ids(self, key_ids: Iterable[UUID]) -> None:
        """Ask the database again for the keys with these ids."""
        for key_id in key_ids:
            kept = self._by_id.get(key_id.bytes)
            self._by_id.drop(key_id.bytes)
            if isinstance(kept, DataKey):
                self._by_subject.drop(kept.subject_ref)

    def forget(self, keys: Iterable[DataKey]) -> None:
        """Ask the database again for these keys."""
        for key in keys:
            self._by_id.drop(key.key_id.bytes)
            self._by_subject.drop(key.subject_ref)

    def _read(self, key_ids: list[UUID]) -> dict[UUID, DataKey | Erased | None]:
        found: dict[UUID, DataKey | Erased | None] = {}
        for key_text, subject_ref, wrapped in self._connections.read(KEYS, (uuid_array(key_ids),)):
            key_id = UUID(key_text)
            key = ERASED if wrapped is None else self._opened(key_id, subject_ref, bytes(wrapped))
            self._by_id.put(key_id.bytes, key)
            if isinstance(key, DataKey):
                self._by_subject.put(subject_ref, key)
            found[key_id] = key
        for key_id in key_ids:
            if key_id not in found:
                raise KeyMissing(f"there is no key {key_id}")
        return found

    def _opened(self, key_id: UUID, subject_ref: str, wrapped: bytes) -> DataKey:
        return DataKey(key_id, subject_ref, self._wrapper.unwrap(wrapped, key_id))


class Sealing:
    """Seals the texts of one append, and collects the keys that must be stored with them.

        with keys.sealing() as sealing:
            token = sealing.seal("text", "customer-7", bound_to)
            recorder.append(
                events, new_keys=sealing.new_keys, used_key_ids=sealing.used_key_ids
            )

    New keys are trusted only once the block has ended well: after a failed append nobody knows
    them. If SubjectKeyDestroyed leaves the block, sealing again takes another key.
    """

    def __init__(self, keys: SubjectKeys) -> None:
        self._keys = keys
        self._in_use: dict[str, DataKey] = {}
        self.new_keys: list[NewKey] = []
        self.used_key_ids: list[UUID] = []

    def seal(self, text: str, subject_ref: str, bound_to: bytes) -> str:
        """A token that opens under the subject's key, together with `bound_to`."""
        key = self._in_use.get(subject_ref)
        if key is None:
            key = self._in_use[subject_ref] = self._key_for(subject_ref)
        return key.seal(text, bound_to)

    def check(self, subject_refs: Iterable[str]) -> None:
        """Let the append ask whether the keys at hand of these subjects still live."""
        for subject_ref in subject_refs:
            if subject_ref not in self._in_use and (key := self._keys.at_hand(subject_ref)):
                self._in_use[subject_ref] = key
                self.used_key_ids.append(key.key_id)

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        if error is None:
            for new in self.new_keys:
                self._keys.remember(self._in_use[new.subject_ref])
        elif isinstance(error, SubjectKeyDestroyed):
            self._keys.forget(self._in_use.values())

    def _key_for(self, subject_ref: str) -> DataKey:
        key = self._keys.key_for(subject_ref)
        if key is not None:
            self.used_key_ids.append(key.key_id)
            return key
        key, new = self._keys.new_key(subject_ref)
        self.new_keys.append(new)
        return key
