"""Injected faults: what a client meets on a bad day."""
