"""Panels on an appointment: adding and removing them."""

from typing import Any

import pytest

from aniva_sandbox.api.appointments import operations as appointments
from aniva_sandbox.api.appointments.panels import add_panels, remove_panels
from aniva_sandbox.api.world import World
from tests.support import (
    APPOINTMENT,
    CANCELLED_APPOINTMENT,
    CUSTOM_PANEL,
    DRAWN_APPOINTMENT,
    GENETICS_PANEL,
    HOME_APPOINTMENT,
    OTHER_CUSTOM_PANEL,
    OTHER_PANEL,
    PANEL,
    PENDING_APPOINTMENT,
    RIVAL_APPOINTMENT,
    UNDATED_APPOINTMENT,
    UNKNOWN,
    Client,
    refusal_of,
    run,
    snapshot_of,
    verdict_of,
)

THYROID = "e5f6a7b8-c9d0-4e2f-b3a4-c5d6e7f8a9b0"
LABCLINIC_PANEL = "00000000-0000-0000-0000-000000000bff"
NOW = "2026-04-13T08:00:00Z"
BEFORE = "2026-04-07T15:22:00Z"


def add(world: World, id: str, *panels: str, persona: str = "full") -> Any:
    return run(world, add_panels, id, {"panel_ids": list(panels)}, persona=persona)


def remove(world: World, id: str, *panels: str, persona: str = "full") -> Any:
    return run(world, remove_panels, id, {"panel_ids": list(panels)}, persona=persona)


def attached(world: World, id: str = APPOINTMENT) -> dict[str, str]:
    """The panels that an appointment shows, with the time each was added, in the order shown; the container that it
    begins with is left out."""
    shown = run(world, appointments.get_appointment, id)["panels"]
    return {link["panel_id"]: link["added_at"] for link in shown if link["panel_id"] != OTHER_CUSTOM_PANEL}


@pytest.mark.rule("time.instants", "time.updated", "order.ordinal")
def test_added_panels_are_shown(world: World) -> None:
    """Panels come after those that are there, in the order sent, with the time of now; updated_at stays null."""
    assert add(world, APPOINTMENT, THYROID, GENETICS_PANEL) == {"success": True}
    assert list(attached(world).items()) == [
        (PANEL, BEFORE),
        (OTHER_PANEL, BEFORE),
        (THYROID, NOW),
        (GENETICS_PANEL, NOW),
    ]
    assert run(world, appointments.get_appointment, APPOINTMENT)["updated_at"] is None


@pytest.mark.rule("appointment.editable", "time.updated")
@pytest.mark.parametrize("id", [APPOINTMENT, PENDING_APPOINTMENT, HOME_APPOINTMENT, UNDATED_APPOINTMENT])
def test_panels_come_and_go_before_the_draw(world: World, id: str) -> None:
    """Pending and confirmed appointments, home kits too, take panels and give them back as if nothing had been."""
    before = run(world, appointments.get_appointment, id)
    add(world, id, GENETICS_PANEL)
    assert attached(world, id)[GENETICS_PANEL] == NOW
    assert remove(world, id, GENETICS_PANEL) == {"success": True}
    assert run(world, appointments.get_appointment, id) == before


@pytest.mark.rule("panels.add-twice")
@pytest.mark.parametrize("panel", [PANEL, PANEL.upper()])
def test_panel_added_twice_keeps_its_first_time(world: World, panel: str) -> None:
    """An attached panel keeps its place and its added_at, while a new one beside it is added now."""
    add(world, APPOINTMENT, THYROID, panel)
    assert list(attached(world).items()) == [(PANEL, BEFORE), (OTHER_PANEL, BEFORE), (THYROID, NOW)]
    before = snapshot_of(world)
    assert add(world, APPOINTMENT, panel) == {"success": True}
    assert snapshot_of(world) == before


@pytest.mark.rule("panels.add-twice")
def test_panel_added_after_its_removal_is_new(world: World) -> None:
    """A panel that was removed in between has the time of its second adding, and comes last."""
    remove(world, APPOINTMENT, PANEL)
    add(world, APPOINTMENT, PANEL)
    assert list(attached(world).items()) == [(OTHER_PANEL, BEFORE), (PANEL, NOW)]


@pytest.mark.rule("body.schema")
def test_panel_that_repeats_counts_once(world: World) -> None:
    """An id that repeats, in either case of its letters, is added and removed once."""
    add(world, PENDING_APPOINTMENT, THYROID, THYROID.upper(), THYROID)
    assert attached(world, PENDING_APPOINTMENT) == {THYROID: NOW}
    assert remove(world, PENDING_APPOINTMENT.upper(), THYROID.upper(), THYROID.upper()) == {"success": True}
    assert attached(world, PENDING_APPOINTMENT) == {}


@pytest.mark.rule("panels.unknown", "panels.unknown/unreachable", "atomic")
@pytest.mark.parametrize(
    ("persona", "panels", "rule"),
    [
        ("full", [UNKNOWN], "panels.unknown"),
        ("full", [THYROID, UNKNOWN], "panels.unknown"),
        ("full", [UNKNOWN, CUSTOM_PANEL], "panels.unknown"),
        ("scheduler", [THYROID, UNKNOWN], "panels.unknown"),
        ("scheduler", [THYROID], "panels.unknown/unreachable"),
        ("scheduler", [PANEL, THYROID], "panels.unknown/unreachable"),
        ("scheduler", [CUSTOM_PANEL], "panels.unknown/unreachable"),
        ("courier", [PANEL], "panels.unknown/unreachable"),
    ],
)
def test_panel_must_exist_and_be_granted(world: World, persona: str, panels: list[str], rule: str) -> None:
    """A panel of nothing, and one that the key is not granted, are refused alike, and no other is added; the clause
    decides where all of them exist."""
    refusal = refusal_of(world, add_panels, PENDING_APPOINTMENT, {"panel_ids": list(panels)}, persona=persona)
    assert (refusal.rule.id, refusal.status) == (rule, 404)
    assert [id for id in (UNKNOWN, THYROID) if id in refusal.message] == [
        id for id in (UNKNOWN, THYROID) if id in panels and (id, persona) != (THYROID, "full")
    ]


@pytest.mark.rule("panels.unknown", "panels.unknown/unreachable")
def test_granted_panel_can_be_added(world: World) -> None:
    """A key with two panels can add these two, and the full key the others."""
    assert add(world, PENDING_APPOINTMENT, PANEL, OTHER_PANEL, persona="scheduler") == {"success": True}
    assert add(world, PENDING_APPOINTMENT, THYROID) == {"success": True}
    assert list(attached(world, PENDING_APPOINTMENT)) == [PANEL, OTHER_PANEL, THYROID]


@pytest.mark.rule("panels.unknown/unreachable")
def test_panel_to_remove_must_be_granted(world: World) -> None:
    """A panel that the key is not granted cannot be removed either; the full key removes it."""
    refusal = verdict_of(world, remove_panels, UNDATED_APPOINTMENT, {"panel_ids": [THYROID]}, persona="scheduler")
    assert refusal == ("panels.unknown/unreachable", 404)
    assert remove(world, UNDATED_APPOINTMENT, THYROID) == {"success": True}


@pytest.mark.rule("panels.unknown", "panels.unknown/unreachable", "panels.remove", "order.checks", "atomic")
@pytest.mark.parametrize(
    ("persona", "panels", "rule"),
    [
        ("full", [UNKNOWN], "panels.unknown"),
        ("full", [PANEL, UNKNOWN], "panels.unknown"),
        ("full", [THYROID, UNKNOWN], "panels.unknown"),
        ("full", [CUSTOM_PANEL, UNKNOWN], "panels.unknown"),
        ("scheduler", [THYROID], "panels.unknown/unreachable"),
        ("scheduler", [PANEL, THYROID], "panels.unknown/unreachable"),
    ],
)
def test_panel_to_remove_must_be_known_first(world: World, persona: str, panels: list[str], rule: str) -> None:
    """A panel of nothing, or one not granted, is told before one that is not attached; all that are attached stay."""
    body = {"panel_ids": list(panels)}
    assert verdict_of(world, remove_panels, APPOINTMENT, body, persona=persona) == (rule, 404)
    assert list(attached(world)) == [PANEL, OTHER_PANEL]
    assert remove(world, APPOINTMENT, PANEL, persona=persona) == {"success": True}


@pytest.mark.rule("panels.unknown", "panels.remove")
@pytest.mark.parametrize(
    ("operation", "panels", "named", "others"),
    [
        (add_panels, [PANEL, UNKNOWN], [UNKNOWN], [PANEL]),
        (remove_panels, [UNKNOWN, PANEL], [UNKNOWN], [PANEL]),
        (remove_panels, [THYROID, UNKNOWN], [UNKNOWN], [THYROID]),
        (remove_panels, [THYROID, PANEL, GENETICS_PANEL.upper()], [THYROID, GENETICS_PANEL], [PANEL]),
    ],
)
def test_refused_panels_are_named(
    world: World, operation: Any, panels: list[str], named: list[str], others: list[str]
) -> None:
    """A refusal names the panels that it is about, and none that would have done."""
    message = refusal_of(world, operation, APPOINTMENT, {"panel_ids": panels}).message
    assert [id for id in (*named, *others) if id in message] == named


@pytest.mark.rule("panels.custom", "atomic")
@pytest.mark.parametrize("panels", [[CUSTOM_PANEL], [LABCLINIC_PANEL.upper()], [THYROID, CUSTOM_PANEL]])
def test_container_is_not_added(world: World, panels: list[str]) -> None:
    """A custom container is no panel to add, and none beside it is added."""
    assert verdict_of(world, add_panels, APPOINTMENT, {"panel_ids": list(panels)}) == ("panels.custom", 400)
    assert add(world, APPOINTMENT, THYROID) == {"success": True}


@pytest.mark.rule("panels.custom", "panels.remove", "atomic")
@pytest.mark.parametrize("panels", [[CUSTOM_PANEL], [PANEL, CUSTOM_PANEL.upper()]])
def test_container_is_not_removed(world: World, panels: list[str]) -> None:
    """A container that is attached cannot be removed as a panel; one that is not is not found."""
    assert verdict_of(world, remove_panels, APPOINTMENT, {"panel_ids": list(panels)}) == ("panels.remove", 404)
    appointment = world.appointments[APPOINTMENT]
    appointment.panels = appointment.panels | {CUSTOM_PANEL: world.now}
    assert verdict_of(world, remove_panels, APPOINTMENT, {"panel_ids": list(panels)}) == ("panels.custom", 400)
    assert remove(world, APPOINTMENT, PANEL) == {"success": True}


@pytest.mark.rule("panels.remove", "atomic")
@pytest.mark.parametrize("panels", [[THYROID], [PANEL, THYROID], [THYROID, PANEL], [PANEL, THYROID, GENETICS_PANEL]])
def test_panels_to_remove_must_all_be_attached(world: World, panels: list[str]) -> None:
    """One panel that is not attached keeps all of them; attached ones go together."""
    assert verdict_of(world, remove_panels, APPOINTMENT, {"panel_ids": list(panels)}) == ("panels.remove", 404)
    assert list(attached(world)) == [PANEL, OTHER_PANEL]
    assert remove(world, APPOINTMENT, OTHER_PANEL, PANEL) == {"success": True}
    assert attached(world) == {}


@pytest.mark.rule("panels.remove", "time.updated")
def test_removed_panel_leaves_the_others(world: World) -> None:
    """Removing one panel keeps the others with their times, and is no change of the appointment itself."""
    remove(world, APPOINTMENT, PANEL)
    assert attached(world) == {OTHER_PANEL: BEFORE}
    assert run(world, appointments.get_appointment, APPOINTMENT)["updated_at"] is None
    assert verdict_of(world, remove_panels, APPOINTMENT, {"panel_ids": [PANEL]}) == ("panels.remove", 404)


@pytest.mark.rule("order.checks", "path.unknown", "auth.context")
@pytest.mark.parametrize(
    ("operation", "id", "panels", "rule"),
    [
        (add_panels, UNKNOWN, [UNKNOWN], "path.unknown"),
        (add_panels, RIVAL_APPOINTMENT, [UNKNOWN], "auth.context"),
        (add_panels, DRAWN_APPOINTMENT, [UNKNOWN], "panels.unknown"),
        (add_panels, DRAWN_APPOINTMENT, [CUSTOM_PANEL], "appointment.editable"),
        (add_panels, DRAWN_APPOINTMENT, [PANEL], "appointment.editable"),
        (add_panels, CANCELLED_APPOINTMENT, [PANEL], "appointment.editable"),
        (add_panels, APPOINTMENT, [CUSTOM_PANEL], "panels.custom"),
        (remove_panels, UNKNOWN, [UNKNOWN], "path.unknown"),
        (remove_panels, RIVAL_APPOINTMENT, [UNKNOWN], "auth.context"),
        (remove_panels, DRAWN_APPOINTMENT, [UNKNOWN], "panels.unknown"),
        (remove_panels, DRAWN_APPOINTMENT, [CUSTOM_PANEL], "panels.remove"),
        (remove_panels, DRAWN_APPOINTMENT, [PANEL], "appointment.editable"),
        (remove_panels, CANCELLED_APPOINTMENT, [UNKNOWN], "panels.unknown"),
        (remove_panels, CANCELLED_APPOINTMENT, [PANEL], "panels.remove"),
    ],
)
def test_checks_come_in_order(world: World, operation: Any, id: str, panels: list[str], rule: str) -> None:
    """The appointment goes first, then the panels named, then its state, then what kind of panels they are."""
    assert refusal_of(world, operation, id, {"panel_ids": list(panels)}).rule.id == rule


@pytest.mark.rule("order.checks", "panels.custom")
def test_state_goes_before_the_kind_of_panel(world: World) -> None:
    """A container on a drawn appointment is refused for the state; on an open one for what it is."""
    appointment = world.appointments[APPOINTMENT]
    appointment.panels = appointment.panels | {CUSTOM_PANEL: world.now}
    assert verdict_of(world, remove_panels, APPOINTMENT, {"panel_ids": [CUSTOM_PANEL]}) == ("panels.custom", 400)
    appointment.status = "blood_drawn"
    assert verdict_of(world, remove_panels, APPOINTMENT, {"panel_ids": [CUSTOM_PANEL]}) == ("appointment.editable", 409)


@pytest.mark.rule("body.schema", "id.format")
@pytest.mark.parametrize("method", ["POST", "DELETE"])
@pytest.mark.parametrize(
    ("body", "paths"),
    [
        ({}, ["panel_ids"]),
        ({"panel_ids": None}, ["panel_ids"]),
        ({"panel_ids": []}, ["panel_ids"]),
        ({"panel_ids": PANEL}, ["panel_ids"]),
        ({"panel_ids": {"0": PANEL}}, ["panel_ids"]),
        ({"panel_ids": ["x", PANEL, 3, None, ""]}, [f"panel_ids[{place}]" for place in (0, 2, 3, 4)]),
    ],
)
def test_panel_ids_must_be_ids(client: Client, method: str, body: dict[str, object], paths: list[str]) -> None:
    """The body holds at least one UUID; everything else is named with its place, also for an unknown appointment."""
    before = snapshot_of(client.world)
    for id in (APPOINTMENT, UNKNOWN):
        reply = client.request(method, f"/appointments/{id}/panels", body)
        assert (reply.status, list(reply.details)) == (400, paths)
        assert set(reply.rules) <= {"body.schema", "id.format"}
    assert snapshot_of(client.world) == before
    assert client.request(method, f"/appointments/{APPOINTMENT}/panels", {"panel_ids": [PANEL]}).status == 200


@pytest.mark.rule("body.json")
@pytest.mark.parametrize("method", ["POST", "DELETE"])
def test_panels_need_a_body(client: Client, method: str) -> None:
    """Adding needs a body, and so does removing, DELETE or not."""
    reply = client.request(method, f"/appointments/{APPOINTMENT}/panels", body=b"")
    assert (reply.status, reply.rules) == (400, ["body.json"])
    assert client.request(method, f"/appointments/{APPOINTMENT}/panels", {"panel_ids": [PANEL]}).status == 200
