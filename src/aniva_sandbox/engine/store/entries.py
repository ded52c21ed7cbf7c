"""What is in the log of a world that processes share."""

from typing import Literal

import msgspec

from aniva_sandbox.engine.contract.requests import Request

__all__ = ["Absent", "Batch", "Entry", "Environment", "Kind", "Logged", "Seen", "Verdict"]

Kind = Literal["call", "control", "open", "settle", "forget"]
"""``call``: a request to the API. ``control``: a request to the control plane. ``open``: create the world if it does
not exist. ``settle``: let what is due happen. ``forget``: forget what coverage collected in the world."""

Verdict = Literal["kept", "same", "differs", "gone"]
"""What the store says of a snapshot: it was the first at this point and is kept; another process's is the same, or
differs; or the log begins behind this point, or anew."""


class Entry(msgspec.Struct, frozen=True, gc=False):
    """One thing that was asked of a world."""

    kind: Kind
    request: Request | None = None


class Logged(msgspec.Struct, frozen=True, gc=False):
    """An entry as the log has it."""

    number: int
    """Counted from 1 in each log."""
    instant: int
    """When it was asked, in seconds of Unix time; never before that of an earlier entry."""
    size: int
    """Bytes that it takes in the log, with those of a large body, which is stored next to it."""
    entry: Entry
    """As the log keeps it: of the headers of its request only those that are read, without secrets."""


class Seen(msgspec.Struct, frozen=True):
    """How far a process has applied a log."""

    epoch: str
    """Which log: a world whose log is gone begins another."""
    number: int
    """The number of the last entry that was applied."""


class Batch(msgspec.Struct, frozen=True):
    """What follows in a log."""

    epoch: str
    snapshot: int | None
    """The number of the entry whose snapshot must be loaded before ``entries``, as what was seen is not enough; 0
    begins without one. None: go on from what was seen."""
    entries: list[Logged]
    """In order, without a gap."""
    own: int
    """How many of the last ones were appended by this call."""
    opened: bool
    """Whether this call opened the log."""


class Absent(msgspec.Struct, frozen=True):
    """There is no log of this name, and none was opened."""

    reason: Literal["unknown", "dropped"]
    """``dropped``: it was dropped to make room for another; said once."""


class Environment(msgspec.Struct, frozen=True):
    """What a log depends on besides its entries: processes that differ in it cannot share worlds."""

    version: str
    """Of the sandbox, and of the form of logs and snapshots."""
    parts: dict[str, str]
    """What else worlds begin from and are limited by, by name: digests of fixtures and of the document, clock, seed,
    limits. The names appear in messages."""
