"""Fixtures that all tests share."""

import pytest

from aniva_sandbox.world.state import Settings
from aniva_sandbox.world.world import World
from tests.support import Client, new_world, quiet_client


@pytest.fixture
def world() -> World:
    """A fresh default world with a frozen clock: Monday 2026-04-13, 08:00 UTC, 10:00 in Berlin."""
    return new_world()


@pytest.fixture
def client() -> Client:
    """A client of a fresh default world, through the pipeline and without a socket."""
    return Client()


@pytest.fixture
def calm() -> World:
    """A fresh default world in which the laboratories do nothing by themselves."""
    return new_world(settings=Settings(lab_automation=False))


@pytest.fixture
def opened() -> Client:
    """A client of a world in which nothing happens by itself."""
    return quiet_client()
