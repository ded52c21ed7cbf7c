"""The links that a run adds to a document."""

from collections.abc import Callable
from copy import deepcopy
from typing import Any

import pytest

from aniva_sandbox.api import partner
from aniva_sandbox.conformance.links import add_links
from tests.support import PARTNER

PROFILE = "/api/v1/profiles/{id}"


def linked(document: dict[str, Any]) -> dict[str, dict[str, Any]]:
    """The links of a document after they were added, by operation."""
    add_links(document, partner.OPERATIONS)
    return {
        operation["operationId"]: response["links"]
        for item in document["paths"].values()
        for operation in item.values()
        if isinstance(operation, dict)
        for response in operation["responses"].values()
        if "links" in response
    }


def test_links_lead_from_every_success_that_has_some() -> None:
    """Each operation's links stand in its one success, with what they fill; what was served has none."""
    document = deepcopy(PARTNER.document)
    found = linked(document)
    assert found["get_profile"] == {
        "update_profile": {"operationId": "update_profile", "parameters": {"id": "$response.body#/id"}},
        "list_appointments": {"operationId": "list_appointments", "parameters": {"profile_id": "$response.body#/id"}},
    }
    assert found["attach_shipments"]["detach_shipments"]["requestBody"] == "$request.body"
    assert sum(map(len, found.values())) == sum(len(operation.links) for operation in partner.OPERATIONS) == 62
    assert "links" not in PARTNER.document["paths"][PROFILE]["get"]["responses"]["200"]


def test_a_document_gets_the_links_that_fit_it() -> None:
    """A proposal that lacks an operation, calls a parameter by another name, or has no such success gets no link there;
    one that it has itself stays, and one that several responses share does not spread."""
    document = deepcopy(PARTNER.document)
    del document["paths"]["/api/v1/shipments"]
    profile = document["paths"][PROFILE]
    profile["get"]["parameters"][0] = {"$ref": "#/components/parameters/Id"}
    document["components"]["parameters"] = {"Id": {"name": "id", "in": "path", "required": True}}
    profile["patch"]["parameters"][0]["name"] = "profile_id"
    document["components"]["responses"]["Profile"] = profile["get"]["responses"]["200"] | {
        "links": {"list_appointments": {"operationId": "list_units"}}
    }
    for method in ("get", "patch"):
        profile[method]["responses"]["200"] = {"$ref": "#/components/responses/Profile"}
    created = document["paths"]["/api/v1/profiles"]["post"]["responses"]
    created["202"] = created.pop("201")
    found = linked(document)
    assert {"create_shipment", "list_shipments", "create_profile"}.isdisjoint(found)
    assert found["get_profile"] == {"list_appointments": {"operationId": "list_units"}}
    assert list(found["update_profile"]) == ["get_profile", "list_appointments"]
    assert "get_profile" not in document["components"]["responses"]["Profile"]["links"]


@pytest.mark.parametrize(
    "edit",
    [
        lambda d: d.pop("paths"),
        lambda d: d["paths"].update({PROFILE: None}),
        lambda d: d["paths"][PROFILE].update(get=None),
        lambda d: d["paths"][PROFILE].update(parameters=5),
        lambda d: d["paths"][PROFILE]["get"].update(parameters=[None, {}, {"$ref": "other.yaml#/Id"}]),
        lambda d: d["paths"][PROFILE]["get"].update(responses=[]),
        lambda d: d["paths"][PROFILE]["get"]["responses"].update({"200": {"$ref": "other.yaml#/Profile"}}),
        lambda d: d["paths"][PROFILE]["get"]["responses"]["200"].update(links=[1]),
    ],
)
def test_what_is_wrong_with_a_document_is_left_as_it_is(edit: Callable[[dict[str, Any]], object]) -> None:
    """A document that is not sound gets the links that it can, and keeps its faults, for others to find."""
    document = deepcopy(PARTNER.document)
    edit(document)
    before = deepcopy(document)
    add_links(document, partner.OPERATIONS)
    assert without_links(document) == before


def without_links(part: Any) -> Any:
    """A part of a document without the links in it."""
    if isinstance(part, list):
        return [without_links(each) for each in part]
    if not isinstance(part, dict):
        return part
    return {k: without_links(v) for k, v in part.items() if k != "links" or not isinstance(v, dict)}
