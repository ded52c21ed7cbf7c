"""Probes in worlds."""
