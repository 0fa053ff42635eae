"""The ledger over HTTP: the newest checkpoint, receipts, proofs of growth, and the public keys."""

from __future__ import annotations

from datetime import datetime
from typing import Any, Final

from sqlalchemy import Connection

from api import params, parsing
from api.errors import Problem
from api.json_body import rfc3339
from api.routes import Answer, Call, Param, Route
from domain.values import Role
from projections.ledger.notes import VerifierKey, encoded
from projections.ledger.receipts import (
    NoSuchEvent,
    NoSuchSize,
    NotCovered,
    growth,
    position_of_version,
    receipt_for,
)
from projections.ledger.signing import newest_checkpoint, signing_keys
from projections.ledger.tree import LedgerBroken
from service.event_store.records import HIGHEST_POSITION

READERS: Final = frozenset({Role.AUDITOR, Role.ADMIN})
TEXT: Final = "text/plain"
_UTF8: Final = "text/plain; charset=utf-8"
SOON: Final = {"Retry-After": "1"}


def show_checkpoint(call: Call) -> Answer:
    """The newest signed checkpoint, as a signed note."""
    with call.front.engine.connect() as connection:
        found = newest_checkpoint(connection)
    if found is None:
        raise Problem("not_signed_yet", headers=SOON)
    return Answer(str(found[1]).encode(), media_type=_UTF8)


def show_inclusion(call: Call) -> Answer:
    """A receipt for one event, named by its position, or by its case and version."""
    with call.front.engine.connect() as connection:
        try:
            receipt = receipt_for(connection, _position(call, connection))
        except NoSuchEvent:
            raise Problem("event_not_found") from None
        except NotCovered:
            raise Problem("not_signed_yet", headers=SOON) from None
        except LedgerBroken:
            raise Problem("ledger_incomplete") from None
    return Answer(str(receipt).encode(), media_type=_UTF8)


def _position(call: Call, connection: Connection) -> int:
    query = call.query
    position: int | None = query["position"]
    named = (query["case_id"], query["version"])
    if (position is None) == (None in named) or (position is not None and any(named)):
        code = "position_or_case"
        faults = [{"parameter": name, "code": code} for name in ("position", "case_id", "version")]
        raise Problem("invalid_parameter", errors=faults)
    if position is None:
        position = position_of_version(connection, *named)
    if position is None:
        raise Problem("event_not_found")
    return position


def show_consistency(call: Call) -> Answer:
    """The proof that the ledger of one size begins with the ledger of a smaller one."""
    old_size, size = call.query["from"], call.query["to"]
    if old_size is None or size is None:
        missing = [name for name in ("from", "to") if call.query[name] is None]
        faults = [{"parameter": name, "code": "required"} for name in missing]
        raise Problem("invalid_parameter", errors=faults)
    with call.front.engine.connect() as connection:
        try:
            found = growth(connection, old_size, size)
        except NoSuchSize:
            raise Problem("ledger_size_not_found") from None
        except LedgerBroken:
            raise Problem("ledger_incomplete") from None
    return Answer(
        {
            "from": {"size": found.old_size, "root": encoded(found.old_root)},
            "to": {"size": found.size, "root": encoded(found.root)},
            "proof": [encoded(each) for each in found.path],
        }
    )


def show_keys(call: Call) -> Answer:
    """Every public key that ever signed a checkpoint, the first one first."""
    with call.front.engine.connect() as connection:
        keys = signing_keys(connection)
    return Answer({"items": [key_json(key, first_used_at) for key, first_used_at in keys]})


def key_json(key: VerifierKey, first_used_at: datetime) -> dict[str, Any]:
    return {
        "name": key.name,
        "key_id": key.key_id.hex(),
        "algorithm": "Ed25519",
        "verifier_key": str(key),
        "public_key_pem": key.pem,
        "first_used_at": rfc3339(first_used_at),
    }


def _size(name: str, about: str) -> Param:
    schema = {"type": "integer", "minimum": 1}
    return Param(name, params.whole_number(1, HIGHEST_POSITION), schema, about)


_POSITION: Final = Param(
    "position",
    params.whole_number(0, HIGHEST_POSITION),
    {"type": "integer", "minimum": 0},
    "Where the event stands in the log (`Amends-Position`).",
)
_CASE: Final = Param(
    "case_id",
    parsing.uuid,
    {"type": "string", "format": "uuid"},
    "Instead of the position: the event's case, with `version`.",
)
_VERSION: Final = Param(
    "version",
    params.whole_number(1, 1_000_000_000),
    {"type": "integer", "minimum": 1},
    "The version that the case had after the event.",
)


LEDGER_ROUTES: Final = (
    Route(
        method="GET",
        path="/v1/ledger/checkpoint",
        name="show_checkpoint",
        summary="The newest signed checkpoint of the ledger (C2SP tlog-checkpoint).",
        tag="Ledger",
        view=show_checkpoint,
        shows="SignedNote",
        media_types=(TEXT,),
    ),
    Route(
        method="GET",
        path="/v1/ledger/inclusion",
        name="show_inclusion",
        summary="A receipt for one event, to be verified anywhere (C2SP tlog-proof).",
        tag="Ledger",
        view=show_inclusion,
        roles=READERS,
        params=(_POSITION, _CASE, _VERSION),
        shows="SignedNote",
        media_types=(TEXT,),
    ),
    Route(
        method="GET",
        path="/v1/ledger/consistency",
        name="show_consistency",
        summary="Proof that a larger ledger begins with a smaller one (RFC 9162, 2.1.4).",
        tag="Ledger",
        view=show_consistency,
        roles=READERS,
        params=(_size("from", "The smaller size."), _size("to", "The larger size.")),
        shows="Consistency",
    ),
    Route(
        method="GET",
        path="/v1/ledger/keys",
        name="show_ledger_keys",
        summary="The public keys that signed checkpoints.",
        tag="Ledger",
        view=show_keys,
        shows="LedgerKeys",
    ),
)
