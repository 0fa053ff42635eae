"""What a setting's text may be: each parser gives the value, or raises SettingsError."""

import re
from collections.abc import Callable
from pathlib import Path
from urllib.parse import urlsplit

THIS_MACHINE = ("localhost", "127.0.0.1", "::1")


class SettingsError(Exception):
    """A setting is missing or not usable; the message names it and never repeats its value."""


def whole_number(low: int, high: int) -> Callable[[str], int]:
    """A parser of whole numbers in decimal digits, from `low` to `high`."""

    def parse(text: str) -> int:
        if not text.isascii() or not text.isdigit() or not low <= int(text[:19]) <= high:
            raise SettingsError(f"must be a whole number from {low} to {high}")
        return int(text)

    return parse


def one_of(*allowed: str) -> Callable[[str], str]:
    """A parser that takes these words only."""

    def parse(text: str) -> str:
        if text not in allowed:
            raise SettingsError(f"must be one of {', '.join(allowed)}")
        return text

    return parse


def yes_or_no(text: str) -> bool:
    """`yes` or `no`."""

    if text not in ("yes", "no"):
        raise SettingsError("must be yes or no")
    return text == "yes"


def postgres_url(text: str) -> str:
    """An address of PostgreSQL, in the one scheme that its drivers agree on."""

    scheme, separator, rest = text.partition("://")
    if scheme not in ("postgresql", "postgres", "postgresql+psycopg2") or not separator:
        raise SettingsError("must start with postgresql://")
    return f"postgresql://{rest}"


def http_url(text: str) -> str:
    """An address of a web service: without TLS only on this machine."""

    parts = urlsplit(text)
    if parts.scheme not in ("http", "https") or not parts.netloc:
        raise SettingsError("must be an http or https address")
    if parts.scheme == "http" and parts.hostname not in THIS_MACHINE:
        raise SettingsError("must be an https address, or one of this machine")
    return text


def bucket(text: str) -> str:
    """The name of a bucket, by the rules of Amazon S3."""

    if not re.fullmatch(r"[a-z0-9][a-z0-9.-]{1,61}[a-z0-9]", text):
        raise SettingsError("must be the name of a bucket")
    return text


def origin(text: str) -> str:
    """The name of a ledger in its checkpoints (C2SP tlog-checkpoint): no space, no plus."""

    if not text.isascii() or not text.isprintable() or {" ", "+"} & set(text) or len(text) > 200:
        raise SettingsError("must be at most 200 printable ASCII characters, no space, no plus")
    return text


def classifier_name(text: str) -> str:
    """The name of a classifier. Whether there is such a plug-in is known when it is loaded."""
    if not re.fullmatch(r"[A-Za-z0-9_][\w.-]*(:[A-Za-z_][\w.]*)?", text, re.ASCII):
        raise SettingsError("must be keywords, none, the name of a plug-in or module:attribute")
    return text


def path(text: str) -> Path:
    """A path, `~` standing for the user's home."""

    return Path(text).expanduser()
