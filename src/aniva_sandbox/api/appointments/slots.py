"""Whether an appointment's time is a slot of its location, and what to do if not."""

from datetime import UTC, datetime

from msgspec import UnsetType

from aniva_sandbox.api.appointments.rules import APPOINTMENT_FUTURE_OUTSIDE_HOURS, APPOINTMENT_SLOT
from aniva_sandbox.api.locations.records import Location, zone_of
from aniva_sandbox.api.locations.slots import is_open, is_slot, nearest_slots
from aniva_sandbox.api.world import World
from aniva_sandbox.engine.contract.trace import Trace

__all__ = ["require_slot"]


def require_slot(world: World, location: Location, scheduled_at: datetime, sent: str | UnsetType, trace: Trace) -> None:
    """Refuse a time that is not a slot of the location if the world is set to; otherwise hint at it.

    ``sent`` is the time as it was sent, if it was.
    """
    refuses = world.settings.outside_slots == "refuse" and trace.weigh(APPOINTMENT_SLOT)
    if is_slot(location, scheduled_at):
        return
    text = _explain(world, location, scheduled_at, sent)
    if refuses:
        APPOINTMENT_SLOT.refuse(text)
    trace.hint("scheduled_at", text)
    if not is_open(location, scheduled_at):
        trace.lean_on(APPOINTMENT_FUTURE_OUTSIDE_HOURS)
    trace.lean_on(APPOINTMENT_SLOT)


def _explain(world: World, location: Location, scheduled_at: datetime, sent: str | UnsetType) -> str:
    zone = zone_of(location)
    text = f"scheduled_at, {scheduled_at.astimezone(zone).isoformat()} at the location, is not a slot"
    if location.open_hours is None:
        return f"{text}: the location has no open hours"
    nearest = nearest_slots(location, scheduled_at, after=world.now)
    if nearest:
        text += "; the nearest: " + " and ".join(slot.astimezone(zone).isoformat() for slot in nearest)
    else:
        text += ", and there is none within two weeks"
    if isinstance(sent, str):
        local = datetime.fromisoformat(f"{sent[:10]}T{sent[11:19]}").replace(tzinfo=zone)
        if is_slot(location, local.astimezone(UTC)):
            text += f"; {local:%H:%M} in {location.timezone or 'UTC'} is one, so the zone of scheduled_at looks wrong"
    return text
