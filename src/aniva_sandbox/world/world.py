"""A world: everything that one API key sees, as one value."""

from collections import deque
from datetime import datetime
from typing import Any, Literal

import msgspec

from aniva_sandbox.world.agenda import Agenda, Happened
from aniva_sandbox.world.catalogue import Catalogue
from aniva_sandbox.world.clock import Clock, Mode
from aniva_sandbox.world.fixtures import Fixture
from aniva_sandbox.world.ids import Ids
from aniva_sandbox.world.orders import Document, LabOrder
from aniva_sandbox.world.tables import Table

__all__ = ["JOURNAL_LENGTH", "Exchange", "Settings", "World"]

JOURNAL_LENGTH = 1000
"""How many exchanges a world remembers; the oldest go first."""


class Settings(msgspec.Struct, frozen=True):
    """How a world behaves where the real API's behaviour is not settled."""

    taken_slots: Literal["allow", "refuse"] = "allow"
    courier_automation: bool = True
    """Whether the courier carries out its orders by itself; otherwise only events move a shipment."""
    hourly_sync: bool = True
    """Whether every full hour brings what the courier knows into the copy that partners see."""
    lab_automation: bool = True
    """Whether results arrive by themselves (those of a start have arrived in any case); otherwise only events and magic
    barcodes bring them."""
    lab_quick_hours: int = 24
    """From the draw to the first part of the clinical results."""
    lab_slow_hours: int = 96
    """From the draw to the rest of them."""
    lab_genetic_hours: int = 336
    """From the draw to the genetic results."""


class Exchange(msgspec.Struct, frozen=True, gc=False):
    """One request to a world and how it was answered. ``rules`` names what refused it."""

    time: datetime
    method: str
    path: str
    operation: str | None
    status: int
    rules: tuple[str, ...]
    error: str | None
    mismatch: str | None
    """Where the answer contradicts the document, or what broke inside the sandbox."""


class World:
    """The state behind one name: clock, ids, tables, links, agenda, history, journal, settings.

    ``begun`` tells whether what the sandbox plans by itself for the records of the start stands in the agenda,
    ``hourly_since`` from when on the hourly sync has run without a break.
    """

    def __init__(
        self,
        name: str,
        fixture: Fixture,
        catalogue: Catalogue,
        *,
        mode: Mode = "real",
        start: datetime | None = None,
        seed: int = 0,
        settings: Settings | None = None,
    ) -> None:
        """Begin at ``start``; without one, a real clock begins at the machine's time and a frozen one where the
        fixture says."""
        self.name = name
        self.fixture = fixture
        self.catalogue = catalogue
        self._mode: Mode = mode
        self._start = start
        self._settings = settings or Settings()
        self._seed = seed
        self.reset()

    def reset(self) -> None:
        """Go back to the starting state."""
        start = self._start or (self.fixture.start if self._mode == "frozen" else None)
        self.clock = Clock(self._mode, start)
        self.ids = Ids(self._seed)
        self.settings = self._settings
        self.agenda = Agenda()
        self.history: list[Happened] = []
        self.journal: deque[Exchange] = deque(maxlen=JOURNAL_LENGTH)
        tables = self.fixture.tables(self.now)
        self.locations = tables.locations
        self.profiles = tables.profiles
        self.appointments = tables.appointments
        self.shipments = tables.shipments
        self.links = tables.links
        self.orders: Table[LabOrder] = Table()
        self.documents: Table[Document] = Table()
        self.begun = False
        self.hourly_since = self.now

    @property
    def now(self) -> datetime:
        """The instant that this request or event happens at: UTC, whole seconds."""
        return self.clock.now

    def snapshot(self) -> dict[str, Any]:
        """What operations and events can change, as plain JSON values."""
        state = {
            "clock": {"mode": self.clock.mode, "now": self.now},
            "ids": {"seed": self.ids.seed, "counts": self.ids.counts},
            "settings": self.settings,
            "locations": list(self.locations),
            "profiles": list(self.profiles),
            "appointments": list(self.appointments),
            "shipments": list(self.shipments),
            "links": list(self.links),
            "orders": list(self.orders),
            "documents": list(self.documents),
            "begun": self.begun,
            "hourly_since": self.hourly_since,
            "agenda": list(self.agenda),
            "history": self.history,
        }
        plain: dict[str, Any] = msgspec.to_builtins(state, order="deterministic")
        return plain
