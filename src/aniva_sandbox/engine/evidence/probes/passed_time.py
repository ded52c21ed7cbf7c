"""What becomes of a world if nobody calls it any more."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any, Final

from aniva_sandbox.engine.contract.access import Access
from aniva_sandbox.engine.problems import Data, FixtureError
from aniva_sandbox.engine.world.clock import LATEST, Mode
from aniva_sandbox.engine.world.domain import Domain
from aniva_sandbox.engine.world.events import advance
from aniva_sandbox.engine.world.snapshot import read_state, write_state
from aniva_sandbox.engine.world.state import State

__all__ = ["let_time_pass"]

_MOST: Final = 1000
"""The number of times that the clock moves to the next event: events may plan events without end."""


def let_time_pass(state: Mapping[str, Any], domain: Domain) -> Mapping[str, Any]:
    """A written state after everything has happened that is due, and that follows from it.

    A state that no world can have stays as it is.
    """
    try:
        read = read_state(Data(dict(state), "the end of the run"), domain)
    except FixtureError:
        return state
    read.clock.set_mode("frozen")
    world = domain.world("ended", _Ended(read), domain)
    for _ in range(_MOST):
        if not world.agenda or world.agenda.next_due() > LATEST:
            break
        advance(world, max(world.agenda.next_due(), world.now))
    domain.refresh(world)
    return write_state(world.state, domain)


class _Ended:
    """The beginning of a world that goes on from a state."""

    name = title = "ended"

    def __init__(self, state: State) -> None:
        self._state = state
        self.start = state.clock.now
        self.settings = state.settings
        self.personas: Mapping[str, Access] = state.sections["personas"]

    def state(self, _mode: Mode, _start: datetime | None, _seed: int | None, _settings: Any) -> State:
        """The state itself."""
        return self._state
