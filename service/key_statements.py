"""What is asked of the table of data keys, and how keys get there and are destroyed."""

from typing import Final

# Prepared: a report by a customer of whom this process has not heard lately asks for it.
PREPARE_LIVE_KEY: Final = """
PREPARE live_key (text) AS SELECT key_id::text, wrapped_key FROM subject_keys
WHERE subject_ref = $1 AND wrapped_key IS NOT NULL
ORDER BY created_at, key_id LIMIT 1
"""
LIVE_KEY: Final = "EXECUTE live_key (%s)"
KEYS: Final = """
SELECT key_id::text, subject_ref, wrapped_key FROM subject_keys WHERE key_id = ANY (%s::uuid[])
"""
LIVE_KEYS: Final = """
SELECT key_id::text FROM subject_keys WHERE subject_ref = %s AND wrapped_key IS NOT NULL
ORDER BY created_at, key_id
"""
LIVE_AMONG: Final = """
SELECT key_id::text, subject_ref FROM subject_keys
WHERE key_id = ANY (%s::uuid[]) AND wrapped_key IS NOT NULL ORDER BY subject_ref, key_id
"""
SAVE: Final = """
INSERT INTO subject_keys (key_id, subject_ref, wrapped_key, created_at)
SELECT key_id, subject_ref, wrapped_key, clock_timestamp()
FROM unnest(%s::uuid[], %s::text[], %s::bytea[]) AS new (key_id, subject_ref, wrapped_key)
"""
DESTROY: Final = """
UPDATE subject_keys SET wrapped_key = NULL, destroyed_at = clock_timestamp()
WHERE subject_ref = %s AND wrapped_key IS NOT NULL
RETURNING key_id::text
"""
