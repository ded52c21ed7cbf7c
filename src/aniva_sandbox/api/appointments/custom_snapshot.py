"""The custom snapshot: single biomarkers on an appointment, in the container panel of their laboratory. Source: the
Appointments page and the pages of the two operations."""

from typing import Annotated, Any, ClassVar

import msgspec
from msgspec import UNSET, UnsetType

from aniva_sandbox.api.access import find_appointment, find_panel, note_repetition, require_biomarkers
from aniva_sandbox.api.appointments.operations import TAG
from aniva_sandbox.api.appointments.records import Appointment
from aniva_sandbox.api.appointments.rules import APPOINTMENT_EDITABLE
from aniva_sandbox.api.appointments.snapshot_rules import (
    SNAPSHOT_ADD,
    SNAPSHOT_BIOMARKERS,
    SNAPSHOT_COHERENT,
    SNAPSHOT_COHERENT_BODY,
    SNAPSHOT_LISTED,
    SNAPSHOT_PANEL,
    SNAPSHOT_PANEL_CONTAINER,
    SNAPSHOT_PANEL_UNKNOWN,
    SNAPSHOT_REMOVE,
)
from aniva_sandbox.api.appointments.states import require_editable
from aniva_sandbox.api.appointments.wire import AppointmentId
from aniva_sandbox.api.catalogue.wire import BiomarkerId
from aniva_sandbox.api.rules import AUTH_CONTEXT, PATH_UNKNOWN
from aniva_sandbox.api.wire import Uuid
from aniva_sandbox.api.world import World
from aniva_sandbox.engine.contract.ground_rules import Details, ErrorText
from aniva_sandbox.engine.contract.operations import Call, Link, NoQuery, Success, operation
from aniva_sandbox.engine.contract.schemas import field
from aniva_sandbox.engine.contract.trace import Trace
from aniva_sandbox.engine.texts import listed
from aniva_sandbox.laboratory.catalogue import Catalogue, Panel
from aniva_sandbox.laboratory.coherence import Stranded, find_stranded
from aniva_sandbox.laboratory.laboratories import Laboratory

__all__ = ["OPERATIONS", "SnapshotChange"]

# Wire types


class SnapshotChange(msgspec.Struct, frozen=True, kw_only=True):
    """Single biomarkers to add or to remove."""

    SCHEMA = {"x-rules": {"required": {"panel_id": SNAPSHOT_PANEL.id}}}

    panel_id: Annotated[
        Uuid,
        field(
            "A custom container panel: …0aff is sent to ZotzKlimas, …0bff to Labclinic.",
            examples=["00000000-0000-0000-0000-000000000bff"],
        ),
    ]
    biomarker_ids: Annotated[list[BiomarkerId], field("At least one.", min_length=1)]


class MissingBiomarker(msgspec.Struct, frozen=True):
    """A biomarker that an orderable yields and that the order lacks."""

    biomarker_id: int
    biomarker_name: str


class OrderableOption(msgspec.Struct, frozen=True):
    """An orderable of the laboratory that yields the biomarker, and what else it needs."""

    orderable: str
    missing: list[MissingBiomarker]


class StrandedBiomarker(msgspec.Struct, frozen=True):
    """A biomarker that the laboratory cannot measure with this order."""

    biomarker_id: int
    biomarker_name: str
    candidates: Annotated[
        list[OrderableOption],
        field("The orderables that yield it, fewest missing first; empty if it is not sold there."),
    ]


class SnapshotRefusal(msgspec.Struct, frozen=True, kw_only=True):
    """Why a change was refused: for `snapshot.coherent` with `lab`, `panel_id` and `stranded`, otherwise without
    them."""

    # One flat schema: generated clients cannot distinguish the two bodies as options of an anyOf.
    SCHEMA: ClassVar[dict[str, Any]] = {
        "dependentRequired": {
            "lab": ["panel_id", "stranded"],
            "panel_id": ["lab", "stranded"],
            "stranded": ["lab", "panel_id"],
        }
    }

    error: ErrorText
    details: Details = []
    lab: Annotated[str, field("The laboratory.")] | UnsetType = UNSET
    panel_id: Annotated[Uuid, field("The container panel.")] | UnsetType = UNSET
    stranded: Annotated[
        list[StrandedBiomarker],
        field("The stranded biomarkers; one candidate of each makes them orderable.", min_length=1),
    ] = []


# Operations

_EXAMPLE = {"panel_id": "00000000-0000-0000-0000-000000000aff", "biomarker_ids": [42, 87]}


@operation(
    "PATCH",
    "/appointments/{id}/custom-snapshot",
    tag=TAG,
    path_id=AppointmentId,
    assumed_permissions=("test_sessions_schedule", "test_sessions_manage"),
    refuses=(
        PATH_UNKNOWN,
        AUTH_CONTEXT,
        SNAPSHOT_PANEL_UNKNOWN,
        SNAPSHOT_PANEL,
        SNAPSHOT_BIOMARKERS,
        APPOINTMENT_EDITABLE,
        SNAPSHOT_PANEL_CONTAINER,
        SNAPSHOT_COHERENT,
    ),
    follows=(SNAPSHOT_ADD, SNAPSHOT_LISTED),
    errors={400: SnapshotRefusal},
    links=(
        Link("get_appointment", {"id": "$request.path.id"}),
        Link("remove_biomarkers", {"id": "$request.path.id"}, "$request.body"),
    ),
    example=_EXAMPLE,
)
def add_biomarkers(world: World, call: Call[NoQuery, SnapshotChange]) -> Success:
    """Add single biomarkers to an appointment

    Only while it is pending or confirmed, and only if the laboratory can accept the resulting order. Biomarkers that
    are already attached are kept.
    """
    appointment = find_appointment(world, call, call.id)
    panel = find_panel(world, call, call.body.panel_id, unknown=SNAPSHOT_PANEL_UNKNOWN, outside=SNAPSHOT_PANEL)
    ids = dict.fromkeys(call.body.biomarker_ids)
    note_repetition(call.trace, call.body.biomarker_ids, ids)
    require_biomarkers(world, call, ids, unknown=SNAPSHOT_BIOMARKERS)
    require_editable(appointment, call.trace)
    _require_container(panel, call.trace)
    held = appointment.snapshot.get(panel.id, ())
    after = tuple(dict.fromkeys((*held, *ids)))
    _require_coherent(world.catalogue, panel, after, call.trace)

    _hold(world, appointment, panel.id, after)
    return Success(success=True)


@operation(
    "DELETE",
    "/appointments/{id}/custom-snapshot",
    tag=TAG,
    path_id=AppointmentId,
    assumed_permissions=("test_sessions_schedule", "test_sessions_manage"),
    refuses=(
        PATH_UNKNOWN,
        AUTH_CONTEXT,
        SNAPSHOT_PANEL_UNKNOWN,
        SNAPSHOT_PANEL,
        SNAPSHOT_REMOVE,
        APPOINTMENT_EDITABLE,
        SNAPSHOT_COHERENT,
    ),
    follows=(SNAPSHOT_LISTED,),
    errors={400: SnapshotRefusal},
    links=(Link("get_appointment", {"id": "$request.path.id"}),),
    example=_EXAMPLE | {"panel_id": "00000000-0000-0000-0000-000000000bff"},
)
def remove_biomarkers(world: World, call: Call[NoQuery, SnapshotChange]) -> Success:
    """Remove single biomarkers from an appointment

    Only while it is pending or confirmed, and only if the laboratory can accept the remaining order. All of them must
    be attached under that panel, or none is removed.
    """
    appointment = find_appointment(world, call, call.id)
    panel = find_panel(world, call, call.body.panel_id, unknown=SNAPSHOT_PANEL_UNKNOWN, outside=SNAPSHOT_PANEL)
    ids = dict.fromkeys(call.body.biomarker_ids)
    note_repetition(call.trace, call.body.biomarker_ids, ids)
    held = appointment.snapshot.get(panel.id, ())
    loose = [id for id in ids if id not in held]
    if call.trace.weigh(SNAPSHOT_REMOVE) and loose:
        SNAPSHOT_REMOVE.refuse(f"biomarker_ids: not attached under this panel: {listed(loose)}")
    require_editable(appointment, call.trace)
    after = tuple(id for id in held if id not in ids)
    _require_coherent(world.catalogue, panel, after, call.trace)

    _hold(world, appointment, panel.id, after)
    return Success(success=True)


def _require_container(panel: Panel, trace: Trace) -> None:
    trace.weigh(SNAPSHOT_PANEL_CONTAINER)
    if not panel.is_custom:
        SNAPSHOT_PANEL_CONTAINER.refuse("panel_id: must be a custom container panel")


def _require_coherent(catalogue: Catalogue, panel: Panel, ids: tuple[int, ...], trace: Trace) -> None:
    """Refuse biomarkers that the container's laboratory cannot accept as an order."""
    laboratory = catalogue.laboratories[panel.laboratory or ""]  # every container has one
    stranded = find_stranded(frozenset(ids), laboratory.sellers)
    if trace.weigh(SNAPSHOT_COHERENT) and stranded:
        SNAPSHOT_COHERENT.refuse(
            _explained(catalogue, laboratory, stranded),
            leans_on=(SNAPSHOT_COHERENT_BODY,),
            lab=laboratory.name,
            panel_id=panel.id,
            stranded=[
                {
                    "biomarker_id": each.biomarker_id,
                    "biomarker_name": catalogue.biomarkers[each.biomarker_id].name,
                    "candidates": [
                        {
                            "orderable": candidate.orderable.name,
                            "missing": [
                                {"biomarker_id": id, "biomarker_name": catalogue.biomarkers[id].name}
                                for id in candidate.missing
                            ],
                        }
                        for candidate in each.candidates
                    ],
                }
                for each in stranded
            ],
        )


def _explained(catalogue: Catalogue, laboratory: Laboratory, stranded: list[Stranded]) -> str:
    """The stranded biomarkers and what would help, in a sentence."""
    reasons = []
    for each in stranded:
        name = catalogue.biomarkers[each.biomarker_id].name
        if not each.candidates:
            reasons.append(f"{name} is not sold there")
            continue
        best, *others = each.candidates
        missing = listed([catalogue.biomarkers[id].name for id in best.missing])
        more = (
            f" ({len(others)} more {'bundles contain' if len(others) > 1 else 'bundle contains'} it)" if others else ""
        )
        reasons.append(f"{name} is only sold with others: {best.orderable.name} also needs {missing}{more}")
    return f"{laboratory.name} cannot accept this order: {listed(reasons, '; ')}"


def _hold(world: World, appointment: Appointment, panel_id: str, ids: tuple[int, ...]) -> None:
    """Set the biomarkers of a container; it is a panel of the appointment while it holds any."""
    if ids:
        appointment.snapshot = appointment.snapshot | {panel_id: ids}
        if panel_id not in appointment.panels:
            appointment.panels = appointment.panels | {panel_id: world.now}
    else:
        appointment.snapshot = {id: held for id, held in appointment.snapshot.items() if id != panel_id}
        appointment.panels = {id: added for id, added in appointment.panels.items() if id != panel_id}


OPERATIONS = (add_biomarkers, remove_biomarkers)
