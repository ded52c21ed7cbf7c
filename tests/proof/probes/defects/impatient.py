"""A client that retries after half a second, however long Retry-After asks it to wait."""

import time
from typing import Any

import httpx2
import pytest

from aniva_sandbox.testing import Aniva

MOVING = "P2604136631"


class Tracking:
    """Follows shipments."""

    def __init__(self, http: httpx2.Client) -> None:
        self.http = http

    def shipment(self, id: str) -> dict[str, Any]:
        """A shipment; where there were too many requests, it is requested again."""
        for _ in range(4):
            response = self.http.get(f"/api/v1/shipments/{id}")
            if response.status_code != 429:
                break
            time.sleep(0.5)
        response.raise_for_status()
        return dict(response.json())

    def has_arrived(self, id: str) -> bool:
        """Whether a shipment is at the laboratory."""
        return bool(self.shipment(id)["status"] == "delivered")


def test_follows_a_box_to_the_laboratory(aniva: Aniva) -> None:
    tracking = Tracking(aniva.client)
    assert not tracking.has_arrived(MOVING)
    aniva.happen("courier.delivered", shipment_id=MOVING)
    assert tracking.has_arrived(MOVING)


def test_a_box_may_not_exist(aniva: Aniva) -> None:
    with pytest.raises(httpx2.HTTPStatusError) as refused:
        Tracking(aniva.client).shipment("P0000000000")
    assert refused.value.response.status_code == 404
