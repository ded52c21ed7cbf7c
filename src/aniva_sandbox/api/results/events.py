"""Events of the laboratories: results arrive or are corrected, lab orders fail, reports are issued."""

from collections.abc import Iterable, Mapping
from datetime import datetime
from typing import Annotated, Any, Final

import msgspec
from msgspec import UNSET, UnsetType

from aniva_sandbox.api.appointments.records import Appointment
from aniva_sandbox.api.catalogue.wire import BiomarkerId
from aniva_sandbox.api.results.orders import (
    age_at_draw,
    blood_of,
    following_results,
    local_day,
    place_order,
    plan_all,
    plan_results,
    steps,
)
from aniva_sandbox.api.results.rules import EVENT_VALUES
from aniva_sandbox.api.wire import Uuid
from aniva_sandbox.api.world import World
from aniva_sandbox.engine.contract.schemas import field
from aniva_sandbox.engine.texts import listed
from aniva_sandbox.engine.world.event_types import EventType
from aniva_sandbox.engine.world.events import EVENT_STATE
from aniva_sandbox.laboratory.biology import Blood, IncomputableError
from aniva_sandbox.laboratory.catalogue import Catalogue
from aniva_sandbox.laboratory.checking import check_values
from aniva_sandbox.laboratory.formulas import FORMULAS, inputs_of
from aniva_sandbox.laboratory.orders import Document, LabOrder, Operator, Result, Submission
from aniva_sandbox.laboratory.values import COMMENT_LENGTH

__all__ = ["EVENTS", "bring_results", "catch_up", "correct_results", "fail_order", "find_results"]

BiomarkerKey = Annotated[
    str, field(pattern="^(0|[1-9][0-9]{0,8})$", extra={"x-hint": "must have biomarker ids as keys"})
]
Values = Annotated[
    dict[BiomarkerKey, float | str],
    field(
        "Values or genotypes by biomarker id, in the biomarker's unit, rounded as the laboratory reports them.",
        examples=[{"60": 4.2}],
    ),
]
Comment = Annotated[str, field("The laboratory's remark.", min_length=1, max_length=COMMENT_LENGTH)]


class ArrivalDetails(msgspec.Struct, frozen=True):
    """The results that arrive."""

    biomarker_ids: (
        Annotated[
            list[BiomarkerId],
            field("The biomarkers whose results arrive; all outstanding ones by default.", min_length=1),
        ]
        | UnsetType
    ) = UNSET
    values: Values | UnsetType = UNSET
    comment: Comment | UnsetType = UNSET


class CorrectionDetails(msgspec.Struct, frozen=True):
    """The results to correct."""

    values: Values
    comment: Comment | UnsetType = UNSET


class ResultsOutcome(msgspec.Struct, frozen=True):
    """The results that arrived or were corrected."""

    biomarker_ids: Annotated[list[BiomarkerId], field("The biomarkers whose results arrived or were corrected.")]


_Values = dict[int, float | str]
_MOST: Final = 10_000_000
"""The upper bound of values, in any unit."""


def bring_results(world: World, appointment: Appointment, details: Mapping[str, Any]) -> dict[str, Any]:
    """Let results arrive: all outstanding ones, or those of ``biomarker_ids`` and ``values``."""
    order = _require_order(world, appointment)
    ids = _arrive(world, order, details, world.now)
    plan_results(world, order)
    return {"biomarker_ids": ids}


def correct_results(world: World, appointment: Appointment, details: Mapping[str, Any]) -> dict[str, Any]:
    """Correct results that have arrived, and the results that are computed from them."""
    order = _require_order(world, appointment)
    ids = _correct(world, order, details, world.now)
    plan_results(world, order)
    return {"biomarker_ids": ids}


def fail_order(world: World, appointment: Appointment, _details: Mapping[str, Any]) -> dict[str, Any]:
    """Let the lab order fail, so that no results arrive."""
    order = _require_order(world, appointment)
    if order.results:
        EVENT_STATE.refuse("Results have arrived; a lab order can fail only before that")
    if not order.submissions:
        EVENT_STATE.refuse("Nothing was ordered")
    order.failed = True
    plan_results(world, order)
    return {}


def catch_up(world: World) -> None:
    """Place the lab orders of draws that a world starts with, unless they exist, and let all results arrive that are
    due by now."""
    for appointment in world.appointments:
        drawn = appointment.status == "blood_drawn" and appointment.id not in world.orders
        if drawn and appointment.barcode is not None:
            drawn_at = appointment.updated_at or appointment.scheduled_at or appointment.created_at
            order = place_order(world, appointment, appointment.barcode, min(drawn_at, world.now))
            while waiting := [step for step in steps(world, order) if step[0] <= world.now]:
                for due, event in waiting:
                    _AUTOMATIC[event.type](world, order, event.details, due)
    plan_all(world)


def find_results(world: World, order: LabOrder, ids: Iterable[int], at: datetime) -> dict[int, Result]:
    """What the laboratories find for outstanding biomarkers of an order, if the results arrive at an instant."""
    return _find(world, order, blood_of(world, order), ids, at)


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
            EVENT_STATE.refuse(f"{_name(world.catalogue, id)} has arrived; use lab.corrected to change it")
    ids = sorted(set(named)) or outstanding
    if given:
        _require_inputs(world, order, given)

    blood = blood_of(world, order, given)
    found = _find(world, order, blood, ids, at)
    comment = details.get("comment")
    for id in given or (ids if comment else ()):
        found[id] = msgspec.structs.replace(found[id], comment=comment or found[id].comment, chosen=id in given)
    if given:
        _require_consistent(world, order, blood, order.results | found, at)

    _keep(world, order, found, ids, at, corrected=False)
    return ids


def _correct(world: World, order: LabOrder, details: Mapping[str, Any], at: datetime) -> list[int]:
    given = _read_values(world.catalogue, order, details["values"])
    if not given:
        EVENT_VALUES.refuse("values: must not be empty")
    for id in given:
        if id not in order.results:
            EVENT_STATE.refuse(f"{_name(world.catalogue, id)} has not arrived; use lab.results_arrived first")
    following = following_results(world.catalogue, order, given)
    blood = blood_of(world, order, given, ignoring=following)
    found = _find(world, order, blood, sorted([*given, *following]), at)
    changed = []
    for id, result in found.items():
        before = order.results[id]
        if (result.value, result.operator, result.genotype) != (before.value, before.operator, before.genotype):
            changed.append(id)
            comment = details.get("comment") if id in given else result.comment
            found[id] = msgspec.structs.replace(
                result,
                status="corrected",
                tested_on=before.tested_on,
                comment=comment or before.comment,
                chosen=before.chosen or id in given,
            )
        elif id in given:
            EVENT_VALUES.refuse(f"values: the reported value of {_name(world.catalogue, id)} would not change")
        else:
            found[id] = msgspec.structs.replace(before, exact=result.exact)
    _require_consistent(world, order, blood, order.results | found, at)

    _keep(world, order, found, changed, at, corrected=True)
    return changed


def _keep(
    world: World, order: LabOrder, found: Mapping[int, Result], changed: list[int], at: datetime, *, corrected: bool
) -> None:
    """Store results, and issue reports of the submissions that are complete and changed."""
    order.results = {**order.results, **found}
    for submission in order.submissions:
        ids = set(submission.biomarker_ids)
        if order.results.keys() >= ids and not ids.isdisjoint(changed):
            _issue(world, order, submission, at, corrected=corrected)


def _fail(_world: World, order: LabOrder, _details: Mapping[str, Any], _at: datetime) -> list[int]:
    order.failed = True
    return []


_AUTOMATIC = {"lab.results_arrived": _arrive, "lab.corrected": _correct, "lab.order_failed": _fail}
"""The automatic events of lab orders, by type."""


def _find(world: World, order: LabOrder, blood: Blood, ids: Iterable[int], at: datetime) -> dict[int, Result]:
    """The results of these biomarkers. Refuses chosen values from which others cannot be computed."""
    catalogue = world.catalogue
    tested_on = local_day(world, world.appointments[order.id], at)
    places = {id: each.laboratory for each in order.submissions for id in each.biomarker_ids}
    found = {}
    try:
        for id in ids:
            slug = catalogue.biomarkers[id].slug
            if slug in catalogue.genes:
                found[id] = Result("received", tested_on, genotype=blood.genotype(slug))
            elif hidden := _hidden_inputs(catalogue, blood, slug, places[id]):
                comment = f"Not calculated: {' and '.join(hidden)} cannot be measured."
                found[id] = Result("received", tested_on, comment=comment)
            else:
                found[id] = Result(
                    "received", tested_on, *_measured(catalogue, blood, slug, places[id]), exact=blood.value(slug)
                )
    except IncomputableError as error:
        EVENT_VALUES.refuse(f"values: {catalogue.slugs[error.slug].name} cannot be computed from them")
    return found


def _hidden_inputs(catalogue: Catalogue, blood: Blood, slug: str, laboratory: str) -> list[str]:
    """The names of a ratio's inputs that cannot be measured."""
    formula = FORMULAS.get(slug)
    return [
        catalogue.slugs[each].name
        for each in (formula.inputs if formula and formula.ratio else ())
        if _measured(catalogue, blood, each, laboratory)[1] != "eq"
    ]


def _measured(catalogue: Catalogue, blood: Blood, slug: str, laboratory: str) -> tuple[float, Operator]:
    """A value as reported: the limit, if it is outside the measurable range."""
    value, limits = blood.value(slug), catalogue.laboratories[laboratory].methods[catalogue.slugs[slug].id].limits
    if limits.low is not None and value < limits.low:
        return limits.low, "lt"
    if limits.high is not None and value > limits.high:
        return limits.high, "gt"
    return value, "eq"


def _issue(world: World, order: LabOrder, submission: Submission, at: datetime, *, corrected: bool) -> None:
    """Issue the report of a submission; earlier reports are kept."""
    earlier = [world.documents[id] for id in order.document_ids]
    number = sum(each.submission == submission for each in earlier)
    ending = "" if number == 0 else "-corrected" if number == 1 else f"-corrected-{number}"
    day = local_day(world, world.appointments[order.id], at)
    name = f"{submission.laboratory}-{submission.kind}-{day}{ending}.pdf"
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


def _plan_results(catalogue: Catalogue, details: dict[str, Any]) -> dict[str, Any]:
    """Refuse results that no order can have: of unknown biomarkers, or with impossible values."""
    values = details.get("values", {})
    ids = list(dict.fromkeys(details.get("biomarker_ids", ())))
    for id in (*map(int, values), *ids):
        if id not in catalogue.biomarkers:
            EVENT_VALUES.refuse(f"There is no {_name(catalogue, id)}")
    for text, value in values.items():
        _read_value(catalogue, int(text), value)
    return details | {"biomarker_ids": ids} if ids else details


def _require_order(world: World, appointment: Appointment) -> LabOrder:
    order = world.orders.get(appointment.id)
    if order is None:
        EVENT_STATE.refuse(f"The appointment is {appointment.status}; it has no lab order")
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
    """The given values by biomarker, rounded as the laboratory does; refused if a biomarker cannot have its value."""
    _require_ordered(order, catalogue, map(int, values))
    return {int(text): _read_value(catalogue, int(text), value) for text, value in values.items()}


def _read_value(catalogue: Catalogue, id: int, value: Any) -> float | str:
    """A given value of a biomarker, rounded as the laboratory does; refused if the biomarker cannot have it."""
    biomarker = catalogue.biomarkers[id]
    if biomarker.slug in catalogue.genes:
        genotypes = catalogue.genes[biomarker.slug].genotypes
        if value not in genotypes:
            EVENT_VALUES.refuse(f"values: {biomarker.name} must be one of {listed(genotypes)}")
        return str(value)
    measurement = catalogue.measurements[biomarker.slug]
    if isinstance(value, str) or not 0 <= value <= _MOST:
        EVENT_VALUES.refuse(f"values: {biomarker.name} must be a number from 0 to {_MOST:,}")
    if measurement.positive is not None and value not in (0, 1):
        EVENT_VALUES.refuse(f"values: {biomarker.name} must be 0 or 1")
    if measurement.steps and measurement.steps[0] <= value and value not in measurement.steps:
        EVENT_VALUES.refuse(f"values: {biomarker.name} must be one of {listed(measurement.steps)}")
    return round(float(value), measurement.decimals)


def _require_inputs(world: World, order: LabOrder, given: _Values) -> None:
    """A computed value can be chosen only if none of its inputs is outstanding."""
    slugs = {id: world.catalogue.biomarkers[id].slug for id in order.biomarker_ids}
    free = {slugs[id] for id in order.outstanding if id not in given}
    for id in given:
        open_inputs = inputs_of(slugs[id], set(slugs.values())) & free
        if open_inputs:
            names = " and ".join(sorted(world.catalogue.slugs[slug].name for slug in open_inputs))
            EVENT_VALUES.refuse(f"values: {_name(world.catalogue, id)} is computed; set {names} instead, or as well")


def _require_consistent(
    world: World, order: LabOrder, blood: Blood, results: Mapping[int, Result], at: datetime
) -> None:
    """Refuse results that contradict one another or the outstanding ones."""
    outstanding = [id for id in order.biomarker_ids if id not in results]
    results = {**results, **_find(world, order, blood, outstanding, at)}
    slugs = {id: world.catalogue.biomarkers[id].slug for id in results}
    values = {slugs[id]: result.exact for id, result in results.items() if result.exact is not None}
    age = age_at_draw(order)
    found = check_values(world.catalogue, values, set(slugs.values()), order.patient.sex, age)
    problems = [f"{world.catalogue.slugs[slug].name} {message}" for slug, message in found]
    if problems:
        EVENT_VALUES.refuse(f"values: {listed(problems, '; ')}")


def _name(catalogue: Catalogue, id: int) -> str:
    biomarker = catalogue.biomarkers.get(id)
    return f"{biomarker.name} ({id})" if biomarker else f"biomarker {id}"


EVENTS = {
    "lab.results_arrived": EventType(
        section="appointments",
        target="appointment_id",
        target_type=Uuid,
        details=ArrivalDetails,
        outcome=ResultsOutcome,
        happen=bring_results,
        plan=_plan_results,
        shown_by=("get_results",),
        refuses=(EVENT_VALUES,),
    ),
    "lab.corrected": EventType(
        section="appointments",
        target="appointment_id",
        target_type=Uuid,
        details=CorrectionDetails,
        outcome=ResultsOutcome,
        happen=correct_results,
        plan=_plan_results,
        shown_by=("get_results",),
        refuses=(EVENT_VALUES,),
    ),
    "lab.order_failed": EventType(
        section="appointments",
        target="appointment_id",
        target_type=Uuid,
        happen=fail_order,
        shown_by=("get_results",),
    ),
}
