"""The statements of the ledger. Values are always parameters, never part of the text."""

from typing import Final

from sqlalchemy import text

LEDGER_LOCK: Final = 0x6C6564676572
"""One worker at a time adds to the ledger of a database ("ledger")."""

# What is lost in a crash of the server is made again from the events, to the same bytes.
TAKE_TURN: Final = text("""
    SELECT pg_try_advisory_xact_lock(:lock), set_config('synchronous_commit', :synchronous, true)
""")

NEWEST: Final = text("""
    SELECT first_index + leaf_count AS size, last_position FROM ledger.leaves
    ORDER BY first_index DESC LIMIT 1
""")

ADD_LEAVES: Final = text("""
    INSERT INTO ledger.leaves
        (first_index, leaf_count, last_position, positions, hashes, added_at)
    VALUES (:first_index, :leaf_count, :last_position, :positions, :hashes, clock_timestamp())
""")

ADD_NODE: Final = text("INSERT INTO ledger.nodes VALUES (:height, :number, :hash)")

LEAVES_BETWEEN: Final = text("""
    SELECT first_index, leaf_count, positions, hashes FROM ledger.leaves
    WHERE first_index < :end AND first_index >= coalesce(
        (SELECT max(first_index) FROM ledger.leaves WHERE first_index <= :start), 0
    )
    ORDER BY first_index
""")

NODES_BETWEEN: Final = text("""
    SELECT hash FROM ledger.nodes WHERE height = :height AND number >= :start AND number < :end
    ORDER BY number
""")

LEAVES_AT: Final = text("""
    SELECT first_index, positions FROM ledger.leaves WHERE last_position >= :position
    ORDER BY last_position LIMIT 1
""")
