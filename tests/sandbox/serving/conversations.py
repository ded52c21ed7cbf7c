"""Conversations: what clients send over one connection, and when. Hypothesis makes them up from the parts below."""

from collections.abc import Iterable, Sequence
from enum import Enum
from itertools import pairwise
from typing import Any, NamedTuple, TypeVar

import msgspec
from hypothesis import strategies as st

from aniva_sandbox.engine.contract.ground_rules import MAX_BODY
from aniva_sandbox.engine.serving.protocol import MAX_HEAD
from tests.sandbox.serving.common import NEW_APPOINTMENT, OPERATIONS, filled, shown_body
from tests.support import APPOINTMENT, BERLIN, LOCKED_SHIPMENT, PROFILE, RIVAL_APPOINTMENT, SHIPMENT, UNKNOWN

__all__ = ["PAGE", "Conversation", "Step", "conversations"]

T = TypeVar("T")
MOST_PIECES = 200
PAGE = "http://localhost:5173"
"""The origin whose pages may call the API, where any may."""


class Step(Enum):
    """What happens to a connection beside what arrives."""

    LATER = "the time has passed that a response waits for"
    STALL = "the client stops reading"
    DRAIN = "the client reads again"
    LOOK = "the server looks for clients that are late"
    SHUTDOWN = "the server shuts down"
    OVER = "the time is over that requests in flight have when the server shuts down"
    END = "the client sends no more"
    LOST = "the connection breaks"

    def __repr__(self) -> str:
        return self.name


class Conversation(NamedTuple):
    """What arrives, in these pieces, and what happens in between."""

    steps: list[bytes | Step]
    cors: bool = False
    """Whether pages of another origin may call the API."""

    def __repr__(self) -> str:
        steps = "".join(f"    {shown(step)},\n" for step in self.steps)
        return f"Conversation(cors={self.cors}, steps=[\n{steps}])"


def shown(step: bytes | Step) -> str:
    """A step for readers: a line of a piece on a line, long lines cut."""
    if isinstance(step, Step):
        return step.name
    lines = [line if len(line) <= 400 else line[:60] + b"(%d bytes)" % len(line) for line in step.splitlines(True)]
    return "\n    ".join(map(repr, lines if len(lines) < 40 else [*lines[:20], b"(%d lines)" % len(lines)])) or "b''"


def mostly(usual: T | Sequence[T], *others: T, often: int = 8) -> st.SearchStrategy[T]:
    """The usual, of several any, so many times as often as each of the others."""
    several = list(usual) if isinstance(usual, list) else [usual]
    return st.sampled_from([*(each for each in several for _ in range(max(1, often // len(several)))), *others])


# Calls: method, target, body


Call = tuple[bytes, bytes, bytes | None]


def call(method: str, path: str, body: Any = None) -> Call:
    """A call of the API, with a body of JSON or none."""
    return method.encode(), f"/api/v1{path}".encode(), None if body is None else msgspec.json.encode(body)


BOOKED = f"/appointments/{APPOINTMENT}"
KNOWN = f"/profiles/{PROFILE}"
BOOK = call("POST", "/appointments", NEW_APPOINTMENT)
UNITS = call("GET", "/units")
USUAL = [
    UNITS,
    BOOK,
    call("GET", BOOKED),
    call("PATCH", KNOWN, {"height": 150}),
    call("POST", f"{BOOKED}/shipments", {"shipment_ids": [SHIPMENT]}),
    call("DELETE", f"{BOOKED}/shipments", {"shipment_ids": [LOCKED_SHIPMENT]}),
    call("GET", f"/appointments?profile_id={PROFILE}"),
    call("GET", "/profiles?email=jane.doe%40example.com"),
    call("GET", "/profiles?limit=2&offset=1"),
    call("DELETE", BOOKED),
]
EVERY = [call(method, filled(method, path), shown_body(described)) for method, path, described in OPERATIONS]
REFUSED = [
    call("GET", f"/appointments/{UNKNOWN}"),
    call("GET", f"/appointments/{RIVAL_APPOINTMENT}"),
    call("GET", "/appointments/1"),
    call("GET", "/nope"),
    call("PUT", "/units", {}),
    call("OPTIONS", "/units"),
    call("DELETE", KNOWN),
    call("GET", "/profiles?limit=0"),
    call("GET", "/profiles?limit=1&limit=2&nobody_knows=1"),
    call("GET", f"/locations/{BERLIN}/availability?start_date=2026-04-16&end_date=soon"),
    call("POST", "/appointments", NEW_APPOINTMENT | {"scheduled_at": "2020-01-01T00:00:00Z"}),
    call("POST", "/appointments", NEW_APPOINTMENT | {"scheduled_at": "soon", "location_id": 1}),
    call("POST", "/appointments", {}),
    call("PATCH", f"/profiles/{UNKNOWN}", {"height": "x"}),
    call("POST", f"{BOOKED}/shipments", {"shipment_ids": ["P1", None]}),
    call("POST", f"{BOOKED}/panels", {"panel_ids": [UNKNOWN]}),
]
ODD_BODIES = [
    b"",
    b"{",
    b"nonsense",
    b"null",
    b'{"height": 1, "height": 2}',
    b'{"height": 1e400}',
    b'{"first_name": "\xff"}',
    b"[" * 2000,
    b'{"notes": "' + b"x" * 70_000 + b'"}',
    b" " * (MAX_BODY - 2) + b"{}",
    b" " * (MAX_BODY - 1) + b"{}",
]
WITH_ODD_BODIES = [
    (*target, body) for body in ODD_BODIES for target in (BOOK[:2], (b"PATCH", f"/api/v1{KNOWN}".encode()))
]
ODD_TARGETS = [
    b"/api/v1/profiles/%61" + PROFILE[1:].encode(),
    b"/api/v1/%75nits",
    b"/api%2Fv1/units",
    b"/api/v1/units%",
    b"/api/v1/units%00",
    b"/api/v1/appointments/%E2%82%AC",
    "/api/v1/appointments/€".encode(),
    b"/api/v1/appointments/{id}",
    b"/api/v1/appointments/a+b",
    b"/api/v1/profiles?email=a+b@example.com",
    b"/api/v1/profiles?email=a%2Bb%40example.com&&=",
    b"/api/v1/profiles?limit=2#limit=3",
    b"/api/v1/units#top",
    b"/api/v1/units?",
    b"/api/v1/units??a=/?b#c#d",
    b"/api/v1/units/",
    b"/api/v1//units",
    b"/api/v1/./units",
    b"/api/v1/../v1/units",
    b"/api/v1",
    b"/api/v1/",
    b"/API/V1/units",
    b"/api/v2/units",
    b"//api/v1/units",
    b"/",
    b"",
    b"*",
    b"units",
    b"?limit=1",
    b"http://localhost/api/v1/units",
    b"HTTP://there:80/api/v1/profiles?limit=2#top",
    b"http://localhost",
    b"http://localhost?limit=1",
    b"http:///api/v1/units",
    b"http://localhost/_sandbox/health",
    b"http://evil.example/_sandbox/worlds",
    b"localhost:443",
    b"/api/v1/units?" + b"x" * 5000,
    b"/api/v1/units?" + b"x" * MAX_HEAD,
    b"/api/v1/units with spaces",
]
WITH_ODD_TARGETS = [(b"GET", target, None) for target in ODD_TARGETS] + [
    (b"CONNECT", b"localhost:443", None),
    (b"OPTIONS", b"*", None),
    (b"TRACE", b"/api/v1/units", None),
    (b"get", b"/api/v1/units", None),
    (b"PROPFIND", b"/api/v1/units", None),
    (b"NONSENSE", b"/api/v1/units", None),
    (b"POST", b"/api/v1/units/%", b"{}"),
]
WORLD = "/_sandbox/worlds/a"


def fault(**fields: Any) -> Call:
    """A call that makes a fault in the world."""
    return b"POST", f"{WORLD}/faults".encode(), msgspec.json.encode(fields)


CONTROLS = [
    fault(status=503, retry_after=2),
    fault(operation="create_appointment", drop="before"),
    fault(operation="create_appointment", drop="after", latency_ms=5),
    fault(method="GET", latency_ms=5, times=2),
    fault(method="GET", after=1, truncate=True),
    fault(path="/api/v1/profiles/{id}", malformed=True, times=None),
    fault(trickle_ms=5),
    fault(drop="never"),
    (b"POST", f"{WORLD}/clock/advance".encode(), b'{"seconds": 86400}'),
    (b"POST", f"{WORLD}/reset".encode(), b""),
    (b"PUT", WORLD.encode(), b'{"seed": 3}'),
    (b"PUT", WORLD.encode(), b'{"clock": "real"}{'),
    (b"DELETE", WORLD.encode(), None),
    (b"DELETE", f"{WORLD}/faults".encode(), None),
    (b"PATCH", f"{WORLD}/settings".encode(), b'{"lab_automation": false}'),
    (b"GET", f"{WORLD}/agenda".encode(), None),
    (b"GET", f"{WORLD}/clock?x=1".encode(), None),
    (b"GET", b"/_sandbox/worlds/b", None),
    (b"GET", b"/_sandbox/worlds", None),
    (b"GET", b"/_sandbox/unmatched", None),
    (b"GET", b"/_sandbox/health", None),
    (b"GET", b"/_sandbox/nope", None),
    (b"PUT", b"/_sandbox/health", b"{}"),
]
PAGES = [
    (b"GET", b"/_sandbox", None),
    (b"GET", b"/openapi.json", None),
    (b"GET", b"/guide", None),
    (b"POST", b"/guide", b"{}"),
    (b"GET", b"/favicon.ico", None),
]
plain_calls = st.one_of(st.sampled_from(USUAL), st.sampled_from(EVERY))
odd_calls = st.one_of(
    st.sampled_from(REFUSED), st.sampled_from(WITH_ODD_BODIES), st.sampled_from(WITH_ODD_TARGETS), plain_calls
)
other_calls = st.one_of(st.sampled_from(CONTROLS), mostly(CONTROLS, *PAGES, often=20))

# Heads

VERSIONS = (b"HTTP/1.1", b"HTTP/1.0", b"HTTP/2.0", b"HTTP/1.1 ", b"http/1.1")
versions = mostly(*VERSIONS, often=40)
HOSTS = (
    b"host: localhost\r\n",
    b"",
    b"Host: localhost:8000\r\n",
    b"host:\r\n",
    b"host: evil.example\r\n",
    b"host: localhost\r\nHOST: localhost\r\n",
)
hosts = mostly(*HOSTS, often=30)
KEYS = (
    b"x-api-key: sbx_a\r\n",
    b"",
    b"X-API-Key:sbx_a  \r\n",
    b"x-api-key: sbx_a.reader\r\n",
    b"x-api-key: sbx_a.nobody\r\n",
    b"x-api-key: sbx_b\r\n",
    b"x-api-key: nobody\r\n",
    b"x-api-key: \r\n",
    b"x-api-key: sbx_\xe4\r\n",
    b"x-api-key: sbx_a\r\nx-api-key: sbx_a\r\n",
    b"x-api-key: sbx_a\r\nX-Api-Key: sbx_b\r\n",
    b"authorization: Bearer sbx_a\r\n",
)
keys = mostly(*KEYS, often=30)
TYPES = (
    b"content-type: application/json\r\n",
    b"",
    b"Content-Type: application/json; charset=utf-8\r\n",
    b"content-type: text/plain\r\n",
    b"content-type: text/plain\r\ncontent-type: application/json\r\n",
    b"content-type: " + b"x" * 3000 + b"\r\n",
)
types = mostly(*TYPES, often=20)
FAULTS = [
    b"x-sandbox-fault: %s\r\n" % effects
    for effects in (
        b"status=503",
        b"status=429; retry_after=3",
        b"status=599",
        b"drop=before",
        b"drop=after",
        b"drop=after; latency_ms=5",
        b"latency_ms=5",
        b"latency_ms=5; status=500",
        b"truncate",
        b"truncate; trickle_ms=5",
        b"malformed",
        b"malformed; latency_ms=5",
        b"trickle_ms=5",
        b"latency_ms=5; trickle_ms=5",
        b"",
        b"nonsense",
        b"drop=never",
        b"status=503; malformed\r\nX-Sandbox-Fault: latency_ms=5",
        b"\xe4\xff",
    )
]
OFFERS = [
    b"connection: upgrade\r\nupgrade: h2c\r\n",
    b"Connection: keep-alive, Upgrade\r\nUpgrade: websocket\r\nsec-websocket-version: 13\r\n",
    b"upgrade: h2c\r\n",
    b"connection: upgrade\r\n",
    b"connection: upgrade\r\nconnection: close\r\nupgrade: h2c\r\n",
    b"Upgrade: TLS/1.2\r\nUpgrade: h2c\r\nConnection: Upgrade\r\nexpect: 100-continue\r\n",
]
EXTRAS = [
    b"connection: close\r\n",
    b"Connection: Keep-Alive\r\n",
    b"connection: x, Close\r\n",
    b"expect: 100-continue\r\n",
    b"Expect: 100-Continue\r\n",
    b"expect: nonsense\r\n",
    b"content-encoding: gzip\r\n",
    b"content-encoding: identity\r\ncontent-encoding: br\r\n",
    b"X-SANDBOX-TEST: a::b\r\n",
    b"idempotency-key: 1\r\n",
    b"accept: text/html\r\naccept-encoding: gzip\r\n",
    b"cookie: a=b\r\ncookie: c=d\r\n",
    b"x-forwarded-for: 10.0.0.1\r\nx-forwarded-proto: https\r\n",
    f"origin: {PAGE}\r\n".encode(),
    b"origin: https://evil.example\r\naccess-control-request-method: GET\r\n",
    f"origin: {PAGE}\r\naccess-control-request-method: POST\r\naccess-control-request-headers: a\r\n".encode(),
    b"sec-fetch-site: cross-site\r\n",
    b"x-empty:\r\nx-tab:\ta\tb\r\n",
    b"x-high: \xe4\xf6\r\n",
    b"x-long: " + b"x" * 10_000 + b"\r\n",
    b"x-long: " + b"x" * MAX_HEAD + b"\r\n",
    b"x-many: 1\r\n" * 6000,
    b"x-folded: a\r\n b\r\n",
    b"no header\r\n",
    b"x bad: 1\r\n",
    b"x-nul: \x00\r\n",
    b"x-bare: a\n",
    b": nameless\r\n",
]
fault_headers = mostly(b"", *FAULTS, often=3 * len(FAULTS))
extras = mostly(b"", *FAULTS, *OFFERS, *EXTRAS, often=30)

# Bodies

FRAMINGS = (
    "content-length",
    "chunks",
    "trailers",
    "extensions",
    "Content-Length",
    "short",
    "long",
    "both",
    "twice",
    "no length",
    "no number",
    "gzip, chunked",
    "chunked, chunked",
    "no chunk",
    "half a chunk",
)
framings = mostly([*FRAMINGS[:2]], *FRAMINGS, often=40)


def framed(body: bytes, how: str) -> bytes:
    """What ends a head, and the body."""
    size = len(body)
    half = size // 2
    chunks = b"".join(b"%x\r\n%s\r\n" % (len(part), part) for part in (body[:half], body[half:]) if part)
    chunked = b"transfer-encoding: chunked\r\n\r\n"
    match how:
        case "chunks":
            return b"%s%s0\r\n\r\n" % (chunked, chunks)
        case "trailers":
            trailers = b"x-api-key: sbx_b\r\nhost: there\r\nconnection: close\r\nexpect: 100-continue\r\n"
            return b"%s%s0\r\n%s\r\n" % (chunked, chunks, trailers)
        case "extensions":
            return b'%s%X;a=b;c="d"\r\n%s\r\n0;e\r\n\r\n' % (chunked, size, body) if size else chunked + b"0;e\r\n\r\n"
        case "no chunk":
            return chunked + chunks + b"x\r\n"
        case "half a chunk":
            return b"%s%x\r\n%s" % (chunked, size + 1, body)
        case "gzip, chunked" | "chunked, chunked":
            return b"transfer-encoding: %s\r\n\r\n%s0\r\n\r\n" % (how.encode(), chunks)
        case "both":
            return b"content-length: %d\r\n%s%s0\r\n\r\n" % (size, chunked, chunks)
        case "twice":
            return b"content-length: %d\r\ncontent-length: %d\r\n\r\n%s" % (size, size, body)
        case "short" | "long":
            return b"content-length: %d\r\n\r\n%s" % (max(0, size + (1 if how == "long" else -1)), body)
        case "no length":
            return b"\r\n" + body
        case "no number":
            return b"content-length: -%d\r\n\r\n%s" % (size, body)
        case _:
            return b"%s: %d\r\n\r\n%s" % (how.encode(), size, body)


def request(
    asked: Call,
    *,
    version: bytes = VERSIONS[0],
    host: bytes = HOSTS[0],
    key: bytes = KEYS[0],
    extra: bytes = b"",
    type: bytes = TYPES[0],
    framing: str = FRAMINGS[0],
) -> bytes:
    """A request for a call; sound in all that is not given."""
    method, target, body = asked
    head = b"%s %s %s\r\n" % (method, target, version) + host + key + extra
    return head + (b"\r\n" if body is None else type + framed(body, framing))


def plain_requests() -> st.SearchStrategy[bytes]:
    """Sound requests for what there is, which faults may meet."""
    return st.builds(request, plain_calls, extra=fault_headers, framing=st.sampled_from(FRAMINGS[:2]))


@st.composite
def odd_requests(draw: st.DrawFn) -> bytes:
    """A request with which much may be wrong."""
    method, target, body = draw(odd_calls)
    if method == b"GET":
        method = draw(mostly(b"GET", b"HEAD", b"OPTIONS", often=10))
        body = draw(mostly(None, b"{}", often=5))
    return request(
        (method, target, body),
        version=draw(versions),
        host=draw(hosts),
        key=draw(keys),
        extra=draw(extras) + draw(extras),
        type=draw(types),
        framing=draw(framings),
    )


def other_requests() -> st.SearchStrategy[bytes]:
    """Requests to the control plane, or for a page."""
    return st.builds(request, other_calls, key=st.just(b""), extra=mostly(b"", *EXTRAS, often=3 * len(EXTRAS)))


JUNK = [
    b"\r\n",
    b"\r\n\r\n",
    b"nonsense\r\n\r\n",
    b"\x16\x03\x01\x02\x00\x01\x00\r\n\r\n",
    b"}",
    b"GET",
    b"GET /api/v1/units HTTP/1.1\r\nhost: local",
    b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n",
    b"\x00",
    b"\r\n" * 40_000,
]
KINDS = [*[plain_requests()] * 5, *[odd_requests()] * 3, *[other_requests()] * 2]
messages = st.lists(mostly(KINDS, st.sampled_from(JUNK), often=20).flatmap(lambda kind: kind), min_size=1, max_size=8)

# How it arrives


@st.composite
def cut(draw: st.DrawFn, sent: list[bytes]) -> list[bytes]:
    """What is sent, as it arrives: a request at a time, all at once, in a few pieces, or in very many."""
    whole = b"".join(sent)
    match draw(st.sampled_from(["each", "whole", "cut", "small"])):
        case "each":
            return sent
        case "whole":
            return [whole]
        case "cut":
            ends = draw(st.lists(st.integers(0, len(whole)), min_size=1, max_size=6))
            places = [0, *sorted(ends), len(whole)]
            pieces = [whole[begin:end] for begin, end in pairwise(places)]
        case _:
            size = max(draw(st.sampled_from([1, 2, 7, 100])), len(whole) // MOST_PIECES)
            pieces = [whole[at : at + size] for at in range(0, len(whole), size)]
    return [piece for piece in pieces if piece]


STEPS = [Step.LATER, Step.STALL, Step.DRAIN, Step.LOOK]
ENDS = [Step.SHUTDOWN, Step.OVER, Step.END, Step.LOST]
happenings = st.lists(st.tuples(st.integers(0, 30), mostly(STEPS, *ENDS)), max_size=3)


@st.composite
def conversations(draw: st.DrawFn) -> Conversation:
    """A few requests over one connection, what they are cut into, and what happens in between."""
    steps: list[bytes | Step] = list(draw(messages.flatmap(cut)))
    for place, step in draw(happenings):
        steps.insert(min(place, len(steps)), step)
    return Conversation(steps, draw(mostly(False, True, often=5)))


# Each part alone


def each(**parts: Iterable[Any]) -> list[bytes]:
    """A request without a body and one with for each of some parts."""
    ((name, values),) = parts.items()
    return [request(asked, **{name: value}) for value in values for asked in (UNITS, BOOK)]


ALONE = {
    "calls": [request(asked) for asked in (*USUAL, *EVERY, *REFUSED, *WITH_ODD_BODIES, *WITH_ODD_TARGETS)],
    "HEAD": [request((b"HEAD", *asked[1:])) for asked in (*USUAL, *REFUSED)],
    "bodies of GET": [request((*UNITS[:2], b"{}"), framing=framing) for framing in FRAMINGS],
    "others": [request(asked, key=b"") for asked in (*CONTROLS, *PAGES)],
    "versions": each(version=VERSIONS),
    "hosts": each(host=HOSTS),
    "keys": each(key=KEYS),
    "types": each(type=TYPES),
    "framings": each(framing=FRAMINGS),
    "faults": each(extra=FAULTS),
    "offers": each(extra=OFFERS),
    "extras": each(extra=EXTRAS),
    "junk": JUNK,
}
"""Requests, each of which is sound in all but one part."""


def around(sent: bytes) -> Conversation:
    """A conversation with a request in two pieces between two others, and in one piece."""
    half = len(sent) // 2
    return Conversation([request(UNITS) + sent[:half], sent[half:] + request(BOOK), sent])
