"""Tests of the evidence of calls."""
