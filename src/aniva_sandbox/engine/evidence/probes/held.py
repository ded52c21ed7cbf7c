"""What worlds hold at the end of runs, and how it differs."""

from aniva_sandbox.engine.evidence.probes.run import Run

__all__ = ["difference_of_runs"]


def difference_of_runs(first: Run, second: Run) -> str:  # noqa: ARG001
    """How two clean runs differ, in words; empty if they do not."""
    return ""
