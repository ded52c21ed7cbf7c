"""How a world behaves where the real API's behaviour is not settled, or takes days."""

from typing import Annotated, Literal

import msgspec
from msgspec import Meta

__all__ = ["Hours", "Settings"]

Hours = Annotated[int, Meta(ge=0, le=8784)]


class Settings(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """How a world behaves where the real API's behaviour is not settled."""

    taken_slots: Literal["allow", "refuse"] = "allow"
    courier_automation: bool = True
    """Whether the courier carries out its orders by itself; otherwise only events move a shipment."""
    hourly_sync: bool = True
    """Whether every full hour brings what the courier knows into the copy that partners see."""
    lab_automation: bool = True
    """Whether results arrive by themselves (those of a start have arrived in any case); otherwise only events and magic
    barcodes bring them."""
    lab_quick_hours: Hours = 24
    """From the draw to the first part of the clinical results."""
    lab_slow_hours: Hours = 96
    """From the draw to the rest of them."""
    lab_genetic_hours: Hours = 336
    """From the draw to the genetic results."""
