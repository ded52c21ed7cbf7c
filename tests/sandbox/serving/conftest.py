"""A live server with each of the two connections, and a connection to it."""

from collections.abc import Iterator

import pytest

from aniva_sandbox.engine.serving import server
from aniva_sandbox.engine.serving.connection import Connection
from aniva_sandbox.engine.serving.h11_connection import H11Connection
from aniva_sandbox.testing.live import LiveServer
from tests.sandbox.serving.common import Wire


@pytest.fixture(scope="module", params=[Connection, H11Connection], ids=["httptools", "h11"])
def served(request: pytest.FixtureRequest) -> Iterator[LiveServer]:
    """A running server, with each of the two protocols."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(server, "Connection", request.param)
        running = LiveServer().__enter__()
    yield running
    running.__exit__()


@pytest.fixture
def wire(served: LiveServer) -> Iterator[Wire]:
    """A connection to the server."""
    with Wire(served.url) as wire:
        yield wire
