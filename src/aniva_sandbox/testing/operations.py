"""The operations of the partner API by name, for completion in editors."""

from typing import Literal

__all__ = ["OperationId"]

OperationId = Literal[
    "list_profiles",
    "create_profile",
    "get_profile",
    "update_profile",
    "list_locations",
    "get_availability",
    "list_appointments",
    "create_appointment",
    "get_appointment",
    "update_appointment",
    "cancel_appointment",
    "add_panels",
    "remove_panels",
    "add_biomarkers",
    "remove_biomarkers",
    "preview_tubes",
    "confirm_blood_draw",
    "confirm_shipment_pickup",
    "get_results",
    "get_document",
    "list_shipments",
    "create_shipment",
    "get_shipment",
    "update_shipment",
    "cancel_shipment",
    "list_appointment_shipments",
    "attach_shipments",
    "detach_shipments",
    "list_shipment_appointments",
    "attach_appointments",
    "detach_appointments",
    "list_panels",
    "list_biomarkers",
    "get_biomarker",
    "list_units",
]
"""An operationId of the document."""
