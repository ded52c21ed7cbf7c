"""Python texts that call the API through the fixture ``aniva``, and the records of the default world that they name."""

from typing import Any, Final

__all__ = [
    "APPOINTMENTS",
    "BERLIN",
    "BOOKING",
    "CHECK_UP",
    "CONTAINER",
    "INACTIVE_LOCATION",
    "NOBODY",
    "NOTHING",
    "NO_SHIPMENT",
    "OLD_DRAW",
    "ORDER",
    "PATIENT",
    "PROFILE",
    "RIVAL_APPOINTMENT",
    "RIVAL_LOCATION",
    "RIVAL_PROFILE",
    "RIVAL_SHIPMENT",
    "SHIPMENTS",
    "Code",
    "call",
    "happen",
    "key",
    "lines",
    "setting",
    "suppressed",
]

PROFILE: Final = "a3f1c2d4-8b7e-4f2a-9c1d-2e3f4a5b6c7d"
BERLIN: Final = "b7e2d1f5-3c4a-4e8b-a2f1-9d0c1e2f3a4b"
INACTIVE_LOCATION: Final = "8d0dd7ed-aab1-4f34-baba-0808cd399e81"
APPOINTMENTS: Final = {
    "pending": "76aaf46a-d193-483d-a45b-9ce4e3388287",
    "confirmed": "c9f3e2a1-7d6b-4c5e-b3a2-1f0e9d8c7b6a",
    "blood_drawn": "384c87ee-390f-4b77-ad26-365f12df51f8",
    "cancelled": "76bd8145-de55-4800-ad73-2e952aa6867b",
}
"""An appointment in every state."""
OLD_DRAW: Final = "877e7253-ee68-42d5-b91d-92a76843af67"
"""A draw with all results and two reports."""
SHIPMENTS: Final = {
    "pending": "P2604154821",
    "in_transit": "P2604136631",
    "delivered": "P2604102258",
    "fault": "P2603049984",
    "cancelled": "P2604170047",
}
"""A shipment in every state. The links of the pending one can still be changed."""
CHECK_UP: Final = "f1c2d4a3-7b8e-4f2a-9c1d-2e3f4a5b6c7d"
CONTAINER: Final = "00000000-0000-0000-0000-000000000aff"
RIVAL_PROFILE: Final = "1936092e-63a0-4d2b-89fd-e500966ee37a"
RIVAL_LOCATION: Final = "8268b2e3-6963-4ab4-9bed-6b701f80cb44"
RIVAL_APPOINTMENT: Final = "7c458c47-49fb-4c2d-9f5f-7a6c37e6e6da"
RIVAL_SHIPMENT: Final = "P2601295120"
NOTHING: Final = "11111111-2222-4333-8444-555555555555"
NO_SHIPMENT: Final = "P0000000000"
"""Well-formed ids of nothing."""


class Code(str):
    """An expression, rather than a text, as a value in a call."""


NOBODY: Final = Code('f"{aniva.api_key}.nobody"')
"""The key of a persona that the world does not have."""

PATIENT: Final = {
    "first_name": "Jane",
    "sex": 2,
    "date_of_birth": "1990-06-15",
    "profile_group": "acme-clinic-berlin",
}
BOOKING: Final = {"profile_id": PROFILE, "location_id": BERLIN, "scheduled_at": "2026-04-15T10:30:00+02:00"}
ORDER: Final = {
    "location_id": BERLIN,
    "pickup_date": "2026-04-15",
    "pickup_time_from": "11:00",
    "pickup_time_till": "14:00",
}
"""The bodies of a profile, an appointment and a shipment, without anything optional."""


def call(
    method: str,
    path: str,
    json: Any = None,
    *,
    params: dict[str, Any] | None = None,
    key: Code | None = None,
    **more: Any,
) -> str:
    """A call; ``path`` follows ``/api/v1``, and is formatted if it has braces."""
    arguments = [_written(Code(f'f"/api/v1{path}"') if "{" in path else f"/api/v1{path}")]
    given = {"params": params, "json": json, "headers": None if key is None else {"x-api-key": key}, **more}
    arguments += [f"{name}={_written(value)}" for name, value in given.items() if value is not None]
    if method == "DELETE" and (json is not None or "content" in more):  # httpx has no body for delete()
        return f'aniva.client.request("DELETE", {", ".join(arguments)})'
    return f"aniva.client.{method.lower()}({', '.join(arguments)})"


def key(persona: str) -> Code:
    """The key of a persona."""
    return Code(f'aniva.key("{persona}")')


def happen(event: str, **details: Any) -> str:
    """An event."""
    arguments = [f"{name}={_written(value)}" for name, value in details.items()]
    return f"aniva.happen({', '.join([_written(event), *arguments])})"


def suppressed(event: str) -> str:
    """An event that the state of its record refuses."""
    return lines(
        "from contextlib import suppress",
        "from aniva_sandbox.testing import ControlError",
        "with suppress(ControlError):",
        f"    {event}",
    )


def setting(**settings: Any) -> str:
    """A change of the world's settings."""
    return f'aniva.client.patch(f"/_sandbox/worlds/{{aniva.world}}/settings", json={_written(settings)})'


def lines(*texts: str) -> str:
    """Several lines."""
    return "\n".join(texts)


def _written(value: Any) -> str:
    """A value as Python, with double quotes."""
    match value:
        case Code():
            return str(value)
        case str():
            return '"' + value.replace("\\", "\\\\").replace('"', '\\"').replace("\0", "\\0") + '"'
        case dict():
            return "{" + ", ".join(f"{_written(name)}: {_written(each)}" for name, each in value.items()) + "}"
        case list():
            return "[" + ", ".join(map(_written, value)) + "]"
        case _:
            return repr(value)
