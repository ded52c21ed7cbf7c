"""Heads on the wire."""

import asyncio
import re
from collections.abc import Sequence
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from aniva_sandbox.engine.serving.connection import Connection
from aniva_sandbox.engine.serving.h11_connection import H11Connection
from aniva_sandbox.engine.serving.wire import write_head, write_lines
from tests.sandbox.serving.common import Fed

HEADERS = st.lists(st.tuples(st.sampled_from([b"x-a", b"x-b", b"date"]), st.binary(max_size=3)), max_size=5)
CONNECTIONS = [
    b"",
    b"connection: close\r\n",
    b"Connection: keep-alive\r\n",
    b"connection: x, Close\r\n",
    b"connection: x\r\n",
]


@given(HEADERS, st.sampled_from([200, 404, 418, 599]), st.binary(max_size=9))
def test_a_head_is_its_lines(headers: Sequence[tuple[bytes, bytes]], status: int, body: bytes) -> None:
    """Lines that were written before are written the same again; what would not be one line is never written."""
    if re.search(rb"[\x00-\x08\x0a-\x1f\x7f]", b"".join(value for _, value in headers)):
        with pytest.raises(ValueError, match="control character"):
            write_head(status, b"", headers)
        return
    lines = b"".join(name + b": " + value + b"\r\n" for name, value in headers)
    assert write_lines(headers) == lines
    written = write_head(status, b"date: today\r\n", headers, body)
    first, _, rest = written.partition(b"\r\n")
    assert first.startswith(b"HTTP/1.1 %d " % status)
    assert rest == b"date: today\r\n" + lines + b"\r\n" + body


@pytest.mark.parametrize("kind", [Connection, H11Connection], ids=["httptools", "h11"])
@pytest.mark.parametrize("connection", CONNECTIONS)
@pytest.mark.parametrize("version", [b"1.0", b"1.1"])
def test_the_version_is_the_one_that_was_sent(kind: type[Any], version: bytes, connection: bytes) -> None:
    """Whatever a request says of its connection, the app learns its version; only HTTP/1.1 goes on, unless it says
    otherwise."""
    seen = []

    async def app(scope: Any, _receive: Any, send: Any) -> None:
        seen.append(scope["http_version"])
        await send({"type": "http.response.start", "status": 204, "headers": []})
        await send({"type": "http.response.body", "body": b""})

    async def main() -> bool:
        fed = Fed(kind, app)
        await fed.feed(b"GET /a HTTP/%b\r\nhost: here\r\n%b\r\n" % (version, connection))
        return fed.transport.closed

    closes = version == b"1.0" or b"close" in connection.lower()
    assert asyncio.run(main()) is closes
    assert seen == [version.decode()]
