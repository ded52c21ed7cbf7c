"""Going back: snapshots of a test's world, and restoring it."""

from collections.abc import Callable
from pathlib import Path
from types import TracebackType
from typing import Any, Self

import msgspec

__all__ = ["Snapshot", "Undo"]


class Undo:
    """What a change of the whole world returns: as a context manager, it puts the world back at the end."""

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
    """A whole world as it was at one time. As a context manager, it puts the world back to that at the end."""

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
        """Write it to a file whose name ends in .json; worlds can begin from it."""
        Path(path).write_bytes(msgspec.json.format(self.content, indent=2))

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Snapshot) and self.content == other.content

    def __hash__(self) -> int:
        return hash(self.content)
