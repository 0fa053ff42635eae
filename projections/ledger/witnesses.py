"""Witnesses: others who keep in mind how far the ledger was, and sign that it only grew.

https://c2sp.org/tlog-witness, https://c2sp.org/tlog-cosignature. They are named as in a C2SP
tlog-policy: `witness NAME KEY ADDRESS`.
"""

from __future__ import annotations

import re
import urllib.error
import urllib.request
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from http.client import HTTPException
from typing import Any, Final
from urllib.parse import urlsplit

from projections.ledger.notes import (
    COSIGNATURE,
    MalformedNote,
    Note,
    NoteRefused,
    VerifierKey,
    encoded,
)
from projections.ledger.places import PlaceUnusable, PublishedDiffers
from service.setting_values import THIS_MACHINE, SettingsError
from service.settings import Settings

ADD: Final = "add-checkpoint"
TIMEOUT_SECONDS: Final = 5
MOST_BYTES: Final = 65_536
MOST_HASHES: Final = 63
_SIZE: Final = re.compile(r"(0|[1-9][0-9]{0,18})\n?")
_FORM: Final = "AMENDS_WITNESSES must have lines of the form: witness NAME KEY ADDRESS"


class OtherSize(Exception):
    """The witness last cosigned a checkpoint of another size than it was told (409)."""

    def __init__(self, size: int) -> None:
        super().__init__(f"the witness knows {size} leaves")
        self.size = size


@dataclass(frozen=True)
class Witness:
    """A witness, its key for cosignatures, and the address where it takes checkpoints."""

    label: str
    key: VerifierKey
    address: str

    @property
    def name(self) -> str:
        """As `doctor`, /readyz and /metrics call it."""
        return f"witness {self.label}"

    def add(self, old_size: int, proof: Sequence[bytes], note: Note) -> list[str]:
        """Have a checkpoint cosigned: the lines with this witness's signatures, verified.

        `proof` shows the tree of `old_size` to be its beginning. Raises OtherSize,
        PublishedDiffers, PlaceUnusable.
        """
        hashes = "".join(f"{encoded(each)}\n" for each in proof[:MOST_HASHES])
        status, body = self._post(f"old {old_size}\n{hashes}\n{note}".encode())
        if status == 200:
            return list(self._own(body, note))
        size = _SIZE.fullmatch(body)
        if status == 409 and size and int(size[1]) != old_size:
            raise OtherSize(int(size[1]))
        if status in (409, 422):
            raise PublishedDiffers(self.name)
        raise PlaceUnusable(f"does not cosign: it answered {status}")

    def _own(self, body: str, note: Note) -> Iterator[str]:
        """The signature lines that are this witness's; those of others are passed over."""
        lines = body.removesuffix("\n").split("\n")
        try:
            signed = Note.parse(f"{note.text}\n" + "".join(f"{line}\n" for line in lines))
            signed.signers([self.key])
        except (MalformedNote, NoteRefused) as problem:
            raise PlaceUnusable(f"answered with no cosignature of its own: {problem}") from None
        mine = (self.key.name, self.key.key_id)
        yield from (str(each) for each in signed.signatures if (each.name, each.key_id) == mine)

    def _post(self, body: bytes) -> tuple[int, str]:
        request = urllib.request.Request(  # noqa: S310, the settings take http and https only
            f"{self.address}/{ADD}", body, {"Content-Type": "text/plain; charset=utf-8"}
        )
        try:
            with _OPENER.open(request, timeout=TIMEOUT_SECONDS) as answer:
                return answer.status, answer.read(MOST_BYTES).decode("utf-8", "replace")
        except urllib.error.HTTPError as refusal:
            with refusal:
                return refusal.code, refusal.read(MOST_BYTES).decode("utf-8", "replace")
        except (OSError, HTTPException) as problem:
            raise PlaceUnusable(f"cannot be reached: {type(problem).__name__}") from None


class _NoRedirect(urllib.request.HTTPRedirectHandler):
    """A checkpoint goes to the address that was set, and to no other."""

    def redirect_request(self, *redirect: Any) -> None:
        return None


_OPENER: Final = urllib.request.build_opener(_NoRedirect)


def witnesses_of(settings: Settings) -> list[Witness]:
    """The witnesses that the settings name. Raises SettingsError."""
    lines = (line.strip() for line in (settings.witnesses or "").splitlines())
    found = [_witness(line) for line in lines if line and not line.startswith("#")]
    if len({each.label for each in found}) < len(found):
        raise SettingsError("AMENDS_WITNESSES names a witness twice")
    return found


def _witness(line: str) -> Witness:
    match line.split():
        case ["witness", label, key, address] if _is_address(address) and label.isprintable():
            return Witness(label, _cosigning(key), address.rstrip("/"))
    raise SettingsError(_FORM)


def _cosigning(text: str) -> VerifierKey:
    try:
        key = VerifierKey.parse(text)
    except MalformedNote:
        raise SettingsError(_FORM) from None
    if key.kind != COSIGNATURE:
        raise SettingsError("AMENDS_WITNESSES holds a key that is not for cosignatures")
    return key


def _is_address(text: str) -> bool:
    parts = urlsplit(text)
    near = parts.scheme == "http" and parts.hostname in THIS_MACHINE
    return bool(parts.netloc) and (parts.scheme == "https" or near)
