"""A world: everything that one API key sees, as one value."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Protocol

from aniva_sandbox.engine.contract.access import Access
from aniva_sandbox.engine.contract.ground_rules import WORLD_FULL
from aniva_sandbox.engine.world.agenda import Agenda, Happened
from aniva_sandbox.engine.world.clock import Clock, Mode
from aniva_sandbox.engine.world.domain import Domain
from aniva_sandbox.engine.world.ids import Ids
from aniva_sandbox.engine.world.limits import Limits
from aniva_sandbox.engine.world.log import Log

__all__ = ["Beginning", "State", "World", "require_room"]


@dataclass(eq=False, kw_only=True)
class State:
    """Everything that can change in a world, but for its journal. ``begun`` says whether what happens by itself to the
    records of the start has been planned."""

    clock: Clock
    ids: Ids
    settings: Any
    agenda: Agenda
    history: list[Happened]
    faults: list[Any]
    begun: bool
    sections: dict[str, Any]
    """The tables of the domain's sections, by name."""
    facts: dict[str, Any]
    """The values of the domain's facts, by name."""

    def size(self, domain: Domain) -> int:
        """How many records there are: those of the counted sections, events, and injected faults."""
        kept = sum(len(self.sections[name]) for name in domain.counted)
        return kept + len(self.agenda) + len(self.history) + len(self.faults)


class Beginning(Protocol):
    """What a world can begin from: a fixture, or what was exported from another world."""

    @property
    def name(self) -> str:
        """What it is called."""

    @property
    def title(self) -> str:
        """What it is, in a line."""

    @property
    def start(self) -> datetime:
        """Where a frozen clock begins that is told no instant: UTC."""

    @property
    def settings(self) -> Any:
        """How a world behaves that is told nothing else."""

    @property
    def personas(self) -> Mapping[str, Access]:
        """Who may do what, by persona."""

    def state(self, mode: Mode, start: datetime | None, seed: int | None, settings: Any) -> State:
        """A new state, shared with nobody; what is None is as the beginning has it.

        Raises ValueError for a start that it cannot have.
        """


class World:
    """The state behind one name, how it began, and the journal of what was asked of it.

    An API's own type of world declares the sections and facts of its domain as further attributes.
    """

    clock: Clock
    ids: Ids
    settings: Any
    agenda: Agenda
    history: list[Happened]
    faults: list[Any]
    begun: bool
    personas: Mapping[str, Access]

    def __init__(
        self,
        name: str,
        beginning: Beginning,
        domain: Domain,
        *,
        mode: Mode = "real",
        start: datetime | None = None,
        seed: int | None = None,
        settings: Any = None,
        limits: Limits | None = None,
    ) -> None:
        """Begin at ``start``; without one, where the beginning says. Raises ValueError for a start that it cannot
        have."""
        self.name = name
        self.beginning = beginning
        self.domain = domain
        self.limits = limits or Limits()
        self.journal: Log[Any] = Log(self.limits.journal)
        self.relied_on: dict[str, None] = {}
        """Every undocumented rule that a call leaned on or was refused by, also after a reset."""
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
        self.clock = state.clock
        self.ids = state.ids
        self.settings = state.settings
        self.agenda = state.agenda
        self.history = state.history
        self.faults = state.faults
        self.begun = state.begun
        for name, table in state.sections.items():
            setattr(self, name, table)
        for name, value in state.facts.items():
            setattr(self, name, value)

    @property
    def state(self) -> State:
        """What it is now."""
        return State(
            clock=self.clock,
            ids=self.ids,
            settings=self.settings,
            agenda=self.agenda,
            history=self.history,
            faults=self.faults,
            begun=self.begun,
            sections={section.name: getattr(self, section.name) for section in self.domain.sections},
            facts={fact.name: getattr(self, fact.name) for fact in self.domain.facts},
        )

    @property
    def now(self) -> datetime:
        """The instant that this request or event happens at: UTC, whole seconds."""
        return self.clock.now

    @property
    def size(self) -> int:
        """How many records there are: those of the counted sections, events, and injected faults."""
        kept = sum(len(getattr(self, name)) for name in self.domain.counted)
        return kept + len(self.agenda) + len(self.history) + len(self.faults)

    @property
    def is_full(self) -> bool:
        """Whether it holds as many records as it may."""
        return self.size >= self.limits.records


def require_room(world: World) -> None:
    """Refuse through ``world.full`` a further record in a world that is full."""
    if world.is_full:
        WORLD_FULL.refuse(f"The world holds {world.limits.records} records; reset it, or raise serve --max-records")
