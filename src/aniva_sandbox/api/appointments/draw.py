"""The draw: its tubes, its confirmation, and the deprecated confirmation of a pickup. Source: the Appointments page and
the pages of the operations."""

from typing import Annotated, Any

import msgspec

from aniva_sandbox.api.access import find_appointment
from aniva_sandbox.api.appointments.operations import TAG
from aniva_sandbox.api.appointments.records import Appointment
from aniva_sandbox.api.appointments.states import move
from aniva_sandbox.api.appointments.wire import AppointmentId, shown_time
from aniva_sandbox.api.results.orders import place_order, plan_results, submissions_of
from aniva_sandbox.api.rules import AUTH_CONTEXT, PATH_UNKNOWN
from aniva_sandbox.api.world import World
from aniva_sandbox.engine.contract.operations import Call, Header, Link, NoBody, NoQuery, Success, operation
from aniva_sandbox.engine.contract.rules import Rule
from aniva_sandbox.engine.contract.schemas import field
from aniva_sandbox.engine.contract.trace import Trace
from aniva_sandbox.laboratory.magic import MAGIC
from aniva_sandbox.laboratory.tubes import TubeCount, count_tubes
from aniva_sandbox.laboratory.values import BARCODE_LENGTH

__all__ = ["OPERATIONS", "RULES", "DrawConfirmation"]

_PAGE = "Appointments page"
_CONFIRM = "partner documentation, page Confirm Blood Draw"
_NO_PAGE = "not documented"

# Rules

PREVIEW_TUBES = Rule(
    id="preview.tubes",
    sentence="The preview lists the tubes that the attached panels and biomarkers need; routing and pricing are null.",
    basis="documented",
    source=_PAGE,
)
PREVIEW_TUBES_COUNT = PREVIEW_TUBES.clause(
    "count",
    "Each laboratory gets as many tubes of a kind as hold the blood that its biomarkers need, counting each biomarker "
    "once.",
)
CONFIRM_BARCODE = Rule(
    id="confirm.barcode",
    sentence="barcode is required, and is a string of digits.",
    basis="documented",
    source=_CONFIRM,
    statuses=(400,),
    kind="format",
)
CONFIRM_BARCODE_LENGTH = CONFIRM_BARCODE.clause(
    "length", f"barcode has 1 to {BARCODE_LENGTH} digits.", statuses=(400,), kind="format"
)
CONFIRM_DRAW = Rule(
    id="confirm.draw",
    sentence="Confirming the draw moves a confirmed appointment to blood_drawn for good, freezes its panels and custom "
    "snapshot, and places the lab order.",
    basis="documented",
    source=_PAGE,
)
CONFIRM_STATE = Rule(
    id="confirm.state",
    sentence="The draw can be confirmed only while the appointment is confirmed.",
    basis="assumed",
    source=f"diagram on the {_PAGE}; no page gives the status",
    statuses=(409,),
)
CONFIRM_EMPTY = Rule(
    id="confirm.empty",
    sentence="A draw can be confirmed with nothing ordered; its results are then complete and empty.",
    basis="assumed",
    source=_NO_PAGE,
)
PICKUP_DEPRECATED = Rule(
    id="pickup.deprecated",
    sentence="Confirming a shipment's pickup succeeds and does nothing; its headers mark it as deprecated.",
    basis="documented",
    source=_PAGE,
)
PICKUP_DEPRECATED_BODY = PICKUP_DEPRECATED.clause(
    "body", "The body of the deprecated confirmation of a pickup is ignored, and may be missing."
)
PICKUP_DEPRECATED_HEADERS = PICKUP_DEPRECATED.clause(
    "headers",
    "The header Deprecation is an instant as in RFC 9745, and the header Warning has the code 299.",
    pervasive="Every response has the same headers.",
)

RULES = (
    PREVIEW_TUBES,
    PREVIEW_TUBES_COUNT,
    CONFIRM_BARCODE,
    CONFIRM_BARCODE_LENGTH,
    CONFIRM_DRAW,
    CONFIRM_STATE,
    CONFIRM_EMPTY,
    PICKUP_DEPRECATED,
    PICKUP_DEPRECATED_BODY,
    PICKUP_DEPRECATED_HEADERS,
)

# Wire types


class TubeView(msgspec.Struct, frozen=True, kw_only=True):
    """A kind of tube to draw."""

    type: Annotated[str, field("What the tube contains.", examples=["serum"])]
    name: str
    cap_color: Annotated[str, field("As #RRGGBB.", examples=["#B5651D"])]
    volume: Annotated[str, field("How much one tube holds.", examples=["7.5 ml"])]
    count: Annotated[int, field("The number of tubes to draw.", ge=1)]


class PreviewView(msgspec.Struct, frozen=True):
    """The tubes of a draw. All keys are always present."""

    tubes: Annotated[list[TubeView], field("By laboratory, in the laboratory's order of draw.")]
    routing: Annotated[dict[str, Any] | None, field("Reserved; always null.")]
    pricing: Annotated[dict[str, Any] | None, field("Reserved; always null.")]


class DrawConfirmation(msgspec.Struct, frozen=True, kw_only=True):
    """The body of a confirmation."""

    SCHEMA = {"x-rules": {"required": CONFIRM_BARCODE.id}}

    barcode: Annotated[
        str,
        field(
            "The kit's barcode: digits only.",
            rule=CONFIRM_BARCODE,
            pattern="^[0-9]*$",
            min_length=1,
            max_length=BARCODE_LENGTH,
            examples=["4130075218"],
            extra={
                "x-rules": {"minLength": CONFIRM_BARCODE_LENGTH.id, "maxLength": CONFIRM_BARCODE_LENGTH.id},
                "x-hint": "must be digits",
                "x-characters": "0-9",
            },
        ),
    ]


# Operations


@operation(
    "GET",
    "/appointments/{id}/preview",
    tag=TAG,
    path_id=AppointmentId,
    assumed_permissions=("test_sessions_schedule", "test_sessions_manage"),
    refuses=(PATH_UNKNOWN, AUTH_CONTEXT),
    follows=(PREVIEW_TUBES,),
)
def preview_tubes(world: World, call: Call[NoQuery, NoBody]) -> PreviewView:
    """Preview the tubes of a draw

    The tubes that the attached panels and biomarkers need now.
    """
    appointment = find_appointment(world, call, call.id)
    wanted: dict[str, list[int]] = {}
    for submission in submissions_of(world, appointment):
        wanted.setdefault(submission.laboratory, []).extend(submission.biomarker_ids)
    tubes = [
        _tube_view(each)
        for slug, ids in wanted.items()
        for each in count_tubes(world.catalogue.laboratories[slug], ids)
    ]
    if tubes:
        call.trace.lean_on(PREVIEW_TUBES_COUNT)
    return PreviewView(tubes, routing=None, pricing=None)


@operation(
    "POST",
    "/appointments/{id}/confirm",
    tag=TAG,
    path_id=AppointmentId,
    permissions=("test_sessions_schedule",),
    assumed_permissions=("test_sessions_manage",),
    refuses=(PATH_UNKNOWN, AUTH_CONTEXT, CONFIRM_STATE),
    follows=(CONFIRM_DRAW, CONFIRM_EMPTY),
    links=(Link("get_appointment", {"id": "$request.path.id"}), Link("get_results", {"id": "$request.path.id"})),
    example={"barcode": "4130075218"},
    examples={magic.description: {"barcode": f"{magic.prefix}75218"} for magic in MAGIC},
)
def confirm_blood_draw(world: World, call: Call[NoQuery, DrawConfirmation]) -> Success:
    """Confirm the blood draw

    Submits the kit's barcode. A confirmed appointment becomes blood_drawn, which cannot be undone. The laboratories get
    their orders, and results follow. The examples include the magic barcodes, which decide what is found, and when.
    """
    appointment = find_appointment(world, call, call.id)
    move(world, appointment, "confirm draw", CONFIRM_STATE, call.trace)
    _hint(world, call.trace, appointment, call.body.barcode)
    appointment.barcode = call.body.barcode
    if not appointment.panels:
        call.trace.lean_on(CONFIRM_EMPTY)
    order = world.orders.get(appointment.id)  # there is one only if no rule forbade a second draw
    plan_results(world, order or place_order(world, appointment, call.body.barcode, world.now))
    return Success(success=True)


@operation(
    "POST",
    "/appointments/pickup",
    tag=TAG,
    permissions=("test_sessions_operate", "test_sessions_manage"),
    follows=(PICKUP_DEPRECATED,),
    headers={
        "Deprecation": Header("@1767225600", "Since when the operation is deprecated (RFC 9745)."),
        "Warning": Header(
            '299 - "Deprecated: follow the shipments of the appointment instead"', "What to use instead."
        ),
    },
    ignores_body=True,
    deprecated=True,
)
def confirm_shipment_pickup(_world: World, call: Call[NoQuery, NoBody]) -> Success:
    """Confirm a shipment's pickup (does nothing)

    Kept so that old integrations continue to work. It changes nothing, whatever is sent.
    """
    call.trace.lean_on(PICKUP_DEPRECATED_BODY)
    return Success(success=True)


def _hint(world: World, trace: Trace, appointment: Appointment, barcode: str) -> None:
    """Hint at a draw before its time, and at a barcode of another draw."""
    scheduled_at = shown_time(world, appointment)
    if scheduled_at is not None and world.now < scheduled_at:
        trace.hint("", f"the draw is confirmed before its time, which is {scheduled_at.isoformat()}")
    earlier = world.orders.with_barcode(barcode)
    if earlier is not None:
        trace.hint("barcode", f"the barcode was already used, for the draw of appointment {earlier}")


def _tube_view(tubes: TubeCount) -> TubeView:
    tube = tubes.tube
    return TubeView(
        type=tube.type,
        name=tube.name,
        cap_color=tube.cap_color,
        volume=f"{tube.fill / 1000:g} ml",
        count=tubes.count,
    )


OPERATIONS = (preview_tubes, confirm_blood_draw, confirm_shipment_pickup)
