"""Indexes made last, by whichever worker comes first."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor

from sqlalchemy import Engine, text

from projections import case_list, rebuild, rebuild_indexes
from projections.chunks import Plan

OPTIONS = text("""
    SELECT reloptions FROM pg_class WHERE oid = 'case_list_next.words_of_cases'::regclass
""")


def test_two_workers_at_once_do_not_wait_for_each_other(engine: Engine) -> None:
    model = case_list.READ_MODEL
    rebuild.begin(engine, model, Plan([], 0))

    def add_missing(_: int) -> bool:
        return rebuild_indexes.add_missing(engine, model)

    with ThreadPoolExecutor(2) as workers:
        lacking = list(workers.map(add_missing, range(2)))

    assert any(lacking)
    assert not add_missing(3)


def test_new_words_wait_for_the_index_in_small_heaps_only(engine: Engine) -> None:
    model = case_list.READ_MODEL
    rebuild.begin(engine, model, Plan([], 0))

    rebuild_indexes.add_missing(engine, model)

    with engine.connect() as connection:
        options = connection.execute(OPTIONS).scalar_one()
    assert options == [f"gin_pending_list_limit={case_list.PENDING_WORDS_KB}"]
