"""The sandbox outside pytest."""

from collections.abc import Mapping
from datetime import datetime
from pathlib import Path
from types import TracebackType
from typing import Any, Self

from aniva_sandbox.testing.aniva import Aniva
from aniva_sandbox.testing.live import LiveServer

__all__ = ["Sandbox"]


class Sandbox(Aniva):
    """A separate sandbox with one world, for scripts and for tests without pytest. As a context manager, it closes at
    the end of the block. It has the members of the fixture ``aniva``."""

    def __init__(
        self,
        *,
        world: Path | str = "default",
        clock: str | datetime = "frozen",
        seed: int | None = None,
        settings: Mapping[str, Any] | None = None,
    ) -> None:
        """``world`` is the name of a fixture or the path of a world file; ``clock`` is ``real``, ``frozen``, or an
        instant to freeze it at; ``settings`` override the world's settings.

        Raises FixtureError for an invalid world, ValueError for an invalid clock, setting or seed.
        """
        super().__init__(LiveServer(), "default", fixture=str(world), clock=clock, seed=seed, settings=settings or {})

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, type: type[BaseException] | None, value: BaseException | None, traceback: TracebackType | None
    ) -> None:
        self.close()

    def close(self) -> None:
        """Close the client and stop the server for good; may be called twice."""
        super().close()
        self._server.__exit__()
