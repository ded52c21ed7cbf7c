"""A real Valkey, for the commands that use one."""

from tests.store import store, store_client, valkey_socket

__all__ = ["store", "store_client", "valkey_socket"]
