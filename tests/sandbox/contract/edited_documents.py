"""The document with one thing edited, and who reads calls by it."""

import copy
from collections.abc import Callable
from typing import Any

from aniva_sandbox.api import partner
from aniva_sandbox.engine.contract.api import Api, Endpoint
from aniva_sandbox.engine.contract.operations import Call
from aniva_sandbox.engine.contract.requests import Request
from aniva_sandbox.engine.contract.trace import Trace
from tests.support import PARTNER, new_world

Edit = Callable[[dict[str, Any]], object]
PROFILES = "/api/v1/profiles"


def edited(edit: Edit, *, proposal: bool = False) -> Api:
    """The partner API of a document with a change."""
    document = copy.deepcopy(PARTNER.document)
    edit(document)
    return Api(document, partner.OPERATIONS, partner.LEDGER, proposal=proposal)


def schema(document: dict[str, Any], name: str) -> dict[str, Any]:
    """A component of a document."""
    found: dict[str, Any] = document["components"]["schemas"][name]
    return found


def read_call(
    endpoint: Endpoint,
    values: list[str],
    query: bytes = b"",
    body: bytes | None = b"",
    content_type: str | None = "application/json",
) -> Call[Any, Any]:
    """A request as an endpoint reads it for a caller who may do everything."""
    request = Request("", "", query, None, content_type, body)
    return endpoint.read_call(new_world().personas["full"], values, request, Trace())
