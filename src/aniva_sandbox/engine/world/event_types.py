"""Types of events: what each is about, which details it carries, and what it does."""

from collections.abc import Callable, Mapping
from typing import Any

import msgspec

from aniva_sandbox.engine.contract.rules import Rule

__all__ = ["EventType", "NoDetails"]


class NoDetails(msgspec.Struct, frozen=True):
    """The event carries nothing but the id of what it is about."""


class EventType(msgspec.Struct, frozen=True, kw_only=True, eq=False):
    """A type of event. The fields of ``details`` and ``outcome`` have the constraints and descriptions that the control
    plane's document shows and snapshots are held to; a field of the same name has the same type in all events."""

    section: str
    """The section of the record that it is about."""
    target: str
    """The field of an event that names this record, such as ``list_id``."""
    target_type: Any
    """The type of this field in requests."""
    happen: Callable[[Any, Any, dict[str, Any]], dict[str, Any]]
    """Gets the world, the record and the details; changes the world whole or raises a refusal, and returns details that
    came out of it."""
    details: type[msgspec.Struct] = NoDetails
    """What it carries when it is asked for; a field without a default is required."""
    outcome: type[msgspec.Struct] = NoDetails
    """What ``happen`` may return."""
    plan: Callable[[Any, dict[str, Any]], dict[str, Any]] = lambda _shared, details: details
    """Gets what all worlds share and the details of an event that is put into the agenda; returns the details to keep,
    or raises a refusal where the event can never happen."""
    refuses: tuple[Rule, ...] = ()
    """The rules beside the engine's that ``happen`` and ``plan`` refuse through."""
    example: Mapping[str, Any] | None = None
    """The target and details of an event that can happen in the world that a server begins with."""

    @property
    def required(self) -> tuple[str, ...]:
        """The names of the details that it must have."""
        return tuple(each.name for each in msgspec.structs.fields(self.details) if each.required)
