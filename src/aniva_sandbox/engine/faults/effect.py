"""The effect of a fault: its fields, the effects that it excludes, and the points where it acts."""

from collections.abc import Mapping
from typing import Any, ClassVar

import msgspec

from aniva_sandbox.engine.contract.outcomes import Outcome
from aniva_sandbox.engine.faults.delivery import Delivery

__all__ = ["Effect"]


class Effect(msgspec.Struct, frozen=True):
    """An effect of a fault. An instance holds the values of its fields, and acts.

    The first field names the effect and has no default. Other fields are optional, default to UNSET, and require the
    first. The types of the fields hold their bounds and descriptions, like those of a request body. A subclass
    overrides the methods of the points where it acts; the defaults do nothing.
    """

    excludes: ClassVar[tuple[str, ...]] = ()
    """The names of the effects that cannot be combined with this one."""
    reason: ClassVar[str] = ""
    """The reason, as a sentence without a full stop; may be empty."""
    loses_response: ClassVar[bool] = False
    """Whether the client cannot read the response, even if the call took effect."""
    kinds: ClassVar[Mapping[str, Mapping[str, Any]]] = {}
    """The kinds of faults, as coverage counts them, each with the fields of an example. A kind is named after a field,
    or after a field and its value, such as `drop=after`."""

    def met_kinds(self) -> tuple[str, ...]:
        """The kinds that this effect is of."""
        fields = msgspec.to_builtins(self).items()
        return tuple(kind for name, value in fields for kind in (name, f"{name}={value}") if kind in self.kinds)

    def instead(self) -> Outcome | None:
        """The outcome in place of the call, which then has no effect; None to let the call take effect."""
        return None

    def change_body(self, body: bytes) -> bytes:
        """The body of the response, before its length is written."""
        return body

    def closes(self, _size: int) -> bool:
        """Whether the connection is closed before the client has the whole response, with a body of this size."""
        return False

    async def deliver(self, delivery: Delivery) -> None:
        """Act before the response is sent, and change how it is sent."""
