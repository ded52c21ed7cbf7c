"""The Aniva sandbox as a whole: the Partner API, the control plane, and the app that serves both with their pages."""

from collections.abc import Callable, Collection
from contextlib import AbstractContextManager
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Final
from urllib.parse import quote

from aniva_sandbox import guide
from aniva_sandbox.api import partner
from aniva_sandbox.api.links.operations import LinkAnswer
from aniva_sandbox.engine.contract.api import Api
from aniva_sandbox.engine.contract.deferred import DeferredApi
from aniva_sandbox.engine.contract.document import Contract, load_document
from aniva_sandbox.engine.contract.known import is_known
from aniva_sandbox.engine.pages.addresses import operation_addresses
from aniva_sandbox.engine.pages.console import console_routes
from aniva_sandbox.engine.pages.guide import guide_routes
from aniva_sandbox.engine.pages.reference import Documented, reference_routes
from aniva_sandbox.engine.serving import app
from aniva_sandbox.engine.serving.guard import Guard
from aniva_sandbox.engine.store.memory import Worlds
from aniva_sandbox.engine.yaml_file import MAX_FILE
from aniva_sandbox.files import find_file

if TYPE_CHECKING:
    from starlette.types import ASGIApp

    from aniva_sandbox.engine.serving.shared import Shared

__all__ = ["DIGEST", "build_app", "build_control_api", "build_partner_api", "load_control"]

TITLE: Final = "Aniva sandbox"
DIGEST: Final = Path(__file__).with_name("openapi.yaml.sha256")
"""The digest of the committed document."""
_PLANE: Final = "/_sandbox"
_LOOPBACK: Final = Guard()


def build_partner_api(spec: Path | None = None, link_answer: LinkAnswer = "parent") -> Api:
    """The Partner API, with the committed document or a proposed one. Raises DocumentError.

    In the committed document, changes of links return the resource in the path; for the other ``link_answer``, the
    document is generated.
    """
    operations, ledger = partner.operations(link_answer), partner.LEDGER
    if spec is not None:
        return Api(load_document(spec), operations, ledger, proposal=True)
    if link_answer != "parent":
        return Api.of(Contract(partner.INFO, operations, ledger))
    committed = find_file("openapi.yaml")
    document, text = load_document(committed), committed.read_text(encoding="utf-8")
    return Api(document, operations, ledger, text=text, known=is_known(DIGEST, text))


def load_control() -> Contract:
    """The contract of the control plane, imported when it is first asked for."""
    from aniva_sandbox.api.control import CONTROL  # lazy: many servers are asked for nothing of it

    return CONTROL


def build_control_api(control: Callable[[], Contract] = load_control) -> Api:
    """The control plane, with a document generated from its operations when it is first called. ``control`` returns
    its contract.

    That document depends on nothing but the code, so nothing that a user can change is checked later for it.
    """
    return DeferredApi(
        lambda: Api.of(control(), known=True),
        prefix=_PLANE,
        public_paths=frozenset({f"{_PLANE}/health"}),
        max_body=MAX_FILE,
    )


def build_app(
    worlds: Worlds,
    partner_api: Api,
    control_api: Api,
    guard: Guard | None = _LOOPBACK,
    *,
    lock: AbstractContextManager[object] | None = None,
    cors_origins: Collection[str] = (),
    control: Callable[[], Contract] = load_control,
    shared: "Shared | None" = None,
) -> "ASGIApp":
    """The app that serves these worlds, with the console, the reference and the guide. ``control`` returns the contract
    of the control plane, which pages describe.

    For ``guard``, ``lock``, ``cors_origins`` and ``shared``, see :func:`aniva_sandbox.engine.serving.app.build_app`.
    """
    console = f"{control_api.prefix}/"
    pages = [
        *console_routes(
            TITLE,
            control_api.prefix,
            {"Reference": "/docs", "Guide": "/guide"},
            partial(_operations, control),
        ),
        *reference_routes(
            TITLE,
            "Partner API",
            worlds,
            Documented(partner_api, lambda: partner.CONTRACT),
            Documented(control_api, control),
            {"Console": console, "Guide": "/guide"},
            f"{console}#/rules/",
        ),
        *guide_routes(
            guide, f"{TITLE} guide", {"Console": console, "Reference": "/docs"}, partial(_references, control)
        ),
    ]
    return app.build_app(
        worlds,
        partner_api,
        control_api,
        guard,
        pages=pages,
        home=console,
        lock=lock,
        cors_origins=cors_origins,
        shared=shared,
    )


def _references(control: Callable[[], Contract]) -> dict[str, str]:
    """The places of rules in the console, and of operations in the reference."""
    rules = {rule.id: f"/_sandbox/#/rules/{quote(rule.id, safe='')}" for rule in control().ledger}
    return rules | _operations(control)


def _operations(control: Callable[[], Contract]) -> dict[str, str]:
    """The places of operations in the reference."""
    return operation_addresses("/docs", partner.OPERATIONS) | operation_addresses("/docs/control", control().operations)
