"""Personas: the callers that a world knows, each with what its API key may do."""

from collections.abc import Callable, Mapping
from typing import Any

from aniva_sandbox.engine.contract.access import Access
from aniva_sandbox.engine.world.sections import Reading, Section, Written, by_key

__all__ = ["persona_section"]


def persona_section(
    record: type[Access] = Access,
    *,
    further: Mapping[str, Any] | None = None,
    read: Callable[[Any, Reading], dict[str, Any]] | None = None,
) -> Section:
    """The section ``personas``: a mapping by name in world files. For ``further`` and ``read`` see
    :class:`~aniva_sandbox.engine.world.sections.Written`."""
    return Section(
        name="personas",
        record=record,
        noun="persona",
        key="persona",
        unique=("persona",),
        table=by_key("persona"),
        fixed=True,
        written=Written(left_out=frozenset({"persona"}), further=further or {}, read=read, keyed=True),
    )
