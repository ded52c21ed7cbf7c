"""The walk beside a small model of the documentation, over HTTP: each call goes to another one of three servers."""

import http.client
import json
import os
from collections.abc import Iterator
from contextlib import ExitStack
from datetime import datetime
from itertools import count
from typing import Any

import pytest
from hypothesis import HealthCheck, settings

from tests.api.test_model import Beside
from tests.sandbox.shared.servers import COUNT, Servers
from tests.support import Reply

EXAMPLES = int(os.environ.get("ANIVA_SANDBOX_WALKS", "25"))


class RoundRobin:
    """A client that never calls the same server twice in a row."""

    def __init__(self, ports: list[int]) -> None:
        self._connections = [http.client.HTTPConnection("127.0.0.1", port, timeout=60) for port in ports]
        self._turns = count()

    def close(self) -> None:
        """Disconnect."""
        for connection in self._connections:
            connection.close()

    def _send(self, method: str, path: str, body: Any) -> Reply:
        connection = self._connections[next(self._turns) % COUNT]
        headers = {"x-api-key": "sbx_test", "content-type": "application/json"}
        connection.request(method, path, None if body is None else json.dumps(body), headers)
        response = connection.getresponse()
        found = {name.lower(): value for name, value in response.getheaders()}
        return Reply(response.status, json.loads(response.read()), found)

    def request(self, method: str, path: str, body: Any = None) -> Reply:
        """Call the API."""
        return self._send(method, f"/api/v1{path}", body)

    def control(self, method: str, path: str, body: Any = None) -> Reply:
        """Call the control plane."""
        return self._send(method, f"/_sandbox{path}", body)

    def get(self, path: str) -> Reply:
        return self.request("GET", path)

    def post(self, path: str, body: Any) -> Reply:
        return self.request("POST", path, body)

    def patch(self, path: str, body: Any) -> Reply:
        return self.request("PATCH", path, body)

    def delete(self, path: str) -> Reply:
        return self.request("DELETE", path)


CLIENTS: list[RoundRobin] = []
"""The client of the servers. Machines take no fixtures."""


@pytest.fixture
def _servers(store: str) -> Iterator[None]:
    """Three servers on one store."""
    with ExitStack() as stack:
        servers = Servers(store)
        stack.callback(servers.close)
        client = RoundRobin(servers.ports)
        stack.callback(client.close)
        CLIENTS.append(client)
        stack.callback(CLIENTS.clear)
        yield
        client.close()
        servers.end()


class AmongThree(Beside):
    """Three servers and the model, called with the same."""

    def open(self) -> tuple[Any, datetime]:
        """A new world, which one of the servers makes."""
        options = {"clock": "frozen", "settings": {"courier_automation": False}}
        made = CLIENTS[0].control("PUT", "/worlds/test", options)
        assert made.status == 200
        return CLIENTS[0], datetime.fromisoformat(made.json["clock"]["now"])


AmongThree.TestCase.settings = settings(
    max_examples=EXAMPLES,
    stateful_step_count=25,
    derandomize=True,
    database=None,
    deadline=None,
    suppress_health_check=list(HealthCheck),
)


@pytest.mark.usefixtures("_servers")
class TestAmongThree(AmongThree.TestCase):
    """The machine as a test."""
