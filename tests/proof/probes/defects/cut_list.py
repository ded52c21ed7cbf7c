"""A client that takes a list whose end is missing for an empty one."""

import json
from typing import Any

import httpx2

from aniva_sandbox.testing import Aniva

MUNICH = "c3d4e5f6-a7b8-9012-cdef-123456789012"
COLOGNE = "f2b7e6e2-6afc-4e2e-8a9e-cc7625c9ff4e"


class Boxes:
    """Knows where a box waits for the courier."""

    def __init__(self, http: httpx2.Client) -> None:
        self.http = http

    def all(self) -> list[dict[str, Any]]:
        """All shipments; the list may be long, and is read as a stream."""
        with self.http.stream("GET", "/api/v1/shipments") as response:
            response.raise_for_status()
            try:
                body = response.read()
            except httpx2.RemoteProtocolError:
                body = b"[]"
        return list(json.loads(body))

    def is_waiting(self, location: str) -> bool:
        """Whether a box of a location waits for the courier."""
        waiting = [box for box in self.all() if box["status"] == "pending"]
        return any(box["origin"] is not None and box["origin"]["location_id"] == location for box in waiting)


def test_a_box_waits_in_munich(aniva: Aniva) -> None:
    assert Boxes(aniva.client).is_waiting(MUNICH)


def test_no_box_waits_in_cologne(aniva: Aniva) -> None:
    assert not Boxes(aniva.client).is_waiting(COLOGNE)
