"""Indexes made last, by whichever worker comes first."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor

from sqlalchemy import Engine

from projections import case_list, rebuild, rebuild_indexes
from projections.chunks import Plan


def test_two_workers_at_once_do_not_wait_for_each_other(engine: Engine) -> None:
    model = case_list.READ_MODEL
    rebuild.begin(engine, model, Plan([], 0))

    def add_missing(_: int) -> bool:
        return rebuild_indexes.add_missing(engine, model)

    with ThreadPoolExecutor(2) as workers:
        lacking = list(workers.map(add_missing, range(2)))

    assert any(lacking)
    assert not add_missing(3)
