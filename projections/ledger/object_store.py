"""Publishing to an S3-compatible store whose objects are locked: nobody replaces or removes them.

PREFIX/keys/1a2b3c4d                         a public key that signed
PREFIX/2026-11-22/00000000000000001234       the checkpoint over 1,234 events

https://docs.aws.amazon.com/AmazonS3/latest/userguide/object-lock.html
"""

from __future__ import annotations

import base64
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from hashlib import sha256
from itertools import islice
from typing import Any, Final, Self

from projections.ledger.notes import Checkpoint, MalformedNote, Note, VerifierKey
from projections.ledger.places import PlaceUnusable
from service.setting_values import SettingsError
from service.settings import Settings

KEYS: Final = "keys/"
DIGITS: Final = 20
READ_AT_ONCE: Final = 16
TIMEOUT_SECONDS: Final = 5
EXISTS: Final = frozenset({"PreconditionFailed", "412", "ConditionalRequestConflict", "409"})

Client = Any
"""A client of boto3, which has no types of its own."""


@dataclass(frozen=True)
class Lock:
    """How long an object stays as it is, and whether an administrator may shorten that."""

    days: int
    mode: str

    def headers(self) -> dict[str, Any]:
        """As boto3 names them."""
        until = datetime.now(UTC) + timedelta(days=self.days)
        return {
            "ObjectLockMode": self.mode.upper(),
            "ObjectLockRetainUntilDate": until.replace(microsecond=0),
        }


class ObjectStore:
    """Checkpoints in a bucket. Each is an object of its own that is never replaced."""

    name = "object store"

    def __init__(self, client: Client, bucket: str, prefix: str, lock: Lock) -> None:
        self._client = client
        self._bucket = bucket
        self._prefix = f"{prefix.strip('/')}/" if prefix.strip("/") else ""
        self._lock = lock
        self._known_keys: set[str] = set()
        self._newest: Checkpoint | None = None

    @classmethod
    def of(cls, settings: Settings) -> Self | None:
        """The store that the settings name, None where they name none. Raises SettingsError."""
        if settings.s3_bucket is None:
            return None
        lock = Lock(settings.s3_retention_days, settings.s3_lock_mode)
        return cls(_client(settings), settings.s3_bucket, settings.s3_prefix, lock)

    def newest(self) -> Checkpoint | None:
        """The checkpoint over most events. Raises PlaceUnusable, MalformedNote."""
        if self._newest is None:
            with _told("cannot be read"):
                for day in reversed(list(self._days())):
                    if names := list(self._names(day)):
                        note = self._get(max(names, key=_size_of))
                        self._newest = Checkpoint.parse(Note.parse(note).text)
                        break
        return self._newest

    def put(self, size: int, note: Note, keys: list[str]) -> None:
        """Keep a checkpoint and the keys. Raises PlaceUnusable, also where another one lies."""
        path = f"{self._prefix}{datetime.now(UTC):%Y-%m-%d}/{size:0{DIGITS}d}"
        with _told("cannot be written"):
            for key in keys:
                self._put_key(key)
            self._put(path, str(note), "another checkpoint over as many events")
        self._newest = Checkpoint.parse(note.text)

    def checkpoints(self) -> Iterator[tuple[int, str]]:
        """Every checkpoint with its size, that over the fewest events first."""
        with _told("cannot be read"):
            names = sorted(
                (name for day in self._days() for name in self._names(day)), key=_size_of
            )
        waiting = iter(names)
        with ThreadPoolExecutor(READ_AT_ONCE) as readers:
            while some := list(islice(waiting, 8 * READ_AT_ONCE)):
                with _told("cannot be read"):
                    notes = list(readers.map(self._get, some))
                yield from zip(map(_size_of, some), notes, strict=True)

    def keys(self) -> list[VerifierKey]:
        """The public keys that were published. Raises PlaceUnusable."""
        with _told("cannot be read"):
            found = [self._get(name) for name in self._list(f"{self._prefix}{KEYS}")]
        try:
            return [VerifierKey.parse(each) for each in found]
        except MalformedNote:
            raise PlaceUnusable("holds a key that is none") from None

    def _put_key(self, key: str) -> None:
        if key not in self._known_keys:
            name = VerifierKey.parse(key).key_id.hex()
            self._put(f"{self._prefix}{KEYS}{name}", f"{key}\n", "another key")
            self._known_keys.add(key)

    def _put(self, path: str, text: str, other: str) -> None:
        """Store under a new name; the same object may be there already."""
        body = text.encode()
        try:
            self._client.put_object(
                Bucket=self._bucket,
                Key=path,
                Body=body,
                ContentType="text/plain; charset=utf-8",
                ChecksumSHA256=base64.b64encode(sha256(body).digest()).decode(),
                IfNoneMatch="*",
                **self._lock.headers(),
            )
        except self._client.exceptions.ClientError as error:
            if _code(error) not in EXISTS:
                raise
            if self._get(path) != text:
                raise PlaceUnusable(f"{other} lies there") from None

    def _get(self, path: str) -> str:
        body: bytes = self._client.get_object(Bucket=self._bucket, Key=path)["Body"].read()
        return body.decode("utf-8", "replace")

    def _days(self) -> Iterator[str]:
        """The folders of days, the oldest first."""
        for page in self._pages(self._prefix, Delimiter="/"):
            for each in page.get("CommonPrefixes", ()):
                if each["Prefix"] != f"{self._prefix}{KEYS}":
                    yield each["Prefix"]

    def _names(self, day: str) -> Iterator[str]:
        return (name for name in self._list(day) if name.rpartition("/")[2].isdigit())

    def _list(self, prefix: str) -> Iterator[str]:
        for page in self._pages(prefix):
            yield from (each["Key"] for each in page.get("Contents", ()))

    def _pages(self, prefix: str, **options: str) -> Iterator[dict[str, Any]]:
        pages = self._client.get_paginator("list_objects_v2")
        yield from pages.paginate(Bucket=self._bucket, Prefix=prefix, **options)


def _size_of(path: str) -> int:
    return int(path.rpartition("/")[2])


def _client(settings: Settings) -> Client:
    boto3, config = _library()
    return boto3.client(
        "s3",
        endpoint_url=settings.s3_endpoint,
        region_name=settings.s3_region,
        aws_access_key_id=settings.s3_access_key_id,
        aws_secret_access_key=settings.s3_secret_access_key,
        config=config(
            signature_version="s3v4",
            connect_timeout=TIMEOUT_SECONDS,
            read_timeout=TIMEOUT_SECONDS,
            retries={"total_max_attempts": 2},
            max_pool_connections=READ_AT_ONCE,
            s3={"addressing_style": "path" if settings.s3_endpoint else "auto"},
        ),
    )


def _library() -> tuple[Any, Callable[..., Any]]:
    """boto3, which only those install who need it. Raises SettingsError."""
    try:
        import boto3
        from botocore.config import Config
    except ModuleNotFoundError:
        raise SettingsError("AMENDS_S3_BUCKET needs boto3: install `amends[s3]`") from None
    return boto3, Config


@contextmanager
def _told(what: str) -> Iterator[None]:
    """Tell what the library raises by its code or class alone: its texts may repeat settings."""
    from botocore.exceptions import BotoCoreError, ClientError

    try:
        yield
    except ClientError as error:
        raise PlaceUnusable(f"{what} in the object store: {_code(error)}") from None
    except (BotoCoreError, OSError) as error:
        raise PlaceUnusable(f"{what} in the object store: {type(error).__name__}") from None


def _code(error: Any) -> str:
    return str(error.response.get("Error", {}).get("Code", "unknown"))
