"""What is counted for Prometheus: requests, their times, the edition of the rulebooks; over all workers."""

from __future__ import annotations

import os

from prometheus_client import CONTENT_TYPE_LATEST, CollectorRegistry, Counter, Gauge, Histogram, generate_latest
from prometheus_client.multiprocess import MultiProcessCollector

SHARED = "PROMETHEUS_MULTIPROC_DIR"
BUCKETS = (0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30)

requests = Counter("conggao_requests_total", "Requests answered", ("route", "method", "status"))
seconds = Histogram("conggao_request_seconds", "Seconds to answer a request", ("route",), buckets=BUCKETS)
decisions = Counter("conggao_decisions_total", "Cases decided", ("engine",))
reloads = Counter("conggao_reloads_total", "Sets of rulebooks offered by their files", ("result",))
edition = Gauge("conggao_rulebook_edition", "How often the rulebooks were swapped, from 1", multiprocess_mode="max")


def exposition() -> tuple[bytes, str]:
    """The counts of all workers, and their media type."""
    if SHARED in os.environ:
        registry = CollectorRegistry()
        MultiProcessCollector(registry)  # type: ignore[no-untyped-call]
        return generate_latest(registry), CONTENT_TYPE_LATEST
    return generate_latest(), CONTENT_TYPE_LATEST
