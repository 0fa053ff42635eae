"""What the tests of the store check ask of it."""

from __future__ import annotations

from service.assembly import Service
from service.store_check import StoreReport, check_store
from tests.given import Story


def checked(service: Service, **options: bool) -> StoreReport:
    return check_store(service.engine, service.mapper, lambda *_: None, **options)


def broken(service: Service) -> dict[str, list[str]]:
    """The rules that are broken, with where."""
    found = checked(service).found
    return {rule: each.examples for rule, each in found.items() if each.violations}


def positions_of(service: Service, story: Story) -> list[int]:
    return [each.id for each in service.recorder.select_events(story.case.id)]
