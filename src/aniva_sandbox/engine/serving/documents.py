"""A document as it is served: it names the address that it was asked at."""

from functools import cached_property

import msgspec
from starlette.requests import Request
from starlette.responses import Response

from aniva_sandbox.engine.contract.api import Api
from aniva_sandbox.engine.contract.document import dump_document

__all__ = ["ServedDocument"]


class ServedDocument:
    """The document of an API, whose one server is this one."""

    def __init__(self, api: Api) -> None:
        self._document = api.document
        self._base = api.base

    async def json(self, request: Request) -> Response:
        """The document as JSON."""
        return Response(msgspec.json.encode(self._document | self._servers(request)), media_type="application/json")

    async def yaml(self, request: Request) -> Response:
        """The document as YAML."""
        before, after = self._parts
        text = f"{before}\n{dump_document(self._servers(request))}{after}".removeprefix("\n")
        return Response(text, media_type="application/yaml")

    def _servers(self, request: Request) -> dict[str, object]:
        try:
            named = request.base_url.hostname
        except ValueError:  # a Host header may hold anything, which newer versions of Starlette pass over
            named = None
        address = str(request.base_url).rstrip("/") if named else "http://localhost"
        return {"servers": [{"url": address + self._base, "description": "This sandbox"}]}

    @cached_property
    def _parts(self) -> tuple[str, str]:
        """What stands before and after the servers; to write it all takes far longer than to send it."""
        servers: dict[str, object] = {"servers": []}
        text = f"\n{dump_document(self._document | servers)}"
        before, _, after = text.partition(f"\n{dump_document(servers)}")
        return before, after
