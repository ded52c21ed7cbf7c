"""Examples of refusals."""

from collections.abc import Mapping
from typing import Any

import msgspec

__all__ = ["RefusedCall"]


class RefusedCall(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """A call as it was sent to the default world, with its clock frozen, and what refused it."""

    before: tuple[str, ...] = ()
    """What led to it: lines of Python, or of other calls."""
    method: str
    path: str
    """With its query."""
    headers: Mapping[str, str] = {}
    """Those that differ from the usual ones."""
    body: Any = None
    """As it was sent, if it is JSON; a part of it, or a description, if it is long or something else."""
    status: int
    rules: str
    """The header ``X-Sandbox-Rule``."""
    response: Any
    """The body of the response."""
