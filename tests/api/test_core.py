"""The core under random use: any calls, by any persona, with any events, in any order."""

from collections.abc import Mapping
from datetime import timedelta
from typing import Any

import hypothesis.strategies as st
import pytest
from hypothesis import HealthCheck, settings
from hypothesis.stateful import Bundle, initialize, multiple, rule

from aniva_sandbox.api import partner
from aniva_sandbox.api.appointments import operations as appointments
from aniva_sandbox.api.appointments.draw import confirm_blood_draw
from aniva_sandbox.api.appointments.panels import add_panels, remove_panels
from aniva_sandbox.api.catalogue import operations as catalogue
from aniva_sandbox.api.links import operations as links
from aniva_sandbox.api.locations import operations as locations
from aniva_sandbox.api.profiles import operations as profiles
from aniva_sandbox.api.settings import Settings
from aniva_sandbox.api.shipments import operations as shipments
from aniva_sandbox.engine.contract.operations import Operation
from aniva_sandbox.engine.world.agenda import Event
from tests.api.core_steps import Happen, Outcome, Pass, Plan, Run, Send
from tests.api.core_truths import Watched
from tests.api.core_values import (
    KNOWN,
    LOCATIONS,
    barcodes,
    body_fields,
    courier_events,
    dates,
    emails,
    fields,
    further_orders,
    instant_text,
    location_ids,
    malformed_bodies,
    minutes,
    new_profiles,
    odd_ids,
    oddities,
    offsets,
    panel_ids,
    personas,
    pickup_days,
    pickup_times,
    profile_changes,
    spans,
    windows,
)
from tests.support import (
    PENDING_APPOINTMENT,
    RIVAL_APPOINTMENT,
    RIVAL_PROFILE,
    RIVAL_SHIPMENT,
    UNKNOWN,
    UNKNOWN_SHIPMENT,
)


class Core(Watched):
    """A world that is called at random, and everything that was done to it."""

    people = Bundle("people")
    bookings = Bundle("bookings")
    boxes = Bundle("boxes")

    @initialize(
        target=people,
        chosen=st.builds(
            Settings,
            taken_slots=st.sampled_from(("allow", "refuse")),
            courier_automation=st.booleans(),
            hourly_sync=st.booleans(),
        ),
        seed=st.integers(0, 3),
    )
    def begin(self, chosen: Settings, seed: int) -> Any:
        """Start a world, and know the profiles that it starts with."""
        self.start(chosen, seed)
        return multiple(*(profile.id for profile in self.world.profiles), RIVAL_PROFILE, UNKNOWN)

    @initialize(target=bookings)
    def know_appointments(self) -> Any:
        """Know the appointments that every world starts with."""
        return multiple(*(appointment.id for appointment in KNOWN.appointments), RIVAL_APPOINTMENT, UNKNOWN)

    @initialize(target=boxes)
    def know_shipments(self) -> Any:
        """Know the shipments that every world starts with."""
        return multiple(*(box.id for box in KNOWN.shipments), RIVAL_SHIPMENT, UNKNOWN_SHIPMENT)

    def call(
        self,
        operation: Operation[Any],
        id: str = "",
        body: Mapping[str, Any] | None = None,
        query: Mapping[str, Any] | None = None,
        *,
        persona: str,
        whole: bool,
    ) -> Outcome:
        """Call with a sound request: the operation alone, or the ``whole`` way through the pipeline."""
        if whole:
            return self.do(Send(operation, id, body, query or {}, persona))
        return self.do(Run(operation, id, body or {}, query or {}, persona))

    # Profiles

    @rule(target=people, body=new_profiles, persona=personas, whole=st.booleans())
    def create_profile(self, body: dict[str, Any], persona: str, whole: bool) -> Any:
        outcome = self.call(profiles.create_profile, body=body, persona=persona, whole=whole)
        return multiple() if outcome.rules else outcome.answer["id"]

    @rule(id=people, body=profile_changes, persona=personas, whole=st.booleans())
    def update_profile(self, id: str, body: dict[str, Any], persona: str, whole: bool) -> None:
        self.call(profiles.update_profile, id, body, persona=persona, whole=whole)

    @rule(id=people, persona=personas, whole=st.booleans())
    def get_profile(self, id: str, persona: str, whole: bool) -> None:
        self.call(profiles.get_profile, id, persona=persona, whole=whole)

    @rule(
        query=st.fixed_dictionaries(
            {}, optional={"email": emails, "limit": st.integers(1, 500), "offset": st.integers(0, 9)}
        ),
        persona=personas,
        whole=st.booleans(),
    )
    def list_profiles(self, query: dict[str, Any], persona: str, whole: bool) -> None:
        self.call(profiles.list_profiles, query=query, persona=persona, whole=whole)

    # Locations and catalogue

    @rule(id=location_ids, query=windows, persona=personas, whole=st.booleans())
    def get_availability(self, id: str, query: dict[str, str], persona: str, whole: bool) -> None:
        self.call(locations.get_availability, id, query=query, persona=persona, whole=whole)

    @rule(
        operation=st.sampled_from(
            (locations.list_locations, catalogue.list_panels, catalogue.list_biomarkers, catalogue.list_units)
        ),
        persona=personas,
        whole=st.booleans(),
    )
    def list_what_is_there(self, operation: Operation[Any], persona: str, whole: bool) -> None:
        self.call(operation, persona=persona, whole=whole)

    @rule(id=st.sampled_from(("42", "87", "108", "201", "0", "999999")), persona=personas, whole=st.booleans())
    def get_biomarker(self, id: str, persona: str, whole: bool) -> None:
        self.call(catalogue.get_biomarker, id, persona=persona, whole=whole)

    # Appointments

    @rule(
        target=bookings,
        profile=people,
        location=location_ids,
        minutes=minutes,
        offset=offsets,
        persona=personas,
        whole=st.booleans(),
    )
    def create_appointment(
        self, profile: str, location: str, minutes: int, offset: int, persona: str, whole: bool
    ) -> Any:
        body = {
            "profile_id": profile,
            "location_id": location,
            "scheduled_at": instant_text(self.world, minutes, offset),
        }
        outcome = self.call(appointments.create_appointment, body=body, persona=persona, whole=whole)
        return multiple() if outcome.rules else outcome.answer["id"]

    @rule(
        id=bookings,
        location=st.none() | location_ids,
        minutes=st.none() | minutes,
        offset=offsets,
        persona=personas,
        whole=st.booleans(),
    )
    def update_appointment(
        self, id: str, location: str | None, minutes: int | None, offset: int, persona: str, whole: bool
    ) -> None:
        body = {} if location is None else {"location_id": location}
        if minutes is not None:
            body["scheduled_at"] = instant_text(self.world, minutes, offset)
        self.call(appointments.update_appointment, id, body, persona=persona, whole=whole)

    @rule(id=bookings, persona=personas, whole=st.booleans())
    def get_appointment(self, id: str, persona: str, whole: bool) -> None:
        self.call(appointments.get_appointment, id, persona=persona, whole=whole)

    @rule(id=bookings, persona=personas, whole=st.booleans())
    def cancel_appointment(self, id: str, persona: str, whole: bool) -> None:
        self.call(appointments.cancel_appointment, id, persona=persona, whole=whole)

    @rule(profile=st.none() | people, persona=personas, whole=st.booleans())
    def list_appointments(self, profile: str | None, persona: str, whole: bool) -> None:
        query = {} if profile is None else {"profile_id": profile}
        self.call(appointments.list_appointments, query=query, persona=persona, whole=whole)

    @rule(
        operation=st.sampled_from((add_panels, remove_panels)),
        id=bookings,
        panels=panel_ids,
        persona=personas,
        whole=st.booleans(),
    )
    def change_panels(self, operation: Operation[Any], id: str, panels: list[str], persona: str, whole: bool) -> None:
        self.call(operation, id, {"panel_ids": panels}, persona=persona, whole=whole)

    @rule(id=bookings, barcode=barcodes, persona=personas, whole=st.booleans())
    def confirm_blood_draw(self, id: str, barcode: str, persona: str, whole: bool) -> None:
        self.call(confirm_blood_draw, id, {"barcode": barcode}, persona=persona, whole=whole)

    # Shipments, and their links

    def pickup(self, days: int, times: tuple[str, str]) -> dict[str, str]:
        """A schedule so many days from now."""
        day = (self.world.now + timedelta(days=days)).date()
        return {"pickup_date": str(day), "pickup_time_from": times[0], "pickup_time_till": times[1]}

    @rule(
        target=boxes,
        location=location_ids,
        appointment=st.none() | bookings,
        days=pickup_days,
        times=pickup_times,
        more=further_orders,
        refuse=st.sampled_from((False, False, False, True)),
        persona=personas,
        whole=st.booleans(),
    )
    def create_shipment(
        self,
        location: str,
        appointment: str | None,
        days: int,
        times: tuple[str, str],
        more: dict[str, Any],
        refuse: bool,
        persona: str,
        whole: bool,
    ) -> Any:
        body = {"location_id": location} | self.pickup(days, times) | more
        if appointment is not None:
            body["appointment_id"] = appointment
        if refuse:
            body["notes"] = "courier-refuses-create"
        outcome = self.call(shipments.create_shipment, body=body, persona=persona, whole=whole)
        return multiple() if outcome.rules else outcome.answer["id"]

    @rule(
        id=boxes,
        days=st.none() | pickup_days,
        times=pickup_times,
        more=further_orders,
        persona=personas,
        whole=st.booleans(),
    )
    def update_shipment(
        self, id: str, days: int | None, times: tuple[str, str], more: dict[str, Any], persona: str, whole: bool
    ) -> None:
        body = more if days is None else more | self.pickup(days, times)
        self.call(shipments.update_shipment, id, body, persona=persona, whole=whole)

    @rule(
        operation=st.sampled_from(
            (shipments.get_shipment, shipments.cancel_shipment, links.list_shipment_appointments)
        ),
        id=boxes,
        persona=personas,
        whole=st.booleans(),
    )
    def call_for_a_shipment(self, operation: Operation[Any], id: str, persona: str, whole: bool) -> None:
        self.call(operation, id, persona=persona, whole=whole)

    @rule(persona=personas, whole=st.booleans())
    def list_shipments(self, persona: str, whole: bool) -> None:
        self.call(shipments.list_shipments, persona=persona, whole=whole)

    @rule(id=bookings, persona=personas, whole=st.booleans())
    def list_appointment_shipments(self, id: str, persona: str, whole: bool) -> None:
        self.call(links.list_appointment_shipments, id, persona=persona, whole=whole)

    @rule(
        operation=st.sampled_from((links.attach_shipments, links.attach_shipments, links.detach_shipments)),
        id=bookings,
        others=st.lists(boxes, min_size=1, max_size=3),
        persona=personas,
        whole=st.booleans(),
    )
    def change_shipments(
        self, operation: Operation[Any], id: str, others: list[str], persona: str, whole: bool
    ) -> None:
        self.call(operation, id, {"shipment_ids": others}, persona=persona, whole=whole)

    @rule(
        operation=st.sampled_from((links.attach_appointments, links.attach_appointments, links.detach_appointments)),
        id=boxes,
        others=st.lists(bookings, min_size=1, max_size=3),
        persona=personas,
        whole=st.booleans(),
    )
    def change_appointments(
        self, operation: Operation[Any], id: str, others: list[str], persona: str, whole: bool
    ) -> None:
        self.call(operation, id, {"appointment_ids": others}, persona=persona, whole=whole)

    # Requests of any shape

    @rule(
        operation=st.sampled_from(partner.OPERATIONS),
        id=odd_ids | bookings | people | boxes,
        body=malformed_bodies,
        query=st.dictionaries(st.sampled_from((*fields, "unknown")), st.text(max_size=6) | odd_ids, max_size=3),
        persona=personas,
    )
    def send_anything(
        self, operation: Operation[Any], id: str, body: object, query: dict[str, str], persona: str
    ) -> None:
        self.do(Send(operation, id, body, query, persona))

    @rule(
        spoilt=st.sampled_from(body_fields),
        value=oddities,
        appointment=bookings,
        profile=people,
        box=boxes,
    )
    def spoil_a_field(
        self, spoilt: tuple[Operation[Any], str], value: object, appointment: str, profile: str, box: str
    ) -> None:
        operation, field = spoilt
        id = {"profiles": profile, "shipments": box}.get(operation.path.split("/")[1], appointment)
        self.do(Send(operation, id, operation.example | {field: value}, {}, "full"))

    # Aniva's side, and time

    @rule(
        type=st.sampled_from(("practice.confirmed", "practice.confirmed", "operations.cancelled")),
        id=bookings | st.just(PENDING_APPOINTMENT),
        after=st.none() | spans,
    )
    def let_an_appointment_change(self, type: str, id: str, after: int | None) -> None:
        self.let(Event(type, id), after)

    @rule(
        type=st.sampled_from(("location.closed", "location.opened", "location.opened", "location.date_blocked")),
        id=st.sampled_from((*LOCATIONS, UNKNOWN)),
        date=dates,
        after=st.none() | spans,
    )
    def let_a_location_change(self, type: str, id: str, date: str, after: int | None) -> None:
        self.let(Event(type, id, {"date": date} if type == "location.date_blocked" else {}), after)

    @rule(what=courier_events, id=boxes, after=st.sampled_from((None, None, None, 600, 60 * 60 * 30)))
    def let_the_courier_move(self, what: tuple[str, dict[str, str]], id: str, after: int | None) -> None:
        self.let(Event(f"courier.{what[0]}", id, what[1]), after)

    @rule(target=bookings, id=people, minutes=st.none() | minutes)
    def let_a_kit_be_ordered(self, id: str, minutes: int | None) -> Any:
        details = {} if minutes is None else {"scheduled_at": instant_text(self.world, minutes, 0)}
        outcome = self.do(Happen(Event("kit.ordered", id, details)))
        return multiple() if outcome.rules else outcome.answer["appointment_id"]

    def let(self, event: Event, after: int | None) -> None:
        self.do(Happen(event) if after is None else Plan(after, event))

    @rule(seconds=spans)
    def let_time_pass(self, seconds: int) -> None:
        self.do(Pass(seconds))
        assert all(due > self.world.now for due, _ in self.world.agenda)


CoreTest = pytest.mark.rule("atomic", "appointment.editable", "auth.context", "error.internal")(Core.TestCase)
CoreTest.settings = settings(
    max_examples=70,
    stateful_step_count=50,
    deadline=None,
    derandomize=True,
    database=None,
    suppress_health_check=list(HealthCheck),
)
