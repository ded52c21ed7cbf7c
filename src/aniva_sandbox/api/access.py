"""What the resources share: finding records inside the caller's context, and the answer of changes without one."""

from collections.abc import Iterable
from typing import TypeVar

from aniva_sandbox.api.appointments.records import Appointment
from aniva_sandbox.api.locations.records import Location
from aniva_sandbox.api.locations.rules import LOCATION_ACTIVE
from aniva_sandbox.api.permissions import Access
from aniva_sandbox.api.profiles.records import Profile
from aniva_sandbox.api.rules import AUTH_CONTEXT, PATH_UNKNOWN
from aniva_sandbox.api.shipments.records import Shipment
from aniva_sandbox.api.world import World
from aniva_sandbox.engine.contract.ground_rules import FORBIDDEN
from aniva_sandbox.engine.contract.rules import Rule
from aniva_sandbox.engine.world.tables import Record, Table

__all__ = [
    "R",
    "find",
    "find_appointment",
    "find_profile",
    "find_shipment",
    "require_active",
    "require_context",
    "unique",
    "visible_location",
    "visible_profile",
]

R = TypeVar("R", bound=Record)


def find(table: Table[R], id: str, unknown: Rule, what: str) -> R:
    """The record with this id, or a 404 through ``unknown`` that says what was asked for."""
    record = table.get(id)
    if record is None:
        unknown.refuse(f"There is no such {what}", status=404)
    return record


def visible_profile(access: Access, profile: Profile) -> bool:
    """Whether a profile is inside the context; so are then its appointments, results and documents."""
    return profile.group in access.profile_groups


def visible_location(access: Access, location: Location) -> bool:
    """Whether a location is inside the context."""
    return location.group in access.location_groups


def require_context(inside: bool) -> None:
    """Refuse through ``auth.context`` what is outside."""
    if not inside:
        AUTH_CONTEXT.refuse(FORBIDDEN)


def find_profile(world: World, access: Access, id: str, unknown: Rule) -> Profile:
    """The profile with this id: 404 through ``unknown``, then 403 where it is outside the context."""
    profile = find(world.profiles, id, unknown, "profile")
    require_context(visible_profile(access, profile))
    return profile


def unique(ids: Iterable[str]) -> list[str]:
    """Ids in lower case, each once, in the order in which they were sent."""
    return list(dict.fromkeys(id.lower() for id in ids))


def find_appointment(world: World, access: Access, id: str) -> Appointment:
    """The appointment that a path names: 404, then 403 where its profile is outside the context."""
    appointment = find(world.appointments, id, PATH_UNKNOWN, "appointment")
    require_context(visible_profile(access, world.profiles[appointment.profile_id]))
    return appointment


def require_active(location: Location) -> None:
    """Refuse an inactive location as if it did not exist."""
    if not location.active:
        LOCATION_ACTIVE.refuse("There is no such location")


def find_shipment(world: World, access: Access, id: str) -> Shipment:
    """The shipment that a path names: 404, then 403 where its origin is outside the context."""
    shipment = find(world.shipments, id, PATH_UNKNOWN, "shipment")
    require_context(visible_location(access, world.locations[shipment.location_id]))
    return shipment
