"""What changes in a world, as one value; and what a world can begin from."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Protocol

from aniva_sandbox.api.appointments.records import Appointments
from aniva_sandbox.api.links.records import Links
from aniva_sandbox.api.locations.records import Location, LocationGroup
from aniva_sandbox.api.profiles.records import ProfileGroup, Profiles
from aniva_sandbox.api.settings import Settings
from aniva_sandbox.api.shipments.records import Shipments
from aniva_sandbox.engine.contract.access import Access
from aniva_sandbox.engine.faults.injected import Fault
from aniva_sandbox.engine.world.agenda import Agenda, Happened
from aniva_sandbox.engine.world.clock import Clock, Mode
from aniva_sandbox.engine.world.ids import Ids
from aniva_sandbox.engine.world.tables import Table
from aniva_sandbox.laboratory.orders import Document, LabOrder

__all__ = ["Beginning", "State"]


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
