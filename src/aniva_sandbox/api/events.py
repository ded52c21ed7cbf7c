"""All event types of the API, by name."""

from aniva_sandbox.api.appointments import events as appointments
from aniva_sandbox.api.locations import events as locations
from aniva_sandbox.api.results import events as results
from aniva_sandbox.api.shipments import events as shipments

__all__ = ["EVENTS"]

EVENTS = {**appointments.EVENTS, **shipments.EVENTS, **results.EVENTS, **locations.EVENTS}
