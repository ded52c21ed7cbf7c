"""What snapshots are judged by beyond their records: the details of events."""

from typing import Any

from aniva_sandbox.api.events import EVENTS
from aniva_sandbox.engine.control.time import wrong_details
from aniva_sandbox.engine.problems import Data
from aniva_sandbox.engine.world.agenda import Happened
from aniva_sandbox.engine.world.snapshot import Planned

__all__ = ["check_saved"]


def check_saved(data: Data, parts: Any) -> None:
    """Note what is wrong with the details of events."""
    booked = parts.names("appointments", "id")
    for name, type in (("agenda", Planned), ("history", Happened)):
        placed = parts.records(name, type)
        for place, entry in enumerate(placed.records):
            event = entry.event
            if event.type not in EVENTS:
                continue
            found = False
            for path, message in wrong_details(event):
                found = True
                data.fail(placed.path(place, ("event", "details", *path)), message)
            if not found and "appointment_id" in event.details:
                made = [event.details["appointment_id"]]
                data.refer(placed.path(place, ("event", "details", "appointment_id")), made, booked, "appointment")
