"""Panels on an appointment. Source: the Appointments page and the pages of the operations."""

from collections.abc import Iterable
from typing import Annotated

import msgspec

from aniva_sandbox.api.access import find_appointment, find_panels
from aniva_sandbox.api.appointments.operations import TAG
from aniva_sandbox.api.appointments.rules import APPOINTMENT_EDITABLE
from aniva_sandbox.api.appointments.states import require_editable
from aniva_sandbox.api.appointments.wire import AppointmentId
from aniva_sandbox.api.catalogue.wire import PanelId
from aniva_sandbox.api.rules import AUTH_CONTEXT, PATH_UNKNOWN
from aniva_sandbox.api.world import World
from aniva_sandbox.engine.contract.operations import Call, Link, NoQuery, Success, operation
from aniva_sandbox.engine.contract.rules import Rule
from aniva_sandbox.engine.contract.schemas import field
from aniva_sandbox.engine.contract.trace import Trace
from aniva_sandbox.engine.texts import listed
from aniva_sandbox.laboratory.catalogue import Panel

__all__ = ["OPERATIONS", "RULES", "PanelIds"]

_PAGE = "Appointments page"
_EITHER = "partner documentation, pages Add Panels and Remove Panels"
_NO_PAGE = "not documented"

# Rules

PANELS_UNKNOWN = Rule(
    id="panels.unknown",
    sentence="Every panel named must exist.",
    basis="documented",
    source=_EITHER,
    statuses=(404,),
)
PANELS_UNKNOWN_UNREACHABLE = PANELS_UNKNOWN.clause(
    "unreachable",
    "A panel to add or remove that is not granted to the key is refused as if it did not exist.",
    statuses=(404,),
)
PANELS_ADD_TWICE = Rule(
    id="panels.add-twice",
    sentence="Adding a panel that is already attached keeps its first added_at.",
    basis="assumed",
    source=_NO_PAGE,
)
PANELS_CUSTOM = Rule(
    id="panels.custom",
    sentence="A custom container panel cannot be added or removed as a panel.",
    basis="assumed",
    source=_NO_PAGE,
    statuses=(400,),
    kind="domain",
)
PANELS_REMOVE = Rule(
    id="panels.remove",
    sentence="Every panel to remove must be attached, or nothing is removed.",
    basis="documented",
    source=_PAGE,
    statuses=(404,),
)
RULES = (PANELS_UNKNOWN, PANELS_UNKNOWN_UNREACHABLE, PANELS_ADD_TWICE, PANELS_CUSTOM, PANELS_REMOVE)

# Wire types


class PanelIds(msgspec.Struct, frozen=True, kw_only=True):
    """Panels to add or to remove."""

    panel_ids: Annotated[list[PanelId], field("At least one.", min_length=1)]


# Operations


@operation(
    "POST",
    "/appointments/{id}/panels",
    tag=TAG,
    path_id=AppointmentId,
    permissions=("test_sessions_schedule",),
    assumed_permissions=("test_sessions_manage",),
    refuses=(
        PATH_UNKNOWN,
        AUTH_CONTEXT,
        PANELS_UNKNOWN,
        PANELS_UNKNOWN_UNREACHABLE,
        APPOINTMENT_EDITABLE,
        PANELS_CUSTOM,
    ),
    follows=(PANELS_ADD_TWICE,),
    links=(
        Link("get_appointment", {"id": "$request.path.id"}),
        Link("remove_panels", {"id": "$request.path.id"}, "$request.body"),
    ),
    example={"panel_ids": ["f1c2d4a3-7b8e-4f2a-9c1d-2e3f4a5b6c7d"]},
)
def add_panels(world: World, call: Call[NoQuery, PanelIds]) -> Success:
    """Add panels to an appointment

    Only while it is pending or confirmed. A panel that is already attached stays as it is.
    """
    appointment = find_appointment(world, call, call.id)
    named = find_panels(
        world, call, call.body.panel_ids, unknown=PANELS_UNKNOWN, unreachable=PANELS_UNKNOWN_UNREACHABLE
    )
    require_editable(appointment, call.trace)
    _refuse_custom(named.values(), call.trace)

    if any(id in appointment.panels for id in named):
        call.trace.lean_on(PANELS_ADD_TWICE)
    now = world.now
    appointment.panels = appointment.panels | {
        id: now for id, panel in named.items() if id not in appointment.panels and not panel.is_custom
    }
    return Success(success=True)


@operation(
    "DELETE",
    "/appointments/{id}/panels",
    tag=TAG,
    path_id=AppointmentId,
    assumed_permissions=("test_sessions_schedule", "test_sessions_manage"),
    refuses=(
        PATH_UNKNOWN,
        AUTH_CONTEXT,
        PANELS_UNKNOWN,
        PANELS_UNKNOWN_UNREACHABLE,
        PANELS_REMOVE,
        APPOINTMENT_EDITABLE,
        PANELS_CUSTOM,
    ),
    links=(Link("get_appointment", {"id": "$request.path.id"}),),
    example={"panel_ids": ["f1c2d4a3-7b8e-4f2a-9c1d-2e3f4a5b6c7d"]},
)
def remove_panels(world: World, call: Call[NoQuery, PanelIds]) -> Success:
    """Remove panels from an appointment

    Only while it is pending or confirmed. All of them must be attached, or none is removed.
    """
    appointment = find_appointment(world, call, call.id)
    named = find_panels(
        world, call, call.body.panel_ids, unknown=PANELS_UNKNOWN, unreachable=PANELS_UNKNOWN_UNREACHABLE
    )
    loose = [id for id in named if id not in appointment.panels]
    if call.trace.weigh(PANELS_REMOVE) and loose:
        PANELS_REMOVE.refuse(f"panel_ids: not attached to the appointment: {listed(loose)}")
    require_editable(appointment, call.trace)
    _refuse_custom(named.values(), call.trace)

    appointment.panels = {id: added for id, added in appointment.panels.items() if id not in named}
    appointment.snapshot = {id: held for id, held in appointment.snapshot.items() if id not in named}
    return Success(success=True)


def _refuse_custom(panels: Iterable[Panel], trace: Trace) -> None:
    if trace.weigh(PANELS_CUSTOM) and any(panel.is_custom for panel in panels):
        PANELS_CUSTOM.refuse("A custom container panel can only be changed through its biomarkers")


OPERATIONS = (add_panels, remove_panels)
