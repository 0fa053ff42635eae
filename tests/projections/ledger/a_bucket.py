"""A bucket with object lock, as an S3-compatible store has it, which checks every signature."""

from __future__ import annotations

import base64
import hashlib
import hmac
from dataclasses import dataclass, field
from datetime import UTC, datetime
from urllib.parse import parse_qsl, quote, unquote, urlsplit
from xml.sax.saxutils import escape

from tests.projections.ledger.a_witness import Answer

XML = "application/xml"
SECRET = "the-secret-of-the-bucket"
SIGNED_WHERE_GIVEN = (
    "host",
    "x-amz-content-sha256",
    "x-amz-date",
    "x-amz-object-lock-mode",
    "x-amz-object-lock-retain-until-date",
    "x-amz-checksum-sha256",
)


@dataclass
class ABucket:
    """Objects by name, each with how long it is locked; a page of a list has three rows."""

    name: str = "ledger"
    key_id: str = "the-key-id"
    region: str = "eu-central-1"
    rows: int = 3
    objects: dict[str, tuple[bytes, str, datetime]] = field(default_factory=dict)
    requests: list[str] = field(default_factory=list)
    away: str | None = None

    def respond(self, method: str, path: str, headers: dict[str, str], body: bytes) -> Answer:
        parts = urlsplit(path)
        query = dict(parse_qsl(parts.query, keep_blank_values=True))
        self.requests.append(f"{method} {unquote(parts.path)}")
        if self.away:
            return _error(503, self.away)
        if not self._is_signed(method, parts.path, parts.query, headers, body):
            return _error(403, "SignatureDoesNotMatch")
        bucket, _, name = unquote(parts.path).removeprefix("/").partition("/")
        if bucket != self.name:
            return _error(404, "NoSuchBucket")
        if method == "PUT":
            return self._put(name, headers, body)
        return self._get(name) if name else self._list(query)

    def _put(self, name: str, headers: dict[str, str], body: bytes) -> Answer:
        given = headers.get("x-amz-checksum-sha256", "")
        if base64.b64encode(hashlib.sha256(body).digest()).decode() != given:
            return _error(400, "InvalidRequest")
        if headers.get("if-none-match") == "*" and name in self.objects:
            return _error(412, "PreconditionFailed")
        until = datetime.fromisoformat(headers["x-amz-object-lock-retain-until-date"])
        self.objects[name] = (body, headers["x-amz-object-lock-mode"], until)
        return 200, XML, b""

    def _get(self, name: str) -> Answer:
        found = self.objects.get(name)
        return (200, "text/plain", found[0]) if found else _error(404, "NoSuchKey")

    def _list(self, query: dict[str, str]) -> Answer:
        prefix, delimiter = query.get("prefix", ""), query.get("delimiter")
        rows = sorted({_row(name, prefix, delimiter) for name in self._below(prefix)})
        begin = rows.index(query["continuation-token"]) if "continuation-token" in query else 0
        page, rest = rows[begin : begin + self.rows], rows[begin + self.rows :]
        told = "".join(
            f"<CommonPrefixes><Prefix>{escape(row)}</Prefix></CommonPrefixes>"
            if row.endswith("/")
            else f"<Contents><Key>{escape(row)}</Key><Size>1</Size></Contents>"
            for row in page
        )
        token = f"<NextContinuationToken>{rest[0]}</NextContinuationToken>" if rest else ""
        more = f"<IsTruncated>{str(bool(rest)).lower()}</IsTruncated>{token}"
        return 200, XML, f"<ListBucketResult>{told}{more}</ListBucketResult>".encode()

    def _below(self, prefix: str) -> list[str]:
        return [name for name in self.objects if name.startswith(prefix)]

    def _is_signed(
        self, method: str, path: str, query: str, headers: dict[str, str], body: bytes
    ) -> bool:
        """Signature Version 4, as the manual of S3 has it."""
        scheme, _, rest = headers.get("authorization", "").partition(" ")
        parts = dict(each.strip().split("=", 1) for each in rest.split(","))
        key_id, day, *scope = parts["Credential"].split("/")
        signed = parts["SignedHeaders"].split(";")
        payload = headers["x-amz-content-sha256"]
        canonical = "\n".join(
            [
                method,
                quote(unquote(path), safe="/-_.~"),
                "&".join(sorted(query.split("&"))) if query else "",
                *(f"{name}:{' '.join(headers[name].split())}" for name in signed),
                "",
                ";".join(signed),
                payload,
            ]
        )
        hashed = hashlib.sha256(canonical.encode()).hexdigest()
        to_sign = "\n".join([scheme, headers["x-amz-date"], "/".join([day, *scope]), hashed])
        key = f"AWS4{SECRET}".encode()
        for part in (day, *scope):
            key = hmac.digest(key, part.encode(), "sha256")
        right = hmac.digest(key, to_sign.encode(), "sha256").hex()
        return (
            (scheme, key_id, scope) == ("AWS4-HMAC-SHA256", self.key_id, self.scope)
            and payload == hashlib.sha256(body).hexdigest()
            and {name for name in SIGNED_WHERE_GIVEN if name in headers} <= set(signed)
            and abs((_at(headers["x-amz-date"]) - datetime.now(UTC)).total_seconds()) < 900
            and hmac.compare_digest(right, parts["Signature"])
        )

    @property
    def scope(self) -> list[str]:
        return [self.region, "s3", "aws4_request"]


def _row(name: str, prefix: str, delimiter: str | None) -> str:
    """A name, or what it has in common with others up to the delimiter."""
    rest = name.removeprefix(prefix)
    if delimiter and delimiter in rest:
        return prefix + rest.partition(delimiter)[0] + delimiter
    return name


def _at(text: str) -> datetime:
    return datetime.strptime(text, "%Y%m%dT%H%M%SZ").replace(tzinfo=UTC)


def _error(status: int, code: str) -> Answer:
    return status, XML, f"<Error><Code>{code}</Code><Message>{SECRET}</Message></Error>".encode()
