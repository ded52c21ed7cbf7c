"""Locations, and their free slots."""
