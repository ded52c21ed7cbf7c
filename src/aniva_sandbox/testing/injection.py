"""Injected faults as a test handles them."""

from collections.abc import Callable
from datetime import timedelta
from types import TracebackType
from typing import Any, Literal, Self

from aniva_sandbox.testing.operations import OperationId

__all__ = ["Fault", "Faults"]

Control = Callable[..., Any]

_MILLISECOND = timedelta(milliseconds=1)


class Fault:
    """A fault that was injected. Leaving it as a context manager takes it out again."""

    def __init__(self, control: Control, path: str, shown: dict[str, Any]) -> None:
        self._control = control
        self._path = path
        self._shown = shown
        self.id: str = shown["id"]

    @property
    def fired(self) -> int:
        """The calls that it met, until it was taken out."""
        self._look()
        return int(self._shown["fired"])

    def remove(self) -> None:
        """Take it out, where it is there."""
        if self._look():
            self._control("DELETE", f"{self._path}?id={self.id}")

    def _look(self) -> bool:
        """Whether it is there, and not another that got its id after a reset; remembers how often it fired."""
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
    """The faults injected into a world. Nothing is left to chance: the same calls meet the same faults."""

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
        """Inject a fault into calls of an operation, or of a method, a path, or both.

        It meets ``times`` calls (None: all), once ``after`` others were spared. It answers a ``status`` of 400 to 599
        in the place of the call (``retry_after`` seconds), drops the connection ``"before"`` or ``"after"`` the call
        took effect, cuts the body off (``truncate``), sends what is no JSON (``malformed``), waits (``latency_ms``), or
        sends the body in pieces (``trickle_ms`` between them). Spans may be a timedelta too.

        Raises :exc:`ControlError` for an unknown operation (``fault.target``) and for what does not go together
        (``fault.effect``).
        """
        given = {
            "operation": operation,
            "method": method,
            "path": path,
            "after": after or None,
            "latency_ms": _counted(latency_ms, _MILLISECOND),
            "status": status,
            "retry_after": _counted(retry_after, timedelta(seconds=1)),
            "drop": drop,
            "truncate": truncate or None,
            "malformed": malformed or None,
            "trickle_ms": _counted(trickle_ms, _MILLISECOND),
        }
        sent = {name: value for name, value in given.items() if value is not None} | {"times": times}
        return Fault(self._control, self._path, self._control("POST", self._path, sent))

    def clear(self) -> None:
        """Take all of them out."""
        self._control("DELETE", self._path)

    def __len__(self) -> int:
        return len(self._control("GET", self._path))


def _counted(span: int | timedelta | None, unit: timedelta) -> int | None:
    return span // unit if isinstance(span, timedelta) else span
