"""Changes of links as partners send them, and their refusals."""

from typing import Annotated

import msgspec

from aniva_sandbox.api.appointments.wire import AppointmentId
from aniva_sandbox.api.shipments.wire import ShipmentId
from aniva_sandbox.engine.contract.ground_rules import ErrorText
from aniva_sandbox.engine.contract.schemas import field

__all__ = ["AppointmentIds", "LockedAppointments", "LockedShipments", "ShipmentIds"]


class ShipmentIds(msgspec.Struct, frozen=True, kw_only=True):
    """Shipments to attach or to detach."""

    shipment_ids: Annotated[list[ShipmentId], field("At least one.", min_length=1)]


class AppointmentIds(msgspec.Struct, frozen=True, kw_only=True):
    """Appointments to attach or to detach."""

    appointment_ids: Annotated[list[AppointmentId], field("At least one.", min_length=1)]


class LockedShipments(msgspec.Struct, frozen=True, kw_only=True):
    """Links of an appointment that can no longer be changed."""

    error: ErrorText
    shipment_ids: Annotated[list[ShipmentId], field("The shipments whose links are locked.")]


class LockedAppointments(msgspec.Struct, frozen=True, kw_only=True):
    """Links of a shipment that can no longer be changed."""

    error: ErrorText
    appointment_ids: Annotated[list[AppointmentId], field("The appointments whose links are locked.")]
