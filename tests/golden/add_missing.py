"""Add what is not stored yet to story and records: `python -m tests.golden.add_missing`."""

from service.topics import topic_of
from tests.every_event import stories
from tests.golden import stored_records
from tests.golden.stored import append, kept_keys, lines


def add_missing() -> None:
    """Append every story that holds an event, or a new schema of one, not stored before."""
    known = {line.stored.topic for line in lines()}
    keys = kept_keys()
    for story in stories():
        topics = {topic_of(type(event)) for event in story.events}
        if not topics <= known:
            append(story.events, keys)
            known |= topics


if __name__ == "__main__":
    add_missing()
    stored_records.add_missing()
