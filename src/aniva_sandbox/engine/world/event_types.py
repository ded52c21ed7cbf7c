"""Event types: the record, the details, and the effect of each."""

from collections.abc import Callable, Mapping
from functools import cache
from typing import Any

import msgspec

from aniva_sandbox.engine.contract.rules import Rule

__all__ = ["EventType", "NoDetails"]


class NoDetails(msgspec.Struct, frozen=True):
    """The details of an event that has only the id of its record."""


class EventType(msgspec.Struct, frozen=True, kw_only=True, eq=False):
    """A type of event. The constraints and descriptions of the fields of ``details`` and ``outcome`` appear in the
    control plane's document, and snapshots are validated against them. Fields of the same name must have the same type
    in all event types."""

    section: str
    """The section of its record."""
    target: str
    """The field of an event that names this record, such as ``list_id``."""
    target_type: Any
    """The type of this field in requests."""
    happen: Callable[[Any, Any, dict[str, Any]], dict[str, Any]]
    """Applies the event to a world, given the record and the details. Raises a refusal before any change; returns the
    details that result from it."""
    details: type[msgspec.Struct] = NoDetails
    """Its details in requests; fields without a default are required."""
    outcome: type[msgspec.Struct] = NoDetails
    """The details that ``happen`` may return."""
    plan: Callable[[Any, dict[str, Any]], dict[str, Any]] = lambda _shared, details: details
    """Checks the details of an event that is added to the agenda, given what all worlds share. Returns the details to
    keep; raises a refusal if the event can never happen."""
    move: str = ""
    """The move of its record's :class:`~aniva_sandbox.engine.world.machines.Machine` that it makes; empty if none."""
    shown_by: tuple[str, ...] = ()
    """The ids of the operations whose responses show what happened; if empty, all that return the record."""
    hides: bool = False
    """Whether lists leave out the record afterwards, so that a list without it shows what happened."""
    refuses: tuple[Rule, ...] = ()
    """The rules through which ``happen`` and ``plan`` may refuse, besides the engine's."""
    example: Mapping[str, Any] | None = None
    """The target and details of an event that is possible in the default world."""

    @property
    def required(self) -> tuple[str, ...]:
        """The names of the required details."""
        return _required(self.details)


@cache  # the fields of a type stay as they are; a snapshot asks for those of each of its events
def _required(details: type[msgspec.Struct]) -> tuple[str, ...]:
    return tuple(each.name for each in msgspec.structs.fields(details) if each.required)
