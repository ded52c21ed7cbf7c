"""Single biomarkers on an appointment: adding and removing them, and what the laboratory does not take."""

import re
from typing import Any

import pytest

from aniva_sandbox.api.appointments.custom_snapshot import add_biomarkers, remove_biomarkers
from aniva_sandbox.api.appointments.draw import confirm_blood_draw
from aniva_sandbox.api.appointments.operations import get_appointment
from aniva_sandbox.api.appointments.panels import add_panels, remove_panels
from aniva_sandbox.api.world import World
from tests.support import (
    CANCELLED_APPOINTMENT,
    CUSTOM_PANEL,
    DRAWN_APPOINTMENT,
    EMPTY_APPOINTMENT,
    HOME_APPOINTMENT,
    OTHER_CUSTOM_PANEL,
    PANEL,
    PENDING_APPOINTMENT,
    RIVAL_APPOINTMENT,
    UNKNOWN,
    Client,
    refusal_of,
    relied_on,
    run,
    snapshot_of,
    verdict_of,
)

VITAMIN_D, TSH, LDL, HDL, RATIO = 42, 87, 60, 58, 61
ARCHIVED = 96
OTHER_APPOINTMENT = "b2c3d4e5-f6a7-8901-bcde-f12345678901"


def change(*ids: int, panel: str = CUSTOM_PANEL) -> dict[str, Any]:
    """A body of either operation."""
    return {"panel_id": panel, "biomarker_ids": list(ids)}


def held(world: World, id: str = EMPTY_APPOINTMENT, panel: str = CUSTOM_PANEL) -> set[int]:
    """What a container of an appointment holds."""
    return set(world.appointments[id].snapshot.get(panel, ()))


# Adding


@pytest.mark.rule("snapshot.add", "snapshot.listed", "time.updated")
@pytest.mark.parametrize("id", [EMPTY_APPOINTMENT, PENDING_APPOINTMENT, HOME_APPOINTMENT])
def test_adding(world: World, id: str) -> None:
    """Biomarkers are attached, the container stands last among the panels since then, and nothing else changes."""
    before = run(world, get_appointment, id)
    assert run(world, add_biomarkers, id, change(TSH, VITAMIN_D, TSH)) == {"success": True}
    assert held(world, id) == {TSH, VITAMIN_D}
    container = {"panel_id": CUSTOM_PANEL, "added_at": "2026-04-13T08:00:00Z"}
    assert run(world, get_appointment, id) == before | {"panels": [*before["panels"], container]}


@pytest.mark.rule("snapshot.add")
def test_adding_again_keeps(world: World) -> None:
    """What is attached stays, also the time at which the container came."""
    run(world, add_biomarkers, EMPTY_APPOINTMENT, change(TSH))
    world.clock.move(world.now.replace(hour=20))
    shown = run(world, get_appointment, EMPTY_APPOINTMENT)
    run(world, add_biomarkers, EMPTY_APPOINTMENT, change(VITAMIN_D, TSH))
    assert held(world) == {TSH, VITAMIN_D}
    assert run(world, get_appointment, EMPTY_APPOINTMENT) == shown


@pytest.mark.rule("snapshot.add")
def test_containers_are_apart(world: World) -> None:
    """Each container holds its own, also of one biomarker."""
    run(world, add_biomarkers, EMPTY_APPOINTMENT, change(TSH))
    run(world, add_biomarkers, EMPTY_APPOINTMENT, change(TSH, panel=OTHER_CUSTOM_PANEL))
    run(world, remove_biomarkers, EMPTY_APPOINTMENT, change(TSH))
    assert (held(world), held(world, panel=OTHER_CUSTOM_PANEL)) == (set(), {TSH})


@pytest.mark.rule("snapshot.biomarkers")
@pytest.mark.parametrize("id", [0, 99999, ARCHIVED])
def test_adding_what_cannot_be_ordered(world: World, id: int) -> None:
    """A biomarker that does not exist or is archived is not found, and none of the others is added."""
    assert verdict_of(world, add_biomarkers, EMPTY_APPOINTMENT, change(TSH, id)) == ("snapshot.biomarkers", 404)
    assert str(id) in refusal_of(world, add_biomarkers, EMPTY_APPOINTMENT, change(TSH, id)).message


# The panel


@pytest.mark.rule("snapshot.panel")
@pytest.mark.parametrize("operation", [add_biomarkers, remove_biomarkers])
def test_panel_is_out_of_reach(world: World, operation: Any) -> None:
    """A container that is not granted to the key is forbidden, for adding and removing."""
    run(world, add_biomarkers, EMPTY_APPOINTMENT, change(TSH))
    assert verdict_of(world, operation, EMPTY_APPOINTMENT, change(TSH), persona="scheduler") == ("snapshot.panel", 403)


@pytest.mark.rule("snapshot.panel", "snapshot.panel/unknown")
@pytest.mark.parametrize("operation", [add_biomarkers, remove_biomarkers])
@pytest.mark.parametrize("id", [TSH, 99999, ARCHIVED])
def test_panel_of_nothing(world: World, operation: Any, id: int) -> None:
    """An id of no panel is forbidden like one out of reach, for adding and removing, whatever the biomarkers are."""
    assert verdict_of(world, operation, EMPTY_APPOINTMENT, change(id, panel=UNKNOWN)) == ("snapshot.panel/unknown", 403)
    out_of_reach = verdict_of(world, operation, EMPTY_APPOINTMENT, change(id), persona="scheduler")
    assert out_of_reach == ("snapshot.panel", 403)


@pytest.mark.rule("snapshot.panel/container")
def test_panel_is_no_container(world: World) -> None:
    """A panel of its own biomarkers takes no others; a container in capital letters does."""
    body = change(TSH, panel=PANEL)
    assert verdict_of(world, add_biomarkers, EMPTY_APPOINTMENT, body) == ("snapshot.panel/container", 400)
    run(world, add_biomarkers, EMPTY_APPOINTMENT, change(TSH, panel=CUSTOM_PANEL.upper()))
    assert held(world) == {TSH}


# Removing


@pytest.mark.rule("snapshot.remove", "snapshot.listed")
def test_removing(world: World) -> None:
    """What is removed is gone; the container goes with the last one, and comes back with a new time."""
    before = run(world, get_appointment, EMPTY_APPOINTMENT)
    run(world, add_biomarkers, EMPTY_APPOINTMENT, change(TSH, VITAMIN_D))
    run(world, remove_biomarkers, EMPTY_APPOINTMENT, change(TSH, TSH))
    assert held(world) == {VITAMIN_D}
    run(world, remove_biomarkers, EMPTY_APPOINTMENT, change(VITAMIN_D, panel=CUSTOM_PANEL.upper()))
    assert run(world, get_appointment, EMPTY_APPOINTMENT) == before
    world.clock.move(world.now.replace(hour=9))
    run(world, add_biomarkers, EMPTY_APPOINTMENT, change(VITAMIN_D))
    assert run(world, get_appointment, EMPTY_APPOINTMENT)["panels"][-1]["added_at"] == "2026-04-13T09:00:00Z"


@pytest.mark.rule("snapshot.remove")
@pytest.mark.parametrize(
    "body",
    [change(TSH, VITAMIN_D), change(TSH, 99999), change(TSH, panel=OTHER_CUSTOM_PANEL), change(TSH, panel=PANEL)],
)
def test_removing_what_is_not_attached(world: World, body: dict[str, Any]) -> None:
    """Everything to remove must be attached under that panel, or nothing is removed."""
    run(world, add_biomarkers, EMPTY_APPOINTMENT, change(TSH))
    assert verdict_of(world, remove_biomarkers, EMPTY_APPOINTMENT, body) == ("snapshot.remove", 404)


@pytest.mark.rule("panels.custom")
def test_a_container_is_no_panel_to_add_or_remove(world: World) -> None:
    """The operations on panels leave containers alone, also one that holds something."""
    run(world, add_biomarkers, EMPTY_APPOINTMENT, change(TSH))
    for operation in (add_panels, remove_panels):
        assert verdict_of(world, operation, EMPTY_APPOINTMENT, {"panel_ids": [CUSTOM_PANEL]}) == ("panels.custom", 400)


# Coherence


@pytest.mark.rule("snapshot.coherent", "snapshot.coherent/body")
def test_incoherent_additions_are_explained(world: World) -> None:
    """A ratio without what it is sold with is refused, with the laboratory, what would yield it, and what that misses;
    with that it is taken."""
    refusal = refusal_of(world, add_biomarkers, EMPTY_APPOINTMENT, change(HDL, RATIO))
    assert (refusal.rule.id, refusal.status) == ("snapshot.coherent", 400)
    assert refusal.body() == {
        "error": "ZotzKlimas cannot accept this order: "
        "LDL/HDL Ratio is only sold with others: Lipid ratio also needs LDL Cholesterol",
        "lab": "ZotzKlimas",
        "panel_id": CUSTOM_PANEL,
        "stranded": [
            {
                "biomarker_id": RATIO,
                "biomarker_name": "LDL/HDL Ratio",
                "candidates": [
                    {
                        "orderable": "Lipid ratio",
                        "missing": [{"biomarker_id": LDL, "biomarker_name": "LDL Cholesterol"}],
                    }
                ],
            }
        ],
    }
    run(world, add_biomarkers, EMPTY_APPOINTMENT, change(HDL, RATIO, LDL))
    assert held(world) == {HDL, RATIO, LDL}


@pytest.mark.rule("snapshot.coherent", "atomic")
def test_incoherent_rests_are_refused(world: World) -> None:
    """Taking LDL away while its ratio stays is refused; taking both away is not."""
    run(world, add_biomarkers, EMPTY_APPOINTMENT, change(HDL, RATIO, LDL))
    assert verdict_of(world, remove_biomarkers, EMPTY_APPOINTMENT, change(LDL)) == ("snapshot.coherent", 400)
    run(world, remove_biomarkers, EMPTY_APPOINTMENT, change(LDL, RATIO))
    assert held(world) == {HDL}


@pytest.mark.rule("snapshot.coherent")
def test_what_the_laboratory_does_not_sell(world: World) -> None:
    """It is stranded without candidates; the other laboratory takes it."""
    laboratories = world.catalogue.laboratories
    only = min(laboratories["labclinic"].sellers.keys() - laboratories["zotzklimas"].sellers.keys())
    refusal = refusal_of(world, add_biomarkers, EMPTY_APPOINTMENT, change(only))
    (stranded,) = refusal.fields["stranded"]
    assert (stranded["biomarker_id"], stranded["candidates"]) == (only, [])
    assert refusal.message.endswith(f"{stranded['biomarker_name']} is not sold there")


@pytest.mark.rule("snapshot.coherent")
def test_what_is_held_counts(world: World) -> None:
    """Judged is what the container holds after the change, not the change alone."""
    run(world, add_biomarkers, EMPTY_APPOINTMENT, change(LDL, HDL))
    run(world, add_biomarkers, EMPTY_APPOINTMENT, change(RATIO))
    assert held(world) == {HDL, RATIO, LDL}
    assert verdict_of(world, add_biomarkers, OTHER_APPOINTMENT, change(RATIO)) == ("snapshot.coherent", 400)


# State, context and order


@pytest.mark.rule("appointment.editable", "confirm.draw")
@pytest.mark.parametrize("id", [DRAWN_APPOINTMENT, CANCELLED_APPOINTMENT])
def test_only_before_the_draw(world: World, id: str) -> None:
    """What is drawn or cancelled is frozen."""
    assert verdict_of(world, add_biomarkers, id, change(TSH)) == ("appointment.editable", 409)


@pytest.mark.rule("appointment.editable", "confirm.draw")
def test_the_draw_freezes_the_snapshot(world: World) -> None:
    """After the draw nothing can be added or removed."""
    run(world, add_biomarkers, EMPTY_APPOINTMENT, change(TSH))
    run(world, confirm_blood_draw, EMPTY_APPOINTMENT, {"barcode": "1"})
    for operation in (add_biomarkers, remove_biomarkers):
        assert verdict_of(world, operation, EMPTY_APPOINTMENT, change(TSH)) == ("appointment.editable", 409)


@pytest.mark.rule("path.unknown", "auth.context")
@pytest.mark.parametrize("operation", [add_biomarkers, remove_biomarkers])
def test_the_appointment_comes_first(world: World, operation: Any) -> None:
    """An appointment of nothing is not found, one outside the context is forbidden, whatever the body names."""
    assert verdict_of(world, operation, UNKNOWN, change(99999)) == ("path.unknown", 404)
    assert verdict_of(world, operation, RIVAL_APPOINTMENT, change(99999)) == ("auth.context", 403)


@pytest.mark.rule("order.checks")
def test_order_of_the_checks(world: World) -> None:
    """The panel (403), then biomarkers (404), then the state (409), then the kind of the panel and coherence (400)."""
    add = add_biomarkers
    assert refusal_of(world, add, DRAWN_APPOINTMENT, change(99999, panel=UNKNOWN)).rule.id == "snapshot.panel/unknown"
    assert refusal_of(world, add, DRAWN_APPOINTMENT, change(99999, panel=PANEL)).rule.id == "snapshot.biomarkers"
    assert refusal_of(world, add, DRAWN_APPOINTMENT, change(RATIO, panel=PANEL)).rule.id == "appointment.editable"
    assert verdict_of(world, add, EMPTY_APPOINTMENT, change(RATIO, panel=PANEL)) == ("snapshot.panel/container", 400)
    remove = remove_biomarkers
    assert refusal_of(world, remove, DRAWN_APPOINTMENT, change(TSH, panel=UNKNOWN)).rule.id == "snapshot.panel/unknown"
    assert refusal_of(world, remove, DRAWN_APPOINTMENT, change(TSH)).rule.id == "snapshot.remove"
    # Nothing is attached under a panel that is no container, which is why removing never comes to its kind.
    assert verdict_of(world, remove, EMPTY_APPOINTMENT, change(TSH, panel=PANEL)) == ("snapshot.remove", 404)
    run(world, add, EMPTY_APPOINTMENT, change(TSH))
    run(world, confirm_blood_draw, EMPTY_APPOINTMENT, {"barcode": "1"})
    assert refusal_of(world, remove, EMPTY_APPOINTMENT, change(TSH), persona="scheduler").rule.id == "snapshot.panel"
    assert refusal_of(world, remove, EMPTY_APPOINTMENT, change(TSH)).rule.id == "appointment.editable"


# Over HTTP

PATH = f"/appointments/{EMPTY_APPOINTMENT}/custom-snapshot"


@pytest.mark.rule("snapshot.panel", "body.schema")
@pytest.mark.parametrize("method", ["PATCH", "DELETE"])
@pytest.mark.parametrize(
    ("body", "rule", "path"),
    [
        ({"biomarker_ids": [TSH]}, "snapshot.panel", "panel_id"),
        ({"panel_id": CUSTOM_PANEL}, "body.schema", "biomarker_ids"),
        ({"panel_id": "aff", "biomarker_ids": [TSH]}, "id.format", "panel_id"),
        ({"panel_id": CUSTOM_PANEL, "biomarker_ids": []}, "body.schema", "biomarker_ids"),
        ({"panel_id": CUSTOM_PANEL, "biomarker_ids": [-1]}, "id.format", "biomarker_ids[0]"),
        ({"panel_id": CUSTOM_PANEL, "biomarker_ids": ["87"]}, "id.format", "biomarker_ids[0]"),
        ({"panel_id": CUSTOM_PANEL, "biomarker_ids": [1.5]}, "id.format", "biomarker_ids[0]"),
        ({"panel_id": CUSTOM_PANEL, "biomarker_ids": [True]}, "id.format", "biomarker_ids[0]"),
        ({"panel_id": None, "biomarker_ids": [TSH]}, "id.format", "panel_id"),
    ],
)
def test_format_of_a_change(client: Client, method: str, body: dict[str, Any], rule: str, path: str) -> None:
    """Both fields are required; ids have their form."""
    before = snapshot_of(client.world)
    reply = client.request(method, PATH, body)
    assert (reply.status, reply.rules) == (400, [rule])
    assert path in reply.details
    assert snapshot_of(client.world) == before


@pytest.mark.rule("snapshot.panel/unknown", "order.checks")
@pytest.mark.parametrize("method", ["PATCH", "DELETE"])
def test_an_unreachable_container_over_http(client: Client, method: str) -> None:
    """The answer is that of every 403, before a biomarker of nothing is told; a container in reach comes to those."""
    before = snapshot_of(client.world)
    reply = client.request(method, PATH, change(99999, panel=UNKNOWN))
    assert (reply.status, reply.rules, reply.json) == (403, ["snapshot.panel/unknown"], {"error": "Forbidden"})
    within = client.request(method, PATH, change(99999))
    assert (within.status, within.rules[0].partition(".")[0]) == (404, "snapshot")
    assert snapshot_of(client.world) == before


@pytest.mark.rule("snapshot.coherent", "snapshot.coherent/body")
def test_the_refusal_over_http(client: Client) -> None:
    """The refusal keeps to the document and leans on the clause on its body, and what it says mends the order."""
    refused = client.patch(PATH, change(HDL, RATIO))
    assert (refused.status, refused.rules) == (400, ["snapshot.coherent"])
    assert "snapshot.coherent/body" in relied_on(client)
    missing = [m["biomarker_id"] for s in refused.json["stranded"] for m in s["candidates"][0]["missing"]]
    assert client.patch(PATH, change(HDL, RATIO, *missing)).json == {"success": True}
    assert client.delete(PATH, change(HDL, RATIO, *missing)).json == {"success": True}


@pytest.mark.rule("snapshot.biomarkers")
def test_numbers_as_json_says_them(client: Client) -> None:
    """A number that is whole is an id, however it is written; one that is too large names nothing."""
    body = b'{"panel_id": "%s", "biomarker_ids": [87.0]}' % CUSTOM_PANEL.encode()
    assert client.request("PATCH", PATH, body=body).status == 200
    assert client.patch(PATH, change(2**62)).rules == ["snapshot.biomarkers"]
    for method in ("PATCH", "DELETE"):
        reply = client.request(method, PATH, body=body.replace(b"87.0", b"1e30"))
        assert (reply.status, reply.details) == (400, {"biomarker_ids[0]": "is out of range"})


@pytest.mark.rule("snapshot.add", "snapshot.listed")
def test_what_a_container_holds(world: World) -> None:
    """Each biomarker is held once, in the order in which they came; an empty container is none."""
    run(world, add_biomarkers, EMPTY_APPOINTMENT, change(TSH))
    run(world, add_biomarkers, EMPTY_APPOINTMENT, change(VITAMIN_D, TSH, VITAMIN_D))
    assert world.appointments[EMPTY_APPOINTMENT].snapshot == {CUSTOM_PANEL: (TSH, VITAMIN_D)}
    run(world, remove_biomarkers, EMPTY_APPOINTMENT, change(TSH, VITAMIN_D))
    assert world.appointments[EMPTY_APPOINTMENT].snapshot == {}


@pytest.mark.rule("snapshot.biomarkers", "snapshot.remove")
def test_refusals_name_each_biomarker_once(world: World) -> None:
    """What is not found, or not attached, is told in the order in which it was sent, once."""
    unknown = refusal_of(world, add_biomarkers, EMPTY_APPOINTMENT, change(99999, ARCHIVED, TSH, 99999))
    assert unknown.message == "biomarker_ids: there is no such biomarker: 99999, 96"
    loose = refusal_of(world, remove_biomarkers, EMPTY_APPOINTMENT, change(VITAMIN_D, TSH, VITAMIN_D))
    assert loose.message == "biomarker_ids: not attached under this panel: 42, 87"


@pytest.mark.rule("snapshot.coherent")
def test_refusals_count_the_other_candidates(world: World) -> None:
    """The message names the candidate that misses least, and says whether there is another, or how many."""
    for laboratory, panel in (("zotzklimas", CUSTOM_PANEL), ("labclinic", OTHER_CUSTOM_PANEL)):
        found = set()
        for id, selling in world.catalogue.laboratories[laboratory].sellers.items():
            if any(each.yields == {id} for each in selling):
                continue
            message = refusal_of(world, add_biomarkers, EMPTY_APPOINTMENT, change(id, panel=panel)).message
            ending = re.search(r" also needs .*?(?: \((\d+) more bundles? contains? it\))?$", message)
            assert ending is not None, message
            others = int(ending[1] or 0)
            assert others == len(selling) - 1
            assert ("bundle contains" in message) == (others == 1)
            found.add(min(others, 2))
        assert found == {0, 1, 2}
