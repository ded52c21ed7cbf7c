"""Distances from the boundaries of rules, in words."""

from typing import Final

__all__ = ["name_distance"]

_SPANS: Final = (("day", 86_400), ("hour", 3600), ("minute", 60), ("second", 1))


def name_distance(value: float, unit: str) -> str:
    """A signed distance with its side, such as ``2 hours below``; ``exactly at`` for none."""
    if not value:
        return "exactly at"
    side = "above" if value > 0 else "below"
    amount = abs(value)
    if unit == "seconds" and amount >= 1:
        return f"{_span(round(amount))} {side}"
    if amount == 1:
        unit = f"{unit[:-3]}y" if unit.endswith("ies") else unit.removesuffix("s")
    return " ".join(filter(None, [f"{amount:,g}", unit, side]))


def _span(seconds: int) -> str:
    """A duration in its two greatest units."""
    parts = []
    for name, span in _SPANS:
        count, seconds = divmod(seconds, span)
        if count:
            parts.append(f"{count:,} {name}{'s' * (count != 1)}")
    return " ".join(parts[:2])
