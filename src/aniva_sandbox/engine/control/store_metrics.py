"""Metrics of a server whose worlds are in a store, for Prometheus."""

from collections.abc import Iterator
from typing import TYPE_CHECKING, Final

from aniva_sandbox.engine.control.metrics import Family, metric_of
from aniva_sandbox.engine.store.replicas import Replicas

if TYPE_CHECKING:
    from prometheus_client import Metric

__all__ = ["STORE_METRICS", "read_store_metrics"]

LATENCY: Final = Family("sandbox_store_latency_seconds", "How long the store took to append to logs and read them.")
CATCH_UP: Final = Family("sandbox_store_catch_up_seconds", "How long it took to apply what other processes did.")
ENTRIES: Final = Family(
    "sandbox_store_entries_total", "Entries of logs that were applied, by who appended them: own or other.", ("by",)
)
LENGTH: Final = Family(
    "sandbox_store_log_entries", "Entries behind the last snapshots, in the logs of the worlds in this process."
)
SNAPSHOTS: Final = Family(
    "sandbox_store_snapshots_total",
    "Snapshots of worlds that were loaded from the store or offered to it.",
    ("action",),
)
DIFFERENCES: Final = Family(
    "sandbox_store_differences_total", "Worlds that differed from what another process had; each is a defect."
)
REFUSALS: Final = Family(
    "sandbox_store_refusals_total", "Requests that were refused because of the store, by rule.", ("rule",)
)

STORE_METRICS: Final = (LATENCY, CATCH_UP, ENTRIES, LENGTH, SNAPSHOTS, DIFFERENCES, REFUSALS)
"""All families, in the order in which they are listed. The first two are summaries: of each, there is a count and a
sum."""

_SECOND: Final = 1e9
"""Nanoseconds."""


def read_store_metrics(replicas: Replicas) -> "Iterator[Metric]":
    """The metrics of the copies of a process."""
    from prometheus_client.core import SummaryMetricFamily  # lazy: few servers are scraped

    meter = replicas.meter
    yield SummaryMetricFamily(LATENCY.name, LATENCY.help, meter.asked, meter.waited / _SECOND)
    yield SummaryMetricFamily(CATCH_UP.name, CATCH_UP.help, meter.caught_up, meter.catching_up / _SECOND)
    yield metric_of(ENTRIES, {("own",): meter.own, ("other",): meter.others})
    yield metric_of(LENGTH, {(): replicas.entries})
    yield metric_of(SNAPSHOTS, {("loaded",): meter.loaded, ("offered",): meter.offered})
    yield metric_of(DIFFERENCES, {(): meter.differences})
    yield metric_of(REFUSALS, {(rule,): count for rule, count in meter.refusals.items()})
