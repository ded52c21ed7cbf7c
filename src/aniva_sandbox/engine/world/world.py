"""A world: everything that one API key sees, as one value."""

from datetime import datetime
from typing import Any

from aniva_sandbox.api.settings import Settings
from aniva_sandbox.engine.contract.ground_rules import WORLD_FULL
from aniva_sandbox.engine.evidence.journal import Journal
from aniva_sandbox.engine.world.clock import Mode
from aniva_sandbox.engine.world.limits import Limits
from aniva_sandbox.engine.world.snapshot import write_state
from aniva_sandbox.engine.world.state import Beginning, State
from aniva_sandbox.laboratory.catalogue import Catalogue

__all__ = ["World", "require_room"]


class World(State):
    """The state behind one name, how it began, and the journal of what was asked of it."""

    def __init__(
        self,
        name: str,
        beginning: Beginning,
        catalogue: Catalogue,
        *,
        mode: Mode = "real",
        start: datetime | None = None,
        seed: int | None = None,
        settings: Settings | None = None,
        limits: Limits | None = None,
    ) -> None:
        """Begin at ``start``; without one, where the beginning says. Raises ValueError for a start that it cannot
        have."""
        self.name = name
        self.beginning = beginning
        self.catalogue = catalogue
        self.limits = limits or Limits()
        self.journal = Journal(self.limits.journal)
        self.relied: list[str] = []
        """The undocumented rules that the call at hand turned on so far."""
        self.last_use = 0
        """When it was used, counted in uses of all worlds."""
        self.in_flight = 0
        """Requests to it that are not answered yet."""
        self._chosen = mode, start, seed, settings
        self.reset()

    def reset(self) -> None:
        """Go back to the starting state; the journal is emptied."""
        self.put(self.beginning.state(*self._chosen))
        self.journal.clear()

    def put(self, state: State) -> None:
        """Go on from another state, which is the world's own from then on."""
        vars(self).update(vars(state))

    @property
    def now(self) -> datetime:
        """The instant that this request or event happens at: UTC, whole seconds."""
        return self.clock.now

    @property
    def is_full(self) -> bool:
        """Whether it holds as many records as it may."""
        return self.size >= self.limits.records

    def snapshot(self) -> dict[str, Any]:
        """Everything that makes it what it is now, as plain JSON values; the same text in every process."""
        return write_state(self)


def require_room(world: World) -> None:
    """Refuse through ``world.full`` a further record in a world that is full."""
    if world.is_full:
        WORLD_FULL.refuse(f"The world holds {world.limits.records} records; reset it, or raise serve --max-records")
