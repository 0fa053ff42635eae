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

# The next run of events, up to a position that the ledger covers; see docs/decisions/0150.
ADD_RUN: Final = text("""
    INSERT INTO ledger.runs
        (after_position, last_position, lowest_recorded_at, highest_recorded_at)
    SELECT known.last_position, max(position), min(recorded_at), max(recorded_at)
    FROM (SELECT coalesce(max(last_position), -1) AS last_position FROM ledger.runs) AS known
    JOIN events ON position > known.last_position AND position <= :up_to
    GROUP BY known.last_position
    RETURNING after_position, last_position
""")
# OFFSET keeps the subject from being looked for twice.
ADD_SUBJECTS: Final = text("""
    INSERT INTO ledger.subjects (position, subject_ref, case_id)
    SELECT position, subject_ref, originator_id FROM (
        SELECT position, subject_of_event(state) AS subject_ref, originator_id FROM events
        WHERE position > :after_position AND position <= :last_position AND originator_version = 1
        ORDER BY position OFFSET 0
    ) AS begun
    WHERE subject_ref IS NOT NULL
""")

ADD_NODE: Final = text("INSERT INTO ledger.nodes VALUES (:height, :number, :hash)")

# Only the hashes between: a row may hold those of thousands of events.
LEAVES_BETWEEN: Final = text("""
    SELECT substring(
        hashes
        FROM (32 * greatest(:start - first_index, 0) + 1)::integer
        FOR greatest(
            32 * (least(:end - first_index, leaf_count) - greatest(:start - first_index, 0)), 0
        )::integer
    ) AS hashes
    FROM ledger.leaves
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

POSITION_AT: Final = text("""
    SELECT substring(positions FROM (8 * (:index - first_index) + 1)::integer FOR 8)
    FROM ledger.leaves
    WHERE first_index <= :index AND :index < first_index + leaf_count
    ORDER BY first_index DESC LIMIT 1
""")

NEWEST_CHECKPOINT: Final = text("""
    SELECT tree_size, note FROM ledger.checkpoints ORDER BY tree_size DESC LIMIT 1
""")

CHECKPOINT_OVER: Final = text("""
    SELECT tree_size, note FROM ledger.checkpoints WHERE tree_size = :size
""")

CHECKPOINTS: Final = text("SELECT tree_size, note FROM ledger.checkpoints ORDER BY tree_size")

ADD_CHECKPOINT: Final = text("""
    INSERT INTO ledger.checkpoints (tree_size, note, signed_at)
    VALUES (:size, :note, clock_timestamp())
""")

ADD_KEY: Final = text("""
    INSERT INTO ledger.keys (verifier_key, first_used_at) VALUES (:key, clock_timestamp())
    ON CONFLICT DO NOTHING
""")

KEYS: Final = text("SELECT verifier_key, first_used_at FROM ledger.keys ORDER BY first_used_at")

COSIGNATURES: Final = text("""
    SELECT line FROM ledger.cosignatures WHERE tree_size = :size ORDER BY received_at, line
""")

ADD_COSIGNATURE: Final = text("""
    INSERT INTO ledger.cosignatures (tree_size, line, received_at)
    VALUES (:size, :line, clock_timestamp()) ON CONFLICT DO NOTHING
""")

ALL_COSIGNATURES: Final = text("""
    SELECT tree_size, note, line FROM ledger.cosignatures JOIN ledger.checkpoints USING (tree_size)
    ORDER BY tree_size
""")

PUBLISHED_SIZE: Final = text("SELECT tree_size FROM ledger.publications WHERE place = :place")

# A place that is not set any more would be behind for ever.
FORGET_PLACES: Final = text("""
    DELETE FROM ledger.publications WHERE place <> ALL (CAST(:places AS text[]))
""")

PUBLISHED: Final = text("""
    INSERT INTO ledger.publications (place, tree_size, published_at)
    VALUES (:place, :size, clock_timestamp())
    ON CONFLICT (place) DO UPDATE SET tree_size = excluded.tree_size,
        published_at = excluded.published_at, failing_since = NULL, fault = NULL
""")

# Said once and not at every attempt, so that the time of the first failure stays.
FAILING: Final = text("""
    INSERT INTO ledger.publications AS known (place, failing_since, fault)
    VALUES (:place, clock_timestamp(), :fault)
    ON CONFLICT (place) DO UPDATE SET
        failing_since = coalesce(known.failing_since, excluded.failing_since),
        fault = excluded.fault
    WHERE known.fault IS DISTINCT FROM excluded.fault
""")

ALL_LEAVES: Final = text("""
    SELECT first_index, leaf_count, last_position, positions, hashes FROM ledger.leaves
    ORDER BY first_index
""")

ALL_NODES: Final = text("SELECT height, number, hash FROM ledger.nodes")

POSITION_OF_VERSION: Final = text("""
    SELECT position FROM events WHERE originator_id = :case_id AND originator_version = :version
""")

PLACES: Final = text("""
    SELECT place, tree_size,
        extract(epoch FROM clock_timestamp() - published_at)::float8,
        extract(epoch FROM clock_timestamp() - failing_since)::float8,
        fault
    FROM ledger.publications ORDER BY place
""")

OLDEST_BEHIND: Final = text("""
    SELECT extract(epoch FROM clock_timestamp() - min(recorded_at))::float8 FROM (
        (SELECT recorded_at FROM events WHERE position > :position ORDER BY position LIMIT 1)
        UNION ALL
        (SELECT recorded_at FROM records WHERE position > :position ORDER BY position LIMIT 1)
    ) AS unread
""")
