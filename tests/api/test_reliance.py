"""Which calls are taken as they are because of a rule that no page settles, and which neighbouring calls are not."""

from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest

from aniva_sandbox.api.app import build_partner_api
from aniva_sandbox.api.control import CONTROL as PLANE
from aniva_sandbox.api.settings import Settings
from tests.api.profiles.profile_calls import ACME
from tests.sandbox.serving.common import NEW_APPOINTMENT, NEW_PROFILE, NEW_SHIPMENT, later
from tests.support import (
    APPOINTMENT,
    BERLIN,
    CANCELLED_APPOINTMENT,
    CANCELLED_SHIPMENT,
    DRAWN_APPOINTMENT,
    EMPTY_APPOINTMENT,
    HELSINKI,
    LOCKED_SHIPMENT,
    OTHER_PANEL,
    PANEL,
    PENDING_APPOINTMENT,
    PROFILE,
    RIVAL_PROFILE,
    SHIPMENT,
    UNKNOWN,
    Client,
    relied_on,
)

TAKEN = "2026-04-15T09:00:00+02:00"
"""When the known appointment takes place, in Berlin."""
JO = NEW_PROFILE | {"first_name": "Jo", "email": "jo@example.com"}
EMAIL = "maria.schmidt@example.com"
SLUG = {"profile_group_slug": "acme-clinic-berlin"}
LINKS = f"/appointments/{PENDING_APPOINTMENT}/shipments"
SLOTS = f"/locations/{BERLIN}/availability"
BOTH = "profile.group/both"
PLACEHOLDER = "profile.email/placeholder"
EMPTY_DAYS = "availability.slots/empty-days"
LISTED = "snapshot.listed"
REPORTS = "time.instants/reports"
TRACKING = "shipment.update/tracking"
SENTENCE = "error.body/sentence"
FORM = ["body.schema/details", SENTENCE]


def relied(client: Client, method: str, path: str, json: Any = None, **options: Any) -> list[str]:
    """The rules that a call relied on, which is taken."""
    reply = client.request(method, path, json, **options)
    assert reply.status in (200, 201), reply.json
    return relied_on(client)


CASES = [
    # appointment.overlap
    ("POST", "/appointments", NEW_APPOINTMENT | {"scheduled_at": TAKEN}, ["appointment.overlap"]),
    ("POST", "/appointments", NEW_APPOINTMENT, []),
    ("POST", "/appointments", NEW_APPOINTMENT | {"scheduled_at": TAKEN, "location_id": HELSINKI}, ["appointment.slot"]),
    ("PATCH", f"/appointments/{PENDING_APPOINTMENT}", {"scheduled_at": TAKEN}, []),
    (
        "PATCH",
        f"/appointments/{PENDING_APPOINTMENT}",
        {"scheduled_at": TAKEN, "location_id": BERLIN},
        ["appointment.overlap", "appointment.update/status"],
    ),
    ("PATCH", f"/appointments/{APPOINTMENT}", {"scheduled_at": TAKEN}, [LISTED]),  # its own slot
    # time.input
    (
        "POST",
        "/appointments",
        NEW_APPOINTMENT | {"scheduled_at": NEW_APPOINTMENT["scheduled_at"].replace("+", ".5+")},
        ["time.input"],
    ),
    (
        "PATCH",
        f"/appointments/{PENDING_APPOINTMENT}",
        {"scheduled_at": NEW_APPOINTMENT["scheduled_at"].lower()},
        ["time.input", "appointment.slot"],
    ),
    # query.repeated
    ("GET", "/profiles?limit=1&limit=500", None, ["query.repeated"]),
    ("GET", "/profiles?limit=500&limit=500", None, []),
    ("GET", "/profiles?limit=500&offset=0", None, []),
    # update.empty
    ("PATCH", f"/appointments/{APPOINTMENT}", {}, ["update.empty", LISTED]),
    ("PATCH", f"/appointments/{APPOINTMENT}", {"location_id": BERLIN}, [LISTED]),
    ("PATCH", f"/appointments/{EMPTY_APPOINTMENT}", {}, ["update.empty"]),
    ("PATCH", f"/profiles/{PROFILE}", {}, ["update.empty"]),
    ("PATCH", f"/profiles/{PROFILE}", {"height": 168}, []),
    ("PATCH", f"/shipments/{SHIPMENT}", {}, ["update.empty", "time.instants/reports"]),
    ("PATCH", f"/shipments/{SHIPMENT}", {"notes": "ring twice"}, ["time.instants/reports"]),
    # appointment.list-profile
    ("GET", f"/appointments?profile_id={UNKNOWN}", None, ["appointment.list-profile"]),
    ("GET", f"/appointments?profile_id={PROFILE}", None, ["auth.context/inline", LISTED]),
    ("GET", "/appointments", None, ["appointment.list/undated", LISTED, "appointment.rendered/home"]),
    # confirm.empty
    ("POST", f"/appointments/{EMPTY_APPOINTMENT}/confirm", {"barcode": "4130075218"}, ["confirm.empty"]),
    ("POST", f"/appointments/{APPOINTMENT}/confirm", {"barcode": "4130075218"}, []),
    # panels.add-twice
    ("POST", f"/appointments/{APPOINTMENT}/panels", {"panel_ids": [PANEL]}, ["panels.add-twice"]),
    ("POST", f"/appointments/{PENDING_APPOINTMENT}/panels", {"panel_ids": [PANEL]}, []),
    ("POST", f"/appointments/{PENDING_APPOINTMENT}/panels", {"panel_ids": [PANEL, PANEL]}, ["body.schema/duplicates"]),
    ("DELETE", f"/appointments/{APPOINTMENT}/panels", {"panel_ids": [PANEL]}, []),
    # profile.group, profile.name, profile.email, profile.duplicates, profile.handle
    ("POST", "/profiles", JO, []),
    ("POST", "/profiles", JO | SLUG, [BOTH]),
    ("POST", "/profiles", {k: v for k, v in JO.items() if k != "profile_group"} | SLUG, []),
    ("POST", "/profiles", NEW_PROFILE, ["profile.name/accents", PLACEHOLDER]),
    ("POST", "/profiles", JO | {"last_name": "O'Brien"}, ["profile.name/marks"]),
    ("POST", "/profiles", JO | {"last_name": "Ó Briain"}, ["profile.name/accents", "profile.name/marks"]),
    ("POST", "/profiles", JO | {"last_name": "Brien"}, []),
    ("POST", "/profiles", JO | {"email": EMAIL}, ["profile.duplicates"]),
    ("POST", "/profiles", JO | {"email": "new@example.com"}, []),
    ("POST", "/profiles", NEW_PROFILE | SLUG | {"email": EMAIL}, [BOTH, "profile.name/accents", "profile.duplicates"]),
    ("POST", "/profiles", JO | {"handle": "jo"}, ["body.unknown-field", "profile.handle"]),
    ("POST", "/profiles", JO | {"profile_group": ACME.upper()}, ["id.format/case"]),
    ("POST", "/profiles", JO | {"profile_group": ACME}, []),
    ("PATCH", f"/profiles/{PROFILE}", {"first_name": "Jürgen"}, ["profile.name/accents"]),
    ("PATCH", f"/profiles/{PROFILE}", {"last_name": "van Dam"}, ["profile.name/marks"]),
    ("PATCH", f"/profiles/{PROFILE}", {"handle": "jo"}, ["body.unknown-field", "update.empty", "profile.handle"]),
    ("PATCH", f"/profiles/{PROFILE}", {"first_name": "Juergen"}, []),
    ("PATCH", f"/profiles/{PROFILE}", {"email": EMAIL}, []),  # its own
    ("PATCH", f"/profiles/{PROFILE}", {"email": "soeren.weiss@example.com"}, ["profile.duplicates"]),
    ("PATCH", f"/profiles/{PROFILE}", {"email": "new@example.com"}, []),
    # profile.update
    ("PATCH", f"/profiles/{PROFILE}", {"phone": None}, ["profile.update/null"]),
    ("PATCH", f"/profiles/{PROFILE}", {"phone": "+491234567"}, []),
    # id.format
    ("GET", f"/profiles/{PROFILE.upper()}", None, ["id.format/case"]),
    ("GET", f"/profiles/{PROFILE}", None, []),
    ("GET", f"/appointments?profile_id={PROFILE.upper()}", None, ["id.format/case", "auth.context/inline", LISTED]),
    (
        "POST",
        f"/appointments/{PENDING_APPOINTMENT}/panels",
        {"panel_ids": [OTHER_PANEL.upper()]},
        ["id.format/case"],
    ),
    (
        "POST",
        f"/appointments/{PENDING_APPOINTMENT}/panels",
        {"panel_ids": [PANEL, PANEL.upper()]},
        ["body.schema/duplicates", "id.format/case"],
    ),
    # pickup.range, shipment.update
    ("POST", "/shipments", NEW_SHIPMENT | {"pickup_time_till": "17:00"}, []),
    ("POST", "/shipments", NEW_SHIPMENT | {"pickup_time_till": "17:01"}, ["pickup.range"]),
    ("PATCH", f"/shipments/{SHIPMENT}", {"pickup_time_till": "17:00"}, [TRACKING]),
    ("PATCH", f"/shipments/{SHIPMENT}", {"pickup_time_till": "18:00"}, ["pickup.range", TRACKING]),
    ("PATCH", f"/shipments/{SHIPMENT}", {"package_count": 2}, [TRACKING, "shipment.update/boxes"]),
    ("PATCH", f"/shipments/{SHIPMENT}", {"weight": 2}, [TRACKING, "shipment.update/boxes"]),
    (
        "PATCH",
        f"/shipments/{SHIPMENT}",
        {"weight": 2, "pickup_time_till": "18:00"},
        ["pickup.range", TRACKING, "shipment.update/boxes"],
    ),
    # link.answer, link.cancelled
    ("POST", LINKS, {"shipment_ids": [SHIPMENT]}, ["link.answer"]),
    (
        "POST",
        f"/shipments/{SHIPMENT}/appointments",
        {"appointment_ids": [PENDING_APPOINTMENT]},
        ["link.answer", REPORTS],
    ),
    (
        "POST",
        f"/shipments/{SHIPMENT}/appointments",
        {"appointment_ids": [CANCELLED_APPOINTMENT]},
        ["link.answer", "link.cancelled", REPORTS],
    ),
    (
        "POST",
        f"/appointments/{DRAWN_APPOINTMENT}/shipments",
        {"shipment_ids": [CANCELLED_SHIPMENT]},
        ["link.answer", "link.cancelled"],
    ),
    ("DELETE", LINKS, {"shipment_ids": [SHIPMENT]}, ["link.answer"]),  # not linked
    ("DELETE", f"/shipments/{SHIPMENT}", None, ["link.cancelled", "time.instants/reports"]),
    ("DELETE", f"/appointments/{APPOINTMENT}", None, ["snapshot.listed"]),  # it is documented that its links stay
    ("GET", LINKS, None, []),
    # availability.timezone
    ("GET", f"{SLOTS}?timezone=Europe/Helsinki", None, ["availability.timezone/instants", EMPTY_DAYS]),
    ("GET", f"{SLOTS}?timezone=Europe/Berlin", None, [EMPTY_DAYS]),
    # availability.slots
    ("GET", SLOTS, None, [EMPTY_DAYS]),  # the weekends
    ("GET", f"{SLOTS}?start_date=2026-04-20&end_date=2026-04-24", None, []),
    # availability.window, availability.bounds
    ("GET", f"{SLOTS}?start_date=2026-04-01", None, ["availability.window/order", EMPTY_DAYS]),
    ("GET", f"{SLOTS}?start_date=2026-04-01&end_date=2026-04-20", None, [EMPTY_DAYS]),
    ("GET", f"{SLOTS}?start_date=2026-06-13", None, ["availability.bounds/capped", EMPTY_DAYS]),
    ("GET", f"{SLOTS}?start_date=2026-06-12", None, [EMPTY_DAYS]),
    # catalogue
    ("GET", "/biomarkers", None, ["catalogue.archived/list", "catalogue.fields"]),
    ("GET", "/biomarkers/42", None, ["catalogue.fields"]),
    ("GET", "/panels", None, ["catalogue.fields"]),
    # body.unknown-field
    ("POST", "/appointments", NEW_APPOINTMENT | {"colour": "red"}, ["body.unknown-field"]),
    ("GET", "/units?colour=red", None, ["body.unknown-field"]),
    ("POST", "/appointments/pickup", {"colour": "red"}, ["pickup.deprecated/body"]),  # of which no field is read
]


@pytest.mark.parametrize(("method", "path", "json", "rules"), CASES)
def test_a_call_notes_the_rules_it_hung_on(opened: Client, method: str, path: str, json: Any, rules: list[str]) -> None:
    """A call that is taken notes each rule that no page settles and that it turned on; a call beside it, that is the
    same for every reading of the pages, notes none. The journal lists them, and remembers them."""
    assert relied(opened, method, path, json) == rules
    assert list(opened.world.relied_on) == rules
    (shown,) = opened.control("GET", "/worlds/test/journal").json["exchanges"]
    assert [rule["id"] for rule in shown["relied_on"]] == rules
    assert all(rule["basis"] in ("assumed", "conflict") for rule in shown["relied_on"])


def test_cancelling_a_shipment_without_links_relies_on_nothing(opened: Client) -> None:
    """There is no link that could survive."""
    id = opened.post("/shipments", NEW_SHIPMENT).json["id"]
    assert relied(opened, "DELETE", f"/shipments/{id}") == []


def test_linking_what_is_linked_relies_on_the_answer_alone(opened: Client) -> None:
    """A pair that is linked already does not change, so that its cancelled side is of no matter; parting it is."""
    relied(opened, "POST", f"/shipments/{SHIPMENT}/appointments", {"appointment_ids": [CANCELLED_APPOINTMENT]})
    again = "POST", f"/shipments/{SHIPMENT}/appointments", {"appointment_ids": [CANCELLED_APPOINTMENT]}
    assert relied(opened, *again) == ["link.answer", REPORTS]
    assert relied(opened, "DELETE", *again[1:]) == ["link.answer", "link.cancelled", REPORTS]
    assert relied(opened, "DELETE", *again[1:]) == ["link.answer", REPORTS]


def test_the_other_answer_of_links_is_a_choice_too(opened: Client) -> None:
    """Whichever answer changes of links give, pages disagree on it."""
    client = Client(opened.worlds, api=build_partner_api(link_answer="list"))
    assert relied(client, "POST", LINKS, {"shipment_ids": [SHIPMENT]}) == ["link.answer", REPORTS]


# Refusals


def let_slots_be_taken_once(client: Client) -> None:
    """Set the world so that a taken slot cannot be booked."""
    client.world.settings = Settings(taken_slots="refuse", courier_automation=False, lab_automation=False)


def pass_a_day(client: Client) -> None:
    """Go to the day after, when the window of new links to the known shipments is closed."""
    later(client, int(timedelta(days=1).total_seconds()))


REFUSED: list[tuple[str, str, Any, int, list[str], Callable[[Client], None] | None]] = [
    (
        "POST",
        "/appointments",
        NEW_APPOINTMENT | {"scheduled_at": TAKEN},
        409,
        ["appointment.overlap", SENTENCE],
        let_slots_be_taken_once,
    ),
    ("POST", "/profiles", JO | {"first_name": "李"}, 400, FORM, None),
    (
        "POST",
        "/shipments",
        NEW_SHIPMENT | {"pickup_time_till": "19:30"},
        400,
        ["pickup.range", *FORM],
        None,
    ),
    ("GET", f"{SLOTS}?timezone=Nowhere/City", None, 400, [SENTENCE], None),
    ("GET", f"/appointments?profile_id={RIVAL_PROFILE}", None, 403, ["appointment.list-profile"], None),
    ("POST", "/profiles", None, 400, ["body.json", *FORM], None),
    ("GET", "/nope", None, 404, ["http.not-found", SENTENCE], None),
    ("PUT", "/units", None, 405, ["http.method", SENTENCE], None),
    ("POST", "/profiles", JO | {"email": "jo"}, 400, ["profile.email/form", *FORM], None),
    ("POST", "/profiles", JO | {"phone": None}, 400, ["body.schema/null", *FORM], None),
    ("POST", "/profiles", JO | {"sex": None}, 400, FORM, None),  # it is required
    ("POST", "/profiles", JO | {"profile_group": "a\0"}, 400, ["body.schema/nul", *FORM], None),
    ("GET", "/profiles?limit=501", None, 400, ["profile.list-page/range", *FORM], None),
    ("GET", "/profiles?offset=-1", None, 400, ["profile.list-page/range", *FORM], None),
    ("GET", "/profiles?limit=x", None, 400, FORM, None),
    # documented ones
    ("GET", f"/profiles/{UNKNOWN}", None, 404, [SENTENCE], None),
    ("POST", LINKS, {"shipment_ids": [LOCKED_SHIPMENT]}, 409, ["link.window-ids/names", SENTENCE], None),
    # which would have relied on something, had they been taken
    (
        "POST",
        "/appointments",
        NEW_APPOINTMENT | {"scheduled_at": TAKEN, "colour": 1, "profile_id": UNKNOWN},
        404,
        [SENTENCE],
        None,
    ),
    ("POST", "/profiles", JO | SLUG | {"date_of_birth": "2030-01-01"}, 400, [SENTENCE], None),
    (
        "POST",
        "/shipments",
        NEW_SHIPMENT | {"pickup_time_till": "18:00", "notes": "courier-refuses-create"},
        502,
        ["shipment.courier-refuses/change", SENTENCE],
        None,
    ),
    (
        "POST",
        f"/shipments/{SHIPMENT}/appointments",
        {"appointment_ids": [CANCELLED_APPOINTMENT]},
        409,
        ["link.window-ids/names", SENTENCE],
        pass_a_day,
    ),
    ("PATCH", f"/appointments/{CANCELLED_APPOINTMENT}", {}, 409, [SENTENCE], None),
]


@pytest.mark.parametrize(("method", "path", "json", "status", "rules", "prepare"), REFUSED)
def test_a_refusal_counts_where_its_rule_is_not_settled(
    opened: Client,
    method: str,
    path: str,
    json: Any,
    status: int,
    rules: list[str],
    prepare: Callable[[Client], None] | None,
) -> None:
    """A refused call relies on nothing but the form of its response, as it took no effect. The rule that refused it
    counts where no page settles it."""
    if prepare is not None:
        prepare(opened)
    assert opened.request(method, path, json).status == status
    assert relied_on(opened) == [rule for rule in rules if not PLANE.ledger[rule].statuses]
    assert list(opened.world.relied_on) == rules


def test_what_a_world_relied_on_adds_up(opened: Client) -> None:
    """Each rule once, in the order in which they were first met; one call does not inherit another's."""
    relied(opened, "PATCH", f"/profiles/{PROFILE}", {})
    relied(opened, "POST", f"/appointments/{APPOINTMENT}/panels", {"panel_ids": [PANEL, OTHER_PANEL]})
    relied(opened, "PATCH", f"/profiles/{PROFILE}", {})
    assert relied(opened, "GET", "/units") == []
    opened.get("/nope")
    assert list(opened.world.relied_on) == ["update.empty", "panels.add-twice", "http.not-found", SENTENCE]


def test_two_panels_at_once_note_a_rule_once(opened: Client) -> None:
    """However often a call turned on a rule."""
    relied(opened, "PATCH", f"/profiles/{PROFILE}", {})  # no other call inherits what this one leans on
    body = {"panel_ids": [PANEL, OTHER_PANEL]}
    assert relied(opened, "POST", f"/appointments/{APPOINTMENT}/panels", body) == ["panels.add-twice"]
