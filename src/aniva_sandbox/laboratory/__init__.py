"""Medicine without the API: what laboratories sell, measure and report, and whether results are consistent."""

from aniva_sandbox.engine.own_time import own_time

with own_time():  # a test may import this while its time is frozen
    from aniva_sandbox.laboratory.checking import Problem, check_results

__all__ = ["Problem", "check_results"]
