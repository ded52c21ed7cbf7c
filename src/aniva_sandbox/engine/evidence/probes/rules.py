"""Probes of the kind ``rules``."""

from aniva_sandbox.engine.evidence.probes.change import Change, Context
from aniva_sandbox.engine.evidence.probes.run import Run

__all__ = ["plan"]


def plan(clean: Run, context: Context) -> list[Change]:  # noqa: ARG001
    """The changes that a clean run gives reason to."""
    return []
