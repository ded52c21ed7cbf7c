"""Aniva's side: what partners cannot do happens as events."""
