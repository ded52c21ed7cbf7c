"""The sandbox in a test run: in process or on a live server, and the pytest fixture ``aniva``.

Test files import types for annotations from here: ``from aniva_sandbox.testing import Aniva``.
"""

from importlib import import_module
from typing import TYPE_CHECKING

from aniva_sandbox.extras import how_to_install
from aniva_sandbox.testing.steady import load

if TYPE_CHECKING:
    from aniva_sandbox.engine.problems import FixtureError
    from aniva_sandbox.testing.aniva import Aniva, Clock
    from aniva_sandbox.testing.events import EventDetails, EventDict, EventTarget, EventType
    from aniva_sandbox.testing.exchanges import Body, Exchange, Exchanges, RuleName
    from aniva_sandbox.testing.hints import Hint
    from aniva_sandbox.testing.injection import Fault, Faults
    from aniva_sandbox.testing.live import ControlError, LiveServer
    from aniva_sandbox.testing.operations import OperationId
    from aniva_sandbox.testing.sandbox import Sandbox
    from aniva_sandbox.testing.snapshots import Snapshot, Undo
else:  # hidden from type checkers, which would accept any name

    def __getattr__(name: str) -> object:
        """Import a name on first use, as pytest imports this package with the plugin in every run."""
        if name not in _PLACES:
            raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
        load()
        try:
            return getattr(import_module(_PLACES[name]), name)
        except ModuleNotFoundError as error:
            if error.name != "httpx2":
                raise
            needs = f"{__name__}.{name} needs httpx2: {how_to_install('pytest')}"
            raise ModuleNotFoundError(needs, name=error.name) from None


__all__ = [
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

_PLACES = {"FixtureError": "aniva_sandbox.engine.problems"} | {
    name: f"{__name__}.{module}"
    for module, names in {
        "aniva": ("Aniva", "Clock"),
        "events": ("EventDetails", "EventDict", "EventTarget", "EventType"),
        "exchanges": ("Body", "Exchange", "Exchanges", "RuleName"),
        "hints": ("Hint",),
        "injection": ("Fault", "Faults"),
        "live": ("ControlError", "LiveServer"),
        "operations": ("OperationId",),
        "sandbox": ("Sandbox",),
        "snapshots": ("Snapshot", "Undo"),
    }.items()
    for name in names
}
