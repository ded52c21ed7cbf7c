"""A world: the whole state behind one API key, as one value."""

from collections import deque
from collections.abc import Container, Mapping, Sized
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final, Protocol

import msgspec

from aniva_sandbox.engine.contract.access import Access
from aniva_sandbox.engine.contract.api import Endpoint
from aniva_sandbox.engine.contract.ground_rules import WORLD_FULL
from aniva_sandbox.engine.contract.outcomes import Outcome
from aniva_sandbox.engine.contract.requests import Request
from aniva_sandbox.engine.contract.trace import Trace, Weigher
from aniva_sandbox.engine.world.agenda import Agenda, Event, Happened
from aniva_sandbox.engine.world.clock import Clock, Mode
from aniva_sandbox.engine.world.domain import Domain
from aniva_sandbox.engine.world.ids import Ids
from aniva_sandbox.engine.world.limits import Limits
from aniva_sandbox.engine.world.log import Log

__all__ = ["Beginning", "Observer", "Prober", "SettingsChange", "Start", "State", "World", "require_room"]

SETTINGS_KEPT: Final = 100
"""The number of changes of settings that a world remembers."""


@dataclass(eq=False, kw_only=True)
class State:
    """Everything that can change in a world except its journal. ``begun`` says whether automatic events for the records
    of the start have been planned."""

    clock: Clock
    ids: Ids
    settings: Any
    agenda: Agenda
    history: list[Happened]
    faults: Any
    """The table of injected faults."""
    begun: bool
    sections: dict[str, Any]
    """The tables of the domain's sections, by name."""
    facts: dict[str, Any]
    """The values of the domain's facts, by name."""

    def size(self, domain: Domain) -> int:
        """The number of records: those of the counted sections, events, and injected faults."""
        kept = sum(len(self.sections[name]) for name in domain.counted)
        return kept + len(self.agenda) + len(self.history) + len(self.faults)


class SettingsChange(msgspec.Struct, frozen=True):
    """A change of a world's settings."""

    time: datetime
    settings: Any
    """Those that apply since."""
    recorded: int
    """The number of exchanges that had been recorded."""
    happened: int
    """The number of events in the history."""


class Start(msgspec.Struct, frozen=True):
    """A world when its state was put in place: at its beginning, by a reset, or by a snapshot."""

    recorded: int
    """The number of exchanges that had been recorded."""
    happened: int
    """The number of events in the history."""
    settings: Any


class Beginning(Protocol):
    """What a world begins from: a fixture, or an export of another world."""

    @property
    def name(self) -> str:
        """Its name."""

    @property
    def title(self) -> str:
        """A description in one line."""

    @property
    def start(self) -> datetime:
        """The default start of a frozen clock, in UTC."""

    @property
    def settings(self) -> Any:
        """The default settings."""

    @property
    def personas(self) -> Mapping[str, Access]:
        """The access of each persona."""

    def clock(self, mode: Mode, start: datetime | None) -> Clock:
        """The clock of a new world. Raises ValueError for a start that is not possible."""

    def state(self, mode: Mode, start: datetime | None, seed: int | None, settings: Any) -> State:
        """A new, independent state; arguments that are None take the beginning's values.

        Raises ValueError for a start that is not possible.
        """

    def __hash__(self) -> int:
        """It never changes, so that what follows from it can be kept."""


class Observer(Protocol):
    """What is called when events happen in worlds."""

    def note_attempt(self, world: "World", type: str, state: str) -> None:
        """An event of a type that moves a record with states was tried on one in this state."""

    def note_event(self, world: "World", event: Event) -> None:
        """An event happened."""


class Prober(Weigher, Protocol):
    """What sits in a world to note each call and, if it is to, to change what the client meets."""

    def begin(self, world: "World", endpoint: Endpoint, request: Request) -> None:
        """A call was routed to an operation."""

    def fault(self, endpoint: Endpoint) -> Any:
        """The fault to inject into the call, or None: :class:`~aniva_sandbox.engine.faults.faults.Injected`. Asked if
        no fault of the world or of the call fires."""

    def change_outcome(self, endpoint: Endpoint, request: Request, outcome: Outcome, trace: Trace) -> Outcome:
        """What the call of an operation comes to, before it is checked against the document; ``outcome`` itself if
        nothing is to change. Not asked about a call that an injected fault replaced."""

    def end(
        self,
        world: "World",
        endpoint: Endpoint | None,
        values: list[str],
        request: Request,
        outcome: Outcome,
        trace: Trace,
        injected: Any,
    ) -> None:
        """A call came to an end: its response is written and recorded. ``endpoint`` is None if it reached no
        operation; ``values`` are those of the path's parameters; ``injected`` is the fault that fired."""

    def holds_back(self, world: "World", event: Event) -> bool:
        """Whether an event is to be noted as happened while its record stays as it is."""

    def settle(self, world: "World") -> None:
        """Due events are about to happen; the clock shows the time to which they are due."""


class World:
    """The state behind one name, its beginning, and the journal of its requests.

    Each API has a subclass that declares the sections and facts of its domain as attributes.
    """

    clock: Clock
    ids: Ids
    settings: Any
    agenda: Agenda
    history: list[Happened]
    faults: Any
    begun: bool
    start: Start
    personas: Mapping[str, Access]
    counted: tuple[Sized, ...]
    """What holds the records that count towards the limit. A table keeps its container, and where a table is replaced,
    this is found anew; so at any time, their lengths are the number of records."""
    known: tuple[tuple[str, Container[str]], ...]
    """What holds the records whose ids hints recognize, by noun; found as that is."""

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
        state: State | None = None,
    ) -> None:
        """Begin at ``start``, by default that of the beginning, or with a state that the world now owns. Raises
        ValueError for a start that is not possible."""
        self.name = name
        self.beginning = beginning
        self.domain = domain
        self.limits = limits or Limits()
        self.journal: Log[Any] = Log(self.limits.journal)
        self.habits: Any = None
        """What the last calls leave behind for hints on the next ones. Not part of snapshots; cleared with the journal
        and with the state."""
        self.relied_on: dict[str, None] = {}
        """Every undocumented rule that a call relied on or was refused by; a reset keeps them."""
        self.last_use = 0
        """The time of its last use, counted in uses of all worlds."""
        self.last_call: int | None = None
        """What the machine's stopwatch showed when the last call with one of its keys began; None if there was none."""
        self.changed = 0
        """Which of the changes through the control plane was the last in this world, counted over all worlds."""
        self.observer: Observer | None = None
        self.probe: Prober | None = None
        """Not part of the state: it stays when the state is replaced."""
        self.in_flight = 0
        """The number of its requests in flight."""
        self.seed = seed
        """The seed that was chosen for it; None for that of its beginning."""
        self.began: datetime | None = None
        """The instant at which its clock started; None if its state was replaced since."""
        self.settings_changes: deque[SettingsChange] = deque(maxlen=SETTINGS_KEPT)
        """The last changes of its settings since its state was put in place."""
        self.chosen: Final = (mode, start, seed, settings)
        """What was chosen for its beginning: the mode and the start of its clock, its seed, its settings."""
        if state is None:
            self.reset()
        else:
            self.put(state)

    def reset(self) -> None:
        """Go back to the starting state, and clear the journal."""
        self.put(self.beginning.state(*self.chosen))
        self.began = self.clock.now
        self.clear_journal()

    def clear_journal(self) -> None:
        """Drop all exchanges of the journal."""
        self.journal.clear()
        self.habits = None

    def put(self, state: State) -> None:
        """Replace the state; the world now owns it."""
        self.habits = None
        self.began = None
        self.clock = state.clock
        self.ids = state.ids
        self.settings = state.settings
        self.agenda = state.agenda
        self.history = state.history
        self.faults = state.faults
        self.begun = state.begun
        self.start = Start(self.journal.recorded, len(state.history), state.settings)
        self.settings_changes.clear()
        for name, table in state.sections.items():
            setattr(self, name, table)
        for name, value in state.facts.items():
            setattr(self, name, value)
        self.find_containers()

    def replace(self, section: str, table: Any) -> None:
        """Replace the table of a section; the world now owns it."""
        setattr(self, section, table)
        self.find_containers()

    def change_settings(self, settings: Any) -> None:
        """Let other settings apply from now on."""
        before = self.settings
        self.domain.change_settings(self, settings)
        if settings != before:
            change = SettingsChange(self.now, settings, self.journal.recorded, len(self.history))
            self.settings_changes.append(change)

    @property
    def state(self) -> State:
        """The current state."""
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
        """The time of the current request or event: UTC, whole seconds."""
        return self.clock.now

    @property
    def size(self) -> int:
        """The number of records: those of the counted sections, events, and injected faults."""
        return sum(map(len, self.counted))

    def find_containers(self) -> None:
        """Find what holds the records; called whenever tables are replaced."""
        domain = self.domain
        tables = [getattr(self, name) for name in domain.counted]
        self.counted = tuple(map(_held, (self.agenda, self.history, self.faults, *tables)))
        self.known = tuple((section.noun, _held(getattr(self, section.name))) for section in domain.hinted)


def _held(table: Any) -> Any:
    """What holds the records of a table: asked itself, it takes a tenth of the time."""
    return getattr(table, "held", table)


def require_room(world: World) -> None:
    """Refuse through ``world.full`` if a world is full."""
    if sum(map(len, world.counted)) >= world.limits.records:
        WORLD_FULL.refuse(
            f"The world has reached its limit of {world.limits.records} records; reset it, or raise serve --max-records"
        )
