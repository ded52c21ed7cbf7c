"""Calls to the toy API and to its control plane, in process."""

import asyncio
from typing import Any

import httpx2

from tests.engine import toy

MILK = "0b5e3c1a-7c1f-4f7b-9d0e-1a2b3c4d5e6f"
"""The task that worlds begin with, due on the next day at 9."""
WORLD = "/_sandbox/worlds/mine"


class Client:
    """Calls the double in process."""

    def __init__(self) -> None:
        self._app = toy.TODO.app(mode="frozen", guard=None)

    def __call__(
        self, method: str, path: str, json: Any = None, key: str = "sbx_mine", **headers: str
    ) -> httpx2.Response:
        async def send() -> httpx2.Response:
            transport = httpx2.ASGITransport(self._app)
            async with httpx2.AsyncClient(transport=transport, base_url="http://toy") as client:
                return await client.request(method, path, json=json, headers={"x-api-key": key, **headers})

        return asyncio.run(send())


def rule(response: httpx2.Response) -> str:
    """The rule that refused."""
    return response.headers["x-sandbox-rule"].partition(";")[0]
