"""Injected faults: a class for each effect, faults that combine them, and the spoiled responses."""
