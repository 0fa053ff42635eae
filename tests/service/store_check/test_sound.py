"""The store check finds a sound store sound, beside live writers, and stands in nobody's way."""

from __future__ import annotations

from collections.abc import Callable
from threading import Event, Thread

import pytest

from projections.read_models import build_engine
from service import store_check
from service.assembly import Service
from service.store_check import CONTENTS, EXAMPLES_MAX, RULES, check_store
from tests.given import Story
from tests.service.event_store.steps import readable
from tests.service.store_check.looking import broken, checked


def test_a_sound_store_breaks_no_rule(service: Service, filled: list[Story]) -> None:
    report = checked(service)

    assert report.is_sound
    assert report.events == 9
    assert set(report.found) == set(RULES)


def test_an_empty_store_is_sound(service: Service) -> None:
    assert checked(service).is_sound


def test_a_quick_look_leaves_out_the_contents(service: Service, filled: list[Story]) -> None:
    report = checked(service, quick=True)

    assert set(report.found) == set(RULES) - CONTENTS


def test_rules_hold_across_the_borders_of_chunks(
    service: Service,
    filled: list[Story],
    tamper: Callable[..., None],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(store_check, "CHUNK", 1)
    monkeypatch.setattr(store_check, "PAGE", 1)
    sound = checked(service).is_sound
    middle = sorted(story.case.id for story in filled)[1]

    tamper("DELETE FROM events WHERE originator_id = %s AND originator_version = 2", middle)

    assert sound
    assert broken(service)["versions"] == [f"case {middle}: 3 after 1"]


def test_many_violations_are_counted_and_a_few_are_named(
    service: Service, filled: list[Story], tamper: Callable[..., None]
) -> None:
    tamper("UPDATE events SET topic = 'case_sold:1'")

    found = checked(service).found["contents"]

    assert found.violations == 9
    assert len(found.examples) == EXAMPLES_MAX


def test_live_writers_break_no_rule(
    service: Service, filled: list[Story], monkeypatch: pytest.MonkeyPatch
) -> None:
    """Events, commands, keys and read models grow while it looks at them piece by piece."""
    monkeypatch.setattr(store_check, "CHUNK", 3)
    monkeypatch.setattr(store_check, "PAGE", 2)
    stop, models = Event(), build_engine(service)

    def live() -> None:
        while not stop.is_set():
            service.cases.record(Story().after("report", "acknowledge").events)
            models.feed_all()

    writer = Thread(target=live)
    writer.start()
    try:
        reports = [checked(service) for _ in range(5)]
    finally:
        stop.set()
        writer.join()

    assert all(report.is_sound for report in reports), [report.found for report in reports]
    assert reports[0].events < reports[-1].events


def test_the_check_holds_no_reader_back(service: Service, filled: list[Story]) -> None:
    looks = []

    def look(done: int, total: int | None, words: str) -> None:
        (recorded,) = service.cases.record(Story().after("report").events)
        readable(service.recorder, recorded.id)
        looks.append(words)

    check_store(service.engine, service.mapper, look)

    assert len(looks) >= 4
