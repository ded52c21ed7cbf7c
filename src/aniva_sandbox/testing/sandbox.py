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
    """A sandbox of its own with one world, for scripts and for tests without pytest: as a context manager, it ends
    with its block. It has what the fixture ``aniva`` has."""

    def __init__(
        self,
        *,
        world: Path | str = "default",
        clock: str | datetime = "frozen",
        seed: int | None = None,
        settings: Mapping[str, Any] | None = None,
    ) -> None:
        """``world`` is the name of a fixture or the path of a world file; ``clock`` is ``real``, ``frozen``, or the
        instant at which it stands; ``settings`` are changes of the world's settings.

        Raises FixtureError for a world that cannot be read, ValueError for an unknown clock, setting or seed.
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
