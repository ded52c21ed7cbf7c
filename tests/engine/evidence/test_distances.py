"""Distances from boundaries are put in words."""

import pytest

from aniva_sandbox.engine.evidence.distances import name_distance


@pytest.mark.parametrize(
    ("value", "unit", "text"),
    [
        (0, "seconds", "exactly at"),
        (-7200, "seconds", "2 hours below"),
        (1, "seconds", "1 second above"),
        (90_061, "seconds", "1 day 1 hour above"),
        (0.5, "seconds", "0.5 seconds above"),
        (-1, "entries", "1 entry below"),
        (3, "characters", "3 characters above"),
        (-1000, "", "1,000 below"),
    ],
)
def test_distances_in_words(value: float, unit: str, text: str) -> None:
    """The amount with its unit, durations in their two greatest, and the side."""
    assert name_distance(value, unit) == text
