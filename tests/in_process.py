"""Worlds of the default fixture within this process."""

from functools import cached_property
from typing import Self

import httpx2

from aniva_sandbox.testing.aniva import Aniva
from aniva_sandbox.testing.live import LiveServer

__all__ = ["InProcess"]


class InProcess(Aniva):
    """A fresh world, whose client needs no socket."""

    @classmethod
    def fresh(cls, server: LiveServer, world: str) -> Self:
        """A world as it begins in pytest."""
        return cls(server, world, fixture="default", clock="frozen", seed=None, settings={})

    @cached_property
    def client(self) -> httpx2.Client:
        return httpx2.Client(transport=self.transport(), base_url="http://127.0.0.1", headers=self._headers)
