"""Thousands of requests that nobody means well: each is refused, or loses its connection, and nothing else happens."""

import gc
import json
import random
from collections import Counter
from collections.abc import Callable, Iterator
from typing import Any, NamedTuple

import pytest

from aniva_sandbox.engine.contract.ground_rules import MAX_BODY
from aniva_sandbox.engine.serving.connection import Connection
from aniva_sandbox.engine.serving.protocol import MAX_HEAD
from aniva_sandbox.engine.world.events import settle
from aniva_sandbox.testing.live import LiveServer
from tests.sandbox.serving.common import Wire, settled
from tests.support import CONTROL, PARTNER, snapshot_of

REQUESTS = 10_500
WORLD = "hostile"
BATCH = 25
"""Requests that go over one connection before the first answer is read."""


class Target(NamedTuple):
    """An operation, as it can be called: with a path filled in, and the body that the document shows. Where the path
    has an id, ``by_id`` is that path with a {} in the place of the last."""

    method: str
    path: str
    body: Any
    reads_body: bool
    by_id: str | None
    parameters: tuple[str, ...]
    partner: bool


def targets() -> Iterator[Target]:
    """All operations of both documents."""
    for api in (PARTNER, CONTROL):
        for path, item in api.document["paths"].items():
            for method, described in item.items():
                content = described.get("requestBody", {}).get("content", {}).get("application/json", {})
                shown = [example["value"] for example in content.get("examples", {}).values()] or [
                    content.get("example")
                ]
                parameters = described.get("parameters", [])
                filled, by_id = path, None
                for parameter in parameters:
                    if parameter["in"] == "path":
                        # Of worlds the document shows the first one, which is not there.
                        value = WORLD if parameter["name"] == "world" else parameter["example"]
                        name = f"{{{parameter['name']}}}"
                        by_id = filled.replace(name, "{}")
                        filled = filled.replace(name, str(value))
                yield Target(
                    method.upper(),
                    filled,
                    shown[0],
                    bool(content.get("schema")),
                    by_id,
                    tuple(parameter["name"] for parameter in parameters if parameter["in"] == "query"),
                    api is PARTNER,
                )


TARGETS = list(targets())
READERS = [target for target in TARGETS if target.reads_body]
CONTROLS = [target for target in TARGETS if not target.partner]
GUARDED = [target for target in CONTROLS if target.path != "/_sandbox/health"]  # which answers everybody
PARTNERS = [target for target in TARGETS if target.partner]
PARTNER_READERS = [target for target in READERS if target.partner]
BY_ID = [target for target in TARGETS if target.by_id]
QUERIED = [target for target in TARGETS if target.parameters]


def request(
    target: Target,
    body: bytes | None = None,
    *headers: bytes,
    path: str | None = None,
    host: bytes = b"host: localhost",
    key: bytes = b"x-api-key: sbx_" + WORLD.encode(),
    content_type: bytes = b"content-type: application/json",
) -> bytes:
    """A request to an operation, well-formed where its arguments are."""
    line = f"{target.method} {path or target.path} HTTP/1.1".encode("latin-1")
    lines = [line, *(each for each in (host, key, content_type) if each), *headers]
    if body is not None:
        lines.append(b"content-length: %d" % len(body))
    return b"\r\n".join([*lines, b"", body or b""])


# Bodies: none of them is a JSON object in which each name stands once, without NUL and in numbers that can be held


def deep(_target: Target, rng: random.Random) -> bytes:
    """Nested, and not even closed."""
    return rng.choice([b"[", b'{"a":', b'[{"":']) * rng.choice([50, 300, 2000, 30_000])


def deep_and_closed(_target: Target, rng: random.Random) -> bytes:
    """Nested, closed, and no object."""
    depth = rng.choice([50, 300, 2000, 30_000])
    return b"[" * depth + b"]" * depth


def inserted(target: Target, rng: random.Random, raw: str, *, further: bool = True) -> bytes:
    """The shown body with raw text in the place of a field's value, or as a further field, which may be excluded."""
    body = dict(target.body or {})
    name = rng.choice([*body, *["nobody_asks"] * (further or not body)])
    parts = [f"{json.dumps(key)}: {raw if key == name else json.dumps(value)}" for key, value in body.items()]
    if name not in body:
        parts.append(f'"{name}": {raw}')
    return f"{{{', '.join(parts)}}}".encode("utf-8", "surrogatepass")


def huge_number(target: Target, rng: random.Random) -> bytes:
    digits = rng.choice([5000, 50_000])
    forms = [
        "1e400",
        "-1e400",
        "1e99999",
        "9" * digits,
        "-" + "9" * digits,
        "NaN",
        "Infinity",
        "-Infinity",
        "1." + "9" * 9 + "e309",
    ]
    return inserted(target, rng, rng.choice(forms))


def odd_number(target: Target, rng: random.Random) -> bytes:
    return inserted(target, rng, rng.choice(["01", "+1", "1.", ".5", "0x1f", "1_000", "1e", "--1", "-", "1e+", "١"]))


def nul(target: Target, rng: random.Random) -> bytes:
    if rng.random() < 0.3:
        return inserted(target, rng, rng.choice(['"\0"', "\0"]))
    forms = [r'"\u0000"', r'"a\u0000b"', r'["\u0000"]', r'{"\u0000": 1}', r'[[{"a": "\u0000"}]]']
    return inserted(target, rng, rng.choice(forms), further=False)


def surrogate(target: Target, rng: random.Random) -> bytes:
    forms = [r'"\ud800"', r'"\udfff"', r'"\udc00\ud800"', r'"\ud83d"', r'"\ud83dx"', r'{"\ud800": 1}', '"\ud800"']
    return inserted(target, rng, rng.choice(forms))


def no_utf8(target: Target, rng: random.Random) -> bytes:
    broken = rng.choice([b"\xff", b"\xc0\x80", b"\xed\xa0\x80", b"\xf8\x88\x80\x80\x80", b"\xe2\x82", b"\xc3"])
    return inserted(target, rng, '"HERE"').replace(b"HERE", broken)


def repeated(target: Target, rng: random.Random) -> bytes:
    forms = ['1, "a": 1', r'1, "nobody_asks": 2', r'{"b": 1, "b": 1}', r'[{"b": {}, "\u0062" : {}}]', r'{"": 0, "": 0}']
    body = dict(target.body or {})
    name = rng.choice([*body, "a"])
    whole = {"a": 0} | body
    first = f"{json.dumps(name)} : {json.dumps(whole[name])}"
    if rng.random() < 0.5:
        return f"{{{first}, {json.dumps(whole)[1:]}".encode()
    nested = rng.choice(forms[2:])
    return f'{{"a": {nested}, {json.dumps(body)[1:]}'.replace(", }", "}").encode()


def torn(target: Target, rng: random.Random) -> bytes:
    whole = json.dumps(target.body or {"a": 1}).encode()
    return whole[: rng.randrange(1, len(whole))]


def no_object(_target: Target, rng: random.Random) -> bytes:
    forms = [
        b"[]",
        b"null",
        b"true",
        b"0",
        b'""',
        b"{}{}",
        b"{},",
        b"\xef\xbb\xbf{}",
        b"\xff\xfe{\0}\0",
        b"<a/>",
        b"a=b",
        b" ",
    ]
    return rng.choice(forms)


def noise(_target: Target, rng: random.Random) -> bytes:
    return b"\xff" + rng.randbytes(rng.randrange(1, 2000))


BODIES = [
    deep,
    deep_and_closed,
    huge_number,
    odd_number,
    nul,
    surrogate,
    no_utf8,
    repeated,
    torn,
    no_object,
    noise,
]

# Whole requests that leave their connection in order


def bad_type(rng: random.Random) -> bytes:
    target = rng.choice(READERS)
    kinds = [b"", b"content-type: text/plain", b"content-type: \xff", b"content-type: application/json, text/plain"]
    kinds.append(b"content-type: application/json" + b"x" * 3000)
    return request(target, json.dumps(target.body or {"a": 1}).encode(), content_type=rng.choice(kinds))


def bad_id(rng: random.Random) -> bytes:
    target = rng.choice(BY_ID)
    odd = ["%00", "a%00b", "%ED%A0%80", "%FF", "%", "%zz", "%2E%2E%2F", "9" * 5000, "..", "{}", "%0d%0a", "%C3%A4" * 40]
    return request(target, b"{}", path=str(target.by_id).replace("{}", rng.choice(odd)))


def bad_query(rng: random.Random) -> bytes:
    target = rng.choice(QUERIED)
    value = rng.choice(["%00", "a%00b", "%00" * 3000])
    return request(target, path=f"{target.path}?{rng.choice(target.parameters)}={value}")


def bad_key(rng: random.Random) -> bytes:
    target = rng.choice(PARTNERS)
    key = b"x-api-key: sbx_" + WORLD.encode()
    keys = [b"", key + b"\r\n" + key, b"x-api-key: ", b"x-api-key: \xff\xfe", b"x-api-key: " + b"9" * 5000]
    keys += [key + b"." + b"a" * 3000, key.upper(), key + b" x", b"x-api-key: sbx_" + b"a" * 65]
    return request(target, b"{}", key=rng.choice(keys))


def bad_path(rng: random.Random) -> bytes:
    target = rng.choice(TARGETS)
    path = rng.choice(
        ["//", "/%00", "/" * 3000, "/api/v1/%2e%2e/x", "/_sandbox/" + "a" * 9000, "/api/v1/" + "a/" * 2000]
    )
    return request(target, b"{}", path=path)


def bad_method(rng: random.Random) -> bytes:
    target = rng.choice(TARGETS)
    return request(
        target._replace(method=rng.choice(["TRACE", "OPTIONS", "PROPFIND", "LOCK", "MKCOL", "PURGE"])), b"{}"
    )


def bad_host(rng: random.Random) -> bytes:
    target = rng.choice(GUARDED)
    hosts = [b"evil.example", b"\xff", b"a" * 5000, b"localhost.evil.example", b"[::", b"10.0.0.1"]
    hosts.append(b"localhost:" + b"9" * 3000)
    if rng.random() < 0.3:
        return request(target, b"{}", path=f"http://evil.example{target.path}")
    return request(target, b"{}", host=b"host: " + rng.choice(hosts))


def bad_origin(rng: random.Random) -> bytes:
    target = rng.choice(GUARDED)
    headers = [
        b"origin: null",
        b"origin: http://evil.example",
        b"origin: ",
        b"origin: http://localhost:1",
        b"origin: \xff",
    ]
    headers += [b"sec-fetch-site: cross-site", b"sec-fetch-site: same-site", b"origin: http://localhost" + b"a" * 5000]
    return request(target, b"{}", rng.choice(headers))


def long_head(rng: random.Random) -> bytes:
    target = rng.choice(TARGETS)
    size = rng.choice([MAX_HEAD, 2 * MAX_HEAD])
    if rng.random() < 0.5:
        return request(target, b"{}", b"x-long: " + b"x" * size)
    return request(target, b"{}", *[b"x-%d: 1" % number for number in range(size // 8)])


def large_body(rng: random.Random) -> bytes:
    target = rng.choice(PARTNER_READERS)
    return request(target, json.dumps(target.body).encode().ljust(MAX_BODY + 1 + rng.randrange(1000)))


ORDERLY: list[tuple[Callable[[random.Random], bytes], int]] = [
    (bad_type, 400),
    (bad_id, 400),
    (bad_query, 400),
    (bad_key, 403),
    (bad_path, 404),
    (bad_method, 405),
    (bad_host, 403),
    (bad_origin, 403),
]
HEAVY: list[tuple[Callable[[random.Random], bytes], int]] = [(long_head, 431), (large_body, 413)]

# What is no whole request: the client says no more, and the server answers 4xx, or closes


def no_http(rng: random.Random) -> bytes:
    target = rng.choice(TARGETS)
    good = request(target, b"{}")
    name, value = rng.choice(
        [(b"x\0y", b"1"), (b"x y", b"1"), (b"", b"1"), (b"x", b"\0"), (b"x", b"a\nb"), (b"x\xff", b"1")]
    )
    forms = [
        rng.randbytes(rng.randrange(1, 300)) + b"\r\n\r\n",
        b"\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03" + rng.randbytes(40),
        b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n",
        good.replace(
            b"HTTP/1.1", rng.choice([b"HTTP/9.9", b"HTTP/1.11", b"HTTP", b"http/1.1", b"ICY/1.1", b"HTTP/-1.1"])
        ),
        good.replace(b" HTTP/1.1", b"\0 HTTP/1.1", 1),
        good.replace(b"\r\nhost", b"\r\n" + name + b": " + value + b"\r\nhost", 1),
        good.replace(b"\r\nhost", b"\r\nno colon here\r\nhost", 1),
        good.lower(),
        b"CONNECT localhost:443 HTTP/1.1\r\nhost: localhost\r\n\r\n",
        b"CONNECT /api/v1/units HTTP/1.1\r\nhost: localhost\r\n\r\n",
        b"GET  HTTP/1.1\r\n\r\n",
        b"GET * HTTP/1.1\r\nhost: localhost\r\n\r\n",
    ]
    return rng.choice(forms)


def bad_length(rng: random.Random) -> bytes:
    target = rng.choice(READERS)
    length = rng.choice([b"-1", b"1e3", b"0x10", b"9" * 30, b"2, 2", b"+2", b"two", b"2\r\ncontent-length: 3", b""])
    return request(target, None, b"content-length: " + length) + b"{}"


def bad_chunks(rng: random.Random) -> bytes:
    target = rng.choice(READERS)
    chunks = [
        b"z\r\n{}\r\n0\r\n\r\n",
        b"-1\r\n",
        b"2\r\n{}x\r\n",
        b"f" * 40 + b"\r\n",
        b"\r\n",
        b"2 2\r\n{}\r\n",
        b"\0",
    ]
    return request(target, None, b"transfer-encoding: chunked") + rng.choice(chunks)


def bad_coding(rng: random.Random) -> bytes:
    target = rng.choice(READERS)
    codings = [b"transfer-encoding: chunked\r\ncontent-length: 2", b"transfer-encoding: chunked, identity"]
    codings += [b"transfer-encoding: gzip", b"content-length: 2\r\ntransfer-encoding: chunked"]
    return request(target, None, rng.choice(codings)) + b"2\r\n{]\r\n0\r\n\r\n"


def bad_hosts(rng: random.Random) -> bytes:
    hosts = [b"", b"host: localhost\r\nhost: localhost", b"host: localhost\r\nhost: evil.example"]
    return request(rng.choice(TARGETS), b"{}", host=rng.choice(hosts))


def unfinished_head(rng: random.Random) -> bytes:
    head = request(rng.choice(TARGETS))
    return head[: rng.randrange(1, len(head) - 3)]


def unfinished_body(rng: random.Random) -> bytes:
    target = rng.choice(READERS)
    body = json.dumps(target.body or {"a": 1}).encode()
    if rng.random() < 0.5:
        return request(target, None, b"content-length: %d" % (len(body) + rng.randrange(1, 10**9))) + body
    return request(target, None, b"transfer-encoding: chunked") + b"%x\r\n" % len(body) + body + b"\r\n"


def endless_body(rng: random.Random) -> bytes:
    target = rng.choice(PARTNER_READERS)
    chunk = b"10000\r\n" + b" " * 0x10000 + b"\r\n"
    return request(target, None, b"transfer-encoding: chunked") + chunk * (MAX_BODY // 0x10000 + 2)


def endless_head(rng: random.Random) -> bytes:
    return request(rng.choice(TARGETS), None, b"x-long: " + b"x" * 4 * MAX_HEAD)[:-4]


TORN = [no_http, bad_length, bad_chunks, bad_coding, bad_hosts, unfinished_head, unfinished_body]
HEAVY_TORN = [endless_body, endless_head]


def is_refusal(status: int, expected: int | None = None) -> bool:
    """Whether a status is the expected refusal, or any."""
    return status == expected if expected is not None else 400 <= status < 500


@pytest.mark.rule("atomic", "http.head", "http.host", "http.syntax", "body.json", "body.schema")
@pytest.mark.rule("control.host", "control.origin")
def test_ten_thousand_hostile_requests() -> None:
    """Each of them answers with the refusal of its kind, or ends its connection; none changes the world, none makes a
    fault of the sandbox, and when they are over the server has nothing of them left and serves as before."""
    rng = random.Random(6)
    with LiveServer() as server:
        world = server.run(lambda: server.worlds.create(WORLD))
        server.run(lambda: settle(world))
        before = server.run(lambda: snapshot_of(world))
        names = server.run(lambda: sorted(world.name for world in server.worlds))
        sent: Counter[str] = Counter()
        wrong: list[tuple[str, bytes, Any]] = []

        def throw(kind: str, requests: list[bytes], expected: int) -> None:
            """Send requests over one connection, and read the answer to each."""
            with Wire(server.url) as wire:
                wire.send(b"".join(requests))
                for each in requests:
                    status = wire.status()
                    if not is_refusal(status, expected):
                        wrong.append((kind, each[:500], status))
            sent[kind] += len(requests)

        def tear(kind: str, each: bytes) -> None:
            """Send what is no whole request, and read until the server closes."""
            with Wire(server.url) as wire:
                wire.send(each)
                wire.end()
                statuses = wire.rest()
                if len(statuses) > 1 or not all(map(is_refusal, statuses)):
                    wrong.append((kind, each[:500], statuses))
            sent[kind] += 1

        while sent.total() < REQUESTS:
            for body in BODIES:
                aims = [rng.choice(READERS) for _ in range(BATCH)]
                throw(body.__name__, [request(aim, body(aim, rng)) for aim in aims], 400)
            for make, expected in ORDERLY:
                throw(make.__name__, [make(rng) for _ in range(BATCH)], expected)
            for make, expected in HEAVY:
                throw(make.__name__, [make(rng)], expected)
            for unfinished in TORN:
                for _ in range(BATCH):
                    tear(unfinished.__name__, unfinished(rng))
            for unfinished in HEAVY_TORN:
                tear(unfinished.__name__, unfinished(rng))

        assert wrong == []
        assert settled(server) == (0, 0)
        gc.collect()
        assert [each for each in gc.get_objects() if isinstance(each, Connection)] == []
        assert server.run(lambda: snapshot_of(world)) == before
        assert server.run(lambda: sorted(world.name for world in server.worlds)) == names
        assert list(server.worlds.mismatches) == []
        with Wire(server.url) as wire:
            for target in (PARTNERS[0], CONTROLS[0]):
                wire.send(
                    request(
                        target._replace(method="GET", path="/api/v1/units" if target.partner else "/_sandbox/health")
                    )
                )
                assert wire.status() == 200
