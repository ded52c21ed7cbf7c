"""Hints on the confirmation of a draw."""

import pytest

from aniva_sandbox.engine.contract.trace import Hint
from tests.sandbox.serving.common import later
from tests.support import (
    APPOINTMENT,
    CANCELLED_APPOINTMENT,
    DRAWN_APPOINTMENT,
    EMPTY_APPOINTMENT,
    HOME_APPOINTMENT,
    PENDING_APPOINTMENT,
    Client,
    hints_of,
)

EARLY = "the draw is confirmed before its time, which is "
TWO_DAYS_LESS_AN_HOUR = 47 * 3600
"""From the start of the world to the known appointment."""


def confirm(client: Client, id: str, barcode: str = "4130075218", status: int = 200) -> list[Hint]:
    """The hints on a confirmation."""
    assert client.post(f"/appointments/{id}/confirm", {"barcode": barcode}).status == status
    return hints_of(client)


@pytest.mark.parametrize(
    ("id", "time"), [(APPOINTMENT, "2026-04-15T09:00:00+02:00"), (HOME_APPOINTMENT, "2026-04-20T06:00:00+00:00")]
)
def test_a_draw_before_its_time(opened: Client, id: str, time: str) -> None:
    """A draw that is confirmed before its appointment is hinted at."""
    assert confirm(opened, id) == [Hint("", f"{EARLY}{time}")]


@pytest.mark.parametrize(("seconds", "early"), [(TWO_DAYS_LESS_AN_HOUR - 1, True), (TWO_DAYS_LESS_AN_HOUR, False)])
def test_a_draw_at_its_time(opened: Client, seconds: int, early: bool) -> None:
    """From the very second on, all is well."""
    later(opened, seconds)
    assert (confirm(opened, APPOINTMENT) != []) == early


def test_a_draw_without_a_time(opened: Client) -> None:
    """A home kit may have none."""
    opened.world.appointments.change_time(opened.world.appointments[HOME_APPOINTMENT], None)
    assert confirm(opened, HOME_APPOINTMENT) == []


@pytest.mark.parametrize("id", [PENDING_APPOINTMENT, DRAWN_APPOINTMENT, CANCELLED_APPOINTMENT])
def test_a_refused_confirmation_gets_no_hint(opened: Client, id: str) -> None:
    """Neither of its time nor of its barcode."""
    barcode = opened.world.appointments[DRAWN_APPOINTMENT].barcode
    assert barcode is not None
    assert confirm(opened, id, barcode, 409) == []


def test_a_barcode_of_another_draw(opened: Client) -> None:
    """The second draw with a barcode names the first; another barcode is fine."""
    later(opened, 50 * 24 * 3600)
    assert confirm(opened, APPOINTMENT) == []
    used = Hint("barcode", f"the barcode was already used, for the draw of appointment {APPOINTMENT}")
    assert confirm(opened, EMPTY_APPOINTMENT) == [used]
    assert confirm(opened, HOME_APPOINTMENT, "4130075219") == []


def test_a_barcode_of_a_draw_at_the_start(opened: Client) -> None:
    """The draws that a world begins with have barcodes, too; a restored world knows them."""
    barcode = opened.world.appointments[DRAWN_APPOINTMENT].barcode
    assert barcode is not None
    snapshot = opened.control("GET", "/worlds/test/snapshot").json
    assert opened.control("PUT", "/worlds/test/snapshot", snapshot).status == 200
    found = confirm(opened, APPOINTMENT, barcode)
    assert Hint("barcode", f"the barcode was already used, for the draw of appointment {DRAWN_APPOINTMENT}") in found
