"""The lab orders behind the draws: where they go, and when their results arrive. Source: the Appointments page and the
partner documentation's pages of the results."""

from collections.abc import Container, Iterable, Iterator, Mapping
from datetime import UTC, date, datetime, timedelta
from typing import Final

from aniva_sandbox.api.appointments.records import Appointment
from aniva_sandbox.api.locations.records import zone_of
from aniva_sandbox.api.profiles.records import Profile
from aniva_sandbox.api.world import World
from aniva_sandbox.engine.contract.rules import Rule
from aniva_sandbox.engine.world.agenda import Event
from aniva_sandbox.laboratory.biology import Blood, IncomputableError, Visit
from aniva_sandbox.laboratory.catalogue import Catalogue
from aniva_sandbox.laboratory.checking import check_values
from aniva_sandbox.laboratory.formulas import FORMULAS, inputs_of
from aniva_sandbox.laboratory.magic import MAGIC, choose_values, find_magic, free_values
from aniva_sandbox.laboratory.orders import LabOrder, Patient, Submission

__all__ = [
    "RESULTS_ARRIVAL",
    "RESULTS_ARRIVAL_CANCELLED",
    "RESULTS_ARRIVAL_SUBMISSIONS",
    "RESULTS_LAB_FAILURE",
    "RESULTS_LAB_FAILURE_RESULTS",
    "RULES",
    "age_at_draw",
    "blood_of",
    "following_results",
    "local_day",
    "patient_of",
    "place_order",
    "plan_all",
    "plan_results",
    "steps",
    "submissions_of",
]

RESULTS_ARRIVAL = Rule(
    id="results.arrival",
    sentence="Results arrive in parts after the draw; when all results of a submission have arrived, its report "
    "follows.",
    basis="documented",
    source="Appointments page",
)
RESULTS_ARRIVAL_DELAYS = RESULTS_ARRIVAL.clause(
    "delays",
    "How long results take is a setting of the world; by default, genetic results arrive last.",
    pervasive="No page names a delay, so every time of arrival is the sandbox's.",
)
RESULTS_ARRIVAL_SUBMISSIONS = RESULTS_ARRIVAL.clause(
    "submissions", "Each laboratory gets one submission of its clinical biomarkers, and one of its genetic ones."
)
RESULTS_ARRIVAL_CANCELLED = RESULTS_ARRIVAL.clause(
    "cancelled", "If operations cancel the appointment after the draw, no more results arrive."
)
RESULTS_LAB_FAILURE = Rule(
    id="results.lab-failure",
    sentence="A wrong barcode makes the lab order fail.",
    basis="documented",
    source="partner documentation, page Confirm Blood Draw",
)
RESULTS_LAB_FAILURE_RESULTS = RESULTS_LAB_FAILURE.clause(
    "results", "Every biomarker of a failed lab order stays planned, and the status stays in_progress."
)
RESULTS_LAB_FAILURE_BARCODE = RESULTS_LAB_FAILURE.clause(
    "barcode",
    f"A barcode is wrong only if it begins with {next(magic.prefix for magic in MAGIC if magic.effect == 'failed')}.",
    pervasive="Every other barcode that is well-formed is right.",
)
CONFIRM_MAGIC = Rule(
    id="confirm.magic",
    sentence="A barcode that begins with a magic prefix decides what the laboratory finds, and when.",
    basis="sandbox",
    source="GET /_sandbox/magic",
)
RULES = (
    RESULTS_ARRIVAL,
    RESULTS_ARRIVAL_DELAYS,
    RESULTS_ARRIVAL_SUBMISSIONS,
    RESULTS_ARRIVAL_CANCELLED,
    RESULTS_LAB_FAILURE,
    RESULTS_LAB_FAILURE_RESULTS,
    RESULTS_LAB_FAILURE_BARCODE,
    CONFIRM_MAGIC,
)

# Where it goes


def _route(world: World, appointment: Appointment) -> tuple[Submission, ...]:
    """What each laboratory gets, clinical and genetic apart; every biomarker goes to one laboratory, however often it
    is ordered.

    Single biomarkers go to the laboratory of their container. Biomarkers of panels go to the location's laboratory, or
    to another one that sells them.
    """
    catalogue = world.catalogue
    places: dict[int, str] = {}
    for panel_id, ids in appointment.snapshot.items():
        for id in ids:
            places.setdefault(id, catalogue.panels[panel_id].laboratory or "")  # every container has one
    wanted = sorted({id for panel_id in appointment.panels for id in catalogue.panels[panel_id].biomarker_ids})
    nearest = _by_nearness(world, appointment, wanted)
    for id in wanted:
        selling = (slug for slug in nearest if id in catalogue.laboratories[slug].sellers)
        places.setdefault(id, next(selling, nearest[0]))
    groups: dict[tuple[str, str], list[int]] = {}
    for id, place in sorted(places.items()):
        groups.setdefault((place, catalogue.biomarkers[id].type), []).append(id)
    return tuple(
        Submission(place, "genetic" if kind == "genetic" else "clinical", tuple(ids))
        for (place, kind), ids in sorted(groups.items())
    )


def submissions_of(world: World, appointment: Appointment) -> tuple[Submission, ...]:
    """The submissions that were sent to the laboratories or, before the draw, those that would be sent now."""
    order = world.orders.get(appointment.id)
    return order.submissions if order else _route(world, appointment)


def _by_nearness(world: World, appointment: Appointment, wanted: list[int]) -> list[str]:
    """The laboratories, the location's first; without a location, those that sell most of it first."""
    laboratories = world.catalogue.laboratories
    own = world.locations[appointment.location_id].laboratory if appointment.location_id else None
    return sorted(
        laboratories, key=lambda slug: (slug != own, -sum(id in laboratories[slug].sellers for id in wanted), slug)
    )


def place_order(world: World, appointment: Appointment, barcode: str, at: datetime) -> LabOrder:
    """Send what was ordered to the laboratories, and freeze it together with the patient's data."""
    order = LabOrder(
        id=appointment.id,
        barcode=barcode,
        placed_at=at,
        drawn_on=local_day(world, appointment, at),
        patient=patient_of(world.profiles[appointment.profile_id]),
        submissions=_route(world, appointment),
    )
    world.orders.add(order)
    return order


def local_day(world: World, appointment: Appointment, instant: datetime) -> date:
    """The date where the blood is drawn; in UTC for a home kit."""
    location_id = appointment.location_id
    return instant.astimezone(zone_of(world.locations[location_id]) if location_id else UTC).date()


def patient_of(profile: Profile) -> Patient:
    """A profile as the laboratory sees it."""
    return Patient(
        profile_id=profile.id,
        first_name=profile.first_name,
        last_name=profile.last_name,
        sex=1 if profile.sex == 1 else 2,
        date_of_birth=profile.date_of_birth,
        language=profile.language,
    )


# What it finds


def blood_of(
    world: World, order: LabOrder, given: Mapping[int, float | str] | None = None, *, ignoring: Container[int] = ()
) -> Blood:
    """What is in the blood of a draw. What has arrived stays, except ``ignoring``; the given values (by biomarker)
    replace what would be found."""
    biomarkers = world.catalogue.biomarkers
    fixed: dict[str, float | str] = {}
    for id, result in order.results.items():
        found = result.genotype if result.exact is None else result.exact
        if found is not None and id not in ignoring:
            fixed[biomarkers[id].slug] = found
    fixed |= {biomarkers[id].slug: value for id, value in (given or {}).items()}
    patient = order.patient
    visit = Visit(
        seed=world.ids.seed,
        person=patient.profile_id,
        visit=order.id,
        sex=patient.sex,
        age=age_at_draw(order),
        normal=find_magic(order.barcode) == "normal",
    )
    return Blood(world.catalogue, visit, fixed)


def following_results(catalogue: Catalogue, order: LabOrder, changing: Iterable[int]) -> list[int]:
    """The results that have arrived and are computed from the changing ones, except those chosen while an input was not
    even ordered."""
    slugs = {id: catalogue.biomarkers[id].slug for id in order.biomarker_ids}
    changed, ordered = {slugs[id] for id in changing}, set(slugs.values())
    return [
        id
        for id, result in order.results.items()
        if slugs[id] not in changed
        and not changed.isdisjoint(inputs_of(slugs[id]))
        and not (result.chosen and inputs_of(slugs[id], ordered) - ordered - FORMULAS.keys())
    ]


def age_at_draw(order: LabOrder) -> int:
    """The age of the patient in years."""
    born, drawn = order.patient.date_of_birth, order.drawn_on
    return max(drawn.year - born.year - ((drawn.month, drawn.day) < (born.month, born.day)), 0)


# When it comes

CORRECTED_AFTER: Final = timedelta(hours=24)


def plan_all(world: World) -> None:
    """Plan in the agenda what the laboratories will do with every order."""
    for order in world.orders:
        plan_results(world, order)


def plan_results(world: World, order: LabOrder) -> None:
    """Plan in the agenda what the laboratory will do with an order from now on, replacing what was planned."""
    world.agenda.drop(order.id, automatic_only=True)
    if world.settings.lab_automation or find_magic(order.barcode) is not None:
        for due, event in steps(world, order):
            world.agenda.add(max(due, world.now), event)


def steps(world: World, order: LabOrder) -> list[tuple[datetime, Event]]:
    """What the laboratory still does with an order by itself, and when; soonest first."""
    if order.failed or world.appointments[order.id].status == "cancelled":
        return []
    effect, outstanding = find_magic(order.barcode), order.outstanding
    if effect == "partial":
        half = order.biomarker_ids[: (len(order.biomarker_ids) + 1) // 2]
        outstanding = [id for id in half if id in outstanding]
    if not outstanding:
        return list(_correction(world, order)) if effect == "corrected" else []
    if effect is None:
        return sorted(_parts(world, order), key=lambda step: step[0])
    if effect == "failed":
        return [(order.placed_at, Event("lab.order_failed", order.id, automatic=True))]
    chosen = choose_values(world.catalogue, order, effect, lambda given: _is_possible(world, order, given))
    return [(order.placed_at, _arrival(order, outstanding, chosen))]


def _is_possible(world: World, order: LabOrder, given: Mapping[int, float | str]) -> bool:
    """Whether everything that was ordered can be computed with these values, and is plausible."""
    catalogue = world.catalogue
    blood = blood_of(world, order, given, ignoring=following_results(catalogue, order, given))
    slugs = [catalogue.biomarkers[id].slug for id in order.biomarker_ids]
    try:
        values = {slug: blood.value(slug) for slug in slugs if slug in catalogue.measurements}
    except IncomputableError:
        return False
    return not any(check_values(catalogue, values, set(slugs), order.patient.sex, age_at_draw(order)))


def _parts(world: World, order: LabOrder) -> Iterator[tuple[datetime, Event]]:
    catalogue, settings = world.catalogue, world.settings
    for submission in order.submissions:
        hours: dict[int, list[int]] = {}
        for id in submission.biomarker_ids:
            if submission.kind == "genetic":
                delay = settings.lab_genetic_hours
            elif catalogue.measurements[catalogue.biomarkers[id].slug].slow:
                delay = settings.lab_slow_hours
            else:
                delay = settings.lab_quick_hours
            if id not in order.results:
                hours.setdefault(delay, []).append(id)
        for delay, ids in sorted(hours.items()):
            yield order.placed_at + timedelta(hours=delay), _arrival(order, ids)


def _arrival(order: LabOrder, ids: Iterable[int], values: Mapping[int, float | str] | None = None) -> Event:
    details: dict[str, object] = {"biomarker_ids": list(ids)}
    if values:
        details["values"] = {str(id): value for id, value in values.items()}
    return Event("lab.results_arrived", order.id, details, automatic=True)


def _correction(world: World, order: LabOrder) -> Iterator[tuple[datetime, Event]]:
    """The correction of one value by an eighth, unless one was already corrected."""
    if any(result.status == "corrected" for result in order.results.values()):
        return
    for id, measurement in free_values(world.catalogue, order):
        result = order.results[id]
        if result.value and result.operator == "eq":
            value = round(result.value * 1.125, measurement.decimals)
            if value != result.value and value in measurement.limits and _is_possible(world, order, {id: value}):
                details = {"values": {str(id): value}, "comment": "Corrected after review."}
                yield order.placed_at + CORRECTED_AFTER, Event("lab.corrected", order.id, details, automatic=True)
                return
