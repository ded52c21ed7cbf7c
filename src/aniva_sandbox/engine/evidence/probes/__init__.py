"""Probes: run a client's test again with one thing changed, and judge what the client makes of it."""
