"""The other worlds of the sandbox, to which a test may have keys: each run finds them as the first did."""

from typing import Any

from aniva_sandbox.api.domain import DOMAIN
from aniva_sandbox.engine.problems import Data
from aniva_sandbox.engine.world.snapshot import read_state, write_state
from aniva_sandbox.testing.live import LiveServer

__all__ = ["OtherWorlds"]


class OtherWorlds:
    """The worlds that are there before a test is probed."""

    def __init__(self, server: LiveServer) -> None:
        self._server = server
        self._kept: dict[str, tuple[int, dict[str, Any]]] = server.run(
            lambda: {world.name: (world.last_use, write_state(world.state, DOMAIN)) for world in server.worlds}
        )

    def restore(self) -> None:
        """Drop the worlds that a run made, and put those that it used back."""
        self._server.run(self._restore)

    def _restore(self) -> None:
        worlds = self._server.worlds
        for world in list(worlds):
            kept = self._kept.get(world.name)
            if kept is None:
                worlds.drop(world.name)
            elif world.last_use != kept[0]:
                worlds.put(world, read_state(Data(kept[1]), DOMAIN))
                world.last_use = kept[0]
