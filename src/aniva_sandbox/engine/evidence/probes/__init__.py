"""Probes: what a client's tests and the client itself make of one change in what they meet."""
