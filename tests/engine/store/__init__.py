"""Tests of the stores of worlds."""
