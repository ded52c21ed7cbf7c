"""A real Valkey, for what the guide says of one."""

from tests.store import store, store_client, valkey_socket

__all__ = ["store", "store_client", "valkey_socket"]
