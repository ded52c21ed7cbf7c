"""Schemathesis with checks of our own: holds a server against the document of an API."""
