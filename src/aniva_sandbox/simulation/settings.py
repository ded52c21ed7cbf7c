"""Changing how a world behaves while it runs."""

from aniva_sandbox.resources import courier, orders
from aniva_sandbox.world.state import Settings
from aniva_sandbox.world.world import World

__all__ = ["change_settings"]


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
