"""The state machine of appointments, cancelling, and reading one."""

from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest

from aniva_sandbox.api.appointments import operations as appointments
from aniva_sandbox.api.appointments.draw import confirm_blood_draw
from aniva_sandbox.api.appointments.panels import add_panels, remove_panels
from aniva_sandbox.api.appointments.records import Appointment, Status
from aniva_sandbox.api.world import World
from aniva_sandbox.engine.contract.rules import Refusal
from aniva_sandbox.engine.world.agenda import Event
from aniva_sandbox.engine.world.events import happen
from tests.api.appointments.appointment_calls import (
    LATER,
    NEW,
    STATES,
    TAKEN,
    cancel,
    get,
    instant,
    listed,
    put,
    update,
)
from tests.support import (
    APPOINTMENT,
    BERLIN,
    HOME_APPOINTMENT,
    OTHER_PANEL,
    PANEL,
    PENDING_APPOINTMENT,
    RIVAL_APPOINTMENT,
    RIVAL_PROFILE,
    UNDATED_APPOINTMENT,
    UNKNOWN,
    refusal_of,
    run,
    snapshot_of,
    verdict_of,
)


def confirm(world: World, id: str = APPOINTMENT) -> Any:
    return run(world, confirm_blood_draw, id, {"barcode": "4130075218"})


# The state machine: what every operation does in every state. Written down by hand from the rules, not taken from the
# table that the operations use. A cell is the status afterwards, or the rule that refuses with 409.

EDIT = "appointment.editable"
ONCE = "appointment.cancel"
DRAW = "confirm.state"
EVENT = "event.state"
#                        pending       confirmed      blood_drawn    cancelled
GRID = {
    "update":           ("pending",   "confirmed",   EDIT,          EDIT),
    "update with {}":   ("pending",   "confirmed",   EDIT,          EDIT),
    "cancel":           ("cancelled", "cancelled",   EDIT,          ONCE),
    "add panels":       ("pending",   "confirmed",   EDIT,          EDIT),
    "remove panels":    ("pending",   "confirmed",   EDIT,          EDIT),
    "confirm":          (DRAW,        "blood_drawn", DRAW,          DRAW),
    "practice confirms": ("confirmed", EVENT,         EVENT,         EVENT),
    "operations cancel": (EVENT,       EVENT,         "cancelled",   EVENT),
}  # fmt: skip
SETS_UPDATED_AT = {"update", "cancel", "confirm", "practice confirms", "operations cancel"}
ACTIONS: dict[str, Callable[[World], object]] = {
    "update": lambda world: update(world, scheduled_at="2026-04-21T09:00:00+02:00"),
    "update with {}": lambda world: update(world),
    "cancel": lambda world: cancel(world),
    "add panels": lambda world: run(world, add_panels, APPOINTMENT, {"panel_ids": [PANEL]}),
    "remove panels": lambda world: run(world, remove_panels, APPOINTMENT, {"panel_ids": [OTHER_PANEL]}),
    "confirm": lambda world: confirm(world),
    "practice confirms": lambda world: happen(world, Event("practice.confirmed", APPOINTMENT)),
    "operations cancel": lambda world: happen(world, Event("operations.cancelled", APPOINTMENT)),
}
CELLS = [
    pytest.param(state, action, outcome, id=f"{state}-{action}")
    for action, row in GRID.items()
    for state, outcome in zip(STATES, row, strict=True)
]


def in_state(world: World, state: Status) -> Appointment:
    """The known appointment, put into a state; an hour has passed since the world began."""
    appointment = world.appointments[APPOINTMENT]
    appointment.status = state
    world.clock.move(instant(LATER))
    return appointment


@pytest.mark.rule(
    "appointment.editable", "appointment.cancel", "confirm.state", "confirm.draw", "event.state", "time.updated"
)
@pytest.mark.parametrize(("state", "action", "outcome"), [cell for cell in CELLS if cell.values[2] in STATES])
def test_move_is_taken(world: World, state: Status, action: str, outcome: str) -> None:
    """A move that the lifecycle has leads to its status, and only what changes the appointment itself shows in
    updated_at."""
    appointment = in_state(world, state)
    ACTIONS[action](world)
    shown = get(world)
    assert appointment.status == shown["status"] == outcome
    assert shown["updated_at"] == (LATER if action in SETS_UPDATED_AT else None)


@pytest.mark.rule("appointment.editable", "appointment.cancel", "confirm.state", "event.state", "atomic")
@pytest.mark.parametrize(("state", "action", "rule"), [cell for cell in CELLS if cell.values[2] not in STATES])
def test_move_is_refused(world: World, state: Status, action: str, rule: str) -> None:
    """A move that the lifecycle does not have is a conflict through its own rule, and leaves the world as it was."""
    in_state(world, state)
    before = snapshot_of(world)
    with pytest.raises(Refusal, match=state) as caught:
        ACTIONS[action](world)
    assert (caught.value.rule.id, caught.value.status) == (rule, 409)
    assert snapshot_of(world) == before
    assert get(world)["updated_at"] is None


# Cancelling, and reading one


@pytest.mark.rule("appointment.cancel", "time.updated")
@pytest.mark.parametrize("id", [APPOINTMENT, PENDING_APPOINTMENT, HOME_APPOINTMENT, UNDATED_APPOINTMENT])
def test_cancelled_appointment_stays(world: World, id: str) -> None:
    """Cancelling answers the cancelled appointment, otherwise as it was, and it stays readable; only once."""
    before = get(world, id)
    world.clock.move(instant(LATER))
    cancelled = cancel(world, id)
    assert cancelled == before | {"status": "cancelled", "updated_at": LATER}
    assert get(world, id) == cancelled
    assert id in listed(world)
    assert verdict_of(world, appointments.cancel_appointment, id) == ("appointment.cancel", 409)


@pytest.mark.rule("auth.context", "path.unknown")
@pytest.mark.parametrize("operation", [appointments.get_appointment, appointments.cancel_appointment])
def test_appointment_is_found_inside_the_context(world: World, operation: Any) -> None:
    """An id of nothing is not found; one outside the context is forbidden, and open to whom it belongs."""
    assert verdict_of(world, operation, UNKNOWN) == ("path.unknown", 404)
    assert verdict_of(world, operation, RIVAL_APPOINTMENT) == ("auth.context", 403)
    assert verdict_of(world, operation, APPOINTMENT, persona="outsider") == ("auth.context", 403)
    assert run(world, operation, RIVAL_APPOINTMENT, persona="outsider")["id"] == RIVAL_APPOINTMENT


@pytest.mark.rule("auth.context")
def test_context_of_an_appointment_is_its_profiles(world: World) -> None:
    """An appointment is seen by whom its profile belongs to, wherever it takes place."""
    here = put(world, UNKNOWN, TAKEN, profile=RIVAL_PROFILE)
    assert run(world, appointments.get_appointment, here, persona="outsider")["location_id"] == BERLIN
    assert refusal_of(world, appointments.get_appointment, here).status == 403


@pytest.mark.rule("time.updated")
def test_updated_at_is_the_time_of_the_last_change(world: World) -> None:
    """updated_at moves on with every change, whoever makes it."""
    seen = []
    for change in (
        lambda: update(world, PENDING_APPOINTMENT, scheduled_at=NEW["scheduled_at"]),
        lambda: happen(world, Event("practice.confirmed", PENDING_APPOINTMENT)),
        lambda: confirm(world, PENDING_APPOINTMENT),
        lambda: happen(world, Event("operations.cancelled", PENDING_APPOINTMENT)),
    ):
        world.clock.move(world.now + timedelta(minutes=1))
        change()
        seen.append(get(world, PENDING_APPOINTMENT)["updated_at"])
    assert seen == [f"2026-04-13T08:0{minute}:00Z" for minute in (1, 2, 3, 4)]
