"""The draw itself: its confirmation, and what remains of the pickup. Source: the Appointments page and the pages of the
operations."""

from typing import Annotated

import msgspec

from aniva_sandbox.contract.common import AUTH_CONTEXT, PATH_UNKNOWN
from aniva_sandbox.contract.operations import Call, Header, Link, NoBody, NoQuery, operation
from aniva_sandbox.contract.rules import Rule
from aniva_sandbox.contract.schemas import field
from aniva_sandbox.resources.appointments import TAG, AppointmentId, find_appointment, move
from aniva_sandbox.resources.common import Success
from aniva_sandbox.world.world import World

__all__ = ["OPERATIONS", "RULES", "DrawConfirmation"]

_PAGE = "Appointments page"
_NO_PAGE = "no page says"

# Rules

CONFIRM_BARCODE = Rule(
    id="confirm.barcode",
    sentence="barcode is a string of 1 to 64 digits.",
    basis="documented",
    source="partner documentation, page of the operation",
    statuses=(400,),
    kind="format",
    assumption="The length.",
)
CONFIRM_DRAW = Rule(
    id="confirm.draw",
    sentence="Confirming the draw moves a confirmed appointment to blood_drawn for good and freezes its panels.",
    basis="documented",
    source=_PAGE,
)
CONFIRM_STATE = Rule(
    id="confirm.state",
    sentence="The draw is confirmed only from confirmed.",
    basis="assumed",
    source=f"{_PAGE} draws no other way there; no page gives the status",
    statuses=(409,),
)
CONFIRM_EMPTY = Rule(
    id="confirm.empty",
    sentence="The draw may be confirmed with nothing ordered.",
    basis="assumed",
    source=_NO_PAGE,
)
PICKUP_DEPRECATED = Rule(
    id="pickup.deprecated",
    sentence="Confirming a shipment's pickup does nothing: it succeeds without looking at the body, and says in its "
    "headers that it is deprecated.",
    basis="documented",
    source=_PAGE,
    assumption="The values of the headers, and that the body is ignored.",
)

RULES = (CONFIRM_BARCODE, CONFIRM_DRAW, CONFIRM_STATE, CONFIRM_EMPTY, PICKUP_DEPRECATED)

# Wire types


class DrawConfirmation(msgspec.Struct, frozen=True, kw_only=True):
    """What confirming a draw takes."""

    SCHEMA = {"x-rules": {"required": CONFIRM_BARCODE.id}}

    barcode: Annotated[
        str,
        field(
            "The kit's barcode: digits.",
            rule=CONFIRM_BARCODE,
            pattern="^[0-9]{1,64}$",
            examples=["4130075218"],
            extra={"x-hint": "must be 1 to 64 digits"},
        ),
    ]


# Operations


@operation(
    "POST",
    "/appointments/{id}/confirm",
    tag=TAG,
    path_id=AppointmentId,
    permissions=("test_sessions_schedule", "test_sessions_manage"),
    refuses=(PATH_UNKNOWN, AUTH_CONTEXT, CONFIRM_STATE),
    links=(Link("get_appointment", {"id": "$request.path.id"}),),
    example={"barcode": "4130075218"},
)
def confirm_blood_draw(world: World, call: Call[NoQuery, DrawConfirmation]) -> Success:
    """Confirm the blood draw

    Submits the kit's barcode: a confirmed appointment becomes blood_drawn, and there is no way back.
    """
    appointment = find_appointment(world, call.access, call.id)
    move(world, appointment, "confirm draw", CONFIRM_STATE)
    appointment.barcode = call.body.barcode
    return Success(success=True)


@operation(
    "POST",
    "/appointments/pickup",
    tag=TAG,
    permissions=("test_sessions_operate", "test_sessions_manage"),
    headers={
        "Deprecation": Header("@1767225600", "Since when the operation is deprecated (RFC 9745)."),
        "Warning": Header('299 - "Deprecated: follow the shipments of the appointment instead"', "What to do instead."),
    },
    ignores_body=True,
    deprecated=True,
)
def confirm_shipment_pickup(_world: World, _call: Call[NoQuery, NoBody]) -> Success:
    """Confirm a shipment's pickup (does nothing)

    Kept so that old integrations go on working. Whatever is sent, nothing changes.
    """
    return Success(success=True)


OPERATIONS = (confirm_blood_draw, confirm_shipment_pickup)
