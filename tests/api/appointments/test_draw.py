"""The draw: confirming it, and the confirmation of a pickup that does nothing any more."""

import re

import pytest

from aniva_sandbox.api.appointments import operations as appointments
from aniva_sandbox.api.appointments.custom_snapshot import add_biomarkers, remove_biomarkers
from aniva_sandbox.api.appointments.draw import confirm_blood_draw, preview_tubes
from aniva_sandbox.api.appointments.panels import add_panels, remove_panels
from aniva_sandbox.api.world import World
from aniva_sandbox.engine.world.agenda import Event
from aniva_sandbox.engine.world.events import happen
from tests.support import (
    APPOINTMENT,
    CANCELLED_APPOINTMENT,
    CUSTOM_PANEL,
    DRAWN_APPOINTMENT,
    EMPTY_APPOINTMENT,
    HOME_APPOINTMENT,
    OTHER_CUSTOM_PANEL,
    OTHER_PANEL,
    PANEL,
    PENDING_APPOINTMENT,
    RIVAL_APPOINTMENT,
    UNKNOWN,
    Client,
    refusal_of,
    run,
    snapshot_of,
)

BARCODE = {"barcode": "4130075218"}
LABS_OWN = {CUSTOM_PANEL: 42, OTHER_CUSTOM_PANEL: 87}


@pytest.mark.rule("confirm.draw", "time.updated")
@pytest.mark.parametrize("id", [APPOINTMENT, HOME_APPOINTMENT, APPOINTMENT.upper()])
def test_confirming_draws(world: World, id: str) -> None:
    """A confirmed appointment, a home kit too, becomes blood_drawn, changed now, and otherwise stays as it was."""
    before = run(world, appointments.get_appointment, id)
    assert run(world, confirm_blood_draw, id, BARCODE) == {"success": True}
    now = "2026-04-13T08:00:00Z"
    assert run(world, appointments.get_appointment, id) == before | {"status": "blood_drawn", "updated_at": now}


@pytest.mark.rule("confirm.draw")
def test_draw_freezes_the_panels(world: World) -> None:
    """Panels can be changed until the draw, and no more after it."""
    run(world, remove_panels, APPOINTMENT, {"panel_ids": [OTHER_PANEL]})
    run(world, confirm_blood_draw, APPOINTMENT, BARCODE)
    before = snapshot_of(world)
    for operation in (add_panels, remove_panels):
        assert refusal_of(world, operation, APPOINTMENT, {"panel_ids": [PANEL]}).status == 409
    assert snapshot_of(world) == before


@pytest.mark.rule("confirm.draw", "appointment.editable")
def test_draw_has_no_way_back(world: World) -> None:
    """After the draw a partner can neither cancel nor draw again; operations can cancel."""
    run(world, confirm_blood_draw, APPOINTMENT, BARCODE)
    assert refusal_of(world, appointments.cancel_appointment, APPOINTMENT).rule.id == "appointment.editable"
    assert refusal_of(world, confirm_blood_draw, APPOINTMENT, BARCODE).rule.id == "confirm.state"
    happen(world, Event("operations.cancelled", APPOINTMENT))
    assert run(world, appointments.get_appointment, APPOINTMENT)["status"] == "cancelled"


@pytest.mark.rule("confirm.state", "atomic")
@pytest.mark.parametrize("id", [PENDING_APPOINTMENT, DRAWN_APPOINTMENT, CANCELLED_APPOINTMENT])
def test_draw_needs_a_confirmed_appointment(world: World, id: str) -> None:
    """From every other status the draw is a conflict that changes nothing."""
    before = snapshot_of(world)
    refusal = refusal_of(world, confirm_blood_draw, id, BARCODE)
    assert (refusal.rule.id, refusal.status) == ("confirm.state", 409)
    assert snapshot_of(world) == before


@pytest.mark.rule("confirm.state")
def test_draw_follows_the_practice(world: World) -> None:
    """A pending appointment can be drawn once the practice has confirmed it."""
    happen(world, Event("practice.confirmed", PENDING_APPOINTMENT))
    assert run(world, confirm_blood_draw, PENDING_APPOINTMENT, BARCODE) == {"success": True}


@pytest.mark.rule("confirm.empty")
def test_draw_of_nothing_is_taken(world: World) -> None:
    """An appointment without panels can be drawn."""
    assert run(world, appointments.get_appointment, EMPTY_APPOINTMENT)["panels"] == []
    assert run(world, confirm_blood_draw, EMPTY_APPOINTMENT, BARCODE) == {"success": True}
    assert run(world, appointments.get_appointment, EMPTY_APPOINTMENT)["status"] == "blood_drawn"


@pytest.mark.rule("confirm.barcode")
@pytest.mark.parametrize(
    "body",
    [
        {},
        {"barcode": None},
        {"barcode": 4130075218},
        {"barcode": ["4130075218"]},
        {"barcode": "413 0075218"},
        {"barcode": " 4130075218"},
        {"barcode": "4130075218\n"},
        {"barcode": "413007521A"},
        {"barcode": "-4130075218"},
        {"barcode": "٤١٣٠"},
        {"barcode": "²"},
    ],
)
def test_barcode_must_be_digits(client: Client, body: dict[str, object]) -> None:
    """Everything but ASCII digits in a string is refused before the appointment is looked at."""
    before = snapshot_of(client.world)
    for id in (APPOINTMENT, UNKNOWN, CANCELLED_APPOINTMENT):
        reply = client.post(f"/appointments/{id}/confirm", body)
        assert (reply.status, reply.rules, list(reply.details)) == (400, ["confirm.barcode"], ["barcode"])
    assert snapshot_of(client.world) == before


@pytest.mark.rule("confirm.barcode/length")
@pytest.mark.parametrize("barcode", ["", "1" * 65, "9" * 1000])
def test_barcode_has_one_to_64_digits(client: Client, barcode: str) -> None:
    """Digits that are too few or too many are refused by the clause on their number, which no page has."""
    before = snapshot_of(client.world)
    reply = client.post(f"/appointments/{APPOINTMENT}/confirm", {"barcode": barcode})
    assert (reply.status, reply.headers["x-sandbox-rule"]) == (400, "confirm.barcode/length; basis=assumed")
    assert list(reply.details) == ["barcode"]
    assert snapshot_of(client.world) == before


@pytest.mark.rule("confirm.barcode", "confirm.barcode/length")
@pytest.mark.parametrize("barcode", ["0", "007", "4130075218", "9" * 64])
def test_barcode_of_digits_is_taken(client: Client, barcode: str) -> None:
    """One digit and 64 are enough, and leading zeros are kept; the appointment does not show it."""
    assert client.post(f"/appointments/{APPOINTMENT}/confirm", {"barcode": barcode}).json == {"success": True}
    assert client.world.appointments[APPOINTMENT].barcode == barcode
    assert "barcode" not in client.get(f"/appointments/{APPOINTMENT}").json


@pytest.mark.rule("order.checks", "path.unknown", "auth.context")
@pytest.mark.parametrize(
    ("id", "rule", "status"), [(UNKNOWN, "path.unknown", 404), (RIVAL_APPOINTMENT, "auth.context", 403)]
)
def test_draw_is_inside_the_context(world: World, id: str, rule: str, status: int) -> None:
    """The appointment must exist and lie inside the context, which goes before its state."""
    world.appointments[RIVAL_APPOINTMENT].status = "cancelled"
    before = snapshot_of(world)
    refusal = refusal_of(world, confirm_blood_draw, id, BARCODE)
    assert (refusal.rule.id, refusal.status) == (rule, status)
    assert snapshot_of(world) == before
    assert run(world, confirm_blood_draw, APPOINTMENT, BARCODE) == {"success": True}


@pytest.mark.rule("pickup.deprecated", "pickup.deprecated/body", "pickup.deprecated/headers")
@pytest.mark.parametrize(
    ("body", "content_type"),
    [
        (b"", None),
        (b"", "application/json"),
        (b'{"appointment_ids": ["c9f3e2a1-7d6b-4c5e-b3a2-1f0e9d8c7b6a"]}', "application/json"),
        (b"[1, 2", "application/json"),
        (b"null", "application/json"),
        (b"\xff\x00", "text/plain"),
    ],
)
def test_pickup_does_nothing(client: Client, body: bytes, content_type: str | None) -> None:
    """Whatever is sent succeeds, changes nothing, and is marked as deprecated by two headers."""
    before = snapshot_of(client.world)
    reply = client.request("POST", "/appointments/pickup?x=1", body=body, content_type=content_type)
    assert (reply.status, reply.json, reply.rules) == (200, {"success": True}, [])
    assert re.fullmatch(r"@\d+", reply.headers["deprecation"])
    assert re.fullmatch(r'299 \S+ "[^"]+"', reply.headers["warning"])
    assert snapshot_of(client.world) == before


@pytest.mark.rule("pickup.deprecated", "auth.permission")
@pytest.mark.parametrize(("persona", "status"), [("courier", 200), ("reader", 403), ("scheduler", 403)])
def test_pickup_needs_a_permission(client: Client, persona: str, status: int) -> None:
    """Even doing nothing takes the right to operate or manage sessions."""
    assert client.post("/appointments/pickup", key=f"sbx_test.{persona}").status == status


@pytest.mark.rule("pickup.deprecated", "http.method")
@pytest.mark.parametrize("method", ["GET", "PATCH", "DELETE"])
def test_pickup_is_no_appointment(client: Client, method: str) -> None:
    """The word pickup is not taken for an appointment's id: the path has POST and nothing else."""
    reply = client.request(method, "/appointments/pickup")
    assert (reply.status, reply.rules, reply.headers["allow"]) == (405, ["http.method"], "POST")
    assert client.post("/appointments/pickup").status == 200


# Preview


def tubes(world: World, id: str) -> list[tuple[str, str, int]]:
    """Type, volume and count of the tubes in a preview."""
    answer = run(world, preview_tubes, id)
    assert (answer["routing"], answer["pricing"]) == (None, None)
    return [(tube["type"], tube["volume"], tube["count"]) for tube in answer["tubes"]]


@pytest.mark.rule("preview.tubes")
def test_preview_of_panels(world: World) -> None:
    """The tubes are those of the location's laboratory, with the colours of their caps; none without panels."""
    assert run(world, preview_tubes, EMPTY_APPOINTMENT) == {"tubes": [], "routing": None, "pricing": None}
    run(world, add_panels, EMPTY_APPOINTMENT, {"panel_ids": [PANEL]})
    assert tubes(world, EMPTY_APPOINTMENT) == [("serum", "7.5 ml", 1), ("edta", "2.7 ml", 1), ("fluoride", "2.7 ml", 1)]
    for tube in run(world, preview_tubes, EMPTY_APPOINTMENT)["tubes"]:
        assert re.fullmatch("#[0-9A-F]{6}", tube["cap_color"])
        assert tube["name"]


@pytest.mark.rule("preview.tubes", "preview.tubes/count")
def test_preview_counts_each_biomarker_once(world: World) -> None:
    """What a panel and the snapshot both want is drawn once; what is removed needs no tube."""
    run(world, add_panels, EMPTY_APPOINTMENT, {"panel_ids": [PANEL]})
    before = tubes(world, EMPTY_APPOINTMENT)
    change = {"panel_id": CUSTOM_PANEL, "biomarker_ids": [42, 87]}
    run(world, add_biomarkers, EMPTY_APPOINTMENT, change)
    assert tubes(world, EMPTY_APPOINTMENT) == before
    run(world, remove_panels, EMPTY_APPOINTMENT, {"panel_ids": [PANEL]})
    assert tubes(world, EMPTY_APPOINTMENT) == [("serum", "7.5 ml", 1)]
    run(world, remove_biomarkers, EMPTY_APPOINTMENT, change)
    assert tubes(world, EMPTY_APPOINTMENT) == []


@pytest.mark.rule("preview.tubes")
def test_preview_of_two_laboratories(world: World) -> None:
    """Each laboratory gets tubes of its own."""
    for panel in (CUSTOM_PANEL, OTHER_CUSTOM_PANEL):
        run(world, add_biomarkers, EMPTY_APPOINTMENT, {"panel_id": panel, "biomarker_ids": [LABS_OWN[panel]]})
    assert tubes(world, EMPTY_APPOINTMENT) == [("serum", "5 ml", 1), ("serum", "7.5 ml", 1)]


@pytest.mark.rule("preview.tubes")
@pytest.mark.parametrize("id", [APPOINTMENT, PENDING_APPOINTMENT, CANCELLED_APPOINTMENT, DRAWN_APPOINTMENT])
def test_preview_is_allowed_in_every_status(world: World, id: str) -> None:
    """Whatever happens to an appointment, its tubes can be looked up, and they stay the same."""
    before = snapshot_of(world)
    assert isinstance(tubes(world, id), list)
    assert snapshot_of(world) == before
    if id == APPOINTMENT:
        shown = tubes(world, id)
        run(world, confirm_blood_draw, id, BARCODE)
        assert tubes(world, id) == shown


@pytest.mark.rule("path.unknown", "auth.context")
def test_preview_of_nothing_and_of_others(world: World) -> None:
    """An appointment of nothing is not found, one outside the context is forbidden."""
    assert refusal_of(world, preview_tubes, UNKNOWN).rule.id == "path.unknown"
    assert refusal_of(world, preview_tubes, RIVAL_APPOINTMENT).rule.id == "auth.context"
