"""The effects of faults. Records, snapshots, requests and responses of the control plane, and the header are derived
from :data:`EFFECTS`.
"""

from collections.abc import Mapping
from http import HTTPStatus
from typing import Annotated, Any, ClassVar, Final, Literal

from msgspec import UNSET, UnsetType

from aniva_sandbox.engine.contract.ground_rules import ERROR_INTERNAL, FORBIDDEN
from aniva_sandbox.engine.contract.outcomes import Outcome
from aniva_sandbox.engine.contract.schemas import field
from aniva_sandbox.engine.faults.delivery import Delivery
from aniva_sandbox.engine.faults.effect import Effect

__all__ = ["EFFECTS", "KINDS", "PIECES", "Drop", "Latency", "Malformed", "Status", "Trickle", "Truncate"]


class Latency(Effect, frozen=True):
    """A delay before the response, by the machine's clock, not the world's."""

    latency_ms: Annotated[
        int, field("Milliseconds before the response is sent; the call takes effect at once.", ge=1, le=600_000)
    ]
    kinds: ClassVar = {"latency_ms": {"latency_ms": 1}}

    async def deliver(self, delivery: Delivery) -> None:
        """Wait."""
        await delivery.pause(self.latency_ms / 1000)


class Status(Effect, frozen=True):
    """An error in place of the call."""

    status: Annotated[
        int, field("The status of the response, with the API's own error body; the call has no effect.", ge=400, le=599)
    ]
    retry_after: Annotated[int, field("Seconds in the header Retry-After.", ge=0, le=86_400)] | UnsetType = UNSET
    kinds: ClassVar = {"status": {"status": 503}, "retry_after": {"status": 503, "retry_after": 1}}

    def instead(self) -> Outcome:
        """An error in the API's format. The body of 403 is always the same; any other says that it was injected."""
        headers: tuple[tuple[bytes, bytes], ...] = ()
        if self.retry_after is not UNSET:
            headers = ((b"retry-after", b"%d" % self.retry_after),)
        error = FORBIDDEN if self.status == 403 else f"{_phrase(self.status)} (injected by the sandbox)"
        rules = (ERROR_INTERNAL,) if self.status == 500 else ()
        return Outcome(self.status, {"error": error}, rules, headers)


def _phrase(status: int) -> str:
    try:
        return HTTPStatus(status).phrase
    except ValueError:
        return f"Status {status}"


class Drop(Effect, frozen=True):
    """A connection that closes without a response, before or after the call took effect."""

    drop: Annotated[
        Literal["before", "after"],
        field("The connection closes without a response, before or after the call took effect."),
    ]
    excludes = ("status", "truncate", "malformed", "trickle_ms")
    reason = "A dropped connection has no response"
    loses_response = True
    kinds: ClassVar = {"drop=before": {"drop": "before"}, "drop=after": {"drop": "after"}}

    def instead(self) -> Outcome | None:
        """With ``before``, the call has no effect."""
        return Outcome(0, b"", media_type="") if self.drop == "before" else None

    def closes(self, _size: int) -> bool:
        """It always is."""
        return True

    async def deliver(self, delivery: Delivery) -> None:
        """Close the connection."""
        await delivery.drop()


class Truncate(Effect, frozen=True):
    """A connection that closes in the middle of the body."""

    truncate: Annotated[bool, field("The connection closes after half of the body.")]
    excludes = ("malformed",)
    loses_response = True
    kinds: ClassVar = {"truncate": {"truncate": True}}

    def closes(self, size: int) -> bool:
        """It is, if there is a body."""
        return size > 0

    async def deliver(self, delivery: Delivery) -> None:
        """Keep half of the body."""
        if delivery.has_body:
            body = b"".join(delivery.pieces)
            delivery.pieces = [body[: len(body) // 2]]
            delivery.is_cut = True


class Malformed(Effect, frozen=True):
    """A body that contradicts its header, as a proxy may send it."""

    malformed: Annotated[bool, field("The body is not valid JSON.")]
    loses_response = True
    kinds: ClassVar = {"malformed": {"malformed": True}}

    def change_body(self, _body: bytes) -> bytes:
        """An HTML page instead."""
        return _PAGE


_PAGE = b"<html><head><title>Bad gateway</title></head><body>This is not JSON.</body></html>"


class Trickle(Effect, frozen=True):
    """A body that arrives in pieces."""

    trickle_ms: Annotated[int, field("The body is sent in ten pieces, this many milliseconds apart.", ge=1, le=60_000)]
    kinds: ClassVar = {"trickle_ms": {"trickle_ms": 1}}

    async def deliver(self, delivery: Delivery) -> None:
        """Split the body into pieces; a short body has fewer."""
        body = b"".join(delivery.pieces)
        step = max(1, -(-len(body) // PIECES))
        delivery.pieces = [body[at : at + step] for at in range(0, max(len(body), 1), step)]
        delivery.gap = self.trickle_ms / 1000


PIECES: Final = 10
"""The number of pieces of a trickling body."""

EFFECTS: tuple[type[Effect], ...] = (Latency, Status, Drop, Truncate, Malformed, Trickle)
"""Every effect, in the order in which they act and are listed."""

KINDS: Final[Mapping[str, Mapping[str, Any]]] = {
    kind: fields for effect in EFFECTS for kind, fields in effect.kinds.items()
}
"""The kinds of all effects, each with the fields of an example."""
