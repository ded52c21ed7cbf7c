"""What snapshots are judged by beyond their records: the details of events, and injected faults."""

import re
from typing import Any

from aniva_sandbox.api.events import EVENTS
from aniva_sandbox.engine.control.faults import wrong_with
from aniva_sandbox.engine.control.time import wrong_details
from aniva_sandbox.engine.faults.injected import Fault
from aniva_sandbox.engine.problems import Data
from aniva_sandbox.engine.world.agenda import Happened
from aniva_sandbox.engine.world.snapshot import Planned, SavedIds

__all__ = ["check_saved"]

_FAULT = re.compile("fault-([1-9][0-9]{0,15})")


def check_saved(data: Data, parts: Any) -> None:
    """Note what is wrong with events and faults."""
    booked = parts.names("appointments", "id")
    for name, type in (("agenda", Planned), ("history", Happened)):
        for entry, at in parts.records(name, type):
            event = entry.event
            if event.type not in EVENTS:
                continue
            found = False
            for path, message in wrong_details(event):
                found = True
                data.fail(at(("event", "details", *path)), message)
            if not found and "appointment_id" in event.details:
                made = [event.details["appointment_id"]]
                data.refer(at(("event", "details", "appointment_id")), made, booked, "appointment")
    faults = parts.records("faults", Fault)
    ids = parts.one("ids", SavedIds)
    data.once(("faults",), "id", [(at(())[1], fault.id) for fault, at in faults])
    for fault, at in faults:
        for path, message in wrong_with(fault):
            data.fail(at(path), message)
        number = _FAULT.fullmatch(fault.id)
        if ids is not None and not (number and int(number[1]) <= ids.counts.get("fault", 0)):
            data.fail(at(("id",)), "was not given out")
        if not 0 <= fault.fired <= fault.seen:
            data.fail(at(("fired",)), "must lie between 0 and seen")
