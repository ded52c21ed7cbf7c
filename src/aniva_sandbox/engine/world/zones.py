"""Time zones by their IANA names, the same ones on every machine."""

from functools import cache
from importlib.resources import files
from zoneinfo import ZoneInfo

__all__ = ["find_zone"]


@cache
def _names() -> frozenset[str]:
    return frozenset(files("tzdata").joinpath("zones").read_text(encoding="utf-8").split())


def find_zone(name: str) -> ZoneInfo | None:
    """The zone with this IANA name, spelled as in the database; None if there is no such zone."""
    return ZoneInfo(name) if name in _names() else None
