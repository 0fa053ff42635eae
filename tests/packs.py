"""Packs for tests: a signed ledger, cases from their report to their end, and a pack's files."""

from __future__ import annotations

import hashlib
import io
from collections.abc import Iterable, Mapping
from zipfile import ZipFile

from api import examples
from projections.packs import layout
from projections.packs.container import packed
from projections.packs.verification import PackVerified, verify_pack
from tests.api.conftest import Callers, Json


def a_life(callers: Callers, language: str, ref: str) -> Json:
    """A case from its report to its end, as the examples tell it."""
    report, *later = examples.life(language)
    body = {**report.body, "customer": {**report.body["customer"], "ref": ref}}
    told = callers.of(report.role).report(body)
    for each in later:
        told = callers.of(each.role).take(told, each.step, each.body)
    return told


def files_of(pack: bytes) -> dict[str, bytes]:
    """Name -> content, as a program that is not ours reads the ZIP."""
    with ZipFile(io.BytesIO(pack)) as opened:
        assert opened.testzip() is None
        return {name: opened.read(name) for name in opened.namelist()}


def packed_again(files: Mapping[str, bytes], *, summed: bool = True) -> bytes:
    """A pack of these files; `summed`: with the digests that they have now."""
    if not summed:
        return zipped(files.items())
    kept = {name: content for name, content in files.items() if name != layout.SUMS}
    digests = {name: hashlib.sha256(content).hexdigest() for name, content in kept.items()}
    return zipped([*kept.items(), (layout.SUMS, layout.sums_of(digests))])


def zipped(files: Iterable[tuple[str, bytes]]) -> bytes:
    return b"".join(packed(files))


def verified(pack: bytes, **trusted: object) -> PackVerified:
    return verify_pack(memoryview(pack), **trusted)  # type: ignore[arg-type]
