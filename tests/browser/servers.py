"""The servers whose pages are tested."""

import http.client
import json
import os
import subprocess
import sys
from typing import Any
from urllib.parse import urlencode, urlsplit

from aniva_sandbox.testing.live import LiveServer

__all__ = ["Response", "Served", "Server"]

Response = tuple[int, dict[str, str], Any]
"""Status, headers with names in lower case, and decoded body (bytes if it is not JSON)."""

SERVE = (sys.executable, "-m", "aniva_sandbox", "serve", "--json")


class Calls:
    """What can be asked of a server."""

    url: str
    world: str

    def api(
        self,
        method: str,
        path: str,
        body: Any = None,
        persona: str | None = None,
        world: str | None = None,
        headers: dict[str, str] | None = None,
    ) -> Response:
        """Call the API; ``path`` follows ``/api/v1``. The key is that of the test's own world, or of another."""
        key = f"sbx_{world or self.world}{f'.{persona}' if persona else ''}"
        return send(self.url, method, f"/api/v1{path}", body, {"x-api-key": key} | (headers or {}))


class Server(Calls):
    """A live server of this process, and a world in it: ``world``, whose clock is frozen at 2026-04-13T08:00:00Z."""

    def __init__(self, live: LiveServer, world: str) -> None:
        self.live = live
        self.url = live.url
        self.world = world
        self.make(world)

    def make(self, name: str, **options: Any) -> str:
        """Make a world with these options. It is dropped after the test if its name begins with that of the test's."""
        self.control("PUT", f"/worlds/{name}", options)
        return name

    def control(self, method: str, path: str, body: Any = None, query: dict[str, Any] | None = None) -> Any:
        """Call the control plane; ``path`` follows ``/_sandbox``. Raises ControlError if it refuses."""
        return self.live.control(method, f"{path}?{urlencode(query)}" if query else path, body)

    def drop(self) -> None:
        """Drop the test's world, and those whose names begin with its name."""
        for world in self.control("GET", "/worlds"):
            if world["name"].startswith(self.world):
                self.control("DELETE", f"/worlds/{world['name']}")


class Served(Calls):
    """A server in a process, as ``serve`` with these options starts it. It can be stopped, and started again at the
    same address; its first world is ``default``."""

    def __init__(self, *options: str, token: str | None = None) -> None:
        self.world = "default"
        self._options = ("--clock", "frozen", *options)
        self._environment = os.environ | ({"ANIVA_SANDBOX_TOKEN": token} if token is not None else {})
        self._port = 0
        self.start()

    def start(self) -> None:
        """Start it; returns when it takes requests."""
        self._process = subprocess.Popen(
            [*SERVE, "--port", str(self._port), *self._options],
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            text=True,
            env=self._environment,
        )
        assert self._process.stdout is not None
        self.url = json.loads(self._process.stdout.readline())["url"]
        port = urlsplit(self.url).port
        assert port is not None
        self._port = port

    def stop(self) -> None:
        """Stop it at once."""
        with self._process as process:
            process.kill()


def send(url: str, method: str, path: str, body: Any = None, headers: dict[str, str] | None = None) -> Response:
    """Send a request to a server."""
    connection = http.client.HTTPConnection(urlsplit(url).netloc, timeout=30)
    content = None if body is None else json.dumps(body)
    try:
        connection.request(method, path, content, {"content-type": "application/json"} | (headers or {}))
        response = connection.getresponse()
        received = response.read()
    finally:
        connection.close()
    names = {name.lower(): value for name, value in response.getheaders()}
    is_json = names.get("content-type", "").startswith("application/json") and received != b""
    return response.status, names, json.loads(received) if is_json else received
