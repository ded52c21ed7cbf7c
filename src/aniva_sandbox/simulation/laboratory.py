"""What the laboratories do: results arrive, a reviewer corrects one, an order fails, a report is issued."""

from collections.abc import Container, Iterable, Mapping
from datetime import UTC, datetime
from math import isfinite
from typing import Any

import msgspec

from aniva_sandbox.laboratory.biology import Blood, IncomputableError
from aniva_sandbox.laboratory.checking import check_values
from aniva_sandbox.laboratory.formulas import FORMULAS
from aniva_sandbox.resources.orders import age_at_draw, blood_of, place_order, plan_results, steps
from aniva_sandbox.simulation.rules import EVENT_STATE, EVENT_VALUES
from aniva_sandbox.world.catalogue import Catalogue
from aniva_sandbox.world.measurements import Range
from aniva_sandbox.world.orders import Document, LabOrder, Operator, Result, Submission
from aniva_sandbox.world.tables import Appointment
from aniva_sandbox.world.world import World
from aniva_sandbox.world.zones import zone_of

__all__ = ["bring_results", "catch_up", "correct_results", "fail_order"]

_Values = dict[int, float | str]


def bring_results(world: World, appointment: Appointment, details: Mapping[str, Any]) -> dict[str, Any]:
    """Let results arrive: all that are outstanding, or some (``biomarker_ids``, and those of ``values``)."""
    order = _require_order(world, appointment)
    ids = _arrive(world, order, details, world.now)
    plan_results(world, order)
    return {"biomarker_ids": ids}


def correct_results(world: World, appointment: Appointment, details: Mapping[str, Any]) -> dict[str, Any]:
    """Let a reviewer correct results that have arrived; what is computed from them is corrected, too."""
    order = _require_order(world, appointment)
    ids = _correct(world, order, details, world.now)
    plan_results(world, order)
    return {"biomarker_ids": ids}


def fail_order(world: World, appointment: Appointment, _details: Mapping[str, Any]) -> dict[str, Any]:
    """Let the lab order fail, so that nothing arrives any more."""
    order = _require_order(world, appointment)
    if order.results:
        EVENT_STATE.refuse("Results have arrived; a lab order fails before that")
    if not order.submissions:
        EVENT_STATE.refuse("Nothing was ordered")
    order.failed = True
    plan_results(world, order)
    return {}


def catch_up(world: World) -> None:
    """Send the orders of the draws that a world starts with, and let everything arrive that is due by now."""
    for appointment in world.appointments:
        if appointment.status == "blood_drawn" and appointment.barcode is not None:
            drawn_at = appointment.updated_at or appointment.scheduled_at or appointment.created_at
            order = place_order(world, appointment, appointment.barcode, min(drawn_at, world.now))
            while (waiting := steps(world, order)) and waiting[0][0] <= world.now:
                due, event = waiting[0]
                _BY_THEMSELVES[event.type](world, order, event.details, due)
            plan_results(world, order)


# Arrivals and corrections


def _arrive(world: World, order: LabOrder, details: Mapping[str, Any], at: datetime) -> list[int]:
    outstanding = order.outstanding
    if not outstanding:
        EVENT_STATE.refuse("All results have arrived")
    given = _read_values(world.catalogue, order, details.get("values", {}))
    named = [*details.get("biomarker_ids", ()), *given]
    _require_ordered(order, world.catalogue, named)
    for id in named:
        if id in order.results:
            EVENT_STATE.refuse(f"{_name(world.catalogue, id)} has arrived; lab.corrected changes it")
    ids = sorted(set(named)) or outstanding
    _require_inputs(world, order, given)

    blood = blood_of(world, order, given)
    found = _find(world, order, blood, ids, at)
    if details.get("comment"):
        found |= {id: msgspec.structs.replace(found[id], comment=details["comment"]) for id in given or ids}
    if given:
        _require_harmony(world, order, blood, order.results | found, at)

    order.results = order.results | found
    for submission in order.submissions:
        if order.results.keys() >= set(submission.biomarker_ids) and not found.keys().isdisjoint(
            submission.biomarker_ids
        ):
            _issue(world, order, submission, at, corrected=False)
    return ids


def _correct(world: World, order: LabOrder, details: Mapping[str, Any], at: datetime) -> list[int]:
    given = _read_values(world.catalogue, order, details["values"])
    if not given:
        EVENT_VALUES.refuse("values: must name what is corrected")
    for id, value in given.items():
        result = order.results.get(id)
        if result is None:
            EVENT_STATE.refuse(f"{_name(world.catalogue, id)} has not arrived; lab.results_arrived brings it")
        if value in (result.value, result.genotype):
            EVENT_VALUES.refuse(f"values: {_name(world.catalogue, id)} is {value} already")
    changing = {world.catalogue.biomarkers[id].slug for id in given}
    following = [
        id
        for id in order.results
        if id not in given and not changing.isdisjoint(_inputs(world.catalogue.biomarkers[id].slug))
    ]
    blood = blood_of(world, order, given, but=following)
    found = _find(world, order, blood, (*given, *following), at)
    changed = {
        id: msgspec.structs.replace(
            result,
            status="corrected",
            tested_on=order.results[id].tested_on,
            comment=details.get("comment", result.comment) if id in given else order.results[id].comment,
        )
        for id, result in sorted(found.items())
        if id in given or result.value != order.results[id].value
    }
    _require_harmony(world, order, blood, order.results | changed, at)

    order.results = order.results | changed
    for submission in order.submissions:
        if order.results.keys() >= set(submission.biomarker_ids) and not changed.keys().isdisjoint(
            submission.biomarker_ids
        ):
            _issue(world, order, submission, at, corrected=True)
    return sorted(changed)


def _fail(_world: World, order: LabOrder, _details: Mapping[str, Any], _at: datetime) -> list[int]:
    order.failed = True
    return []


_BY_THEMSELVES = {"lab.results_arrived": _arrive, "lab.corrected": _correct, "lab.order_failed": _fail}
"""What happens to an order without anybody asking."""


def _find(world: World, order: LabOrder, blood: Blood, ids: Iterable[int], at: datetime) -> dict[int, Result]:
    """What the laboratories report of these biomarkers."""
    catalogue = world.catalogue
    location_id = world.appointments[order.id].location_id
    tested_on = at.astimezone(zone_of(world.locations[location_id]) if location_id else UTC).date()
    places = {id: each.laboratory for each in order.submissions for id in each.biomarker_ids}
    found = {}
    for id in ids:
        slug = catalogue.biomarkers[id].slug
        if slug in catalogue.genes:
            found[id] = Result("received", tested_on, genotype=blood.genotype(slug))
        else:
            limits = catalogue.laboratories[places[id]].methods[id].limits
            try:
                found[id] = Result("received", tested_on, *_measured(blood.value(slug), limits))
            except IncomputableError as error:
                EVENT_VALUES.refuse(f"values: {catalogue.slugs[error.slug].name} cannot be computed from them")
    return found


def _measured(value: float, limits: Range) -> tuple[float, Operator]:
    """A value as it is reported: beyond what can be measured, the limit."""
    if limits.low is not None and value < limits.low:
        return limits.low, "lt"
    if limits.high is not None and value > limits.high:
        return limits.high, "gt"
    return value, "eq"


def _issue(world: World, order: LabOrder, submission: Submission, at: datetime, *, corrected: bool) -> None:
    """Issue the report of a submission; an earlier one stays as it is."""
    name = f"{submission.laboratory}-{submission.kind}-{at:%Y-%m-%d}{'-corrected' if corrected else ''}.pdf"
    document = Document(
        id=world.ids.next_uuid("document"),
        appointment_id=order.id,
        submission=submission,
        patient=order.patient,
        file_name=name,
        issued_at=at,
        corrected=corrected,
        results={id: order.results[id] for id in submission.biomarker_ids},
    )
    world.documents.add(document)
    order.document_ids = [*order.document_ids, document.id]


# What is refused


def _require_order(world: World, appointment: Appointment) -> LabOrder:
    order = world.orders.get(appointment.id)
    if order is None:
        EVENT_STATE.refuse(f"The appointment is {appointment.status}; nothing was sent to a laboratory")
    if appointment.status == "cancelled":
        EVENT_STATE.refuse("The appointment is cancelled")
    if order.failed:
        EVENT_STATE.refuse("The lab order has failed")
    return order


def _require_ordered(order: LabOrder, catalogue: Catalogue, ids: Iterable[int]) -> None:
    ordered = set(order.biomarker_ids)
    for id in ids:
        if id not in ordered:
            EVENT_VALUES.refuse(f"{_name(catalogue, id)} was not ordered")


def _read_values(catalogue: Catalogue, order: LabOrder, values: Mapping[str, Any]) -> _Values:
    """The given values by biomarker, rounded as the laboratory does; refused where a biomarker cannot have such."""
    read: _Values = {}
    for text, value in values.items():
        id = int(text)
        _require_ordered(order, catalogue, [id])
        biomarker = catalogue.biomarkers[id]
        if biomarker.slug in catalogue.genes:
            genotypes = catalogue.genes[biomarker.slug].genotypes
            if value not in genotypes:
                EVENT_VALUES.refuse(f"values: {biomarker.name} must be one of {', '.join(genotypes)}")
            read[id] = str(value)
        else:
            measurement = catalogue.measurements[biomarker.slug]
            if isinstance(value, str) or not isfinite(value) or value < 0:
                EVENT_VALUES.refuse(f"values: {biomarker.name} must be a number from 0 on")
            if measurement.positive is not None and value not in (0, 1):
                EVENT_VALUES.refuse(f"values: {biomarker.name} must be 0 or 1")
            read[id] = round(float(value), measurement.decimals)
    return read


def _require_inputs(world: World, order: LabOrder, given: _Values) -> None:
    """A computed value can be chosen only where nothing that it is computed from is still to be found."""
    slugs = {id: world.catalogue.biomarkers[id].slug for id in order.biomarker_ids}
    free = {slugs[id] for id in order.outstanding if id not in given}
    for id in given:
        open_inputs = _inputs(slugs[id], set(slugs.values())) & free
        if open_inputs:
            names = " and ".join(sorted(world.catalogue.slugs[slug].name for slug in open_inputs))
            EVENT_VALUES.refuse(f"values: {_name(world.catalogue, id)} is computed; choose {names} instead, or as well")


def _require_harmony(world: World, order: LabOrder, blood: Blood, results: Mapping[int, Result], at: datetime) -> None:
    """Results that contradict one another, or what is still to be found, are impossible."""
    outstanding = [id for id in order.biomarker_ids if id not in results]
    results = {**results, **_find(world, order, blood, outstanding, at)}
    slugs = {id: world.catalogue.biomarkers[id].slug for id in results}
    values = {
        slugs[id]: result.value
        for id, result in results.items()
        if result.value is not None and result.operator == "eq"
    }
    age = age_at_draw(order)
    found = check_values(world.catalogue, values, set(slugs.values()), order.patient.sex, age)
    faults = [f"{world.catalogue.slugs[slug].name} {message}" for slug, message in found]
    faults += [f"{world.catalogue.slugs[slug].name} would be negative" for slug, value in values.items() if value < 0]
    if faults:
        EVENT_VALUES.refuse(f"values: {'; '.join(faults)}")


def _inputs(slug: str, ordered: Container[str] = ()) -> set[str]:
    """What a value is computed from, at any depth; not beyond what was ordered itself."""
    formula = FORMULAS.get(slug)
    found: set[str] = set()
    for each in formula.inputs if formula else ():
        found |= {each} if each in ordered else {each} | _inputs(each, ordered)
    return found


def _name(catalogue: Catalogue, id: int) -> str:
    biomarker = catalogue.biomarkers.get(id)
    return f"{biomarker.name} ({id})" if biomarker else f"biomarker {id}"
