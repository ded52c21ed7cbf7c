"""The state machine of appointments."""

from typing import Literal, get_args

from aniva_sandbox.api.appointments.records import Appointment, Status
from aniva_sandbox.api.appointments.rules import APPOINTMENT_EDITABLE
from aniva_sandbox.api.world import World
from aniva_sandbox.engine.contract.rules import Rule
from aniva_sandbox.engine.contract.trace import Trace
from aniva_sandbox.engine.world.machines import Machine

__all__ = ["EDITABLE", "MACHINE", "MOVES", "Move", "move", "require_editable"]

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
_GOALS: dict[Move, Status] = {move: state for (_, move), state in MOVES.items()}
"""The state that a move leads to where no rule forbids it."""
MACHINE = Machine(
    noun="appointment",
    states=get_args(Status),
    moves=get_args(Move),
    table=MOVES,
    clients={"cancel": "cancel_appointment", "confirm draw": "confirm_blood_draw"},
)


def move(world: World, appointment: Appointment, by: Move, refusal: Rule, trace: Trace | None = None) -> None:
    """Change the state of an appointment according to the table, or refuse through the given rule. Events have no
    trace."""
    is_in_force = True
    if trace is not None:
        trace.try_move(MACHINE.noun, appointment.status, by)
        is_in_force = trace.weigh(refusal)
    state = MOVES.get((appointment.status, by))
    if state is None:
        if is_in_force:
            refusal.refuse(f"The appointment is {appointment.status}", status=409)
        state = _GOALS[by]
    appointment.status = state
    appointment.updated_at = world.now


def require_editable(appointment: Appointment, trace: Trace) -> None:
    """Refuse a change of an appointment that is drawn or cancelled."""
    if trace.weigh(APPOINTMENT_EDITABLE) and appointment.status not in EDITABLE:
        APPOINTMENT_EDITABLE.refuse(f"The appointment is {appointment.status}")
