"""The ledger: a Merkle tree over every event, and everything that proves it unchanged."""
