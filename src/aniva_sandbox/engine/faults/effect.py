"""What an effect of a fault is: its fields, the effects that it excludes, and the points where it takes effect."""

from typing import ClassVar

import msgspec

from aniva_sandbox.engine.contract.outcomes import Outcome
from aniva_sandbox.engine.faults.delivery import Delivery

__all__ = ["Effect"]


class Effect(msgspec.Struct, frozen=True):
    """One effect of a fault. An instance holds the values of its fields, and acts.

    The first field names the effect, and has no default; further fields are optional, with UNSET as their default, and
    need the first. The types of the fields hold their bounds and descriptions, as those of a request body do.
    A subclass overrides the methods of the points where it acts; by default it does nothing there.
    """

    excludes: ClassVar[tuple[str, ...]] = ()
    """The names of the effects that do not go together with this one."""
    reason: ClassVar[str] = ""
    """Why they do not: a sentence without its full stop, where it is worth one."""

    def instead(self) -> Outcome | None:
        """What the request comes to instead, without taking effect; None where it takes effect as usual."""
        return None

    def change_body(self, body: bytes) -> bytes:
        """The body of the response, before its length is written."""
        return body

    async def deliver(self, delivery: Delivery) -> None:
        """Act before the response is sent, and change how it is sent."""
