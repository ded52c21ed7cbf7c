"""An ASGI app as a WSGI app: what it hands over, and where it gives up."""

import io
from typing import Any

import pytest
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from aniva_sandbox.testing.wsgi import build_wsgi


def environ(body: bytes = b"", **more: str) -> dict[str, Any]:
    """A request as WSGI has it."""
    return {
        "REQUEST_METHOD": "POST",
        "SCRIPT_NAME": "",
        "PATH_INFO": "/a b/ü",
        "QUERY_STRING": "x=%20",
        "SERVER_NAME": "example.com",
        "SERVER_PORT": "80",
        "wsgi.url_scheme": "http",
        "wsgi.input": io.BytesIO(body),
    } | more


def answered(app: ASGIApp, request: dict[str, Any]) -> tuple[str, list[tuple[str, str]], bytes]:
    """The status, the headers and the body of an answer."""
    started: list[Any] = []
    body = b"".join(build_wsgi(app)(request, lambda *start: started.extend(start) or started.append))
    status, headers = started
    return status, headers, body


def answers(status: int, seen: list[Any] | None = None) -> ASGIApp:
    """An app that answers in two parts, and tells what it saw."""

    async def app(scope: Scope, receive: Receive, send: Send) -> None:
        message = await receive()
        (seen if seen is not None else []).extend([scope, message])
        await send({"type": "http.response.start", "status": status, "headers": [(b"x-a", "ü".encode("latin-1"))]})
        await send({"type": "http.response.body", "body": b"one", "more_body": True})
        await send({"type": "http.response.body", "body": b" two"})

    return app


def test_request_and_answer() -> None:
    """The request comes through with its path undecoded, its headers and its body; so does the answer."""
    seen: list[Any] = []
    more = {"CONTENT_TYPE": "application/json", "CONTENT_LENGTH": "2", "HTTP_X_API_KEY": "sbx_a"}
    assert answered(answers(200, seen), environ(b"{}more", **more)) == ("200 OK", [("x-a", "ü")], b"one two")
    scope, message = seen
    assert (scope["method"], scope["path"], scope["raw_path"]) == ("POST", "/a b/ü", b"/a%20b/%C3%BC")
    assert scope["query_string"] == b"x=%20"
    assert sorted(scope["headers"]) == [
        (b"content-length", b"2"),
        (b"content-type", b"application/json"),
        (b"x-api-key", b"sbx_a"),
    ]
    assert message == {"type": "http.request", "body": b"{}", "more_body": False}


@pytest.mark.parametrize(
    ("more", "body"), [({}, b""), ({"CONTENT_LENGTH": ""}, b""), ({"HTTP_TRANSFER_ENCODING": "chunked"}, b"{}")]
)
def test_bodies_without_a_length(more: dict[str, str], body: bytes) -> None:
    """Without a length there is no body, unless it comes in chunks."""
    seen: list[Any] = []
    answered(answers(200, seen), environ(b"{}", **more))
    assert seen[1]["body"] == body


def test_head_has_no_body() -> None:
    """What answers HEAD is the head alone."""
    assert answered(answers(200), environ(REQUEST_METHOD="HEAD")) == ("200 OK", [("x-a", "ü")], b"")


def test_statuses_that_have_no_name() -> None:
    """A status that HTTP does not name is passed on."""
    assert answered(answers(599), environ())[0] == "599 Unknown"


def test_no_answer() -> None:
    """An app that ends without an answer has dropped the connection."""

    async def app(_scope: Scope, _receive: Receive, _send: Send) -> None:
        pass

    with pytest.raises(ConnectionResetError, match="no response"):
        answered(app, environ())


def test_waiting_is_refused() -> None:
    """An app that waits for anything but its request is stopped: there is no event loop."""

    class Pause:
        def __await__(self) -> Any:
            yield

    ended: list[Message] = []

    async def app(_scope: Scope, _receive: Receive, _send: Send) -> None:
        try:
            await Pause()
        finally:
            ended.append({})

    with pytest.raises(RuntimeError, match="cannot wait"):
        answered(app, environ())
    assert ended == [{}]
