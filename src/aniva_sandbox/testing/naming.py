"""The names of tests in reports."""

import pytest

__all__ = ["keep_id", "name_of"]

_ID: pytest.StashKey[str] = pytest.StashKey()
"""The id of a test, without the group that xdist adds."""


def keep_id(item: pytest.Item) -> None:
    """Keep the id of a test that was just collected."""
    item.stash[_ID] = item.nodeid


def name_of(item: pytest.Item) -> str:
    """The name of a test: its id, without what cannot be encoded."""
    return item.stash.get(_ID, item.nodeid).encode("utf-8", "backslashreplace").decode()
