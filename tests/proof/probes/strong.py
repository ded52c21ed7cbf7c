"""The strong suite: looks at every response."""

from typing import Any

import httpx2
import pytest

from aniva_sandbox.testing import Aniva
from tests.proof.probes.journeys import JOURNEYS, Journey, value_at

pytestmark = pytest.mark.aniva(settings={"courier_automation": False, "lab_automation": False})


def expect(response: httpx2.Response, status: int, /, **values: Any) -> None:
    """Compare a response with what is expected of it."""
    assert response.status_code == status
    body = response.json()
    assert {path: value_at(body, path) for path in values} == values


@pytest.mark.parametrize("journey", JOURNEYS, ids=lambda journey: journey.__name__)
def test(aniva: Aniva, journey: Journey) -> None:
    """Every response is as expected."""
    journey(aniva, expect)
