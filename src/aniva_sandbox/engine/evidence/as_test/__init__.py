"""Exchanges of a journal as a test in Python."""
