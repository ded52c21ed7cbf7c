"""A real Valkey, for the commands that use one."""

from tests.store import admin, directory, make_server, shared_server, store

__all__ = ["admin", "directory", "make_server", "shared_server", "store"]
