"""The report on coverage: one JSON value, whatever collected it."""

from collections.abc import Mapping
from typing import Annotated, Final, Literal

import msgspec
from msgspec import UNSET, Meta, UnsetType

__all__ = ["AXES", "VERSION", "Axis", "AxisName", "CoverageReport", "Entry"]

VERSION: Final = 1

AxisName = Literal["responses", "rules", "boundaries", "transitions", "time", "words", "faults", "assumptions"]

AXES: Final[Mapping[AxisName, str]] = {
    "responses": "operations and statuses of their responses",
    "rules": "rules that refused a call, and rules that a call passed",
    "boundaries": "the sides of boundaries on which calls fell",
    "transitions": "moves that were tried, legal or not, in each state of a record",
    "time": "events after which the client read the record",
    "words": "values of enumerations that the client was shown",
    "faults": "injected faults of each kind that each operation met",
    "assumptions": "undocumented decisions of the sandbox that a call relied on or was refused by",
}
"""The axes, in their order, with the nature of their items. Met items are good on all but the last."""


class Entry(msgspec.Struct, frozen=True, kw_only=True):
    """One item of an axis."""

    id: str
    met: bool
    count: int
    """The number of calls, or of events, that met it."""
    tests: tuple[str, ...]
    """The names of the tests that met it, sorted; at most 1,000."""
    next: str | None
    """Python text that would meet it; None if it is met, or if there is none."""
    reason: str | UnsetType = UNSET
    """Why it is not counted: why it cannot be met, or why it was waived."""
    closest: float | UnsetType | None = UNSET
    """Of a boundary: the smallest distance on this side, signed; None if no call fell there."""
    unit: str | UnsetType = UNSET
    """Of a boundary: the unit of the distance, such as ``seconds``; empty for plain numbers."""
    sentence: str | UnsetType = UNSET
    """Of an assumption: what the sandbox decided."""
    by: tuple[Literal["client", "api"], ...] | UnsetType = UNSET
    """Of a transition: who tried it."""
    probed: Literal["checked", "touched"] | UnsetType = UNSET
    """Of a rule that was met in a run with probes: whether a test noticed when it no longer held."""

    @property
    def is_counted(self) -> bool:
        """Whether the axis counts it."""
        return self.reason is UNSET


class Axis(msgspec.Struct, frozen=True):
    """An axis: the number of met items, that of all counted items, and the items in the order of the contract."""

    met: int
    items: int
    list: tuple[Entry, ...]


class CoverageReport(msgspec.Struct, frozen=True):
    """What was met. Equal calls give equal reports, byte for byte."""

    version: Annotated[int, Meta(ge=VERSION, le=VERSION)]
    axes: dict[AxisName, Axis]
    not_called: tuple[str, ...]
    """The operations that no call reached; items that only they could meet are left out."""
