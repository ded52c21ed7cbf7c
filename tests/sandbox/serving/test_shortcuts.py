"""What makes the pipeline quick changes no answer: the same calls give the same bytes with and without it.

The shortcuts are the cache of the world's headers, the cache of read instants, and the check of a query that is empty,
which is made once for all. Without them means: caches emptied before each call, and a query that holds something, be it
only a parameter that nobody knows.
"""

from datetime import timedelta
from typing import Any

import msgspec
from hypothesis import given, settings
from hypothesis import strategies as st
from msgspec.structs import replace

from aniva_sandbox.engine.contract.formats import parse_instant
from aniva_sandbox.engine.serving import responses
from aniva_sandbox.engine.serving.pipeline import Request, Response, respond
from aniva_sandbox.engine.store.memory import Worlds
from aniva_sandbox.engine.world.events import advance
from tests.sandbox.serving.common import NEW_SHIPMENT
from tests.support import APPOINTMENT, BERLIN, LOCKED_SHIPMENT, PARTNER, PROFILE, SHIPMENT, UNKNOWN, new_worlds

INSTANTS = ("2026-04-15T10:30:00+02:00", "2026-04-15T08:30:00Z", "2026-04-15T10:30:00", "soon", "2020-01-01T00:00:00Z")
IDS = (APPOINTMENT, APPOINTMENT.upper(), UNKNOWN, "1")
BOXES = (SHIPMENT, LOCKED_SHIPMENT, "P1")

calls = st.one_of(
    st.tuples(st.just("GET"), st.sampled_from([f"/appointments/{id}" for id in IDS]), st.just(b""), st.none()),
    st.tuples(
        st.just("GET"),
        st.sampled_from(["/profiles", "/appointments", f"/locations/{BERLIN}/availability"]),
        st.sampled_from([b"", b"limit=2", b"limit=0", f"profile_id={PROFILE}".encode(), b"end_date=2026-04-14"]),
        st.none(),
    ),
    st.tuples(
        st.just("POST"),
        st.just("/appointments"),
        st.just(b""),
        st.fixed_dictionaries(
            {"profile_id": st.just(PROFILE), "location_id": st.just(BERLIN), "scheduled_at": st.sampled_from(INSTANTS)}
        ),
    ),
    st.tuples(
        st.just("PATCH"),
        st.just(f"/appointments/{APPOINTMENT}"),
        st.just(b""),
        st.fixed_dictionaries({}, optional={"scheduled_at": st.sampled_from(INSTANTS)}),
    ),
    st.tuples(
        st.just("GET"),
        st.sampled_from(
            ["/shipments", *(f"/shipments/{id}" for id in BOXES), f"/appointments/{APPOINTMENT}/shipments"]
        ),
        st.just(b""),
        st.none(),
    ),
    st.tuples(
        st.just("POST"),
        st.just("/shipments"),
        st.just(b""),
        st.sampled_from(["2026-04-13", "2026-04-15", "2026-04-18"]).map(
            lambda day: NEW_SHIPMENT | {"pickup_date": day}
        ),
    ),
    st.tuples(
        st.sampled_from(["POST", "DELETE"]),
        st.just(f"/appointments/{APPOINTMENT}/shipments"),
        st.just(b""),
        st.lists(st.sampled_from(BOXES), max_size=2).map(lambda ids: {"shipment_ids": ids}),
    ),
)


@settings(max_examples=50, derandomize=True, deadline=None, database=None)
@given(steps=st.lists(st.one_of(calls, st.integers(0, 100_000)), max_size=25))
def test_same_bytes_with_and_without_shortcuts(steps: list[Any]) -> None:
    """Two worlds that get the same calls and the same time give the same answers, one with shortcuts, one without."""
    quick, slow = new_worlds(), new_worlds()
    for step in steps:
        if isinstance(step, int):
            for worlds in (quick, slow):
                world = worlds.get("test") or worlds.create("test")
                advance(world, world.now + timedelta(seconds=step))
            continue
        taken = _answer(quick, *step)
        parse_instant.cache_clear()
        responses._world_headers.cache_clear()
        method, path, query, body = step
        other = _answer(slow, method, path, query or b"nobody_knows=1", body)
        assert _without_hints(other) == _without_hints(taken)


def _without_hints(response: Response) -> Response:
    """A response without the header that tells of the unknown parameter."""
    return replace(response, headers=[each for each in response.headers if each[0] != b"x-sandbox-hint"])


def _answer(worlds: Worlds, method: str, path: str, query: bytes, body: Any) -> Response:
    content = b"" if body is None else msgspec.json.encode(body)
    return respond(PARTNER, worlds, Request(method, f"/api/v1{path}", query, "sbx_test", "application/json", content))
