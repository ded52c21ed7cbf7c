"""What changes in a world, as one value; and what a world can begin from."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Annotated, Literal, Protocol

import msgspec
from msgspec import Meta

from aniva_sandbox.world.agenda import Agenda, Happened
from aniva_sandbox.world.clock import Clock, Mode
from aniva_sandbox.world.faults import Fault
from aniva_sandbox.world.ids import Ids
from aniva_sandbox.world.orders import Document, LabOrder
from aniva_sandbox.world.shipments import Links, Shipments
from aniva_sandbox.world.tables import (
    Access,
    Appointments,
    Location,
    LocationGroup,
    ProfileGroup,
    Profiles,
    Table,
)

__all__ = ["Beginning", "Hours", "Settings", "State"]

Hours = Annotated[int, Meta(ge=0, le=8784)]


class Settings(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """How a world behaves where the real API's behaviour is not settled."""

    taken_slots: Literal["allow", "refuse"] = "allow"
    courier_automation: bool = True
    """Whether the courier carries out its orders by itself; otherwise only events move a shipment."""
    hourly_sync: bool = True
    """Whether every full hour brings what the courier knows into the copy that partners see."""
    lab_automation: bool = True
    """Whether results arrive by themselves (those of a start have arrived in any case); otherwise only events and magic
    barcodes bring them."""
    lab_quick_hours: Hours = 24
    """From the draw to the first part of the clinical results."""
    lab_slow_hours: Hours = 96
    """From the draw to the rest of them."""
    lab_genetic_hours: Hours = 336
    """From the draw to the genetic results."""


@dataclass(eq=False)
class State:
    """Everything in a world that operations, events and the control plane can change, but for its journal.

    ``begun`` tells whether what the sandbox plans by itself for the records of the start stands in the agenda,
    ``hourly_since`` from when on the hourly sync has run without a break.
    """

    clock: Clock
    ids: Ids
    settings: Settings
    profile_groups: Mapping[str, ProfileGroup]
    """By slug."""
    location_groups: Mapping[str, LocationGroup]
    """By slug."""
    personas: Mapping[str, Access]
    locations: Table[Location]
    profiles: Profiles
    appointments: Appointments
    shipments: Shipments
    links: Links
    orders: Table[LabOrder]
    documents: Table[Document]
    agenda: Agenda
    history: list[Happened]
    faults: list[Fault]
    begun: bool
    hourly_since: datetime

    @property
    def size(self) -> int:
        """How many records there are: profiles, appointments, shipments and their links, events, injected faults."""
        kept = len(self.profiles) + len(self.appointments) + len(self.shipments) + len(self.links)
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
    def settings(self) -> Settings:
        """How a world behaves that is told nothing else."""

    @property
    def personas(self) -> Mapping[str, Access]:
        """Who may do what, by what stands in keys."""

    def state(self, mode: Mode, start: datetime | None, seed: int | None, settings: Settings | None) -> State:
        """A new state, shared with nobody; what is None is as the beginning has it.

        Raises ValueError for a start that it cannot have.
        """
