"""State machines: the states of a kind of record, and the moves between them."""

from collections.abc import Mapping
from typing import Any

import msgspec

__all__ = ["Machine"]


class Machine(msgspec.Struct, frozen=True, kw_only=True):
    """The states of the records of one section. Records have their state in ``status``."""

    noun: str
    """The noun of the section, such as ``list``."""
    states: tuple[str, ...]
    moves: tuple[str, ...]
    """Everything that can be tried on a record, in every state."""
    table: Mapping[tuple[Any, Any], str]
    """The state that each move leads to from each state; a pair that is missing is refused."""
    clients: Mapping[str, str]
    """The moves that clients make, each with the id of the operation that makes it; all others are events, which name
    them in ``move``."""
