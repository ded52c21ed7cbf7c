"""What the pipeline keeps of earlier calls changes nothing: not a byte, no entry of the journal, no world.

It keeps where a path leads, what a request comes to before the world is asked, which responses agree with the
document, and views of records, with their JSON and what they agree with. Without them means: the same document read a
second time, and worlds, from which all of that is taken away before each call. Where calls are observed, JSON is
written from plain values instead of what the operation returned; there, the bytes are compared.
"""

from collections.abc import Iterable
from typing import Any, cast

import msgspec
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from msgspec.structs import replace

from aniva_sandbox.api.app import build_partner_api
from aniva_sandbox.api.domain import DOMAIN
from aniva_sandbox.api.world import World
from aniva_sandbox.engine.contract.api import Api
from aniva_sandbox.engine.evidence.coverage.collector import Coverage
from aniva_sandbox.engine.evidence.journal import Exchange
from aniva_sandbox.engine.serving.pipeline import Request, Response, respond
from aniva_sandbox.engine.store.memory import Worlds
from tests.sandbox.serving.common import NEW_APPOINTMENT, NEW_PROFILE, NEW_SHIPMENT, OPERATIONS, filled, shown_body
from tests.support import APPOINTMENT, BERLIN, PARTNER, PROFILE, SHIPMENT, UNKNOWN, new_worlds, snapshot_of

FORGETFUL = build_partner_api()

EXAMPLES = [
    Request(
        method,
        f"/api/v1{filled(method, path)}",
        content_type="application/json",
        body=b"" if shown_body(described) is None else msgspec.json.encode(shown_body(described)),
    )
    for method, path, described in OPERATIONS
]
"""Each operation, as the document shows it."""

BOOKING, LINK = msgspec.json.encode(NEW_APPOINTMENT), msgspec.json.encode({"shipment_ids": [SHIPMENT]})
BODIES = (
    b"",
    b"{}",
    b"[]",
    b"{",
    LINK,
    BOOKING,
    BOOKING.replace(b'":', b'"\n :'),
    BOOKING[:-1] + b',"profile_id":"1"}',
    BOOKING[:-1] + b',"more":[{"a":1,"a":2}]}',
    BOOKING[:-1] + b',"more":{"a":1.0}}',
    BOOKING.replace(b"2026-04-15T10:30:00+02:00", b"2026-04-15t10:30:00.5z"),
    msgspec.json.encode(NEW_PROFILE),
    msgspec.json.encode(NEW_PROFILE | {"sex": 1.0, "height": 1e300, "phone": "\0"}),
    msgspec.json.encode(NEW_SHIPMENT),
    msgspec.json.encode({"scheduled_at": "2026-04-16T09:00:00Z", "status": None}),
)
TYPES = (None, "", "application/json", "APPLICATION/JSON; charset=utf-8", "text/plain", "application/x+json")
QUERIES = (
    b"",
    b"limit=2",
    b"limit=2&limit=2",
    b"limit=2.0",
    b"limit=0",
    b"nobody=1",
    b"email=maria.schmidt%40example.com",
    b"email=maria+schmidt@example.com",
    f"profile_id={PROFILE}".encode(),
    f"profile_id={PROFILE.upper()}&profile_id={PROFILE}".encode(),
)
READ = (
    *(f"/api/v1/{name}" for name in ("appointments", "profiles", "shipments", "panels", "nothing", "")),
    *(f"/api/v1/appointments/{id}" for id in (APPOINTMENT, APPOINTMENT.upper(), UNKNOWN, "%31", BERLIN)),
    f"/api/v1/locations/{BERLIN}/availability",
    *(f"/api/v1/biomarkers/{id}" for id in ("42", "042", "0", "4.0", "x")),
)
WRITTEN = (
    *(f"/api/v1/{name}" for name in ("appointments", "profiles", "shipments")),
    f"/api/v1/appointments/{APPOINTMENT}",
    f"/api/v1/appointments/{APPOINTMENT}/shipments",
)
requests = st.one_of(
    st.sampled_from(EXAMPLES),
    st.builds(
        Request,
        st.sampled_from(["GET", "HEAD", "POST", "PATCH", "DELETE", "PUT"]),
        st.sampled_from([*READ, *WRITTEN]),
        st.sampled_from(QUERIES),
        content_type=st.sampled_from(TYPES),
        body=st.sampled_from([*BODIES, None]),
    ),
)
keys = st.sampled_from(["sbx_test", "sbx_test", "sbx_test.reader", "sbx_test.outsider", "sbx_other", "nobody", None])
faults = st.sampled_from([None, None, None, "status=503", "drop=after", "malformed"])


@settings(max_examples=25, derandomize=True, deadline=None, database=None)
@given(steps=st.lists(st.tuples(requests, keys, faults, st.integers(1, 3)), max_size=12))
def test_what_is_kept_changes_nothing(steps: list[tuple[Request, str | None, str | None, int]]) -> None:
    """The same calls, some of them repeated, come to the same with what is kept, without it, and observed."""
    quick, slow, observed = new_worlds(), new_worlds(), new_worlds(coverage=Coverage(PARTNER, DOMAIN))
    for request, key, fault, times in steps:
        for sent in [replace(request, key=key, fault=fault)] * times:
            answer = respond(PARTNER, quick, sent)
            assert _respond_anew(slow, sent) == answer
            assert respond(PARTNER, observed, sent) == answer
    _require_same(quick, slow)


@pytest.mark.parametrize("request_", EXAMPLES, ids=lambda request: f"{request.method} {request.path}")
def test_no_operation_is_answered_otherwise_the_next_time(request_: Request) -> None:
    """What an operation comes to when it is called three times, by two personas, is what it comes to without anything
    kept of the calls before."""
    quick, slow = new_worlds(), new_worlds()
    for key in ("sbx_test", "sbx_test.reader", "sbx_test"):
        sent = replace(request_, key=key)
        assert respond(PARTNER, quick, sent) == _respond_anew(slow, sent)
    _require_same(quick, slow)


@pytest.mark.parametrize("path", READ)
def test_a_query_comes_to_the_same_the_next_time(path: str) -> None:
    """Each query, three times in a row, and all of them once more: read or refused, with the same hints."""
    _require_same_answers(
        [Request(method, path, query, "sbx_test") for method in ("GET", "HEAD") for query in QUERIES for _ in range(3)]
        + [Request("GET", path, query, "sbx_test") for query in QUERIES]
    )


@pytest.mark.parametrize(
    ("method", "path"),
    [(method, path) for method in ("POST", "PATCH", "DELETE") for path in WRITTEN if "POST" in method or "ts/" in path],
)
def test_a_body_comes_to_the_same_the_next_time(method: str, path: str) -> None:
    """Each body, as each media type, three times in a row, and all of them once more."""
    sent = [
        Request(method, path, b"", "sbx_test", type, body)
        for body in (*BODIES, None)
        for type in ("application/json", *TYPES)
        for _ in range(3)
    ]
    _require_same_answers(sent + sent[::3])


def _require_same_answers(requests: list[Request]) -> None:
    quick, slow = new_worlds(), new_worlds()
    for request in requests:
        assert respond(PARTNER, quick, request) == _respond_anew(slow, request)
    _require_same(quick, slow)


def _respond_anew(worlds: Worlds, request: Request) -> Response:
    _forget(FORGETFUL, worlds)
    return respond(FORGETFUL, worlds, request)


def _forget(api: Api, worlds: Worlds) -> None:
    """Take away all that is kept of earlier calls."""
    api._led.clear()
    for endpoint in api.endpoints.values():
        endpoint.sound.clear()
        endpoint.sound_around.clear()
        endpoint.agreements.forget()
        endpoint._readings._kept.clear()
    for world in cast(Iterable[World], worlds):
        world.profile_views.clear()
        world.appointment_views.clear()


def _require_same(quick: Worlds, slow: Worlds) -> None:
    """Fail where worlds of the same names, or their journals, differ."""
    assert [world.name for world in quick] == [world.name for world in slow]
    for world, other in zip(quick, slow, strict=True):
        assert snapshot_of(world) == snapshot_of(other)
        assert _journal_of(world) == _journal_of(other)
        assert world.relied_on == other.relied_on


def _journal_of(world: Any) -> list[Exchange]:
    """All exchanges, as if they had taken no time."""
    return [replace(exchange, elapsed_ns=0) for exchange in world.journal]
