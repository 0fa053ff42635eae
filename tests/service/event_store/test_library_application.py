"""Any application of the eventsourcing library can keep its events here."""

from uuid import UUID

import pytest
from eventsourcing.application import Application
from eventsourcing.domain import Aggregate, event
from eventsourcing.persistence import IntegrityError
from eventsourcing.tests import application


class TestExample(application.ExampleApplicationTestCase):
    """The library's own example, which takes its persistence from the environment."""

    expected_factory_topic = "service.event_store.factory:Factory"

    @pytest.fixture(autouse=True)
    def choose_this_store(self, database_url: str, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setenv("PERSISTENCE_MODULE", "service.event_store")
        monkeypatch.setenv("AMENDS_DATABASE_URL", database_url)


class Shelf(Aggregate):
    """A small aggregate of nobody's domain."""

    def __init__(self) -> None:
        self.books: list[str] = []

    @event("BookAdded")
    def add(self, title: str) -> None:
        self.books.append(title)


class Library(Application[UUID]):
    is_snapshotting_enabled = True
    snapshotting_intervals = {Shelf: 3}  # noqa: RUF012
    snapshotting_projectors = {}  # noqa: RUF012


@pytest.fixture
def library(database_url):
    env = {"PERSISTENCE_MODULE": "service.event_store", "AMENDS_DATABASE_URL": database_url}
    with Library(env) as library:
        yield library


def test_aggregates_are_saved_and_found(library):
    shelf = Shelf()
    shelf.add("Emma")
    shelf.add("红楼梦")

    recordings = library.save(shelf)

    assert library.repository.get(shelf.id).books == ["Emma", "红楼梦"]
    assert [each.notification.id for each in recordings] == sorted(
        each.notification.id for each in recordings
    )


def test_of_two_changes_of_one_version_the_second_is_refused(library):
    shelf = Shelf()
    library.save(shelf)
    mine, yours = library.repository.get(shelf.id), library.repository.get(shelf.id)
    mine.add("Emma")
    library.save(mine)

    yours.add("Persuasion")
    with pytest.raises(IntegrityError):
        library.save(yours)

    assert library.repository.get(shelf.id).books == ["Emma"]


def test_snapshots_are_kept_beside_the_events(library):
    shelf = Shelf()
    for title in "abcdef":
        shelf.add(title)
        library.save(shelf)

    assert library.snapshots is not None
    assert list(library.snapshots.get(shelf.id))
    assert library.repository.get(shelf.id).books == list("abcdef")
