"""Which calls are taken as they are because of a rule that no page settles, and which neighbouring calls are not."""

import ast
from collections.abc import Callable
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

from aniva_sandbox.api import partner
from aniva_sandbox.api.app import build_partner_api
from aniva_sandbox.api.control import CONTROL as PLANE
from aniva_sandbox.api.settings import Settings
from aniva_sandbox.engine.contract.trace import Trace
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
JO = NEW_PROFILE | {"first_name": "Jo"}
EMAIL = "maria.schmidt@example.com"
SLUG = {"profile_group_slug": "acme-clinic-berlin"}
LINKS = f"/appointments/{PENDING_APPOINTMENT}/shipments"
SLOTS = f"/locations/{BERLIN}/availability"
BOTH = "profile.group"


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
        ["appointment.overlap"],
    ),
    ("PATCH", f"/appointments/{APPOINTMENT}", {"scheduled_at": TAKEN}, []),  # its own slot
    # update.empty
    ("PATCH", f"/appointments/{APPOINTMENT}", {}, ["update.empty"]),
    ("PATCH", f"/appointments/{APPOINTMENT}", {"location_id": BERLIN}, []),
    ("PATCH", f"/profiles/{PROFILE}", {}, ["update.empty"]),
    ("PATCH", f"/profiles/{PROFILE}", {"height": 168}, []),
    ("PATCH", f"/shipments/{SHIPMENT}", {}, ["update.empty"]),
    ("PATCH", f"/shipments/{SHIPMENT}", {"notes": "ring twice"}, []),
    # appointment.list-profile
    ("GET", f"/appointments?profile_id={UNKNOWN}", None, ["appointment.list-profile"]),
    ("GET", f"/appointments?profile_id={PROFILE}", None, []),
    ("GET", "/appointments", None, []),
    # confirm.empty
    ("POST", f"/appointments/{EMPTY_APPOINTMENT}/confirm", {"barcode": "4130075218"}, ["confirm.empty"]),
    ("POST", f"/appointments/{APPOINTMENT}/confirm", {"barcode": "4130075218"}, []),
    # panels.add-twice
    ("POST", f"/appointments/{APPOINTMENT}/panels", {"panel_ids": [PANEL]}, ["panels.add-twice"]),
    ("POST", f"/appointments/{PENDING_APPOINTMENT}/panels", {"panel_ids": [PANEL]}, []),
    ("POST", f"/appointments/{PENDING_APPOINTMENT}/panels", {"panel_ids": [PANEL, PANEL]}, []),
    ("DELETE", f"/appointments/{APPOINTMENT}/panels", {"panel_ids": [PANEL]}, []),
    # profile.group, profile.name, profile.duplicates
    ("POST", "/profiles", JO, []),
    ("POST", "/profiles", JO | SLUG, [BOTH]),
    ("POST", "/profiles", {k: v for k, v in JO.items() if k != "profile_group"} | SLUG, []),
    ("POST", "/profiles", NEW_PROFILE, ["profile.name"]),
    ("POST", "/profiles", JO | {"last_name": "O'Brien"}, ["profile.name"]),
    ("POST", "/profiles", JO | {"last_name": "Brien"}, []),
    ("POST", "/profiles", JO | {"email": EMAIL}, ["profile.duplicates"]),
    ("POST", "/profiles", JO | {"email": "new@example.com"}, []),
    ("POST", "/profiles", NEW_PROFILE | SLUG | {"email": EMAIL}, [BOTH, "profile.name", "profile.duplicates"]),
    ("PATCH", f"/profiles/{PROFILE}", {"first_name": "Jürgen"}, ["profile.name"]),
    ("PATCH", f"/profiles/{PROFILE}", {"last_name": "van Dam"}, ["profile.name"]),
    ("PATCH", f"/profiles/{PROFILE}", {"first_name": "Juergen"}, []),
    ("PATCH", f"/profiles/{PROFILE}", {"email": EMAIL}, []),  # its own
    ("PATCH", f"/profiles/{PROFILE}", {"email": "soeren.weiss@example.com"}, ["profile.duplicates"]),
    ("PATCH", f"/profiles/{PROFILE}", {"email": "new@example.com"}, []),
    # pickup.range, shipment.update
    ("POST", "/shipments", NEW_SHIPMENT | {"pickup_time_till": "17:00"}, []),
    ("POST", "/shipments", NEW_SHIPMENT | {"pickup_time_till": "17:01"}, ["pickup.range"]),
    ("PATCH", f"/shipments/{SHIPMENT}", {"pickup_time_till": "17:00"}, []),
    ("PATCH", f"/shipments/{SHIPMENT}", {"pickup_time_till": "18:00"}, ["pickup.range"]),
    ("PATCH", f"/shipments/{SHIPMENT}", {"package_count": 2}, ["shipment.update"]),
    ("PATCH", f"/shipments/{SHIPMENT}", {"weight": 2}, ["shipment.update"]),
    (
        "PATCH",
        f"/shipments/{SHIPMENT}",
        {"weight": 2, "pickup_time_till": "18:00"},
        ["pickup.range", "shipment.update"],
    ),
    # link.answer, link.cancelled
    ("POST", LINKS, {"shipment_ids": [SHIPMENT]}, ["link.answer"]),
    ("POST", f"/shipments/{SHIPMENT}/appointments", {"appointment_ids": [PENDING_APPOINTMENT]}, ["link.answer"]),
    (
        "POST",
        f"/shipments/{SHIPMENT}/appointments",
        {"appointment_ids": [CANCELLED_APPOINTMENT]},
        ["link.answer", "link.cancelled"],
    ),
    (
        "POST",
        f"/appointments/{DRAWN_APPOINTMENT}/shipments",
        {"shipment_ids": [CANCELLED_SHIPMENT]},
        ["link.answer", "link.cancelled"],
    ),
    ("DELETE", LINKS, {"shipment_ids": [SHIPMENT]}, ["link.answer"]),  # not linked
    ("GET", LINKS, None, []),
    # availability.timezone
    ("GET", f"{SLOTS}?timezone=Europe/Helsinki", None, ["availability.timezone"]),
    ("GET", f"{SLOTS}?timezone=Europe/Berlin", None, []),
    ("GET", SLOTS, None, []),
    # body.unknown-field
    ("POST", "/appointments", NEW_APPOINTMENT | {"colour": "red"}, ["body.unknown-field"]),
    ("GET", "/units?colour=red", None, ["body.unknown-field"]),
    ("POST", "/appointments/pickup", {"colour": "red"}, []),  # of which no field is read
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


def test_linking_what_is_linked_relies_on_the_answer_alone(opened: Client) -> None:
    """A pair that is linked already does not change, so that its cancelled side is of no matter; parting it is."""
    relied(opened, "POST", f"/shipments/{SHIPMENT}/appointments", {"appointment_ids": [CANCELLED_APPOINTMENT]})
    again = "POST", f"/shipments/{SHIPMENT}/appointments", {"appointment_ids": [CANCELLED_APPOINTMENT]}
    assert relied(opened, *again) == ["link.answer"]
    assert relied(opened, "DELETE", *again[1:]) == ["link.answer", "link.cancelled"]
    assert relied(opened, "DELETE", *again[1:]) == ["link.answer"]


def test_the_other_answer_of_links_is_a_choice_too(opened: Client) -> None:
    """Whichever answer changes of links give, pages disagree on it."""
    client = Client(opened.worlds, api=build_partner_api(link_answer="list"))
    assert relied(client, "POST", LINKS, {"shipment_ids": [SHIPMENT]}) == ["link.answer"]


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
        ["appointment.overlap"],
        let_slots_be_taken_once,
    ),
    ("POST", "/profiles", JO | {"first_name": "李"}, 400, ["profile.name"], None),
    ("POST", "/shipments", NEW_SHIPMENT | {"pickup_time_till": "19:30"}, 400, ["pickup.range"], None),
    ("GET", f"{SLOTS}?timezone=Nowhere/City", None, 400, ["availability.timezone"], None),
    ("GET", f"/appointments?profile_id={RIVAL_PROFILE}", None, 403, ["appointment.list-profile"], None),
    ("POST", "/profiles", None, 400, ["body.json"], None),
    ("GET", "/nope", None, 404, ["http.not-found"], None),
    ("PUT", "/units", None, 405, ["http.method"], None),
    # documented ones
    ("GET", f"/profiles/{UNKNOWN}", None, 404, [], None),
    ("POST", LINKS, {"shipment_ids": [LOCKED_SHIPMENT]}, 409, [], None),
    # which would have relied on something, had they been taken
    (
        "POST",
        "/appointments",
        NEW_APPOINTMENT | {"scheduled_at": TAKEN, "colour": 1, "profile_id": UNKNOWN},
        404,
        [],
        None,
    ),
    ("POST", "/profiles", JO | SLUG | {"date_of_birth": "2030-01-01"}, 400, [], None),
    (
        "POST",
        "/shipments",
        NEW_SHIPMENT | {"pickup_time_till": "18:00", "notes": "courier-refuses-create"},
        502,
        [],
        None,
    ),
    ("POST", f"/shipments/{SHIPMENT}/appointments", {"appointment_ids": [CANCELLED_APPOINTMENT]}, 409, [], pass_a_day),
    ("PATCH", f"/appointments/{CANCELLED_APPOINTMENT}", {}, 409, [], None),
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
    """A refused call relies on nothing: it took no effect. The rule that refused it counts where no page settles it."""
    if prepare is not None:
        prepare(opened)
    assert opened.request(method, path, json).status == status
    assert relied_on(opened) == []
    assert list(opened.world.relied_on) == rules


def test_what_a_world_relied_on_adds_up(opened: Client) -> None:
    """Each rule once, in the order in which they were first met; one call does not inherit another's."""
    relied(opened, "PATCH", f"/profiles/{PROFILE}", {})
    relied(opened, "POST", f"/appointments/{APPOINTMENT}/panels", {"panel_ids": [PANEL, OTHER_PANEL]})
    relied(opened, "PATCH", f"/profiles/{PROFILE}", {})
    assert relied(opened, "GET", "/units") == []
    opened.get("/nope")
    assert list(opened.world.relied_on) == ["update.empty", "panels.add-twice", "http.not-found"]


def test_two_panels_at_once_note_a_rule_once(opened: Client) -> None:
    """However often a call turned on a rule."""
    relied(opened, "PATCH", f"/profiles/{PROFILE}", {})  # no other call inherits what this one leans on
    body = {"panel_ids": [PANEL, OTHER_PANEL]}
    assert relied(opened, "POST", f"/appointments/{APPOINTMENT}/panels", body) == ["panels.add-twice"]


# The uses


def uses() -> set[str]:
    """The names of the rules that operations lean on."""
    found = set()
    for path in Path(partner.__file__).parent.rglob("*.py"):
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            if isinstance(node, ast.Call) and ast.unparse(node.func).endswith(f"trace.{Trace.lean_on.__name__}"):
                found.add(ast.unparse(node.args[0]))
    return found


def test_each_use_is_tried_and_is_of_an_unsettled_rule() -> None:
    """Every rule that is relied on somewhere is among the cases here, and none of them is a documented one."""
    tried = {rule for *_, rules in CASES for rule in rules}
    names = {id.upper().replace(".", "_").replace("-", "_") for id in tried - {"body.unknown-field"}}
    assert uses() == names
    assert {PLANE.ledger[id].basis for id in tried} == {"assumed", "conflict"}
