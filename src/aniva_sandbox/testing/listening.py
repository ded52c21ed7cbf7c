"""A server in a thread of the user's process: it does not touch logging, event loops or signals."""

import _thread
import asyncio
import socket
import threading
from asyncio import AbstractEventLoop
from email.utils import format_datetime
from types import BuiltinFunctionType

import uvicorn
from starlette.types import ASGIApp

from aniva_sandbox.engine.serving.server import build_server, open_socket
from aniva_sandbox.engine.world.clock import Clock, stopwatch

__all__ = ["Listening"]

_PATIENCE = 1.0
"""Seconds that responses in flight may take at the end."""


class Listening:
    """A server in a thread, on a free port of the loopback interface. Raises RuntimeError if threads are patched."""

    def __init__(self, app: ASGIApp) -> None:
        if not isinstance(_thread.start_new_thread, BuiltinFunctionType):
            raise RuntimeError(
                "the sandbox cannot listen in this process, as its threads are not real ones (gevent's patch_all "
                "replaced them): use aniva.transport() or aniva.wsgi, which need no thread, or run "
                "`aniva-sandbox serve` in a separate process"
            )
        self._socket = open_socket("127.0.0.1", 0)  # from here on, clients wait until the thread serves
        self._server = build_server(app, _Config, _Server)
        self._thread = threading.Thread(target=self._run, name="aniva-sandbox", daemon=True)
        self._thread.start()
        self.url = f"http://127.0.0.1:{self._socket.getsockname()[1]}"

    def stop(self) -> None:
        """Stop the server; returns when it has stopped."""
        self._server.should_exit = True
        self._thread.join(timeout=10)
        self._socket.close()

    def _run(self) -> None:
        with asyncio.Runner(loop_factory=_new_loop) as runner:
            runner.run(self._server.serve(sockets=[self._socket]))


class _Loop(asyncio.SelectorEventLoop):
    """An event loop whose timers use the machine's time, even if a test has frozen Python's."""

    def time(self) -> float:
        return stopwatch() / 1e9


def _new_loop() -> AbstractEventLoop:
    return _LOOP()


try:
    import uvloop
except ImportError:
    _LOOP: type[AbstractEventLoop] = _Loop
else:
    _LOOP = uvloop.Loop  # it has its own clock


class _Config(uvicorn.Config):
    def configure_logging(self) -> None:
        """Change nothing: the loggers belong to the user."""

    def load(self) -> None:
        super().load()
        self.loaded_app = (
            self.app
        )  # without uvicorn's message logger, which wraps the app if the user's log level is the lowest


class _Server(uvicorn.Server):
    """uvicorn's server without logging and signals."""

    async def serve(self, sockets: list[socket.socket] | None = None) -> None:
        self.config.load()
        self.lifespan = self.config.lifespan_class(self.config)
        await self.startup(sockets)
        await self.main_loop()
        await self.shutdown(sockets)

    async def on_tick(self, counter: int) -> bool:
        """Like uvicorn's, by the machine's time."""
        if counter % 10 == 0:
            date = format_datetime(Clock("real").now, usegmt=True)
            self.server_state.default_headers = [(b"date", date.encode()), *self.config.encoded_headers]
        return self.should_exit

    async def shutdown(self, sockets: list[socket.socket] | None = None) -> None:
        for server in self.servers:
            server.close()
        for each in sockets or ():
            each.close()
        for connection in list(self.server_state.connections):
            connection.shutdown()
        state = self.server_state
        patience = asyncio.get_running_loop().time() + _PATIENCE
        while (state.connections or state.tasks) and asyncio.get_running_loop().time() < patience:
            await asyncio.sleep(0.01)
        for task in state.tasks:
            task.cancel()
