"""The weak suite: makes the calls of the strong one, and is content that nothing breaks."""

from typing import Any

import pytest

from aniva_sandbox.testing import Aniva
from tests.proof.probes.journeys import JOURNEYS, Journey

pytestmark = pytest.mark.aniva(settings={"courier_automation": False, "lab_automation": False})


def expect(*_: Any, **__: Any) -> None:
    """Whatever it is."""


@pytest.mark.parametrize("journey", JOURNEYS, ids=lambda journey: journey.__name__)
def test(aniva: Aniva, journey: Journey) -> None:
    """Nothing breaks."""
    journey(aniva, expect)
