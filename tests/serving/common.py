"""What the tests of the pipeline share: known requests, the operations there are, and refusals."""

from datetime import timedelta
from typing import Any

from tests.support import BERLIN, PARTNER, PROFILE, Client, Reply

NEW_PROFILE = {"first_name": "Zoë", "sex": 2, "date_of_birth": "1990-01-02", "profile_group": "acme-clinic-berlin"}
NEW_APPOINTMENT = {"profile_id": PROFILE, "location_id": BERLIN, "scheduled_at": "2026-04-15T10:30:00+02:00"}
NEW_SHIPMENT = {
    "location_id": BERLIN,
    "pickup_date": "2026-04-15",
    "pickup_time_from": "11:00",
    "pickup_time_till": "14:00",
}
PAST = "2026-04-01T10:30:00+02:00"
FUTURE = "2026-04-20T10:30:00+02:00"

OPERATIONS = [
    (method.upper(), path.removeprefix("/api/v1"), described)
    for path, item in PARTNER.document["paths"].items()
    for method, described in item.items()
]
BY_ID = [(method, path) for method, path, _ in OPERATIONS if "{id}" in path]
TAKES_BODY = [
    (method, path) for method, path, described in OPERATIONS if described.get("requestBody", {}).get("required")
]


def filled(method: str, path: str) -> str:
    """A path with the example of its id in it."""
    described = next(found for m, p, found in OPERATIONS if (m, p) == (method, path))
    for parameter in described.get("parameters", []):
        if parameter["in"] == "path":
            path = path.replace(f"{{{parameter['name']}}}", str(parameter["example"]))
    return path


def shown_body(described: dict[str, Any]) -> Any:
    """The first body that the document shows for an operation; None where it takes none."""
    content = described.get("requestBody", {}).get("content", {}).get("application/json", {})
    return next((example["value"] for example in content.get("examples", {}).values()), content.get("example"))


def refused(client: Client, method: str, path: str, json: Any = None, **options: Any) -> Reply:
    """The refusal that a request is answered with; fails where it is taken, or where it changes anything."""
    before = client.world.snapshot()
    reply = client.request(method, path, json, **options)
    assert reply.status >= 400
    assert client.world.snapshot() == before
    return reply


def later(client: Client, seconds: int) -> None:
    """Let time pass in the client's world."""
    client.world.clock.move(client.world.now + timedelta(seconds=seconds))
