"""Changing how a world behaves while it runs."""

from typing import Annotated, Literal

import msgspec
from msgspec import Meta

from aniva_sandbox.api.results import orders
from aniva_sandbox.api.shipments import courier
from aniva_sandbox.engine.world.world import World

__all__ = ["Hours", "Settings", "change_settings"]


def change_settings(world: World, settings: Settings) -> None:
    """Change how the world behaves. Until now the old settings held: what they synced stays. What the sandbox plans by
    itself is planned anew."""
    for shipment in world.shipments:
        courier.sync(world, shipment)
    if settings.hourly_sync and not world.settings.hourly_sync:
        world.hourly_since = world.now
    before, world.settings = world.settings, settings
    if settings.courier_automation != before.courier_automation:
        courier.plan_all(world)
    if _laboratory(settings) != _laboratory(before):
        orders.plan_all(world)


def _laboratory(settings: Settings) -> tuple[bool | int, ...]:
    return settings.lab_automation, settings.lab_quick_hours, settings.lab_slow_hours, settings.lab_genetic_hours


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
