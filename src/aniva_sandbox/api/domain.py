"""What the worlds of the Aniva Partner API hold, and what happens in them."""

from datetime import datetime

from aniva_sandbox.api.appointments.records import Appointment, Appointments
from aniva_sandbox.api.events import EVENTS
from aniva_sandbox.api.invariants import check_saved
from aniva_sandbox.api.links.records import Link, Links
from aniva_sandbox.api.locations.records import Location, LocationGroup
from aniva_sandbox.api.permissions import Access
from aniva_sandbox.api.profiles.records import Profile, ProfileGroup, Profiles
from aniva_sandbox.api.results import events as result_events
from aniva_sandbox.api.results import orders
from aniva_sandbox.api.settings import Settings
from aniva_sandbox.api.shipments import courier
from aniva_sandbox.api.shipments.records import Shipment, Shipments
from aniva_sandbox.api.world import World
from aniva_sandbox.engine.faults.injected import FAULTS
from aniva_sandbox.engine.world.domain import Domain
from aniva_sandbox.engine.world.sections import Fact, Section, by_key
from aniva_sandbox.engine.world.state import State
from aniva_sandbox.laboratory.catalogue import get_catalogue
from aniva_sandbox.laboratory.orders import Document, LabOrder

__all__ = ["DOMAIN", "SECTIONS"]

SECTIONS = (
    Section(name="profile_groups", record=ProfileGroup, key="slug", table=by_key("slug")),
    Section(name="location_groups", record=LocationGroup, key="slug", table=by_key("slug")),
    Section(name="personas", record=Access, key="persona", table=by_key("persona")),
    Section(name="locations", record=Location, noun="location"),
    Section(name="profiles", record=Profile, table=Profiles, counted=True, ids="profile", noun="profile"),
    Section(
        name="appointments",
        record=Appointment,
        table=Appointments,
        counted=True,
        ids="appointment",
        noun="appointment",
    ),
    Section(name="shipments", record=Shipment, table=Shipments, counted=True, noun="shipment"),
    Section(name="links", record=Link, key="", table=Links, counted=True),
    Section(name="orders", record=LabOrder, description="What the laboratories were asked for, and the results."),
    Section(name="documents", record=Document, ids="document", noun="document"),
)


def _begin(world: World) -> None:
    courier.plan_all(world)
    result_events.catch_up(world)


def _change_settings(world: World, settings: Settings) -> None:
    """Until now the old settings held: what they synced stays. What the sandbox plans by itself is planned anew."""
    _refresh(world)
    if settings.hourly_sync and not world.settings.hourly_sync:
        world.hourly_since = world.now
    before, world.settings = world.settings, settings
    if settings.courier_automation != before.courier_automation:
        courier.plan_all(world)
    if _laboratory(settings) != _laboratory(before):
        orders.plan_all(world)


def _laboratory(settings: Settings) -> tuple[bool | int, ...]:
    return settings.lab_automation, settings.lab_quick_hours, settings.lab_slow_hours, settings.lab_genetic_hours


def _resume(state: State, settings: Settings) -> None:
    if settings.hourly_sync and not state.settings.hourly_sync:
        state.facts["hourly_since"] = state.clock.now


def _refresh(world: World) -> None:
    """Bring what partners see of shipments to where the last hourly sync left it."""
    for shipment in world.shipments:
        courier.sync(world, shipment)


def _group_ids(world: World) -> set[str]:
    """What profile groups are named by: slugs and ids."""
    return {*world.profile_groups, *(group.id for group in world.profile_groups.values())}


DOMAIN = Domain(
    world=World,
    settings=Settings,
    sections=SECTIONS,
    facts=(
        Fact(
            name="hourly_since",
            type=datetime,
            initial=lambda start: start,
            description="Since when shipments were synced every hour.",
        ),
    ),
    known_ids={"panel": lambda world: world.catalogue.panels, "profile group": _group_ids},
    faults=FAULTS,
    events=EVENTS,
    shared=get_catalogue,
    begin=_begin,
    change_settings=_change_settings,
    resume=_resume,
    refresh=_refresh,
    check=check_saved,
)
