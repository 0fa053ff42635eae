"""Reads a log by pm4py, and prints what it found there as JSON.

A program of its own: pm4py is under the AGPL and warns where our tests take warnings for errors.
"""

from __future__ import annotations

import json
import sys
from typing import Any

import pm4py


def read_xes(path: str) -> dict[str, Any]:
    log = pm4py.read_xes(path, return_legacy_log_object=False)
    follows, begins, ends = pm4py.discover_dfg(log)
    net, start, end = pm4py.discover_petri_net_inductive(log)
    fitting = pm4py.fitness_token_based_replay(log, net, start, end)
    return {
        "events": len(log),
        "cases": int(log["case:concept:name"].nunique()),
        "imported": int(log[log["case:origin"] == "imported"]["case:concept:name"].nunique()),
        "activities": sorted(log["concept:name"].unique()),
        "resources": sorted(log["org:resource"].dropna().unique()),
        "positions": sorted(int(each) for each in log["position"]),
        "times": sorted(each.isoformat() for each in log["time:timestamp"]),
        "follows": sorted([one, other, count] for (one, other), count in follows.items()),
        "begins": begins,
        "ends": ends,
        "in_the_net": sorted({each.label for each in net.transitions if each.label}),
        "fitness": fitting["log_fitness"],
    }


def read_ocel2(path: str) -> dict[str, Any]:
    log = pm4py.read_ocel2_json(path)
    objects = log.objects.groupby("ocel:type").size().to_dict()
    related = log.relations.groupby("ocel:qualifier").size().to_dict()
    of_cases = pm4py.ocel_flattening(log, "case")
    follows, begins, ends = pm4py.discover_dfg(of_cases)
    return {
        "events": len(log.events),
        "objects": {kind: int(count) for kind, count in objects.items()},
        "relations": {how: int(count) for how, count in related.items()},
        "between_objects": sorted(log.o2o["ocel:qualifier"].unique()),
        "activities": sorted(log.events["ocel:activity"].unique()),
        "positions": sorted(int(each) for each in log.events["ocel:eid"]),
        "follows": sorted([one, other, count] for (one, other), count in follows.items()),
        "begins": begins,
        "ends": ends,
    }


if __name__ == "__main__":
    form, path = sys.argv[1:]
    found = read_xes(path) if form == "xes" else read_ocel2(path)
    print(json.dumps(found))  # noqa: T201, since this is the result
