"""Time zones by their IANA names, the same ones on every machine."""

from functools import cache
from pkgutil import get_data
from zoneinfo import ZoneInfo

__all__ = ["find_zone"]


@cache
def _names() -> frozenset[str]:
    return frozenset((get_data("tzdata", "zones") or b"").decode().split())


def find_zone(name: str) -> ZoneInfo | None:
    """The zone with an IANA name, spelled as in the database; None if there is no such zone."""
    return ZoneInfo(name) if name in _names() else None
