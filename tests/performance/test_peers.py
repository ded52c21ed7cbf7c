"""The comparison with other test doubles: what the guide shows is what was measured, and what each peer is given."""

import json
from typing import Any

import pytest
import yaml

from tests.guide.pages import marked
from tests.performance.peer_servers import BARE, PEERS, SANDBOX, as_openapi_30
from tests.performance.peers import FIGURES, ROOT, compare, put, written

OPERATIONS = {"/api/v1/appointments/{id}": "get", "/api/v1/appointments": "post"}


def test_the_guide_shows_the_figures() -> None:
    """The table of the guide is the one that the committed figures give."""
    assert marked("peers", "performance") == written(json.loads(FIGURES.read_bytes()))


def test_every_server_was_measured() -> None:
    """The figures have a version and both rates of each server, the sandbox first."""
    figures = json.loads(FIGURES.read_bytes())
    names = [server.name for server in (SANDBOX, BARE, *PEERS)]
    assert list(figures["rates"]) == names
    assert list(figures["versions"]) == names
    assert all(set(calls) == {"GET", "POST"} for calls in figures["rates"].values())


def test_ratios_are_of_rounds() -> None:
    """The ratio is the median of what each round gives, not that of the medians: the machine's speed changes between
    rounds."""
    ours = [(100.0, 50.0), (200.0, 100.0), (900.0, 900.0)]
    theirs = [(100.0, 25.0), (100.0, 50.0), (300.0, 0.0)]
    assert compare(ours, theirs) == {"GET": {"rate": 100.0, "ratio": 2.0}, "POST": {"rate": 25.0, "ratio": 2.0}}


def test_the_fastest_peer_is_none_of_ours() -> None:
    """The summary leaves out the bare app, and takes the fastest peer of each call."""

    def rates(get: float, post: float) -> dict[str, Any]:
        return {"GET": {"rate": 10_000 / get, "ratio": get}, "POST": {"rate": 10_000 / post, "ratio": post}}

    measured = {SANDBOX.name: rates(1, 1), BARE.name: rates(0.5, 0.25)}
    measured |= {peer.name: rates(9, 9) for peer in PEERS}
    measured[PEERS[0].name], measured[PEERS[1].name] = rates(4, 8), rates(8, 2)
    figures: dict[str, Any] = {"loader": "wrk", "rounds": 3, "python": "3.11.7", "node": "20.20.2", "java": "17.0.15"}
    table = written(figures | {"versions": dict.fromkeys(measured, "1.2"), "rates": measured})
    assert "Ratio of the sandbox to the fastest peer: 4.00 for GET, 2.00 for POST.\n" in table
    assert f"| {PEERS[0].name} 1.2 | 2,500 | 4.00 | 1,250 | 8.00 |\n" in table
    assert table.index(f"| {SANDBOX.name} ") < table.index(f"| {BARE.name} ") < table.index(f"| {PEERS[0].name} ")


def test_only_what_is_between_the_marks_changes() -> None:
    """The rest of the page stays, whatever the table holds."""
    page = "before\n<!-- peers -->\nold\n<!-- /peers -->\nafter\n"
    assert put("a \\1 table\n", page) == "before\n<!-- peers -->\na \\1 table\n<!-- /peers -->\nafter\n"


def test_the_older_document_asks_for_the_same() -> None:
    """What connexion reads has the parameters and the bodies of the sandbox's document, without references."""
    document = yaml.safe_load((ROOT / "openapi.yaml").read_bytes())
    older = as_openapi_30(document, OPERATIONS)
    assert older["openapi"] == "3.0.3"
    assert "$ref" not in json.dumps(older)
    (parameter,) = older["paths"]["/api/v1/appointments/{id}"]["get"]["parameters"]
    assert parameter["schema"] == {"type": "string", "format": "uuid"}
    posted = older["paths"]["/api/v1/appointments"]["post"]["requestBody"]["content"]["application/json"]["schema"]
    asked = document["components"]["schemas"]["AppointmentCreate"]
    assert posted["required"] == asked["required"]
    for name, field in asked["properties"].items():
        for keyword in ("type", "format", "pattern"):
            assert posted["properties"][name].get(keyword) == field.get(keyword)


@pytest.mark.parametrize("peer", PEERS, ids=lambda peer: peer.name)
def test_peers_come_from_a_registry(peer: Any) -> None:
    """Each names its package, and its command gives the port to it."""
    assert peer.package.partition(":")[0] in ("npm", "pypi")
    assert "{port}" in peer.command
    assert peer.does.endswith(".")
