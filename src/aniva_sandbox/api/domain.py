"""The domain of the Aniva Partner API: the contents of its worlds, and the events in them."""

from collections.abc import Callable, Container, Iterator, Mapping
from datetime import datetime
from pathlib import Path
from typing import Any, get_args

import msgspec

from aniva_sandbox.api.appointments import states
from aniva_sandbox.api.appointments.records import APPOINTMENTS
from aniva_sandbox.api.events import EVENTS
from aniva_sandbox.api.links.records import LINKS
from aniva_sandbox.api.locations.records import LOCATION_GROUPS, LOCATIONS
from aniva_sandbox.api.partner import FAULTS
from aniva_sandbox.api.permissions import PERSONAS, Permission
from aniva_sandbox.api.profiles.records import PROFILE_GROUPS, PROFILES
from aniva_sandbox.api.results import events as result_events
from aniva_sandbox.api.results import orders
from aniva_sandbox.api.results.records import DOCUMENTS, ORDERS
from aniva_sandbox.api.settings import Settings
from aniva_sandbox.api.shipments import courier
from aniva_sandbox.api.shipments.records import SHIPMENTS
from aniva_sandbox.api.world import World
from aniva_sandbox.engine.contract.refused import RefusedCall
from aniva_sandbox.engine.world.checking import is_after
from aniva_sandbox.engine.world.domain import Domain, NextSteps, Probing
from aniva_sandbox.engine.world.records import instant_problem
from aniva_sandbox.engine.world.sections import Fact, Neighbours
from aniva_sandbox.engine.world.showing import Showing
from aniva_sandbox.engine.world.state import State
from aniva_sandbox.laboratory.catalogue import Catalogue, get_catalogue

__all__ = ["DOMAIN", "SECTIONS"]

SECTIONS = (
    PROFILE_GROUPS,
    LOCATION_GROUPS,
    PERSONAS,
    LOCATIONS,
    PROFILES,
    APPOINTMENTS,
    SHIPMENTS,
    LINKS,
    ORDERS,
    DOCUMENTS,
)

_SHARED_NAMES: dict[str, Callable[[Catalogue], Container[Any]]] = {
    "panel": lambda catalogue: catalogue.panels,
    "biomarker": lambda catalogue: catalogue.biomarkers,
    "laboratory": lambda catalogue: catalogue.laboratories,
    "permission": lambda _catalogue: get_args(Permission),
}
"""What records may refer to besides other records."""


def _begin(world: World) -> None:
    courier.plan_all(world)
    result_events.catch_up(world)


def _change_settings(world: World, settings: Settings) -> None:
    """The old settings apply up to now, so earlier syncs are kept; automatic events are planned again."""
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
    """Bring the partners' copy of shipments up to the last hourly sync."""
    for shipment in world.shipments:
        courier.sync(world, shipment)


def _check_since(since: datetime, world: Neighbours) -> Iterator[str]:
    problem = instant_problem(since)
    if problem is not None:
        yield problem
    elif is_after(since, world.now):
        yield "must not be after the clock's now"


def _next_steps() -> NextSteps:
    from aniva_sandbox.api.next_steps import NEXT_STEPS  # lazy: only coverage needs the texts

    return NEXT_STEPS


def _refused() -> Mapping[str, RefusedCall]:
    content = Path(__file__).with_name("refused_calls.json").read_bytes()
    return msgspec.json.decode(content, type=dict[str, RefusedCall])


def _probing() -> Probing:
    from aniva_sandbox.api.probing import PROBING  # lazy: only probes need it

    return PROBING


def _showing() -> Showing:
    from aniva_sandbox.api.showing import SHOWING  # lazy: only people look at records

    return SHOWING


DOMAIN = Domain(
    world=World,
    settings=Settings,
    sections=SECTIONS,
    facts=(
        Fact(
            name="hourly_since",
            type=datetime,
            initial=lambda start: start,
            check=_check_since,
            description="When the hourly sync of shipments started.",
        ),
    ),
    known_ids={"panel": lambda world: world.catalogue.panels, "profile group": lambda world: world.group_names},
    faults=FAULTS,
    events=EVENTS,
    machines=(states.MACHINE, courier.MACHINE),
    shared_names=_SHARED_NAMES,
    shared=get_catalogue,
    begin=_begin,
    change_settings=_change_settings,
    resume=_resume,
    refresh=_refresh,
    next_steps=_next_steps,
    probing=_probing,
    showing=_showing,
    refused=_refused,
    test_fixture="aniva",
)
