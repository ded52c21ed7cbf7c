"""Time zones by their IANA names, the same ones on every machine."""

from datetime import UTC, tzinfo
from functools import cache
from importlib.resources import files
from zoneinfo import ZoneInfo

from aniva_sandbox.world.tables import Location

__all__ = ["find_zone", "zone_of"]


@cache
def _names() -> frozenset[str]:
    return frozenset(files("tzdata").joinpath("zones").read_text(encoding="utf-8").split())


def find_zone(name: str) -> ZoneInfo | None:
    """The zone of an IANA name, written as the database writes it; None where there is no such zone."""
    return ZoneInfo(name) if name in _names() else None


def zone_of(location: Location) -> tzinfo:
    """The time zone of a location; one without reads as UTC."""
    return _zone(location.timezone) if location.timezone else UTC


_zone = cache(ZoneInfo)
