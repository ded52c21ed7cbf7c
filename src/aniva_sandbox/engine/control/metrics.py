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

__all__ = ["METRICS", "OPERATIONS", "TEXT", "Described", "family_of", "read_metrics"]

TEXT: Final = "text/plain; version=0.0.4; charset=utf-8"
"""The media type of Prometheus' text format."""


class Described(msgspec.Struct, frozen=True):
    """A family of metrics. A counter's name ends in ``_total``; any other family is a gauge."""

    name: str
    help: str
    labels: tuple[str, ...] = ()


# Labels have few values, which documents and ledgers list: no paths, worlds, or keys. A server that runs for long must
# not grow with what clients make up.

INFO = Described("sandbox_info", "Always 1; says which version this is.", ("version",))
STARTED = Described("sandbox_start_time_seconds", "When the server started, in seconds of Unix time.")
REQUESTS = Described(
    "sandbox_requests_total",
    "Calls to the API, by operation (empty if none matched) and status (0 if a fault dropped the call).",
    ("operation", "status"),
)
REFUSALS = Described("sandbox_refusals_total", "Calls to the API that a rule refused, by rule.", ("rule",))
UNMATCHED = Described("sandbox_unmatched_requests_total", "Calls to the API that reached no world or no operation.")
DEFECTS = Described("sandbox_defects_total", "Requests on which the sandbox broke, or contradicted its document.")
WITHOUT_MEMORY = Described("sandbox_out_of_memory_total", "Requests that ran out of memory; not counted elsewhere.")
CONTROL = Described(
    "sandbox_control_requests_total",
    "Requests to the control plane, by operation (empty if none matched) and status.",
    ("operation", "status"),
)
WORLDS = Described("sandbox_worlds", "Worlds that exist.")
WORLDS_LIMIT = Described("sandbox_worlds_limit", "Worlds that can exist; one more drops the least recently used.")
WORLDS_DROPPED = Described("sandbox_worlds_dropped_total", "Worlds that were dropped to make room for others.")

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
    yield family_of(INFO, {(VERSION,): 1})
    yield family_of(STARTED, {(): worlds.started.timestamp()})
    yield family_of(REQUESTS, tally.requests())
    yield family_of(REFUSALS, {(rule,): count for rule, count in tally.refusals.items()})
    yield family_of(UNMATCHED, {(): tally.unmatched})
    yield family_of(DEFECTS, {(): tally.defects})
    yield family_of(WITHOUT_MEMORY, {(): tally.without_memory})
    yield family_of(CONTROL, tally.control)
    yield family_of(WORLDS, {(): sum(1 for _world in worlds)})
    yield family_of(WORLDS_LIMIT, {(): worlds.limits.worlds})
    yield family_of(WORLDS_DROPPED, {(): worlds.evicted})


def family_of(described: Described, values: Mapping[Any, float]) -> "Metric":
    """A family with these values, by the values of its labels."""
    from prometheus_client.core import CounterMetricFamily, GaugeMetricFamily  # lazy, as above

    kind = CounterMetricFamily if described.name.endswith("_total") else GaugeMetricFamily
    family = kind(described.name, described.help, labels=described.labels)
    for labels, value in sorted(values.items()):
        family.add_metric([str(label) for label in labels], value)
    return family


OPERATIONS: tuple[Any, ...] = (get_metrics,)
