"""What shows every value of the enumerations in responses, in the default world."""

from typing import Final

from aniva_sandbox.api.next_steps.calls import EXAMPLE_CALLS
from aniva_sandbox.api.next_steps.texts import APPOINTMENTS, CONTAINER, OLD_DRAW, SHIPMENTS, call, happen, lines

__all__ = ["NO_WORDS", "WORDS"]

_CONFIRMED: Final = APPOINTMENTS["confirmed"]
_ORDERED: Final = f"/appointments/{_CONFIRMED}"
_RESULTS: Final = call("GET", f"{_ORDERED}/results")
_PROFILES: Final = EXAMPLE_CALLS["list_profiles"]


def _panel(id: str) -> str:
    return call("POST", f"{_ORDERED}/panels", {"panel_ids": [id]})


def _drawn(*before: str, barcode: str, after: tuple[str, ...] = ()) -> str:
    """The results of a draw, after what was ordered before it and what happens after it."""
    return lines(*before, call("POST", f"{_ORDERED}/confirm", {"barcode": barcode}), *after, _RESULTS)


_GENETICS: Final = _panel("91d38730-e6bc-4d12-80e3-4497f8e848a1")


def _genotype(biomarker: int, genotype: str) -> str:
    arrival = happen("lab.results_arrived", appointment_id=_CONFIRMED, values={str(biomarker): genotype})
    if biomarker < 212:
        ordered = _GENETICS
    else:
        ids = [214, 215] if biomarker == 214 else [biomarker]
        ordered = call("PATCH", f"{_ORDERED}/custom-snapshot", {"panel_id": CONTAINER, "biomarker_ids": ids})
    return _drawn(ordered, barcode="4130075218", after=(arrival,))


_PATHOGENIC: Final = _genotype(214, "reference/c.68_69del")
_UNMEASURABLE: Final = _drawn(barcode="9990875218")

WORDS: Final = {
    f"Appointment.status {state}": call("GET", f"/appointments/{id}") for state, id in APPOINTMENTS.items()
} | {
    "Appointment.test_method practitioner": EXAMPLE_CALLS["get_appointment"],
    "Appointment.test_method home": call("GET", "/appointments/cd3f6307-32f5-410d-a586-d8102fbfbe99"),
    "Biomarker.type clinical": EXAMPLE_CALLS["list_biomarkers"],
    "Biomarker.type genetic": call("GET", "/biomarkers/201"),
    "ClinicalResult.status planned": _RESULTS,
    "ClinicalResult.status received": call("GET", f"/appointments/{OLD_DRAW}/results"),
    "ClinicalResult.status corrected": _drawn(
        barcode="9990175218",
        after=(happen("lab.corrected", appointment_id=_CONFIRMED, values={"87": 2.5}),),
    ),
    "ClinicalResult.value_operator eq": call("GET", f"/appointments/{OLD_DRAW}/results"),
    "ClinicalResult.value_operator lt": _UNMEASURABLE,
    "ClinicalResult.value_operator gt": _UNMEASURABLE,
    "GeneticResult.status planned": lines(_GENETICS, _RESULTS),
    "GeneticResult.status received": _drawn(_GENETICS, barcode="9990175218"),
    "GeneticResult.status corrected": _drawn(
        _GENETICS,
        barcode="4130075218",
        after=(
            happen("lab.results_arrived", appointment_id=_CONFIRMED, values={"201": "ε3/ε3"}),
            happen("lab.corrected", appointment_id=_CONFIRMED, values={"201": "ε3/ε4"}),
        ),
    ),
    "GeneticResult.clinical_significance pathogenic": _PATHOGENIC,
    "GeneticResult.clinical_significance benign": _genotype(214, "reference/reference"),
    "GeneticResult.clinical_significance high_risk": _genotype(201, "ε4/ε4"),
    "GeneticResult.clinical_significance moderate_risk": _genotype(201, "ε3/ε4"),
    "GeneticResult.clinical_significance low_risk": _genotype(202, "C/T"),
    "GeneticResult.clinical_significance protective": _genotype(201, "ε2/ε3"),
    "GeneticResult.clinical_significance neutral": _genotype(201, "ε3/ε3"),
    "Variant.clinical_significance pathogenic": _PATHOGENIC,
    "Variant.clinical_significance moderate_risk": _genotype(201, "ε3/ε4"),
    "Variant.clinical_significance low_risk": _genotype(202, "C/T"),
    "Variant.clinical_significance protective": _genotype(201, "ε2/ε3"),
    "Variant.clinical_significance neutral": _genotype(216, "G/A"),
    "Profile.sex 1": _PROFILES,
    "Profile.sex 2": _PROFILES,
    "Profile.language en": _PROFILES,
    "Profile.language de": _PROFILES,
    "Profile.language fi": _PROFILES,
    "Results.status in_progress": _RESULTS,
    "Results.status completed": call("GET", f"/appointments/{OLD_DRAW}/results"),
    **{f"Shipment.status {state}": call("GET", f"/shipments/{id}") for state, id in SHIPMENTS.items()},
    "Shipment.logistics_provider go": EXAMPLE_CALLS["get_shipment"],
    "Shipment.logistics_provider dhl": call("GET", f"/shipments/{SHIPMENTS['delivered']}"),
    "Shipment.logistics_provider tof": call("GET", f"/shipments/{SHIPMENTS['fault']}"),
    "Unit.unit_type physical": EXAMPLE_CALLS["list_units"],
    "Unit.unit_type discrete": EXAMPLE_CALLS["list_units"],
}
"""Items of the axis ``words``."""

_NO_GENOTYPE: Final = "no genotype in the catalogue has this significance"
_NO_VARIANT: Final = "no variant in the catalogue has this significance"
NO_WORDS: Final = {
    f"GeneticResult.clinical_significance {word}": _NO_GENOTYPE
    for word in ("likely_pathogenic", "uncertain_significance", "likely_benign")
} | {
    f"Variant.clinical_significance {word}": _NO_VARIANT
    for word in ("likely_pathogenic", "uncertain_significance", "likely_benign", "benign", "high_risk")
}
"""Items of the same axis that nothing shows, with the reason."""
