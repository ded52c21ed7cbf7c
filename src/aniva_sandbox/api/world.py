"""A world of the Aniva Partner API: the engine's world with the sections of this API."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from aniva_sandbox.api.appointments.records import Appointments
from aniva_sandbox.api.links.records import Links
from aniva_sandbox.api.locations.records import Location, LocationGroup
from aniva_sandbox.api.permissions import Access
from aniva_sandbox.api.profiles.records import ProfileGroup, Profiles
from aniva_sandbox.api.settings import Settings
from aniva_sandbox.api.shipments.records import Shipments
from aniva_sandbox.engine.world import state
from aniva_sandbox.engine.world.domain import Domain
from aniva_sandbox.engine.world.tables import Table
from aniva_sandbox.laboratory.catalogue import Catalogue
from aniva_sandbox.laboratory.orders import Document, LabOrder

__all__ = ["World"]


class World(state.World):
    """The state behind one API key: partners' records and Aniva's own."""

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
    hourly_since: datetime
    """The start of the hourly sync of shipments, which has run without a break since."""

    def __init__(self, name: str, beginning: state.Beginning, domain: Domain, **options: Any) -> None:
        self.catalogue: Catalogue = domain.shared()
        super().__init__(name, beginning, domain, **options)
