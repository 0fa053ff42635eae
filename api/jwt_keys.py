"""The public keys of an issuer of access tokens: fetched when needed, kept while they are good."""

from __future__ import annotations

import json
import threading
import time
import urllib.request
from collections.abc import Callable, Iterable, Iterator
from http.client import HTTPException
from typing import Any, Final

import structlog
from joserfc.errors import JoseError
from joserfc.jwk import JWKRegistry, Key, KeySet

KEYS_KEPT_SECONDS: Final = 600.0
REFETCH_AFTER_SECONDS: Final = 10.0
_FETCH_TIMEOUT_SECONDS: Final = 5
_FIRST_WAIT_SECONDS: Final = 1.0
"""How long a request waits for the very first keys that another one is fetching."""
_MAX_KEYS_BYTES: Final = 262_144
_UNUSABLE: Final = (JoseError, ValueError, KeyError, TypeError, AttributeError)

_log = structlog.get_logger("amends.auth")


class KeysUnavailable(Exception):
    """The issuer gave no keys yet, so nobody can tell whether a token is good."""


class _NoRedirect(urllib.request.HTTPRedirectHandler):
    """Keys come from the address that was set, and from no other."""

    def redirect_request(self, *redirect: Any) -> None:
        return None


def fetch_keys(url: str) -> dict[str, Any]:
    """The JWKS document at `url`. Raises OSError, HTTPException or ValueError."""
    opener = urllib.request.build_opener(_NoRedirect)
    with opener.open(url, timeout=_FETCH_TIMEOUT_SECONDS) as answer:
        document = json.loads(answer.read(_MAX_KEYS_BYTES))
    if not isinstance(document, dict):
        raise ValueError("a JWKS document is an object")
    return document


class IssuerKeys:
    """The keys of one issuer, kept ten minutes.

    They are looked up again at most every ten seconds, by one request at a time: the others go
    on with the keys there are. Keys that were good stay in use while the issuer cannot be reached.
    """

    def __init__(
        self,
        url: str,
        fetch: Callable[[str], dict[str, Any]] = fetch_keys,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self._url = url
        self._fetch = fetch
        self._clock = clock
        self._lock = threading.Lock()
        self._keys: KeySet | None = None
        self._fetched_at = self._tried_at = float("-inf")

    def for_key_id(self, key_id: str | None) -> KeySet:
        """The keys in use, looked up again for an id that is not among them.

        Raises KeysUnavailable where there are none.
        """
        keys = self._keys
        aged = self._clock() - self._fetched_at > KEYS_KEPT_SECONDS
        if keys is None or aged or (key_id is not None and not _has(keys, key_id)):
            keys = self._newer(keys)
        if keys is None:
            raise KeysUnavailable
        return keys

    def _newer(self, seen: KeySet | None) -> KeySet | None:
        """Keys newer than those `seen`, where they may be fetched again already."""
        if not self._lock.acquire(timeout=_FIRST_WAIT_SECONDS if seen is None else 0):
            return self._keys
        try:
            if self._keys is seen and self._clock() - self._tried_at >= REFETCH_AFTER_SECONDS:
                self._renew()
        finally:
            self._lock.release()
        return self._keys

    def _renew(self) -> None:
        self._tried_at = self._clock()
        try:
            self._keys = _usable(self._fetch(self._url)["keys"])
            self._fetched_at = self._tried_at
        except (OSError, HTTPException, RecursionError, *_UNUSABLE) as error:
            _log.error("jwks_unavailable", error=type(error).__name__)


def _has(keys: KeySet, key_id: str) -> bool:
    return any(key.kid == key_id for key in keys)


def _usable(described: Iterable[Any]) -> KeySet:
    """The keys that we can use; the others are passed over (RFC 7517, 5). Raises ValueError."""
    found = list(_imported(described))
    if not found:
        raise ValueError("a JWKS document without a usable key")
    return KeySet(found)


def _imported(described: Iterable[Any]) -> Iterator[Key]:
    for each in described:
        try:
            yield JWKRegistry.import_key(each)
        except _UNUSABLE as error:
            _log.warning("jwk_passed_over", error=type(error).__name__)
