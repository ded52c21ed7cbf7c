"""A client of the toy API for the tests of the control plane."""

import pytest

from tests.engine.toy_calls import Client


@pytest.fixture
def call() -> Client:
    """A client of a fresh double."""
    return Client()
