"""Outcomes: what a call came to, before it is written as a response."""

from typing import Any, Final

import msgspec

from aniva_sandbox.engine.contract.rules import Rule

__all__ = ["ANY_TYPE", "JSON", "UNFINISHED", "Outcome"]

JSON: Final = "application/json"
ANY_TYPE: Final = "*/*"
"""In a document, the media type of content that may have any."""
UNFINISHED: Final = frozenset({500, 501, 507})
"""Statuses of calls that did not come to their end."""


class Outcome(msgspec.Struct, frozen=True):
    """What a call came to."""

    status: int
    """0 where the call did not take place and nothing is sent."""
    value: Any
    """What JSON is written from, or the bytes of what is not JSON."""
    rules: tuple[Rule, ...] = ()
    """What refused the call."""
    headers: tuple[tuple[bytes, bytes], ...] = ()
    mismatch: str | None = None
    """Where the response contradicts the document, or what broke inside the sandbox."""
    media_type: str = JSON
    leans_on: tuple[Rule, ...] = ()
    """The undocumented clauses on the form of a refusal."""

    def plain(self) -> "Outcome":
        """The outcome with a value that is plain data, or bytes."""
        if isinstance(self.value, bytes):
            return self
        return msgspec.structs.replace(self, value=msgspec.to_builtins(self.value))
