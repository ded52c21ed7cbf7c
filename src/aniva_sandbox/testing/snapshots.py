"""Snapshots of a test's world, and restoring them."""

from collections.abc import Callable
from pathlib import Path
from types import TracebackType
from typing import Any, Self

import msgspec

__all__ = ["Snapshot", "Undo"]


class Undo:
    """The undo of a change of the whole world. As a context manager, it restores the world at the end of the block."""

    def __init__(self, restore: Callable[["Snapshot"], object], before: "Snapshot") -> None:
        self._restore = restore
        self._before = before

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, type: type[BaseException] | None, value: BaseException | None, traceback: TracebackType | None
    ) -> None:
        self._restore(self._before)


class Snapshot(Undo):
    """A snapshot of a whole world. As a context manager, it restores the world at the end of the block."""

    def __init__(self, restore: Callable[["Snapshot"], object], content: bytes) -> None:
        super().__init__(restore, self)
        self.content = content
        """JSON; equal worlds have equal bytes."""

    @property
    def json(self) -> dict[str, Any]:
        """The content, decoded."""
        decoded: dict[str, Any] = msgspec.json.decode(self.content)
        return decoded

    def save(self, path: Path | str) -> None:
        """Write it to a file whose name ends in .json; worlds can start from it."""
        Path(path).write_bytes(msgspec.json.format(self.content, indent=2))

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Snapshot) and self.content == other.content

    def __hash__(self) -> int:
        return hash(self.content)
