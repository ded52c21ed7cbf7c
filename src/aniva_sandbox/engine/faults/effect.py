"""The effect of a fault: its fields, the effects that it excludes, and the points where it acts."""

from typing import ClassVar

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

    def instead(self) -> Outcome | None:
        """The outcome in place of the call, which then has no effect; None to let the call take effect."""
        return None

    def change_body(self, body: bytes) -> bytes:
        """The body of the response, before its length is written."""
        return body

    async def deliver(self, delivery: Delivery) -> None:
        """Act before the response is sent, and change how it is sent."""
