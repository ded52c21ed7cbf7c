"""Schemathesis with additional checks: compares a server with the document of an API."""
