"""A world of the Aniva Partner API: the engine's world, with its sections by name."""

from collections.abc import Mapping
from datetime import datetime
from typing import TYPE_CHECKING, Any

from aniva_sandbox.api.appointments.records import Appointments
from aniva_sandbox.api.links.records import Links
from aniva_sandbox.api.locations.records import Location, LocationGroup
from aniva_sandbox.api.permissions import Access
from aniva_sandbox.api.profiles.records import ProfileGroup, Profiles
from aniva_sandbox.api.results.records import Orders
from aniva_sandbox.api.settings import Settings
from aniva_sandbox.api.shipments.records import Shipments
from aniva_sandbox.engine.contract.views import Views
from aniva_sandbox.engine.world import state
from aniva_sandbox.engine.world.domain import Domain
from aniva_sandbox.engine.world.tables import Table
from aniva_sandbox.laboratory.catalogue import Catalogue
from aniva_sandbox.laboratory.orders import Document

if TYPE_CHECKING:
    from aniva_sandbox.api.appointments.wire import AppointmentView
    from aniva_sandbox.api.profiles.wire import ProfileView

__all__ = ["World"]


class World(state.World):
    """The records of one key: the engine's world, and what Aniva's API adds."""

    settings: Settings
    profile_groups: Mapping[str, ProfileGroup]
    """By slug."""
    group_names: frozenset[str]
    """The slugs and ids of profile groups, which never change in a state."""
    location_groups: Mapping[str, LocationGroup]
    """By slug."""
    personas: Mapping[str, Access]
    locations: Table[Location]
    profiles: Profiles
    appointments: Appointments
    shipments: Shipments
    links: Links
    orders: Orders
    documents: Table[Document]
    hourly_since: datetime
    """Since when the hourly sync of shipments has run without interruption."""

    def __init__(self, name: str, beginning: state.Beginning, domain: Domain, **options: Any) -> None:
        self.catalogue: Catalogue = domain.shared()
        self.profile_views: Views[ProfileView] = Views()
        self.appointment_views: Views[AppointmentView] = Views()
        super().__init__(name, beginning, domain, **options)

    def find_containers(self) -> None:
        super().find_containers()
        self.group_names = frozenset([*self.profile_groups, *[group.id for group in self.profile_groups.values()]])
