"""The records that the documentation prints are in the default world as printed, typed here from its pages."""

from typing import Any

import pytest

from tests.support import PANEL, PROFILE, Client

JANE = {
    "id": "a1b2c3d4-e5f6-7890-abcd-ef1234567890",
    "handle": "jdoe42",
    "first_name": "Jane",
    "last_name": "Doe",
    "email": "jane.doe@example.com",
    "phone": "+14155552671",
    "sex": 2,
    "date_of_birth": "1990-06-15",
    "height": 168.0,
    "weight": 65.0,
    "language": "en",
    "created_at": "2026-03-01T09:00:00Z",
    "updated_at": "2026-03-10T14:32:00Z",
}
"""The example of the Profiles page."""

BOOKED = {
    "id": "b2c3d4e5-f6a7-8901-bcde-f12345678901",
    "profile_id": "a1b2c3d4-e5f6-7890-abcd-ef1234567890",
    "location_id": "c3d4e5f6-a7b8-9012-cdef-123456789012",
    "scheduled_at": "2026-04-15T10:30:00+02:00",
    "status": "confirmed",
    "test_method": "practitioner",
    "created_at": "2026-04-01T10:00:00Z",
    "updated_at": None,
    "panels": [{"panel_id": "f1c2d4a3-7b8e-4f2a-9c1d-2e3f4a5b6c7d", "added_at": "2026-04-01T10:05:00Z"}],
}
"""The example of the Appointments page, but for the profile, of which it prints a part, and its link."""

LINK = {"id": "P2604154821", "added_at": "2026-04-15T07:00:00Z"}
"""Its link, made two days after the default world begins."""

MARIA = {
    "id": "a3f1c2d4-8b7e-4f2a-9c1d-2e3f4a5b6c7d",
    "handle": None,
    "first_name": "Maria",
    "last_name": "Schmidt",
    "email": "maria.schmidt@example.com",
    "phone": "+4930123456789",
    "sex": 2,
    "date_of_birth": "1985-03-22",
    "height": 168.0,
    "weight": 65.0,
    "language": "de",
}
"""The profile of the examples on the pages of the operations."""


def shown(client: Client, path: str, printed: dict[str, Any]) -> dict[str, Any]:
    """What the API answers of the fields that are printed."""
    answer = client.get(path).json
    return {field: answer[field] for field in printed}


@pytest.mark.rule("profile.handle")
@pytest.mark.parametrize(
    ("path", "printed"),
    [
        (f"/profiles/{JANE['id']}", JANE),
        (f"/profiles/{PROFILE}", MARIA),
        (f"/appointments/{BOOKED['id']}", BOOKED),
    ],
)
def test_known_records_are_as_printed(client: Client, path: str, printed: dict[str, Any]) -> None:
    """Field by field, also the times, which count from the default start."""
    assert shown(client, path, printed) == printed


def test_the_profile_of_the_known_appointment(client: Client) -> None:
    """The whole profile is embedded, with the fields that the page prints of it."""
    assert client.get(f"/appointments/{BOOKED['id']}").json["profile"] == JANE


def test_the_known_link(client: Client) -> None:
    """The appointment has one link, to the shipment that is printed, at the time of day that is printed, on the day
    on which the world begins; from the other side it is the same."""
    (link,) = client.get(f"/appointments/{BOOKED['id']}").json["shipments"]
    assert (link["id"], link["added_at"].partition("T")[2]) == (LINK["id"], LINK["added_at"].partition("T")[2])
    assert link["added_at"] <= LINK["added_at"]
    shipment = client.get(f"/shipments/{LINK['id']}").json
    assert shipment["appointments"] == [link | {"id": BOOKED["id"]}]
    assert shipment["pickup"]["from"].startswith("2026-04-15")


def test_the_known_containers(client: Client) -> None:
    """Both container panels have the names and laboratories that the Appointments page lists."""
    panels = {panel["id"]: panel for panel in client.get("/panels").json}
    for end, laboratory in (("aff", "ZotzKlimas"), ("bff", "Labclinic")):
        id = f"00000000-0000-0000-0000-000000000{end}"
        assert (panels[id]["name"], panels[id]["is_custom"]) == (f"Aniva Custom {laboratory}", True)
        routed = client.world.catalogue.panels[id].laboratory
        assert client.world.catalogue.laboratories[routed or ""].name == laboratory
    assert panels[PANEL]["is_custom"] is False


def test_the_example_of_the_profiles_page_can_be_created(client: Client) -> None:
    """What the page says is required is enough, in its own field names; what it prints can be sent as it is."""
    needed = {field: JANE[field] for field in ("first_name", "sex", "date_of_birth")}
    reply = client.post("/profiles", needed | {"profile_group_slug": "my-clinic-group"})
    assert (reply.status, reply.json["first_name"]) == (201, "Jane")
    whole = client.post("/profiles", JANE | {"profile_group_slug": "my-clinic-group"})
    made = ("id", "handle", "created_at", "updated_at")
    assert whole.status == 201
    assert {k: v for k, v in whole.json.items() if k not in made} == {k: v for k, v in JANE.items() if k not in made}
