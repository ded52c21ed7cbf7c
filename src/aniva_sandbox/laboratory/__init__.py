"""Medicine without the API: what laboratories sell, measure and report, and whether results hold together."""

from aniva_sandbox.laboratory.checking import Problem, check_results

__all__ = ["Problem", "check_results"]
