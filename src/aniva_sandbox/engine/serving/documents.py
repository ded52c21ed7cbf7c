"""Serving a document: its server is the address of the request."""

import re
from typing import TYPE_CHECKING, Final

import msgspec

from aniva_sandbox.engine.contract.api import Api
from aniva_sandbox.engine.contract.document import dump_document
from aniva_sandbox.engine.serving.routes import Shown

if TYPE_CHECKING:
    from starlette.requests import Request

__all__ = ["ServedDocument"]

_SERVERS: Final = re.compile(r"^servers:.*\n(?:[ -].*\n)*", re.MULTILINE)
"""The list of servers in a document written by :func:`~aniva_sandbox.engine.contract.document.dump_document`."""


class ServedDocument:
    """The document of an API, with this server as its only one."""

    def __init__(self, api: Api) -> None:
        self._api = api  # which may be made only when it is asked for
        self._dumped: str | None = None

    async def json(self, request: "Request") -> Shown:
        """The document as JSON."""
        return Shown(msgspec.json.encode(self._api.document | self._servers(request)), "application/json")

    async def yaml(self, request: "Request") -> Shown:
        """The document as YAML."""
        from starlette.concurrency import run_in_threadpool  # lazy: the first page imports it

        text = self._api.text or self._dumped
        if text is None:  # in a thread, because it takes more than a tenth of a second
            text = self._dumped = await run_in_threadpool(dump_document, self._api.document | {"servers": []})
        servers = dump_document(self._servers(request))
        return Shown(_SERVERS.sub(lambda _found: servers, text, count=1), "application/yaml")

    def _servers(self, request: "Request") -> dict[str, object]:
        try:
            named = request.base_url.hostname
        except ValueError:  # a Host header may be anything; newer versions of Starlette return None
            named = None
        address = str(request.base_url).rstrip("/") if named else "http://localhost"
        return {"servers": [{"url": address + self._api.base, "description": "This sandbox"}]}
