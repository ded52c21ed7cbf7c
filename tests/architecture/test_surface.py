"""What others may rely on: the names that modules offer, and what a test has in its hands."""

import ast
import importlib
import pkgutil
import subprocess
import sys
from pathlib import Path
from typing import get_args

import pytest

import aniva_sandbox
from aniva_sandbox import laboratory, testing
from aniva_sandbox.api.domain import DOMAIN
from aniva_sandbox.api.events import EVENTS
from aniva_sandbox.api.partner import OPERATIONS
from aniva_sandbox.engine.control.events import event_request_type, event_view_type
from aniva_sandbox.engine.control.exchanges import exchange_type
from aniva_sandbox.testing import Aniva, ControlError, EventDetails, EventDict, EventTarget, EventType, LiveServer

MODULES = sorted(
    [aniva_sandbox.__name__]
    + [module.name for module in pkgutil.walk_packages(aniva_sandbox.__path__, f"{aniva_sandbox.__name__}.")]
)


def public(value: object) -> list[str]:
    """The names of an object that do not begin with an underscore."""
    return sorted(name for name in dir(value) if not name.startswith("_"))


def test_offered_names_exist() -> None:
    """Every name that a module offers is there, and stands once."""
    for name in MODULES:
        module = importlib.import_module(name)
        offered = getattr(module, "__all__", [])
        assert [each for each in offered if not hasattr(module, each)] == [], name
        assert len(set(offered)) == len(offered), name


def test_modules_say_what_they_offer() -> None:
    """A module that defines anything says which of its names are for others."""
    for name in MODULES:
        path = Path(str(importlib.import_module(name).__file__))
        tree = ast.parse(path.read_text(encoding="utf-8"))
        defines = any(not isinstance(node, ast.Expr) for node in tree.body)
        offers = any(isinstance(node, ast.Assign) and ast.unparse(node.targets[0]) == "__all__" for node in tree.body)
        assert offers == defines, name


def test_surface_of_the_fixture(aniva: Aniva) -> None:
    """What the fixture offers to a test is this, and no more."""
    assert public(aniva) == [
        "agenda",
        "api_key",
        "asgi",
        "assert_called",
        "assert_not_called",
        "async_client",
        "async_transport",
        "calls",
        "client",
        "clock",
        "close",
        "faults",
        "happen",
        "hints",
        "key",
        "relied_on",
        "relies_on",
        "reset",
        "restore",
        "snapshot",
        "story",
        "take_mismatches",
        "take_undeclared",
        "transport",
        "url",
        "world",
        "wsgi",
    ]


def test_surface_of_faults(aniva: Aniva) -> None:
    """What a test can do with injected faults is this, and no more."""
    assert public(aniva.faults) == ["add", "clear"]
    assert public(aniva.faults.add(method="GET", status=500)) == ["fired", "id", "remove"]


def test_surface_of_exchanges(aniva: Aniva) -> None:
    """What a test is told of what was asked is this, and no more; the fields are those of the control plane, without
    the one that only an exchange has that is requested by its number."""
    assert public(aniva.calls()) == ["count", "dropped", "first", "index", "last", "story", "that"]
    assert set(public(testing.Exchange)) == {*exchange_type(DOMAIN).__struct_fields__, "json"} - {"target"}


def test_surface_of_hints() -> None:
    """What a test is told of a hint is this, and no more."""
    assert public(testing.Hint) == ["field", "number", "operation", "sentence", "text"]


def test_surface_of_snapshots(aniva: Aniva) -> None:
    """What a test can do with a snapshot is this, and no more."""
    assert public(aniva.snapshot()) == ["content", "json", "save"]
    assert public(aniva.reset()) == []


def test_surface_of_the_clock(aniva: Aniva) -> None:
    """What the clock of the fixture offers to a test is this, and no more."""
    assert public(aniva.clock) == ["advance", "advance_until", "freeze", "now", "travel_to"]


def test_surface_of_the_refusal() -> None:
    """What a refusal of the control plane tells is its status and rule."""
    refusal = ControlError(409, "event.state", "The appointment is cancelled")
    assert sorted(vars(refusal)) == ["rule", "status"]
    assert str(refusal) == "The appointment is cancelled (event.state, 409)"


def test_surface_outside_pytest(aniva: Aniva) -> None:
    """What there is outside pytest has the members of the fixture, and no more; it is loaded when it is asked for."""
    assert aniva_sandbox.__all__ == ["VERSION", "Sandbox"]
    assert aniva_sandbox.Sandbox is testing.Sandbox
    with pytest.raises(AttributeError, match="has no attribute 'Nothing'"):
        aniva_sandbox.Nothing  # noqa: B018
    with aniva_sandbox.Sandbox() as sandbox:
        assert public(sandbox) == public(aniva)
    program = "import sys, aniva_sandbox\nprint([name for name in sys.modules if name.startswith('aniva_sandbox.')])"
    ran = subprocess.run([sys.executable, "-c", program], capture_output=True, check=True)
    assert ran.stdout.split() == [b"[]"]


def test_surface_of_the_server() -> None:
    """What the sandbox offers where there is no fixture is this, and no more."""
    assert public(LiveServer()) == ["asgi", "control", "control_bytes", "run", "url", "worlds", "wsgi"]


def test_offered_by_testing() -> None:
    """What a test file can import is this, and no more."""
    assert sorted(testing.__all__) == [
        "Aniva",
        "Body",
        "Clock",
        "ControlError",
        "EventDetails",
        "EventDict",
        "EventTarget",
        "EventType",
        "Exchange",
        "Exchanges",
        "Fault",
        "Faults",
        "FixtureError",
        "Hint",
        "LiveServer",
        "OperationId",
        "RuleName",
        "Sandbox",
        "Snapshot",
        "Undo",
    ]
    assert all(getattr(testing, name).__name__ == name for name in ("FixtureError", "Sandbox"))
    with pytest.raises(AttributeError, match="has no attribute 'Nothing'"):
        testing.Nothing  # noqa: B018


def test_names_of_operations() -> None:
    """The operations that a test's editor knows are those of the document."""
    assert get_args(testing.OperationId) == tuple(operation.id for operation in OPERATIONS)


def test_types_of_events() -> None:
    """The types that a test's editor knows of events are those that the control plane knows."""
    assert get_args(EventType) == tuple(EVENTS)
    assert EventTarget.__annotations__.keys() == {event.target for event in EVENTS.values()}
    assert EventDetails.__annotations__.keys() | {"type"} == set(event_request_type(DOMAIN).__struct_fields__)
    assert EventDict.__annotations__.keys() == set(event_view_type(DOMAIN).__struct_fields__)
    assert EventDict.__required_keys__ == {"time", "type"}


def test_offered_by_the_laboratory() -> None:
    """What partners can use on results of their own is this, and no more."""
    assert sorted(laboratory.__all__) == ["Problem", "check_results"]
