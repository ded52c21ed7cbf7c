"""What the contract leaves open in responses: the order of lists, and which fields may be null."""

from collections.abc import Iterator, Mapping
from typing import Any, Final

from aniva_sandbox.api.partner import CONTRACT
from aniva_sandbox.engine.contract.document import build_document
from aniva_sandbox.engine.json_paths import SchemaPlace, schema_places

__all__ = ["NEVER_NULL", "NULLABLE", "PROMISED", "UNORDERED", "UNPROMISED", "response_places"]

_NO_PAGE = "no page gives an order"

PROMISED: Final[Mapping[str, str]] = {
    "list_appointment_shipments": "newest created first: page List Appointment Shipments",
    "list_shipment_appointments": "oldest link first: page List Shipment Appointments",
    "Appointment.shipments": "oldest link first: Appointments page",
    "Shipment.appointments": "oldest link first: Appointments page",
    "Shipment.status_updates": "oldest first: page Get Shipment",
    "DaySlots.slots": "slot starts step through the open hours: page Get Availability",
}
"""The lists whose order is documented, by field or, if a list is a whole response, by operation; with the source."""
UNPROMISED: Final[Mapping[str, str]] = {
    "list_profiles": "profile.list-page/order is assumed; a page in another order still holds the same profiles",
    "list_locations": _NO_PAGE,
    "list_appointments": "appointment.list-order is assumed",
    "list_shipments": "shipment.order is assumed",
    "list_panels": "catalogue.order is assumed",
    "list_biomarkers": "catalogue.order is assumed",
    "list_units": "catalogue.order is assumed",
    "Appointment.panels": f"{_NO_PAGE}; added_at is what says when",
    "Availability.availability": f"{_NO_PAGE}; date is what says when",
    **{
        f"OpenHours.{day}": _NO_PAGE
        for day in ("monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday")
    },
    "Preview.tubes": f"{_NO_PAGE}; the order of draw is the sandbox's",
    "Results.clinical_results": "results.planned/order is assumed",
    "Results.genetic_results": "results.planned/order is assumed",
    "Results.documents": _NO_PAGE,
    "GeneticResult.variants": _NO_PAGE,
    "Variant.conditions": _NO_PAGE,
    "Variant.snvs": _NO_PAGE,
    "Panel.biomarker_ids": _NO_PAGE,
    "Unit.aliases": _NO_PAGE,
    # Refusals.
    "Error.details": "body.schema/details is assumed",
    "SnapshotRefusal.details": "body.schema/details is assumed",
    "SnapshotRefusal.stranded": "snapshot.coherent/body is assumed",
    "StrandedBiomarker.candidates": "snapshot.coherent/body is assumed",
    "OrderableOption.missing": "snapshot.coherent/body is assumed",
    "LockedAppointments.appointment_ids": f"{_NO_PAGE}; link.window-ids promises the ids",
    "LockedShipments.shipment_ids": f"{_NO_PAGE}; link.window-ids promises the ids",
}
"""The lists whose order is not documented: that of the sandbox is its own decision. By field or operation, with the
reason."""

_CHANGED = "time.updated: null until the first change, and never again"
_CREATED = "profile.required: every profile that a partner creates has it, and no update clears it"
_BOOKED = "appointment.create: every appointment that a partner books has it, and no update clears it"
_ARRIVED = "results.planned: null until the result arrives, and set with it"

NEVER_NULL: Final[Mapping[str, str]] = {
    "Profile.updated_at": _CHANGED,
    "Appointment.updated_at": _CHANGED,
    "Shipment.updated_at": _CHANGED,
    "Profile.sex": _CREATED,
    "Profile.date_of_birth": _CREATED,
    "Profile.email": "profile.email: a profile without one gets a placeholder",
    "Appointment.location_id": "Appointments page: null for home kits, and for nothing else",
    "Appointment.scheduled_at": _BOOKED,
    "Appointment.test_method": _BOOKED,
    "Address.location_id": "page Get Shipment: null for laboratories, and for nothing else",
    "Preview.routing": "preview.tubes: always null",
    "Preview.pricing": "preview.tubes: always null",
    "ClinicalResult.biomarker_name": "results.planned: set even before the result arrives",
    "ClinicalResult.category": "results.planned: set even before the result arrives",
    "ClinicalResult.value": _ARRIVED,
    "ClinicalResult.value_operator": _ARRIVED,
    "ClinicalResult.unit_id": _ARRIVED,
    "ClinicalResult.unit": _ARRIVED,
    "ClinicalResult.tested_at": _ARRIVED,
    "GeneticResult.genotype": _ARRIVED,
    "GeneticResult.tested_at": _ARRIVED,
}
"""The nullable fields that a documented rule says more about, so that not every record may have null there; with the
rule."""


def response_places(document: Mapping[str, Any]) -> Iterator[tuple[str, str, SchemaPlace]]:
    """Every place in every JSON response of a document, with the operation and the status. If the place is the whole
    response, its field is the operation."""
    components = document["components"]
    for path in document["paths"].values():
        for operation in path.values():
            id = operation["operationId"]
            for status, response in operation["responses"].items():
                if "$ref" in response:
                    response = components["responses"][response["$ref"].rpartition("/")[2]]
                for media_type, content in response.get("content", {}).items():
                    if media_type == "application/json":
                        for place in schema_places(content["schema"], components["schemas"]):
                            yield id, status, place._replace(field=place.field or id)


_PLACES = tuple(response_places(build_document(CONTRACT)))

UNORDERED: Final = frozenset(
    (id, place.path) for id, _, place in _PLACES if "array" in place.types and place.field in UNPROMISED
)


def _nullable() -> dict[str, tuple[str, ...]]:
    found: dict[str, list[str]] = {}
    for id, status, place in _PLACES:
        if status.startswith("2") and "null" in place.types and place.field not in NEVER_NULL:
            found.setdefault(id, []).append(place.path)
    return {id: tuple(paths) for id, paths in found.items()}


NULLABLE: Final[Mapping[str, tuple[str, ...]]] = _nullable()
