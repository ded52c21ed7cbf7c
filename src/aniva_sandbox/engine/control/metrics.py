"""Metrics of the server, for Prometheus."""

from collections.abc import Iterator, Mapping
from typing import TYPE_CHECKING, Any, Final

import msgspec

from aniva_sandbox import VERSION
from aniva_sandbox.engine.contract.operations import Call, NoBody, NoQuery, Rendered, operation
from aniva_sandbox.engine.control.server import TAG
from aniva_sandbox.engine.store.memory import Worlds

if TYPE_CHECKING:
    from prometheus_client import Metric

__all__ = ["METRICS", "OPERATIONS", "TEXT", "Family", "metric_of", "read_metrics"]

TEXT: Final = "text/plain; version=0.0.4; charset=utf-8"
"""The media type of Prometheus' text format."""


class Family(msgspec.Struct, frozen=True):
    """A family of metrics. A counter's name ends in ``_total``; any other family is a gauge."""

    name: str
    help: str
    labels: tuple[str, ...] = ()


# Labels have few values, which documents and ledgers list: no paths, worlds, or keys. A server that runs for long must
# not grow with what clients make up.

INFO = Family("sandbox_info", "Always 1; says which version this is.", ("version",))
STARTED = Family("sandbox_start_time_seconds", "When the server started, in seconds of Unix time.")
REQUESTS = Family(
    "sandbox_requests_total",
    "Calls to the API, by operation (empty if none matched) and status (0 if a fault dropped the call).",
    ("operation", "status"),
)
REFUSALS = Family("sandbox_refusals_total", "Calls to the API that a rule refused, by rule.", ("rule",))
UNMATCHED = Family("sandbox_unmatched_requests_total", "Calls to the API that reached no world or no operation.")
DEFECTS = Family("sandbox_defects_total", "Requests on which the sandbox broke, or contradicted its document.")
WITHOUT_MEMORY = Family("sandbox_out_of_memory_total", "Requests that ran out of memory; not counted elsewhere.")
CONTROL = Family(
    "sandbox_control_requests_total",
    "Requests to the control plane, by operation (empty if none matched) and status.",
    ("operation", "status"),
)
WORLDS = Family("sandbox_worlds", "Worlds that exist.")
WORLDS_LIMIT = Family("sandbox_worlds_limit", "Worlds that can exist; one more drops the least recently used.")
WORLDS_DROPPED = Family("sandbox_worlds_dropped_total", "Worlds that were dropped to make room for others.")

METRICS: Final = (
    *(INFO, STARTED, REQUESTS, REFUSALS, UNMATCHED, DEFECTS, WITHOUT_MEMORY),
    *(CONTROL, WORLDS, WORLDS_LIMIT, WORLDS_DROPPED),
)
"""All families that every server has, in the order in which they are listed."""


@operation("GET", "/metrics", tag=TAG, returns=str, media_type=TEXT)
def get_metrics(worlds: Worlds, _call: Call[NoQuery, NoBody]) -> Rendered:
    """Report metrics for Prometheus

    In Prometheus' text format: requests by operation and status, refusals by rule, worlds, and the process.
    """
    from prometheus_client import CollectorRegistry, ProcessCollector, generate_latest  # lazy: few servers are scraped

    registry = CollectorRegistry()
    ProcessCollector(registry=registry)
    return Rendered(generate_latest(_All(worlds, registry.collect)), TEXT)


class _All:
    """What is listed, as the library reads it."""

    def __init__(self, worlds: Worlds, *others: Any) -> None:
        self._worlds = worlds
        self._collectors = (*worlds.collectors, *others)

    def collect(self) -> "Iterator[Metric]":
        yield from read_metrics(self._worlds)
        for collect in self._collectors:
            yield from collect()


def read_metrics(worlds: Worlds) -> "Iterator[Metric]":
    """The metrics that every server has."""
    tally = worlds.tally
    yield metric_of(INFO, {(VERSION,): 1})
    yield metric_of(STARTED, {(): worlds.started.timestamp()})
    yield metric_of(REQUESTS, tally.requests())
    yield metric_of(REFUSALS, {(rule,): count for rule, count in tally.refusals.items()})
    yield metric_of(UNMATCHED, {(): tally.unmatched})
    yield metric_of(DEFECTS, {(): tally.defects})
    yield metric_of(WITHOUT_MEMORY, {(): tally.without_memory})
    yield metric_of(CONTROL, tally.control)
    yield metric_of(WORLDS, {(): sum(1 for _world in worlds)})
    yield metric_of(WORLDS_LIMIT, {(): worlds.limits.worlds})
    yield metric_of(WORLDS_DROPPED, {(): worlds.evicted})


def metric_of(family: Family, values: Mapping[Any, float]) -> "Metric":
    """A family with these values, by the values of its labels, as the library takes it."""
    from prometheus_client.core import CounterMetricFamily, GaugeMetricFamily  # lazy, as above

    kind = CounterMetricFamily if family.name.endswith("_total") else GaugeMetricFamily
    metric = kind(family.name, family.help, labels=family.labels)
    for labels, value in sorted(values.items()):
        metric.add_metric([str(label) for label in labels], value)
    return metric


OPERATIONS: tuple[Any, ...] = (get_metrics,)
