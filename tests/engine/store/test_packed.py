"""Entries as bytes, and which headers are kept in them."""

from typing import Any

from hypothesis import example, given, settings
from hypothesis import strategies as st

from aniva_sandbox.api.domain import DOMAIN
from aniva_sandbox.engine.contract.requests import Request
from aniva_sandbox.engine.evidence.coverage.collector import Coverage
from aniva_sandbox.engine.serving.causes import find_causes
from aniva_sandbox.engine.store.entries import Entry
from aniva_sandbox.engine.store.packed import LARGEST_IN_LOG, keep, pack, unpack
from tests.support import PARTNER, Client, new_worlds

SECRET = "live_9f8e7d6c5b4a"
WORLDS = new_worlds()
NAMES = (
    *(b"host", b"user-agent", b"accept", b"cookie", b"origin", b"access-control-request-method", b"x-sandbox-test"),
    *(b"authorization", b"x-api-key", b"api-key", b"X-Auth-Token", b"x-api-token", b"x-request-key-id", b"\xff"),
)
VALUES = (
    *(b"", b"GET", b"http://page.example", b"null", b"Bearer sbx_w", b"bearer", b"Digest a=b", b"sbx_w", b"\xff"),
    *(SECRET.encode(), f"{SECRET} Bearer".encode(), f"Basic {SECRET}".encode()),
)

QUIET = settings(deadline=None, derandomize=True, database=None)
headers = st.lists(st.tuples(st.sampled_from(NAMES), st.sampled_from(VALUES)), max_size=6)
texts = st.text(st.characters(exclude_categories=["Cs"]))
bodies = st.none() | st.binary() | st.integers(-2, 2).map(lambda more: bytes(LARGEST_IN_LOG + more))
requests = st.builds(
    Request,
    method=st.sampled_from(["GET", "POST", "OPTIONS"]),
    path=st.sampled_from(["/api/v1/units", "/api/v1/unit", "/", ""]) | texts,
    query=st.binary(),
    key=st.none() | st.sampled_from(["", "sbx_w", "sbx_w.nobody"]) | texts,
    content_type=st.none() | texts,
    body=bodies,
    fault=st.none() | texts,
    content_encoding=st.none() | texts,
    headers=headers,
)
entries = st.builds(Entry, st.sampled_from(["call", "control"]), requests) | st.sampled_from(
    [Entry("open"), Entry("settle"), Entry("forget")]
)


@QUIET
@given(entries)
def test_entries_come_back_as_they_were_kept(entry: Entry) -> None:
    """Packed and unpacked, a kept entry is the same; to keep it again changes nothing."""
    kept = keep(entry)
    packed, beside = pack(kept)
    body = entry.request.body if entry.request is not None else None
    assert beside == (body if body is not None and len(body) > LARGEST_IN_LOG else None)
    assert unpack(packed, beside) == kept == keep(kept)
    assert pack(unpack(packed, beside)) == (packed, beside)


@QUIET
@given(requests, st.booleans())
@example(Request("GET", "/api/v1/units", headers=[(b"authorization", SECRET.encode())]), False)
@example(Request("GET", "/api/v1/units", key="", headers=[(b"x-api-key", b"a"), (b"x-api-key", b"b")]), False)
@example(
    Request("OPTIONS", "/api/v1/units", headers=[(b"origin", b"http://a"), (b"access-control-request-method", b"GET")]),
    True,
)
def test_causes_are_the_same_with_the_headers_that_are_kept(request: Request, known: bool) -> None:
    """Why a call is unmatched does not depend on what is not kept."""
    kept = keep(Entry("call", request)).request
    assert kept is not None
    assert find_causes(PARTNER, WORLDS, kept, known=known, error="no") == find_causes(
        PARTNER, WORLDS, request, known=known, error="no"
    )


@settings(QUIET, max_examples=30)
@given(headers)
@example([(b"x-sandbox-test", b"sbx_\xe9"), (b"x-sandbox-test", b"second")])
def test_coverage_is_the_same_with_the_headers_that_are_kept(sent: list[tuple[bytes, bytes]]) -> None:
    """The test that a call names is kept."""
    request = Request("GET", "/api/v1/units", key="sbx_w", headers=sent)
    kept = keep(Entry("call", request)).request
    assert kept is not None
    assert coverage(kept) == coverage(request)


def coverage(request: Request) -> Any:
    """What is collected of a call."""
    client = Client(new_worlds(coverage=Coverage(PARTNER, DOMAIN)))
    client.send(request)
    return client.control("GET", "/coverage").json


@QUIET
@given(headers)
def test_secrets_are_not_kept(sent: list[tuple[bytes, bytes]]) -> None:
    """Of headers that nobody reads nothing is kept, and of credentials no more than their scheme."""
    kept = keep(Entry("call", Request("GET", "/", headers=sent)))
    assert kept.request is not None
    public = (b"origin", b"access-control-request-method", b"x-sandbox-test")
    assert {value for name, value in kept.request.headers if name not in public} <= {
        *(b"[hidden]", b"Bearer [hidden]", b"bearer [hidden]", b"Digest [hidden]", b"Basic [hidden]")
    }
    assert not {name for name, _ in kept.request.headers} & {b"cookie", b"host", b"user-agent", b"accept"}
