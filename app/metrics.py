"""Figures of the running service for Prometheus: requests, durations, what waits. No names.

Requests are counted by each web process. Where several serve one address, `app.serving` gives them
a folder in common (PROMETHEUS_MULTIPROC_DIR), and whichever is asked tells the sum. What waits is
read from the database when it is asked for, so that it is the same from every machine.
"""

from __future__ import annotations

import os
from collections.abc import Iterable

from prometheus_client import (
    CONTENT_TYPE_LATEST,
    CollectorRegistry,
    Counter,
    Histogram,
    generate_latest,
)
from prometheus_client import values as _values
from prometheus_client.metrics_core import GaugeMetricFamily, Metric
from prometheus_client.multiprocess import MultiProcessCollector
from prometheus_client.registry import Collector

from app.services.service_state import ServiceFigures

CONTENT_TYPE = CONTENT_TYPE_LATEST
METHODS = frozenset(("GET", "HEAD", "POST", "OPTIONS"))
SECONDS = (0.005, 0.01, 0.025, 0.05, 0.1, 0.2, 0.3, 0.5, 1.0, 2.5, 5.0, 10.0)
"""Upper edges of the durations told apart; 0.3 s is what a page may take."""

_own = CollectorRegistry()
_requests = Counter(
    "escala_requests",
    "Requests answered, by method, route and status.",
    ("method", "route", "status"),
    registry=_own,
)
_durations = Histogram(
    "escala_request_seconds",
    "Time to answer a request, by route.",
    ("route",),
    buckets=SECONDS,
    registry=_own,
)


def count_together(folder: str) -> None:
    """From now on count in `folder`, with all processes that do. Nothing may be counted before.

    The library looks for it when it is imported, once for all, and a process that is forked has
    imported it already.
    """
    os.environ["PROMETHEUS_MULTIPROC_DIR"] = folder
    _values.ValueClass = _values.get_value_class()  # type: ignore[misc,no-untyped-call]


def count_request(method: str, route: str, status: int, seconds: float) -> None:
    """Count one answer. `route` is the pattern of its address, empty where no page is there."""
    told = method if method in METHODS else "other"
    _requests.labels(told, route or "none", str(status)).inc()
    _durations.labels(route or "none").observe(seconds)


def exposition(found: ServiceFigures | None) -> bytes:
    """Everything in Prometheus's text form; without `found` the database could not be asked."""
    registry = CollectorRegistry()
    if "PROMETHEUS_MULTIPROC_DIR" in os.environ:
        MultiProcessCollector(registry)  # type: ignore[no-untyped-call]
    else:
        registry.register(_Own())
    registry.register(_Waiting(found))
    return generate_latest(registry)


class _Own(Collector):
    """What this one process has counted."""

    def collect(self) -> Iterable[Metric]:
        return _own.collect()


class _Waiting(Collector):
    def __init__(self, found: ServiceFigures | None) -> None:
        self.found = found

    def collect(self) -> Iterable[Metric]:
        found = self.found
        yield _gauge(
            "escala_database_up", "Whether the database answers.", float(found is not None)
        )
        if found is None:
            return
        yield _by_status("escala_runs", "Runs that have not ended.", found.runs)
        yield _gauge(
            "escala_runs_wait_seconds",
            "How long the run that waits longest has waited.",
            found.runs_wait_seconds,
        )
        yield _by_status("escala_mails", "Mails not yet sent, by status.", found.mails)
        yield _gauge(
            "escala_mails_wait_seconds",
            "How long the mail that is due longest has been due.",
            found.mails_wait_seconds,
        )
        yield _gauge("escala_workers", "Workers that are alive.", float(found.workers))
        if found.beat_age_seconds is not None:
            yield _gauge(
                "escala_worker_beat_age_seconds",
                "Time since a worker last said that it is alive.",
                found.beat_age_seconds,
            )


def _gauge(name: str, told: str, value: float) -> Metric:
    return GaugeMetricFamily(name, told, value=value)


def _by_status(name: str, told: str, counts: dict[str, int]) -> Metric:
    family = GaugeMetricFamily(name, told, labels=("status",))
    for status, count in sorted(counts.items()):
        family.add_metric((status,), count)
    return family
