"""The settings of a world: behaviour that is undecided in the real API, or that takes days there."""

from typing import Annotated, Literal

import msgspec
from msgspec import Meta

from aniva_sandbox.engine.contract.schemas import field

__all__ = ["Settings"]

Hours = Annotated[int, Meta(ge=0, le=8784)]


class Settings(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """How a world behaves where the real API's behaviour is undecided or takes days."""

    taken_slots: Annotated[
        Literal["allow", "refuse"], field("Whether a slot that is taken can be booked again (`appointment.overlap`).")
    ] = "allow"
    outside_slots: Annotated[
        Literal["allow", "refuse"],
        field("Whether a time that is not a slot of the location can be booked (`appointment.slot`)."),
    ] = "allow"
    courier_automation: Annotated[
        bool, field("Whether the courier carries out its orders by itself; if not, only events move a shipment.")
    ] = True
    hourly_sync: Annotated[
        bool, field("Whether the partners' copy of shipments is synced at every full hour (`shipment.freshness`).")
    ] = True
    lab_automation: Annotated[
        bool,
        field(
            "Whether results arrive by themselves; if not, only events and magic barcodes bring them. Results of "
            "draws that a world starts with have arrived in either case."
        ),
    ] = True
    lab_quick_hours: Annotated[Hours, field("Hours from the draw to the first part of the clinical results.")] = 24
    lab_slow_hours: Annotated[Hours, field("Hours from the draw to the rest of the clinical results.")] = 96
    lab_genetic_hours: Annotated[Hours, field("Hours from the draw to the genetic results.")] = 336
