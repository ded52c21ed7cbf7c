"""What a partner does, through the generated Python clients: from the patient to the report, and a refused cancel.

Run by `tests.generators.run`, with the address of a sandbox and the generated packages on the path.
"""

import sys
from collections.abc import Callable
from datetime import date
from typing import Any

import aniva_client as partner
import aniva_control as control

__all__ = ["main"]

WORLD = "generators"
BERLIN = "b7e2d1f5-3c4a-4e8b-a2f1-9d0c1e2f3a4b"
LOCKED_SHIPMENT = "P2604148873"
CONTAINER = "00000000-0000-0000-0000-000000000aff"
DAYS = 24 * 60 * 60
LDL_HDL_RATIO = 61
"""Sold only with what it is made from."""


def raised(exception: type[Exception], call: Callable[[], Any]) -> Any:
    """The typed body of the refusal that a call has to end in."""
    try:
        call()
    except exception as refusal:
        return refusal.data  # type: ignore[attr-defined]
    raise AssertionError(f"{exception.__name__} was not raised")


def main(url: str) -> None:
    """The flow."""
    configuration = partner.Configuration(api_key={"apiKey": f"sbx_{WORLD}"})
    assert configuration.host == url, "the document names the server that served it"
    with partner.ApiClient(configuration) as client, control.ApiClient(control.Configuration()) as operator:
        run(client, operator)


def run(client: Any, operator: Any) -> None:
    """Each step, in order."""
    profiles, locations = partner.ProfilesApi(client), partner.LocationsApi(client)
    appointments, shipments = partner.AppointmentsApi(client), partner.ShipmentsApi(client)
    links, results = partner.LinksApi(client), partner.ResultsApi(client)
    catalogue, worlds = partner.CatalogueApi(client), control.WorldsApi(operator)
    assert worlds.put_world(WORLD, control.WorldOptions(clock="frozen")).name == WORLD

    profile = profiles.create_profile(
        partner.ProfileCreate(
            first_name="Zoë",
            last_name="O'Neill",
            sex=2,
            date_of_birth=date(1990, 6, 15),
            profile_group_slug="acme-clinic-berlin",
            height=168.5,
        )
    )
    assert (profile.first_name, profile.height, profile.handle) == ("Zoë", 168.5, None)
    nobody = partner.ProfileCreate(first_name="Zoë", sex=2, date_of_birth=date(1990, 6, 15))
    refusal = raised(partner.exceptions.BadRequestException, lambda: profiles.create_profile(nobody))
    assert [detail.path for detail in refusal.details] == ["body"]

    slot = locations.get_availability(BERLIN).availability[1].slots[0]
    booking = partner.AppointmentCreate(profile_id=profile.id, location_id=BERLIN, scheduled_at=slot)
    appointment = appointments.create_appointment(booking)
    assert (appointment.scheduled_at, appointment.profile.id, appointment.panels) == (slot, profile.id, [])
    id = appointment.id

    panel = next(panel for panel in catalogue.list_panels() if not panel.is_custom)
    assert appointments.add_panels(id, partner.PanelIds(panel_ids=[panel.id])).success is True
    change = partner.SnapshotChange(panel_id=CONTAINER, biomarker_ids=[42, 87])
    assert appointments.add_biomarkers(id, change).success is True
    incoherent = partner.SnapshotChange(panel_id=CONTAINER, biomarker_ids=[LDL_HDL_RATIO])
    refusal = raised(partner.exceptions.BadRequestException, lambda: appointments.add_biomarkers(id, incoherent))
    assert (refusal.lab, str(refusal.panel_id), refusal.details) == ("ZotzKlimas", CONTAINER, None)
    assert refusal.stranded[0].candidates[0].missing[0].biomarker_name
    preview = appointments.preview_tubes(id)
    assert preview.tubes
    assert (preview.routing, preview.pricing) == (None, None)

    shipment = shipments.create_shipment(
        partner.ShipmentCreate(
            location_id=BERLIN, pickup_date=date(2026, 4, 15), pickup_time_from="11:00", pickup_time_till="14:00"
        )
    )
    assert (shipment.status, shipment.origin.city, shipment.pickup.timezone) == ("pending", "Berlin", "Europe/Berlin")
    attached = links.attach_shipments(id, partner.ShipmentIds(shipment_ids=[shipment.id]))
    assert [link.id for link in attached.shipments] == [shipment.id]
    locked = partner.ShipmentIds(shipment_ids=[LOCKED_SHIPMENT])
    refusal = raised(partner.exceptions.ConflictException, lambda: links.attach_shipments(id, locked))
    assert refusal.shipment_ids == [LOCKED_SHIPMENT]

    assert results.get_results(id).status == "in_progress"
    confirmation = partner.DrawConfirmation(barcode="4130075218")
    assert appointments.confirm_blood_draw(id, confirmation).success is True
    assert appointments.confirm_shipment_pickup().success is True
    control.TimeAndEventsApi(operator).advance_clock(WORLD, control.ClockAdvance(seconds=30 * DAYS))

    found = results.get_results(id)
    assert found.status == "completed"
    assert {each.status for each in found.clinical_results} == {"received"}
    assert any(each.reference_range_lab is not None for each in found.clinical_results)
    assert results.get_document(found.documents[0].id).startswith(b"%PDF")

    refusal = raised(partner.exceptions.ConflictException, lambda: appointments.cancel_appointment(id))
    assert refusal.error == "The appointment is blood_drawn"
    assert appointments.get_appointment(id).status == "blood_drawn"
    assert raised(partner.exceptions.NotFoundException, lambda: profiles.get_profile(id)).error
    outsider = partner.Configuration(api_key={"apiKey": f"sbx_{WORLD}.outsider"})
    with partner.ApiClient(outsider) as stranger:
        theirs = partner.ProfilesApi(stranger)
        forbidden = raised(partner.exceptions.ForbiddenException, lambda: theirs.get_profile(profile.id))
    assert forbidden.error == "Forbidden"


if __name__ == "__main__":
    main(*sys.argv[1:])
