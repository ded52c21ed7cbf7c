"""The catalogue: panels, biomarkers and units."""

from typing import Any

import pytest

from aniva_sandbox.api.catalogue import operations as catalogue
from aniva_sandbox.api.world import World
from tests.support import CUSTOM_PANEL, OTHER_PANEL, PANEL, Client, refusal_of, run, snapshot_of

ARCHIVED = 122
"""Blood Urea Nitrogen; its neighbours are not archived."""
LISTS = [catalogue.list_panels, catalogue.list_biomarkers, catalogue.list_units]


def listed(world: World, operation: Any, persona: str = "full") -> Any:
    """A list of the catalogue."""
    return run(world, operation, persona=persona)


# Biomarkers


@pytest.mark.rule("catalogue.archived")
def test_archived_biomarker_by_id(world: World) -> None:
    """An archived biomarker answers 404 like one that does not exist; its neighbours are there."""
    archived = refusal_of(world, catalogue.get_biomarker, str(ARCHIVED))
    unknown = refusal_of(world, catalogue.get_biomarker, "999999")
    assert [rule.id for refusal in (archived, unknown) for rule in refusal.rules] == [
        *("catalogue.archived", "path.unknown")
    ]
    assert (archived.status, archived.body()) == (unknown.status, unknown.body())
    assert archived.status == 404
    for id in (121, 123):
        assert run(world, catalogue.get_biomarker, str(id))["id"] == id


@pytest.mark.rule("catalogue.archived", "catalogue.archived/list")
def test_list_and_single_biomarkers_agree(world: World) -> None:
    """Every listed biomarker reads the same by id; every other one is archived, and refused by id."""
    biomarkers = {marker["id"]: marker for marker in listed(world, catalogue.list_biomarkers)}
    for id, marker in biomarkers.items():
        assert run(world, catalogue.get_biomarker, str(id)) == marker
    hidden = set(world.catalogue.biomarkers) - set(biomarkers)
    assert ARCHIVED in hidden
    for id in hidden:
        assert refusal_of(world, catalogue.get_biomarker, str(id)).status == 404


@pytest.mark.parametrize(
    ("id", "known"),
    [
        (
            42,
            {
                "slug": "vitamin-d-25-oh",
                "type": "clinical",
                "unit": {"id": 1, "title": "nmol/L", "display_title": None},
            },
        ),
        (87, {"slug": "tsh", "type": "clinical"}),
        (108, {}),
        (201, {"slug": "apoe", "type": "genetic", "unit": None}),
    ],
)
def test_known_biomarkers(world: World, id: int, known: dict[str, Any]) -> None:
    """The ids that public examples use name the biomarkers that they name there."""
    marker = run(world, catalogue.get_biomarker, str(id))
    assert marker["id"] == id
    assert {name: marker[name] for name in known} == known


def test_biomarker_has_every_field(world: World) -> None:
    """A biomarker has all its keys, and does not say whether it is archived."""
    assert run(world, catalogue.get_biomarker, "1") == {
        "id": 1,
        "slug": "leukocytes",
        "name": "Leukocytes",
        "description": "Total number of white blood cells.",
        "category": "Haematology",
        "sub_category": "Blood count",
        "type": "clinical",
        "material": "whole_blood",
        "unit": {"id": 24, "title": "10^9/L", "display_title": "10⁹/L"},
    }
    assert len({tuple(marker) for marker in listed(world, catalogue.list_biomarkers)}) == 1


@pytest.mark.rule("id.format")
@pytest.mark.parametrize(
    ("id", "status"),
    [
        ("42", 200),
        ("042", 200),
        ("0", 404),
        ("999999", 404),
        ("99999999999999999999", 404),
        ("9" * 400, 404),
        ("-1", 400),
        ("-0", 400),
        ("-00", 400),
        ("+42", 400),
        ("4.0", 400),
        ("42.0", 400),
        ("4e1", 400),
        ("0x2a", 400),
        ("42%20", 400),
        ("%2042", 400),
        ("4_2", 400),
        ("%D9%A4%D9%A2", 400),
        ("tsh", 400),
        (PANEL, 400),
    ],
)
def test_biomarker_id_is_of_digits(client: Client, id: str, status: int) -> None:
    """A biomarker's id is of ASCII digits, however many; what is not is malformed, what names nothing is unknown."""
    reply = client.get(f"/biomarkers/{id}")
    assert reply.status == status
    assert reply.rules == {200: [], 404: ["path.unknown"], 400: ["id.format"]}[status]
    assert status != 200 or reply.json["id"] == 42
    assert status != 400 or list(reply.details) == ["id"]


# Panels


@pytest.mark.rule("catalogue.reachable")
def test_panels_of_the_key(world: World) -> None:
    """A key lists the panels granted to it, its custom containers among them, and no other."""
    assert {panel["id"] for panel in listed(world, catalogue.list_panels)} == set(world.catalogue.panels)
    assert {panel["id"] for panel in listed(world, catalogue.list_panels, "scheduler")} == {PANEL, OTHER_PANEL}
    assert listed(world, catalogue.list_panels, "courier") == []


@pytest.mark.rule("catalogue.reachable", "catalogue.order")
def test_granted_panels_are_the_same_for_every_key(world: World) -> None:
    """What two keys both reach they see alike and in the same order."""
    full = listed(world, catalogue.list_panels)
    few = listed(world, catalogue.list_panels, "scheduler")
    assert few == [panel for panel in full if panel["id"] in {PANEL, OTHER_PANEL}]


def test_custom_containers(world: World) -> None:
    """The two containers for single biomarkers are marked as custom and hold none; every other panel holds some."""
    panels = listed(world, catalogue.list_panels)
    custom = [panel for panel in panels if panel["is_custom"]]
    assert {panel["id"]: panel["name"] for panel in custom} == {
        CUSTOM_PANEL: "Aniva Custom ZotzKlimas",
        CUSTOM_PANEL.replace("aff", "bff"): "Aniva Custom Labclinic",
    }
    assert all(bool(panel["biomarker_ids"]) is not panel["is_custom"] for panel in panels)
    assert {tuple(panel) for panel in panels} == {("id", "name", "description", "is_custom", "biomarker_ids")}


@pytest.mark.rule("catalogue.archived")
def test_panels_hold_biomarkers_that_are_there(world: World) -> None:
    """Every biomarker of a panel is listed, and none stands in a panel twice."""
    there = {marker["id"] for marker in listed(world, catalogue.list_biomarkers)}
    for panel in listed(world, catalogue.list_panels):
        assert set(panel["biomarker_ids"]) <= there
        assert len(set(panel["biomarker_ids"])) == len(panel["biomarker_ids"])


# Units


@pytest.mark.parametrize(
    ("id", "title", "display_title"), [(1, "nmol/L", None), (2, "mmol/L", None), (47, "ug/dL", "µg/dL")]
)
def test_known_units(world: World, id: int, title: str, display_title: str | None) -> None:
    """The ids that public examples use name the units that they name there."""
    unit = next(unit for unit in listed(world, catalogue.list_units) if unit["id"] == id)
    assert (unit["title"], unit["display_title"], unit["unit_type"]) == (title, display_title, "physical")
    assert set(unit) == {"id", "title", "display_title", "aliases", "unit_type"}
    assert title.lower() in {alias.lower() for alias in unit["aliases"]}


def test_biomarkers_use_listed_units(world: World) -> None:
    """The unit that a biomarker shows is one of the list, written in the same way."""
    units = {unit["id"]: unit for unit in listed(world, catalogue.list_units)}
    shown = [marker["unit"] for marker in listed(world, catalogue.list_biomarkers) if marker["unit"] is not None]
    assert shown
    for unit in shown:
        assert unit == {name: units[unit["id"]][name] for name in ("id", "title", "display_title")}


# All lists


@pytest.mark.rule("catalogue.order")
@pytest.mark.parametrize(("path", "key"), [("/panels", "name"), ("/biomarkers", "id"), ("/units", "id")])
def test_order(client: Client, path: str, key: str) -> None:
    """Biomarkers and units come by id, panels by name, none of them twice."""
    keys = [entry[key] for entry in client.get(path).json]
    assert len(keys) > 1
    assert keys == sorted(set(keys))


@pytest.mark.parametrize("path", ["/panels", "/biomarkers", "/units", "/biomarkers/42"])
def test_no_parameters(client: Client, path: str) -> None:
    """The catalogue takes no parameters: what stands in the query is ignored."""
    assert client.get(f"{path}?limit=1&offset=-1&email=x&id=0").json == client.get(path).json


@pytest.mark.rule("auth.permission", "auth.permission/unnamed")
@pytest.mark.parametrize(
    ("path", "rule"),
    [
        ("/panels", "auth.permission/unnamed"),
        ("/biomarkers", "auth.permission/unnamed"),
        ("/units", "auth.permission"),
        ("/biomarkers/42", "auth.permission"),
        ("/biomarkers/x", "auth.permission"),
    ],
)
def test_permission(client: Client, path: str, rule: str) -> None:
    """A key without access to panels sees nothing of the catalogue, and is not told whether an id is one."""
    reply = client.get(path, key="sbx_test.courier")
    assert (reply.status, reply.rules, reply.json) == (403, [rule], {"error": "Forbidden"})
    assert client.get(path, key="sbx_test.reader").status == (400 if path.endswith("x") else 200)


@pytest.mark.parametrize("operation", LISTS, ids=lambda operation: operation.id)
def test_lists_change_nothing(world: World, operation: Any) -> None:
    """Reading the catalogue leaves the world as it was; other contexts with the same panels read the same."""
    before = snapshot_of(world)
    assert listed(world, operation) == listed(world, operation, "outsider")
    assert snapshot_of(world) == before
