"""Heads: offers of another protocol, the one host, and targets that are whole URLs."""

import asyncio
from collections.abc import Iterable
from itertools import cycle
from typing import Any

import msgspec
import pytest

from aniva_sandbox.engine.serving.connection import Connection
from aniva_sandbox.engine.serving.h11_connection import H11Connection
from tests.sandbox.serving.common import Fed, Wire
from tests.support import PROFILE

KINDS = pytest.mark.parametrize("kind", [Connection, H11Connection], ids=["httptools", "h11"])
OFFERS = {
    "h2c": b"Connection: Upgrade, HTTP2-Settings\r\nUpgrade: h2c\r\nHTTP2-Settings: AAEAAEAAAAIAAAAA\r\n",
    "TLS": b"Upgrade: TLS/1.2\r\nConnection: Upgrade\r\n",
    "websocket": b"connection: keep-alive, Upgrade\r\nupgrade: websocket\r\nsec-websocket-version: 13\r\n"
    b"sec-websocket-key: dGhlIHNhbXBsZSBub25jZQ==\r\n",
    "several": b"connection: upgrade\r\nupgrade: h2c\r\nupgrade: websocket\r\n",
    "none": b"",
}
LENGTH = b'content-length: 13\r\n\r\n{"height": 1}'
CHUNKED = b'transfer-encoding: chunked\r\n\r\n8\r\n{"height\r\n5\r\n": 1}\r\n0\r\n\r\n'
EMPTY = b"\r\n"


def request(
    rest: bytes = EMPTY, *, target: bytes = b"/a?b=1", hosts: Iterable[bytes] = (b"here",), **line: bytes
) -> bytes:
    """A request with these hosts, and the rest of it."""
    first = b"%s %s HTTP/%s\r\n" % (line.get("method", b"POST"), target, line.get("version", b"1.1"))
    return first + b"".join(b"host: %s\r\n" % host for host in hosts) + rest


def echo(body: str = "", *, target: str = "/a?b=1", hosts: tuple[str, ...] = ("here",)) -> dict[str, Any]:
    """What is told of a request that was read."""
    return {"target": target, "hosts": list(hosts), "body": body}


def told(kind: type[Any], *parts: bytes) -> list[Any]:
    """What a connection of a kind answers to what comes in these parts, before an app that tells what it was asked: it,
    or the rule of a refusal; and None at the end where the connection is closed."""

    async def main() -> list[Any]:
        fed = Fed(kind, _tell)
        for part in parts:
            await fed.feed(part)
        return [
            headers.get("x-sandbox-rule", "").partition(";")[0] or msgspec.json.decode(body)
            for _, headers, body in fed.answers()
        ] + [None] * fed.transport.closed

    return asyncio.run(main())


async def _tell(scope: Any, receive: Any, send: Any) -> None:
    body, more = b"", True
    while more:
        message = await receive()
        body, more = body + message["body"], message["more_body"]
    query = scope["query_string"]
    target = scope["raw_path"] + (b"?" + query if query else b"")
    hosts = [value.decode() for name, value in scope["headers"] if name == b"host"]
    content = msgspec.json.encode({"target": target.decode(), "hosts": hosts, "body": body.decode()})
    length = (b"content-length", b"%d" % len(content))
    await send({"type": "http.response.start", "status": 200, "headers": [length]})
    await send({"type": "http.response.body", "body": content})


# Offers


@KINDS
@pytest.mark.parametrize("body", [LENGTH, CHUNKED, EMPTY], ids=["length", "chunked", "none"])
@pytest.mark.parametrize("offer", list(OFFERS))
def test_an_offer_of_another_protocol_is_ignored(kind: type[Any], offer: str, body: bytes) -> None:
    """The request is read as HTTP/1.1 with its body, in one part and byte by byte; the connection goes on, also for
    requests that came along with the first."""
    first, second = request(OFFERS[offer] + body), request(LENGTH)
    content = "" if body == EMPTY else '{"height": 1}'
    expected = [echo(content), echo('{"height": 1}'), echo(content)]
    whole = first + second + first
    assert told(kind, whole) == expected
    assert told(kind, first, second, first) == expected
    assert told(kind, *(whole[at : at + 1] for at in range(len(whole)))) == expected


@KINDS
@pytest.mark.parametrize(("offer", "body"), [*zip(OFFERS, cycle([LENGTH, CHUNKED, EMPTY]))], ids=OFFERS)
def test_an_offer_may_be_cut_anywhere(kind: type[Any], offer: str, body: bytes) -> None:
    """The request is read in two parts as it is in one."""
    sent = request(OFFERS[offer] + body)
    cut = [told(kind, sent[:at], sent[at:]) for at in range(1, len(sent))]
    assert cut == [[echo("" if body == EMPTY else '{"height": 1}')]] * len(cut)


@KINDS
def test_very_many_offers_in_one_read_are_ignored(kind: type[Any]) -> None:
    """However many requests with offers come at once, each is answered."""
    assert told(kind, request(OFFERS["h2c"] + LENGTH) * 1500) == [echo('{"height": 1}')] * 1500


@KINDS
def test_an_offer_on_the_last_request_of_a_connection(kind: type[Any]) -> None:
    """A client that wants the connection closed behind its request gets the response before it is."""
    last = request(b"connection: upgrade\r\nconnection: close\r\nupgrade: h2c\r\n" + LENGTH)
    assert told(kind, last) == [echo('{"height": 1}'), None]
    assert told(kind, last[:-5], last[-5:]) == [echo('{"height": 1}'), None]


@KINDS
@pytest.mark.rule("http.head", "http.host", "http.syntax")
def test_an_offer_excuses_nothing(kind: type[Any]) -> None:
    """A request with an offer is refused for what another is refused for."""
    assert told(kind, request(OFFERS["h2c"] + EMPTY, hosts=())) == ["http.host", None]
    assert told(kind, request(OFFERS["h2c"] + b"content-length: x\r\n\r\n")) == ["http.syntax", None]
    assert told(kind, request(OFFERS["h2c"] + b"transfer-encoding: chunked\r\n\r\nx\r\n")) == ["http.syntax", None]


@pytest.mark.parametrize("offer", list(OFFERS))
@pytest.mark.parametrize("body", [LENGTH, CHUNKED], ids=["length", "chunked"])
def test_a_real_update_with_an_offer(wire: Wire, offer: str, body: bytes) -> None:
    """The body is not lost on the way to the API, in one segment and in two."""
    head = f"PATCH /api/v1/profiles/{PROFILE} HTTP/1.1\r\nhost: localhost\r\nx-api-key: sbx_heads\r\n".encode()
    head += b"content-type: application/json\r\n" + OFFERS[offer]
    body = body.replace(b"1}", b"9}")
    for parts in ([head + body], [head, body], [head + body[:-1], body[-1:]]):
        for part in parts:
            wire.send(part)
        status, _, profile = wire.answer()
        assert (status, profile["height"]) == (200, 9)


@KINDS
@pytest.mark.rule("http.syntax")
@pytest.mark.parametrize("target", [b"here:443", b"/a", b"http://here/a"])
def test_connect_is_refused(kind: type[Any], target: bytes) -> None:
    """CONNECT asks for a tunnel: the connection ends, when the requests before it were answered."""
    assert told(kind, request(method=b"CONNECT", target=target) + request()) == ["http.syntax", None]
    assert told(kind, request(LENGTH) + request(method=b"CONNECT", target=target), b"tunnelled") == [
        echo('{"height": 1}'),
        "http.syntax",
        None,
    ]


# Hosts


@KINDS
@pytest.mark.rule("http.host")
@pytest.mark.parametrize(
    ("hosts", "version", "taken"),
    [
        ((b"here",), b"1.1", True),
        ((b"",), b"1.1", True),
        ((b"here",), b"1.0", True),
        ((), b"1.0", True),
        ((), b"1.1", False),
        ((b"here", b"here"), b"1.1", False),
        ((b"here", b"there"), b"1.1", False),
        ((b"here", b"there"), b"1.0", False),
        ((b"a", b"b", b"c"), b"1.1", False),
    ],
)
def test_a_request_has_one_host(kind: type[Any], hosts: tuple[bytes, ...], version: bytes, taken: bool) -> None:
    """None or several are refused, and the connection ends, when the requests before it were answered; HTTP/1.0 knows
    requests without."""
    asked = request(hosts=hosts, version=version)
    end = [None] if version == b"1.0" or not taken else []
    answer: Any = echo(hosts=tuple(host.decode() for host in hosts)) if taken else "http.host"
    assert told(kind, asked) == [answer, *end]
    assert told(kind, request(LENGTH) + request() + asked) == [echo('{"height": 1}'), echo(), answer, *end]


@pytest.mark.rule("http.host")
def test_a_request_without_a_host_is_told_so(wire: Wire) -> None:
    """The refusal has the error body."""
    wire.send(b"GET /api/v1/units HTTP/1.1\r\nx-api-key: sbx_heads\r\n\r\n")
    status, headers, body = wire.answer()
    assert (status, headers["x-sandbox-rule"]) == (400, "http.host; basis=sandbox")
    assert body == {"error": "A request must have exactly one Host header"}
    assert wire.rest() == []


# Trailers


@KINDS
@pytest.mark.parametrize("offer", [OFFERS["h2c"], OFFERS["none"]], ids=["offer", "none"])
@pytest.mark.parametrize("trailer", [b"host: there", b"x-checksum: 1", b"expect: 100-continue"])
def test_trailers_are_no_headers(kind: type[Any], offer: bytes, trailer: bytes) -> None:
    """What follows a body in chunks is passed over, however it comes in: it is not read as the request's headers."""
    sent = request(offer + CHUNKED[:-2] + trailer + b"\r\n\r\n")
    expected = [echo('{"height": 1}'), echo()]
    assert told(kind, sent + request()) == expected
    assert told(kind, sent[: sent.index(trailer)], sent[sent.index(trailer) :], request()) == expected


# Targets


@KINDS
@pytest.mark.rule("http.host")
@pytest.mark.parametrize(
    ("url", "host", "target"),
    [
        (b"http://127.0.0.1:8000/a?b=1", "127.0.0.1:8000", "/a?b=1"),
        (b"HTTP://There/a", "There", "/a"),
        (b"https://there/a", "there", "/a"),
        (b"http://[::1]:80/a%20b", "[::1]:80", "/a%20b"),
        (b"http://there", "there", "/"),
        (b"http://there?b=1", "there", "/?b=1"),
        (b"http://user@there/a", "user@there", "/a"),
        (b"http://there/http://here/", "there", "/http://here/"),
        (b"http://there/a?u=http://here/", "there", "/a?u=http://here/"),
    ],
)
def test_a_whole_url_is_read_as_its_path(kind: type[Any], url: bytes, host: str, target: str) -> None:
    """Its authority is the host, whatever the header says."""
    asked, expected = request(LENGTH, target=url), echo('{"height": 1}', target=target, hosts=(host,))
    assert told(kind, asked) == [expected]
    assert told(kind, asked[:20], asked[20:] + request()) == [expected, echo()]
    assert told(kind, request(target=url, hosts=(), version=b"1.0")) == [echo(target=target, hosts=(host,)), None]
    assert told(kind, request(target=url, hosts=())) == ["http.host", None]
    offered = request(OFFERS["h2c"] + LENGTH, target=url)
    assert told(kind, offered) == [expected]


@KINDS
@pytest.mark.rule("http.syntax")
@pytest.mark.parametrize("target", [b"*", b"here", b"here:80", b"http:///a", b"http://", b"?a", b"urn:a"])
def test_what_is_neither_path_nor_url_is_refused(kind: type[Any], target: bytes) -> None:
    """The connection ends, when the requests before it were answered."""
    assert told(kind, request(target=target)) == ["http.syntax", None]
    assert told(kind, request() + request(target=target)) == [echo(), "http.syntax", None]


@pytest.mark.rule("control.host")
@pytest.mark.parametrize(
    ("authority", "host", "status"),
    [
        ("localhost", "localhost", 200),
        ("127.0.0.1:8000", "evil.example", 200),
        ("[::1]:8000", "localhost", 200),
        ("evil.example", "localhost", 403),
        ("localhost.evil.example", "localhost", 403),
        ("localhost@evil.example", "localhost", 403),
        ("evil.example:8000", "127.0.0.1:8000", 403),
    ],
)
def test_the_authority_of_a_url_counts_at_the_control_plane(wire: Wire, authority: str, host: str, status: int) -> None:
    """A foreign host in the URL is a foreign host, and the header neither mends nor breaks it."""
    wire.send(f"GET http://{authority}/_sandbox/worlds HTTP/1.1\r\nhost: {host}\r\n\r\n".encode())
    found, headers, _ = wire.answer()
    assert (found, headers.get("x-sandbox-rule", "")) == (
        status,
        "control.host; basis=sandbox" if status == 403 else "",
    )
