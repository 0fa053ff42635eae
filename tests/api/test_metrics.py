"""Counters in shared memory: exact over processes, and never growing."""

from __future__ import annotations

import os

from prometheus_client import CollectorRegistry, generate_latest

from api.metrics import RequestMetrics

ROUTES = [("", "(none)"), ("GET", "/v1/cases"), ("POST", "/v1/cases")]


def _text(metrics: RequestMetrics) -> str:
    registry = CollectorRegistry(auto_describe=False)
    registry.register(metrics)
    return generate_latest(registry).decode()


def test_answers_are_counted_by_route_and_status() -> None:
    metrics = RequestMetrics(ROUTES, processes=1)
    metrics.observe("GET", "/v1/cases", 200, 0.004)
    metrics.observe("HEAD", "/v1/cases", 204, 0.02)
    metrics.observe("GET", "/nowhere", 404, 0.001)

    text = _text(metrics)

    assert 'amends_http_requests_total{method="GET",route="/v1/cases",status="2xx"} 2.0' in text
    assert 'amends_http_requests_total{method="",route="(none)",status="4xx"} 1.0' in text
    assert 'le="0.005",method="GET",route="/v1/cases"} 1.0' in text
    assert 'le="+Inf",method="GET",route="/v1/cases"} 2.0' in text


def test_processes_count_together() -> None:
    metrics = RequestMetrics(ROUTES, processes=2)
    metrics.observe("POST", "/v1/cases", 201, 0.1)
    child = os.fork()
    if not child:
        metrics.use_slot(1)
        metrics.observe("POST", "/v1/cases", 201, 0.1)
        os._exit(0)
    os.waitpid(child, 0)

    text = _text(metrics)

    assert 'amends_http_requests_total{method="POST",route="/v1/cases",status="2xx"} 2.0' in text
