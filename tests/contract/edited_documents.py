"""The document with one thing edited, and who reads calls by it."""

import copy
from collections.abc import Callable
from typing import Any

from aniva_sandbox.api import partner
from aniva_sandbox.engine.contract.api import Api
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


def full_access() -> Any:
    """A persona that may do everything."""
    return new_world().personas["full"]
