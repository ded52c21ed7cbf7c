"""Injecting faults in a test."""

from collections.abc import Callable
from datetime import timedelta
from types import TracebackType
from typing import Any, Literal, Self

from aniva_sandbox.testing.operations import OperationId

__all__ = ["Fault", "Faults"]

Control = Callable[..., Any]


class Fault:
    """An injected fault. As a context manager, it is removed at the end of the block."""

    def __init__(self, control: Control, path: str, shown: dict[str, Any]) -> None:
        self._control = control
        self._path = path
        self._shown = shown
        self.id: str = shown["id"]

    @property
    def fired(self) -> int:
        """The number of calls that it fired on, until it was removed."""
        self._look()
        return int(self._shown["fired"])

    def remove(self) -> None:
        """Remove it, if it still exists."""
        if self._look():
            self._control("DELETE", f"{self._path}?id={self.id}")

    def _look(self) -> bool:
        """Whether it still exists, and is not another with the same id after a reset; also updates the count."""
        for fault in self._control("GET", self._path):
            if fault == self._shown | {"fired": fault["fired"]}:
                self._shown = fault
                return True
        return False

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, type: type[BaseException] | None, value: BaseException | None, traceback: TracebackType | None
    ) -> None:
        self.remove()


class Faults:
    """The faults injected into a world. Nothing is random: the same calls meet the same faults."""

    def __init__(self, control: Control, world: str) -> None:
        self._control = control
        self._path = f"/worlds/{world}/faults"

    def add(
        self,
        operation: OperationId | None = None,
        *,
        method: Literal["GET", "POST", "PATCH", "DELETE"] | None = None,
        path: str | None = None,
        times: int | None = 1,
        after: int = 0,
        latency_ms: int | timedelta | None = None,
        status: int | None = None,
        retry_after: int | timedelta | None = None,
        drop: Literal["before", "after"] | None = None,
        truncate: bool = False,
        malformed: bool = False,
        trickle_ms: int | timedelta | None = None,
    ) -> Fault:
        """Inject a fault into calls of an operation, or of a method, a path, or both; without any of these, into all.

        It fires on ``times`` calls (None: all), after letting ``after`` calls pass. It sends a ``status`` of 400 to 599
        in place of the call (``retry_after`` seconds), drops the connection ``"before"`` or ``"after"`` the call took
        effect, truncates the body (``truncate``), sends a body that is not valid JSON (``malformed``), waits
        (``latency_ms``), or sends the body in pieces (``trickle_ms`` between them). Durations may also be a timedelta.

        Raises :exc:`ControlError` for an unknown operation (``fault.target``) and for effects that cannot be combined
        (``fault.effect``).
        """
        given = {
            "operation": operation,
            "method": method,
            "path": path,
            "after": after or None,
            "latency_ms": latency_ms,
            "status": status,
            "retry_after": retry_after,
            "drop": drop,
            "truncate": truncate or None,
            "malformed": malformed or None,
            "trickle_ms": trickle_ms,
        }
        sent = {name: _counted(name, value) for name, value in given.items() if value is not None} | {"times": times}
        return Fault(self._control, self._path, self._control("POST", self._path, sent))

    def clear(self) -> None:
        """Remove all of them."""
        self._control("DELETE", self._path)

    def __len__(self) -> int:
        return len(self._control("GET", self._path))


def _counted(name: str, value: object) -> object:
    """A duration as the control plane expects it: in seconds, or in milliseconds if the name ends so."""
    unit = timedelta(milliseconds=1) if name.endswith("_ms") else timedelta(seconds=1)
    return value // unit if isinstance(value, timedelta) else value
