"""What `amends doctor` looks at in the ledger: is it fed, signed and published?"""

from collections.abc import Iterator

from sqlalchemy import Engine

from api.cli.findings import Finding, fault, fine, warning
from api.ledger_health import LAG_SECONDS_MAX, look_at_ledger
from projections.ledger.health import LedgerHealth, PlaceHealth
from projections.ledger.notes import VerifierKey
from projections.ledger.places import CONTRADICTED
from projections.ledger.rounds import signing_keys_of
from projections.ledger.signing import newest_checkpoint, signing_keys
from service.settings import Settings


def look_at_the_ledger(engine: Engine, settings: Settings) -> Iterator[Finding]:
    """Its lag, its newest checkpoint, who signs it, and every place of publication."""
    found = look_at_ledger(engine)
    yield _fed(found)
    yield _signed(found)
    if found.signed_size is not None:
        yield from _signers(engine, settings)
    yield from map(_published, found.places)


def _fed(found: LedgerHealth) -> Finding:
    if found.lag_seconds > LAG_SECONDS_MAX:
        return fault(
            "ledger",
            f"it is {found.lag_seconds:.0f} s behind",
            "A running `amends worker` feeds it; see its log.",
        )
    return fine("ledger", f"{found.size} events and records")


def _signed(found: LedgerHealth) -> Finding:
    if found.signed_size is None:
        return warning(
            "checkpoints",
            "none was ever signed, so nothing would show that the newest events were cut off",
            "Set AMENDS_LEDGER_KEY_FILE for `amends worker`.",
        )
    if found.unsigned_seconds > LAG_SECONDS_MAX:
        return fault(
            "checkpoints",
            f"the oldest event that none covers is {found.unsigned_seconds:.0f} s old",
            "A running `amends worker` with AMENDS_LEDGER_KEY_FILE signs; see its log.",
        )
    both = ", signed by the old and the new key" if found.signing_keys > 1 else ""
    return fine("checkpoints", f"the newest one covers {found.signed_size}{both}")


def _signers(engine: Engine, settings: Settings) -> Iterator[Finding]:
    """Where keys are known here: whether the newest checkpoint is signed by them, and no other.

    After `amends ledger rotate-key`, or its end, it does once the workers have begun anew.
    """
    expected = {
        VerifierKey.of(settings.ledger_origin, key).key_id for key in signing_keys_of(settings)
    }
    with engine.connect() as connection:
        newest = newest_checkpoint(connection)
        own = {key.key_id for key, _ in signing_keys(connection)}
    signed = {each.key_id for each in newest[1].signatures} if newest else set()
    if expected and expected != signed & (own | expected):
        yield warning(
            "ledger keys",
            "the newest checkpoint is not signed by the keys that are set now",
            "After a change of the key restart the workers; they sign what is recorded next.",
        )


def _published(place: PlaceHealth) -> Finding:
    check = f"published to {place.place}"
    if place.failing_seconds is not None:
        advice = "See the worker's log; it tries again by itself."
        if place.fault == CONTRADICTED:
            advice = (
                "Run `amends ledger verify` and keep what was published: it is the evidence. After "
                "a restore that lost events on purpose, move it away and restart the workers."
            )
        says = f"for {place.failing_seconds:.0f} s it has failed: {place.fault}"
        return fault(check, says, advice)
    if place.behind_seconds > LAG_SECONDS_MAX:
        says = f"the oldest event not covered there is {place.behind_seconds:.0f} s old"
        return fault(check, says, "A running `amends worker` publishes; see its log.")
    age = "never" if place.age_seconds is None else f"{place.age_seconds:.0f} s ago"
    return fine(check, f"last {age}, covering {place.tree_size}")
