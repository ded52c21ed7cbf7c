"""What a document says of the responses of an operation."""

from collections.abc import Mapping
from typing import NamedTuple

from aniva_sandbox.engine.contract.bodies import JSON_TYPE
from aniva_sandbox.engine.contract.checks import Check
from aniva_sandbox.engine.contract.outcomes import JSON

__all__ = ["Described"]


class Described(NamedTuple):
    """The description of the responses with one status."""

    check: Check | None
    """That of the first JSON media type."""
    others: Mapping[str, Check]
    """Those of the other JSON media types."""
    media_types: frozenset[str]
    required_headers: frozenset[bytes]
    rules: frozenset[str] | None
    """Those that may refuse; None for any."""

    def check_of(self, media_type: str) -> Check | None:
        """The check for a media type; None for what is not JSON."""
        if media_type == JSON:
            return self.check
        return self.others.get(media_type, self.check if JSON_TYPE.fullmatch(media_type) else None)
