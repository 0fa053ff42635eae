"""No skip: whatever writers do, every reader gets each event once and in the log's order."""

import secrets

import click
import pytest

from service.event_store import statements
from tests.no_skip.storm import Storm, raise_storm

HORIZON_OF_PAGE = "SELECT horizon FROM event_horizon"
EVENTS_THAT_SHOW_A_SKIP = 5_000


@pytest.fixture
def seed(request):
    """Of everything random; printed, and `--seed` repeats it."""
    chosen = request.config.getoption("seed")
    chosen = secrets.randbelow(2**32) if chosen is None else chosen
    click.echo(f"seed {chosen}")
    return chosen


@pytest.fixture
def events(request):
    return request.config.getoption("events")


def test_every_reader_gets_each_event_once_and_in_order(seed, events, database_url, postgres_url):
    storm = Storm(seed, events, database_url, postgres_url)

    outcome = raise_storm(storm)

    click.echo(outcome)
    assert outcome.faults == []
    assert outcome.stored == outcome.acknowledged >= storm.events


def test_without_the_horizon_readers_skip_events(seed, database_url, postgres_url):
    """The test of the test: the same storm, and a page query that reads up to the newest event."""
    to_newest = "SELECT coalesce(max(position), 0) + 1 AS horizon FROM events"
    careless = statements.PAGE.replace(HORIZON_OF_PAGE, to_newest)
    assert careless.count(to_newest) == 1
    storm = Storm(
        seed,
        EVENTS_THAT_SHOW_A_SKIP,
        database_url,
        postgres_url,
        page_query=careless,
        largest_append=10,  # many transactions
    )

    outcome = raise_storm(storm)

    click.echo(outcome)
    assert outcome.faults
    assert outcome.stored == outcome.acknowledged
