"""The sandbox in this process: its worlds, an app, and a live server that starts at the first use of its address."""

import threading
from collections.abc import Callable
from contextlib import AbstractContextManager
from functools import cache
from typing import TYPE_CHECKING, Any, Self, TypeVar

import msgspec
from starlette.types import ASGIApp

from aniva_sandbox.api.app import build_app, build_control_api, build_partner_api, load_control
from aniva_sandbox.api.beginnings import fixture_names, get_fixture
from aniva_sandbox.api.domain import DOMAIN
from aniva_sandbox.engine.contract.api import Api
from aniva_sandbox.engine.serving.guard import Guard
from aniva_sandbox.engine.serving.pipeline import Request, respond_to_control
from aniva_sandbox.engine.store.memory import Worlds
from aniva_sandbox.testing.listening import Listening
from aniva_sandbox.testing.own_files import show_own_files
from aniva_sandbox.testing.steady import load
from aniva_sandbox.testing.wsgi import build_wsgi

if TYPE_CHECKING:
    from _typeshed.wsgi import WSGIApplication

    from aniva_sandbox.engine.contract.document import Contract
    from aniva_sandbox.engine.evidence.coverage.collector import Coverage

__all__ = ["ControlError", "LiveServer", "control_contract", "partner_api"]

T = TypeVar("T")


class ControlError(Exception):
    """The control plane refused a request. The message is its own; ``rule`` is the id of the rule that refused."""

    def __init__(self, status: int, rule: str, message: str) -> None:
        super().__init__(f"{message} ({rule}, {status})")
        self.status = status
        self.rule = rule


class LiveServer:
    """The sandbox for the threads and event loops of this process: in process through ``asgi`` and ``wsgi``, and at
    ``url`` on a free port of the loopback interface. It listens from the first use of ``url``; as a context manager, it
    listens for the block."""

    def __init__(self, coverage: "Coverage | None" = None) -> None:
        """``coverage`` collects what calls meet."""
        self.worlds = Worlds(
            DOMAIN,
            get_fixture,
            fixture_names(),
            mode="frozen",
            coverage=coverage,
        )
        self._control = _control_api()
        # Held while a request is handled or a world is used; no holder waits for another.
        self._lock = _Turn()
        self._partner = partner_api()
        self.asgi = self._app(None)
        self.wsgi: WSGIApplication = build_wsgi(self.asgi)
        self._listening: Listening | None = None
        self._is_closed = False

    @property
    def url(self) -> str:
        """The address, without a trailing slash. Raises RuntimeError after it has stopped."""
        return self._listen().url

    def __enter__(self) -> Self:
        self._listen()
        return self

    def __exit__(self, *_exc: object) -> None:
        self._is_closed = True
        if self._listening is not None:
            self._listening.stop()
            self._listening = None

    def run(self, do: Callable[[], T]) -> T:
        """Call a function between requests, and return its result."""
        with self._lock:
            return do()

    def control(self, method: str, path: str, body: Any = None) -> Any:
        """Call the control plane, without HTTP; ``path`` may have a query. Raises :exc:`ControlError`."""
        __tracebackhide__ = True
        return msgspec.json.decode(self.control_bytes(method, path, b"" if body is None else msgspec.json.encode(body)))

    def control_bytes(self, method: str, path: str, body: bytes = b"") -> bytes:
        """As :meth:`control`, with JSON as bytes."""
        __tracebackhide__ = True
        path, _, query = path.partition("?")
        request = Request(method, f"/_sandbox{path}", query.encode(), content_type="application/json", body=body)
        response = self.run(lambda: respond_to_control(self._control, self.worlds, request))
        if response.status >= 400:
            rule = dict(response.headers).get(b"x-sandbox-rule", b"").decode().partition(";")[0]
            raise ControlError(response.status, rule, msgspec.json.decode(response.body)["error"])
        return response.body

    def _app(self, guard: Guard | None) -> ASGIApp:
        return build_app(self.worlds, self._partner, self._control, guard, lock=self._lock, control=control_contract)

    def _listen(self) -> Listening:
        with self._lock:
            if self._is_closed:
                raise RuntimeError("the sandbox is closed")
            if self._listening is None:
                self._listening = Listening(self._app(Guard()))
                self.worlds.address = self._listening.url
            return self._listening


class _Turn(AbstractContextManager[None]):
    """A reentrant lock."""

    def __init__(self) -> None:
        self._lock = threading.RLock()

    def __enter__(self) -> None:
        self._lock.acquire()
        try:
            show_own_files()
        except BaseException:
            self._lock.release()
            raise

    def __exit__(self, *_exc: object) -> None:
        self._lock.release()


def control_contract() -> "Contract":
    """The contract of the control plane. Many test runs ask for nothing of it, so it is imported when one does: with
    Python's own time, as everything is that is imported at first use."""
    load("api.control")
    return load_control()


@cache
def _control_api() -> Api:
    return build_control_api(control_contract)


# Neither ever changes, and this one takes most of the time to create a sandbox.
partner_api = cache(build_partner_api)
