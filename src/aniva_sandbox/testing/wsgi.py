"""An ASGI app as a WSGI app, for clients that are not async."""

import time
from collections.abc import Coroutine, Iterable
from http.client import responses
from typing import TYPE_CHECKING, Any
from urllib.parse import quote

from starlette.types import ASGIApp, Message

if TYPE_CHECKING:
    from _typeshed.wsgi import StartResponse, WSGIApplication, WSGIEnvironment

__all__ = ["build_wsgi", "finish"]


def build_wsgi(app: ASGIApp) -> "WSGIApplication":
    """The WSGI app that responds like an ASGI app. It needs no event loop, because responses of the APIs wait only for
    the request, which is there, and for the pause of a fault. Files of the API reference do need one."""

    def wsgi(environ: "WSGIEnvironment", start_response: "StartResponse") -> Iterable[bytes]:
        body = _body(environ)
        sent: list[Message] = []

        async def receive() -> Message:
            return {"type": "http.request", "body": body, "more_body": False}

        async def send(message: Message) -> None:
            sent.append(message)

        async def answer() -> None:
            await app(_scope(environ), receive, send)

        finish(answer())
        if not sent:
            raise ConnectionResetError("the sandbox sent no response")
        start, *parts = sent
        headers = [(name.decode("latin-1"), value.decode("latin-1")) for name, value in start["headers"]]
        start_response(f"{start['status']} {responses.get(start['status'], 'Unknown')}", headers)
        return [] if environ["REQUEST_METHOD"] == "HEAD" else [part.get("body", b"") for part in parts]

    return wsgi


def _scope(environ: "WSGIEnvironment") -> dict[str, Any]:
    headers = [(name[5:], value) for name, value in environ.items() if name.startswith("HTTP_")]
    headers += [(name, environ[name]) for name in ("CONTENT_TYPE", "CONTENT_LENGTH") if environ.get(name)]
    return {
        "type": "http",
        "asgi": {"version": "3.0"},
        "http_version": "1.1",
        "method": environ["REQUEST_METHOD"],
        "scheme": environ["wsgi.url_scheme"],
        "path": environ["PATH_INFO"],
        "raw_path": quote(environ["PATH_INFO"]).encode(),
        "query_string": environ.get("QUERY_STRING", "").encode("latin-1"),
        "root_path": "",
        "headers": [(name.lower().replace("_", "-").encode(), value.encode("latin-1")) for name, value in headers],
        "server": (environ["SERVER_NAME"], int(environ["SERVER_PORT"])),
        "client": None,
        "state": {"pause": _pause},
    }


async def _pause(seconds: float) -> None:
    """Block the thread, as its caller waits anyway."""
    time.sleep(seconds)


def _body(environ: "WSGIEnvironment") -> bytes:
    """The whole body: Content-Length bytes or, if it is chunked, everything."""
    stream = environ["wsgi.input"]
    if environ.get("CONTENT_LENGTH"):
        return bytes(stream.read(int(environ["CONTENT_LENGTH"])))
    return bytes(stream.read()) if "HTTP_TRANSFER_ENCODING" in environ else b""


def finish(running: Coroutine[Any, Any, None]) -> None:
    """Run a coroutine that never waits. Raises RuntimeError if it does."""
    try:
        running.send(None)
    except StopIteration:
        return
    running.close()
    raise RuntimeError("the sandbox cannot wait without an event loop: use aniva.url or aniva.async_transport()")
