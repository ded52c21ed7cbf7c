"""Worlds that processes share: whatever process is called, and whenever, each world is what its log says."""
