"""How people are shown the records of the Partner API."""

from typing import Final

from aniva_sandbox.api.showing.appointments import APPOINTMENTS
from aniva_sandbox.api.showing.documents import DOCUMENTS
from aniva_sandbox.api.showing.locations import LOCATIONS
from aniva_sandbox.api.showing.orders import ORDERS
from aniva_sandbox.api.showing.personas import PERSONAS
from aniva_sandbox.api.showing.profiles import PROFILES
from aniva_sandbox.api.showing.shipments import SHIPMENTS
from aniva_sandbox.engine.world.showing import Showing

__all__ = ["SHOWING"]

SHOWING: Final = Showing(
    sections={
        "profiles": PROFILES,
        "appointments": APPOINTMENTS,
        "shipments": SHIPMENTS,
        "orders": ORDERS,
        "documents": DOCUMENTS,
        "locations": LOCATIONS,
        "personas": PERSONAS,
    }
)
"""Groups are shown plainly; links are shown by both of their sides."""
