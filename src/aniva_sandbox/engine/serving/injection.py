"""The fault that an injection brings to a call."""

from http import HTTPStatus
from typing import NamedTuple

import msgspec

from aniva_sandbox.engine.contract.api import Endpoint
from aniva_sandbox.engine.contract.ground_rules import ERROR_INTERNAL, FORBIDDEN
from aniva_sandbox.engine.contract.outcomes import Outcome
from aniva_sandbox.engine.contract.requests import Request
from aniva_sandbox.engine.control.faults import HEADER, read_header
from aniva_sandbox.engine.faults.injected import Effect, next_fault
from aniva_sandbox.engine.world.state import World

__all__ = ["Injected", "find_fault"]


class Injected(NamedTuple):
    """A fault that fires on the call at hand."""

    effect: Effect
    name: str
    """What the header and the journal say of it."""

    @property
    def replaces(self) -> bool:
        """Whether the call does not take place."""
        return self.effect.status is not None or self.effect.drop == "before"

    def outcome(self) -> Outcome:
        """What comes in the place of a call that does not take place."""
        status = self.effect.status
        if status is None:
            return Outcome(0, b"", media_type="")
        headers: tuple[tuple[bytes, bytes], ...] = ()
        if self.effect.retry_after is not None:
            headers = ((b"retry-after", str(self.effect.retry_after).encode()),)
        error = FORBIDDEN if status == 403 else f"{_phrase(status)} (injected by the sandbox)"
        return Outcome(status, {"error": error}, (ERROR_INTERNAL,) if status == 500 else (), headers)


def find_fault(world: World, endpoint: Endpoint, request: Request) -> Injected | None:
    """The fault that meets this call: the one it asks for itself, else the first of the world's that is due."""
    if request.fault is not None:
        effect, name = read_header(request.fault), HEADER
    else:
        method = "GET" if request.method == "HEAD" else request.method  # no fault is for HEAD alone
        fault = next_fault(world.faults, endpoint.id, method, endpoint.path, request.path)
        if fault is None:
            return None
        effect, name = fault.effect, fault.id
    fields = "; ".join(
        field if value is True else f"{field}={value}" for field, value in msgspec.to_builtins(effect).items()
    )
    return Injected(effect, f"{name}: {fields}")


def _phrase(status: int) -> str:
    try:
        return HTTPStatus(status).phrase
    except ValueError:
        return f"Status {status}"
