"""The state machine of appointments."""

from typing import Literal

from aniva_sandbox.api.appointments.records import Appointment, Status
from aniva_sandbox.api.appointments.rules import APPOINTMENT_EDITABLE
from aniva_sandbox.api.world import World
from aniva_sandbox.engine.contract.rules import Rule

__all__ = ["EDITABLE", "MOVES", "Move", "move", "require_editable"]

EDITABLE: tuple[Status, ...] = ("pending", "confirmed")
"""The states in which partners may reschedule, relocate, and add or remove panels."""
Move = Literal["cancel", "confirm draw", "practice confirms", "operations cancel"]
MOVES: dict[tuple[Status, Move], Status] = {
    ("pending", "cancel"): "cancelled",
    ("confirmed", "cancel"): "cancelled",
    ("confirmed", "confirm draw"): "blood_drawn",
    ("pending", "practice confirms"): "confirmed",
    ("blood_drawn", "operations cancel"): "cancelled",
}
"""The state that each move leads to from each state; a pair that is missing is refused. Partners cancel and confirm the
draw; the last two moves are Aniva's side."""


def move(world: World, appointment: Appointment, by: Move, refusal: Rule) -> None:
    """Change the state of an appointment according to the table, or refuse through the given rule."""
    state = MOVES.get((appointment.status, by))
    if state is None:
        refusal.refuse(f"The appointment is {appointment.status}", status=409)
    appointment.status = state
    appointment.updated_at = world.now


def require_editable(appointment: Appointment) -> None:
    """Refuse a change of an appointment that is drawn or cancelled."""
    if appointment.status not in EDITABLE:
        APPOINTMENT_EDITABLE.refuse(f"The appointment is {appointment.status}")
