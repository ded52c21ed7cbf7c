"""Tests of the store of worlds that processes share."""
