"""Everything that a double of an API is made from: the names that its author needs, and what joins the parts."""

from collections.abc import Iterable, Mapping
from typing import Any

from starlette.types import ASGIApp

from aniva_sandbox.engine.contract import ground_rules
from aniva_sandbox.engine.contract.access import Access
from aniva_sandbox.engine.contract.ahead import Ahead
from aniva_sandbox.engine.contract.api import Api
from aniva_sandbox.engine.contract.document import ApiInfo, Contract
from aniva_sandbox.engine.contract.formats import parse_instant
from aniva_sandbox.engine.contract.operations import Attachment, Call, NoBody, NoQuery, Operation, operation
from aniva_sandbox.engine.contract.refused import RefusedCall
from aniva_sandbox.engine.contract.rules import Ledger, Refusal, Rule
from aniva_sandbox.engine.contract.schemas import Timestamp, field
from aniva_sandbox.engine.contract.trace import Page
from aniva_sandbox.engine.contract.values import Email, Label, UuidText
from aniva_sandbox.engine.control.clock import Instant
from aniva_sandbox.engine.control.plane import build_control
from aniva_sandbox.engine.faults.faults import faults_of
from aniva_sandbox.engine.pages.addresses import operation_addresses
from aniva_sandbox.engine.pages.console import console_routes
from aniva_sandbox.engine.pages.reference import Documented, reference_routes
from aniva_sandbox.engine.problems import Data
from aniva_sandbox.engine.serving.app import build_app
from aniva_sandbox.engine.serving.guard import Guard
from aniva_sandbox.engine.store.memory import Worlds
from aniva_sandbox.engine.world.agenda import Event
from aniva_sandbox.engine.world.clock import Mode
from aniva_sandbox.engine.world.domain import Domain, NextSteps, Occurrence, Probing, SpecialInstant, Variation
from aniva_sandbox.engine.world.event_types import EventType
from aniva_sandbox.engine.world.events import EVENT_STATE
from aniva_sandbox.engine.world.fixtures import load_fixture
from aniva_sandbox.engine.world.sections import Section, Written
from aniva_sandbox.engine.world.showing import (
    Column,
    Measurement,
    RecordFact,
    RecordFile,
    RelatedRecord,
    SectionShowing,
    Showing,
)
from aniva_sandbox.engine.world.state import World, require_room
from aniva_sandbox.engine.world.tables import Table

__all__ = [
    "EVENT_STATE",
    "WORLD_FULL",
    "Access",
    "Ahead",
    "ApiInfo",
    "Attachment",
    "Call",
    "Column",
    "Domain",
    "Double",
    "Email",
    "Event",
    "EventType",
    "Instant",
    "Label",
    "Measurement",
    "NextSteps",
    "NoBody",
    "NoQuery",
    "Occurrence",
    "Operation",
    "Page",
    "Probing",
    "RecordFact",
    "RecordFile",
    "Refusal",
    "RefusedCall",
    "RelatedRecord",
    "Rule",
    "Section",
    "SectionShowing",
    "Showing",
    "SpecialInstant",
    "Table",
    "Timestamp",
    "UuidText",
    "Variation",
    "World",
    "Written",
    "field",
    "operation",
    "parse_instant",
    "require_room",
]

WORLD_FULL = ground_rules.WORLD_FULL

_LOOPBACK = Guard()


class Double:
    """A double of an API: its contract, what its worlds hold, and the control plane of both."""

    def __init__(
        self,
        info: ApiInfo,
        *,
        operations: Iterable[Operation[Any]],
        rules: Iterable[Rule] = (),
        fixture: Mapping[str, Any],
        **domain: Any,
    ) -> None:
        """``rules`` are the API's own, ``fixture`` the content of a world file that worlds begin from, and all other
        keywords those of :class:`~aniva_sandbox.engine.world.domain.Domain`.

        Raises :exc:`~aniva_sandbox.engine.problems.FixtureError` for a fixture that no world can begin from.
        """
        self.contract = Contract(info, tuple(operations), Ledger([*ground_rules.RULES, *rules]))
        self.domain = Domain(faults=faults_of(self.contract), **domain)
        self.control = build_control(self.domain, self.contract)
        self.fixture = load_fixture(Data(dict(fixture), "default"), self.domain)

    def app(self, *, mode: Mode = "real", guard: Guard | None = _LOOPBACK) -> ASGIApp:
        """An app with its own worlds: the API, its control plane, their documents, the console and the reference.

        ``mode`` is how the clocks of its worlds begin. The guard lets only this machine reach the control plane.
        """
        name, title = self.fixture.name, self.contract.info.title
        worlds = Worlds(self.domain, lambda _name: self.fixture, [name], mode=mode)
        client, control = Api.of(self.contract), Api.of(self.control)
        console = f"{control.prefix}/"
        operations = operation_addresses("/docs", self.contract.operations)
        operations |= operation_addresses("/docs/control", self.control.operations)
        pages = [
            *console_routes(title, control.prefix, {"Reference": "/docs"}, lambda: operations),
            *reference_routes(
                title,
                title,
                worlds,
                Documented(client, lambda: self.contract),
                Documented(control, lambda: self.control),
                {"Console": console},
                f"{console}#/rules/",
            ),
        ]
        return build_app(worlds, client, control, guard, pages=pages, home=console)
