"""Injected faults: one effect a class, what faults they make up, and what clients meet of them."""
