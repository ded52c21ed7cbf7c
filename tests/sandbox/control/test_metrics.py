"""Metrics: what a scrape shows of the requests before it, and what it never shows."""

import copy
import urllib.request
from collections import Counter
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import msgspec
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from msgspec.structs import replace
from prometheus_client import Metric
from prometheus_client.core import GaugeMetricFamily
from prometheus_client.parser import text_string_to_metric_families

from aniva_sandbox import VERSION
from aniva_sandbox.api.app import build_control_api, build_partner_api
from aniva_sandbox.api.control import CONTROL as PLANE
from aniva_sandbox.engine.contract.requests import Request
from aniva_sandbox.engine.contract.tally import Tally
from aniva_sandbox.engine.control.metrics import METRICS
from aniva_sandbox.engine.serving.pipeline import respond, respond_to_control
from aniva_sandbox.engine.world.limits import Limits
from aniva_sandbox.testing.live import LiveServer
from tests.sandbox.serving.common import NEW_SHIPMENT
from tests.support import APPOINTMENT, PARTNER, UNKNOWN, Client, new_worlds

APPOINTMENT_PATH = f"/api/v1/appointments/{APPOINTMENT}"
UNITS = Request("GET", "/api/v1/units", b"", "sbx_test")
Series = tuple[str, tuple[tuple[str, str], ...]]


def families(text: str) -> dict[str, Metric]:
    """The families of an exposition, by name; a counter's has no ``_total``."""
    return {family.name: family for family in text_string_to_metric_families(text)}


def scraped(client: Client) -> dict[Series, float]:
    """The value of each series, but for those of the process."""
    reply = client.control("GET", "/metrics")
    assert reply.status == 200
    return {
        (sample.name, tuple(sample.labels.items())): sample.value
        for name, family in families(reply.json.decode()).items()
        if not name.startswith("process_")
        for sample in family.samples
    }


def values(client: Client, name: str) -> dict[Any, float]:
    """The series of one family, by the values of their labels; a single label stands alone."""
    found = {
        tuple(value for _, value in labels): value for (each, labels), value in scraped(client).items() if each == name
    }
    return {labels[0] if len(labels) == 1 else labels: value for labels, value in found.items()}


def requests(client: Client) -> dict[Any, float]:
    """The calls by operation and status."""
    return values(client, "sandbox_requests_total")


# What is counted


def test_calls_are_counted_by_operation_and_status() -> None:
    """Successes and refusals of one operation are apart; each rule that refused is counted."""
    client = Client()
    for _ in range(3):
        client.get("/units")
    client.post("/shipments", NEW_SHIPMENT)
    unknown = [client.get(f"/appointments/{UNKNOWN}") for _ in range(2)]
    client.get("/units", key="sbx_test.nobody")
    assert requests(client) == {
        ("list_units", "200"): 3,
        ("list_units", "403"): 1,
        ("create_shipment", "201"): 1,
        ("get_appointment", "404"): 2,
    }
    assert values(client, "sandbox_refusals_total") == {"auth.key": 1, unknown[0].rules[0]: 2}


def test_rules_that_refuse_one_call_together_are_each_counted() -> None:
    """A call that broke several format rules is one request and several refusals."""
    client = Client()
    reply = client.post("/shipments", {"location_id": 7, "pickup_date": "never", "pickup_time_from": "soon"})
    assert len(reply.rules) > 1
    assert values(client, "sandbox_refusals_total") == dict.fromkeys(reply.rules, 1)
    assert requests(client) == {("create_shipment", "400"): 1}


def test_calls_that_match_nothing_have_an_empty_operation() -> None:
    """An unknown path or method is counted by its status; so it is among the unmatched, as an unknown key is."""
    client = Client()
    client.get("/nothing")
    client.get("/nothing/else")
    client.delete("/units")
    client.get("/units", key="none")
    assert requests(client) == {("", "404"): 2, ("", "405"): 1, ("list_units", "403"): 1}
    client.control("DELETE", "/unmatched")
    assert scraped(client)["sandbox_unmatched_requests_total", ()] == 4, "counters never go down"


def test_head_counts_as_get() -> None:
    """HEAD is a call to the operation of GET."""
    client = Client()
    client.raw("HEAD", "/units")
    client.raw("HEAD", "/nothing")
    assert requests(client) == {("list_units", "200"): 1, ("", "404"): 1}


def test_injected_faults_are_counted_by_what_was_responded() -> None:
    """A fault's status is the call's; 0 is a connection that was dropped before the call took effect."""
    client = Client()
    for fault in ("status=503", "status=429; retry_after=3", "drop=before", "drop=after", "latency_ms=1", "status=500"):
        client.send(replace(UNITS, fault=fault))
    assert requests(client) == {("list_units", status): count for status, count in _FAULTS.items()}
    assert scraped(client)["sandbox_defects_total", ()] == 0
    assert values(client, "sandbox_refusals_total") == {"error.internal": 1}


_FAULTS = {"503": 1, "429": 1, "0": 1, "200": 2, "500": 1}


def test_defects_are_counted() -> None:
    """An operation that breaks, and a response that contradicts the document, get 500 and are defects; a request to the
    control plane that breaks is one, too."""

    def broken(*_args: Any) -> Any:
        raise RuntimeError

    worlds = new_worlds()
    for breaks in (True, False):
        api = build_partner_api()
        endpoint = api.endpoints["list_units"]
        assert endpoint.operation is not None
        run: Callable[..., Any] = broken if breaks else lambda *_args: "text"
        endpoint.operation = replace(endpoint.operation, run=run)
        assert respond(api, worlds, UNITS).status == 500
    control = build_control_api()
    health = control.endpoints["get_health"]
    assert health.operation is not None
    health.operation = replace(health.operation, run=broken)
    assert respond_to_control(control, worlds, Request("GET", "/_sandbox/health")).status == 500
    client = Client(worlds)
    assert requests(client) == {("list_units", "500"): 2}
    assert values(client, "sandbox_control_requests_total")["get_health", "500"] == 1
    assert scraped(client)["sandbox_defects_total", ()] == 3


def test_contradictions_of_a_proposal_are_counted(tmp_path: Path) -> None:
    """With a proposed document the response stays as it is; that it contradicts the document is counted."""
    document = copy.deepcopy(PARTNER.document)
    units = PARTNER.endpoints["list_units"].path.removeprefix(PARTNER.base)
    document["paths"][units]["get"]["responses"]["200"]["content"]["application/json"]["schema"] = {"type": "string"}
    proposal = tmp_path / "proposal.json"
    proposal.write_bytes(msgspec.json.encode(document))
    api = build_partner_api(proposal)
    client = Client(api=api)
    respond(api, client.worlds, UNITS)
    assert requests(client) == {("list_units", "200"): 1}
    assert scraped(client)["sandbox_defects_total", ()] == 1


def test_requests_without_memory_are_counted_alone() -> None:
    """A request that runs out of memory is no other operation's or status's, wherever memory ran out."""

    def starved(*_args: Any) -> Any:
        raise MemoryError

    worlds = new_worlds()
    for part in ("run", "mismatch"):
        api = build_partner_api()
        endpoint = api.endpoints["list_units"]
        assert endpoint.operation is not None
        if part == "run":
            endpoint.operation = replace(endpoint.operation, run=starved)
        else:
            endpoint.mismatch = starved  # type: ignore[method-assign]
        assert respond(api, worlds, UNITS).status == 507
    client = Client(worlds)
    assert requests(client) == {}
    assert scraped(client)["sandbox_out_of_memory_total", ()] == 2


def test_requests_to_the_control_plane_are_counted_apart() -> None:
    """They are no calls to the API; a scrape counts itself at the next one."""
    client = Client()
    client.control("PUT", "/worlds/one", {})
    client.control("POST", "/worlds/none/reset")
    client.control("GET", "/nothing")
    client.control("GET", "/metrics")
    found = values(client, "sandbox_control_requests_total")
    assert found == {
        ("put_world", "200"): 1,
        ("reset_world", "404"): 1,
        ("", "404"): 1,
        ("get_metrics", "200"): 1,
    }
    assert requests(client) == {}


def test_worlds_are_counted() -> None:
    """Those that exist, how many may, and those that were dropped to make room."""
    client = Client(new_worlds(limits=Limits(worlds=2)))
    for name in ("a", "b", "c"):
        client.get("/units", key=f"sbx_{name}")
    client.control("DELETE", "/worlds/c")
    found = scraped(client)
    assert found["sandbox_worlds", ()] == 1
    assert found["sandbox_worlds_limit", ()] == 2
    assert found["sandbox_worlds_dropped_total", ()] == 1
    client.get("/units", key="sbx_a")
    assert requests(client)["", "507"] == 1


def test_the_server_says_what_it_is() -> None:
    """Its version is a label, its start an instant."""
    client = Client()
    found = scraped(client)
    assert found["sandbox_info", (("version", VERSION),)] == 1
    assert found["sandbox_start_time_seconds", ()] == client.worlds.started.timestamp()


# How it is counted


CALLS = st.sampled_from(
    [
        UNITS,
        replace(UNITS, method="HEAD"),
        replace(UNITS, method="DELETE"),
        replace(UNITS, path="/api/v1/none"),
        replace(UNITS, key=None),
        replace(UNITS, key="sbx_test.reader"),
        replace(UNITS, path=APPOINTMENT_PATH),
        replace(UNITS, path=APPOINTMENT_PATH, method="DELETE"),
        replace(UNITS, path="/api/v1/appointments", query=b"limit=0"),
        Request("POST", "/api/v1/shipments", b"", "sbx_test", "application/json", msgspec.json.encode(NEW_SHIPMENT)),
        Request("POST", "/api/v1/shipments", b"", "sbx_test", "application/json", b"{"),
        *(replace(UNITS, fault=fault) for fault in ("status=503", "drop=before", "drop=after", "truncate=1")),
    ]
)


@settings(max_examples=30, deadline=None)
@given(st.lists(CALLS, max_size=12))
def test_successes_are_what_is_left(calls: list[Request]) -> None:
    """Only calls that are no success are noted with their status; so each call is counted as it was responded to."""
    client = Client()
    sent: Counter[tuple[str, str]] = Counter()
    for call in calls:
        try:
            operation = PARTNER.route(call.method, call.path)[0].id
        except Exception:
            operation = ""
        sent[operation, str(respond(PARTNER, client.worlds, call).status)] += 1
    assert requests(client) == sent


def test_every_operation_succeeds_with_the_status_that_is_assumed() -> None:
    """A success is 200 or 201, or it is noted like any other status."""
    for endpoint in PARTNER.endpoints.values():
        assert endpoint.operation is not None
        assert [status for status in endpoint.statuses if status < 300] == [endpoint.operation.status]


def test_calls_of_others_can_be_counted_elsewhere() -> None:
    """Another tally takes the place of the server's for a while."""
    client = Client()
    own, client.worlds.tally = client.worlds.tally, Tally()
    client.get("/units")
    client.get("/nothing")
    client.worlds.tally = own
    assert requests(client) == {}


def test_others_add_metrics() -> None:
    """What is registered with the worlds is read at each scrape."""

    def collect() -> Iterator[Metric]:
        yield GaugeMetricFamily("store_entries", "Entries.", 7)

    client = Client()
    client.worlds.collectors.append(collect)
    assert scraped(client)["store_entries", ()] == 7


# What is never shown

TEXTS = st.text(st.characters(codec="ascii", categories=("L", "N")), min_size=1, max_size=8)


@settings(max_examples=30, deadline=None)
@given(st.lists(st.tuples(TEXTS, TEXTS, TEXTS), min_size=1, max_size=20))
def test_labels_are_bounded(made_up: list[tuple[str, str, str]]) -> None:
    """Labels have the ids of operations and rules, and statuses, whatever paths, methods, worlds and keys are sent: any
    number of such calls has the series of a few."""
    client = Client()

    def send(path: str, world: str, method: str) -> None:
        key = f"sbx_{world.lower()}"
        for request in (
            replace(UNITS, path=f"/api/v1/none-{path}"),
            replace(UNITS, path=f"/api/v1/appointments/{path}", key=key),
            replace(UNITS, key=f"{key}.nobody"),
            replace(UNITS, key=f"none-{path}"),
            replace(UNITS, method=f"X{method}"),
            replace(UNITS, key=key),
        ):
            client.send(request)
        client.control("POST", f"/worlds/none-{world.lower()}/reset")

    send("path", "world", "method")
    scraped(client)
    before = scraped(client).keys()
    for each in made_up:
        send(*each)
    assert scraped(client).keys() == before
    known = {
        "operation": {"", *(each.id for each in (*PARTNER.endpoints.values(), *PLANE.operations))},
        "status": {str(status) for status in range(600)},
        "rule": {rule.id for rule in PLANE.ledger},
        "version": {VERSION},
    }
    assert [label for _, labels in before for label in labels if label[1] not in known[label[0]]] == []


def test_families_are_described() -> None:
    """Each family is listed once, in order, with its help, its type and its labels."""
    client = Client()
    client.get("/nothing")
    client.control("GET", "/health")
    text = client.control("GET", "/metrics").json.decode()
    found = {name: family for name, family in families(text).items() if not name.startswith("process_")}
    assert list(found) == [metric.name.removesuffix("_total") for metric in METRICS]
    for metric, family in zip(METRICS, found.values(), strict=True):
        assert family.type == ("counter" if metric.name.endswith("_total") else "gauge")
        assert family.documentation == metric.help
        assert [(sample.name, set(sample.labels)) for sample in family.samples] == [(metric.name, {*metric.labels})]


# Over HTTP


def test_a_scrape(served: LiveServer) -> None:
    """The media type is that of the text format, without a name of a file; HEAD has no body."""
    with urllib.request.urlopen(f"{served.url}/_sandbox/metrics", timeout=30) as response:
        assert response.headers["content-type"] == "text/plain; version=0.0.4; charset=utf-8"
        assert response.headers["content-disposition"] is None
        assert "sandbox_info" in families(response.read().decode())
    head = urllib.request.Request(f"{served.url}/_sandbox/metrics", method="HEAD")
    with urllib.request.urlopen(head, timeout=30) as response:
        assert response.read() == b""


@pytest.fixture(scope="module")
def served() -> Iterator[LiveServer]:
    with LiveServer() as server:
        yield server
