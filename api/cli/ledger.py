"""`amends ledger`: what proves that nothing was edited, dropped or cut off."""

from collections.abc import Mapping
from types import MappingProxyType

from api.cli.lazily import LazyGroup

# Verifying a pack loads nothing that knows a database.
PARTS: Mapping[str, str] = MappingProxyType(
    {
        "verify": "api.cli.ledger_verify",
        "verify-receipt": "api.cli.ledger_verify_receipt",
        "verify-pack": "api.cli.ledger_verify_pack",
        "checkpoint": "api.cli.ledger_checkpoint",
        "keys": "api.cli.ledger_keys",
        "rotate-key": "api.cli.ledger_rotate",
    }
)

command = LazyGroup("ledger", PARTS, help="Prove that nothing was edited, dropped or cut off.")
