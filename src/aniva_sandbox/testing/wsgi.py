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
    """The WSGI app that answers as an ASGI app does. It needs no event loop, because what the APIs answer waits
    for nothing but the request, which is there, and the pause that a fault may ask for; files of the reference do."""

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
            raise ConnectionResetError("the sandbox gave no answer")
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
    """Let the whole thread wait, which is what its caller does anyway."""
    time.sleep(seconds)


def _body(environ: "WSGIEnvironment") -> bytes:
    """The whole body: as long as it says it is, or, where it comes in chunks, all that there is."""
    stream = environ["wsgi.input"]
    if environ.get("CONTENT_LENGTH"):
        return bytes(stream.read(int(environ["CONTENT_LENGTH"])))
    return bytes(stream.read()) if "HTTP_TRANSFER_ENCODING" in environ else b""


def finish(running: Coroutine[Any, Any, None]) -> None:
    """Run to the end what never waits. Raises RuntimeError where it does."""
    try:
        running.send(None)
    except StopIteration:
        return
    running.close()
    raise RuntimeError("the sandbox cannot wait where there is no event loop: use aniva.url or aniva.async_transport()")
