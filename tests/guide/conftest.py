"""A real Valkey, for what the guide says of one."""

from tests.store import admin, directory, make_server, shared_server, store

__all__ = ["admin", "directory", "make_server", "shared_server", "store"]
