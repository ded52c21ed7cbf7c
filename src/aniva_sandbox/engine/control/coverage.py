"""Coverage: what the calls to the server met, and what not."""

from typing import TYPE_CHECKING, Annotated, Any

import msgspec
from msgspec import UNSET, UnsetType

from aniva_sandbox.engine.contract.operations import Call, NoBody, NoQuery, Success, operation
from aniva_sandbox.engine.contract.rules import SOURCE, Rule
from aniva_sandbox.engine.contract.schemas import field
from aniva_sandbox.engine.control.journal import TAG
from aniva_sandbox.engine.evidence.coverage.report import CoverageReport
from aniva_sandbox.engine.store.memory import Worlds

if TYPE_CHECKING:
    from aniva_sandbox.engine.evidence.coverage.collector import Coverage

__all__ = ["OPERATIONS", "RULES"]

COVERAGE_OFF = Rule(
    id="coverage.off",
    sentence="Coverage is collected only by a server that was started with `--coverage`.",
    basis="sandbox",
    source=SOURCE,
    statuses=(409,),
)

RULES = (COVERAGE_OFF,)


class CoverageQuery(msgspec.Struct, frozen=True):
    """The worlds to include."""

    worlds: (
        Annotated[str, field("Only worlds whose names begin so; calls that reached no world are left out.")] | UnsetType
    ) = UNSET


@operation("GET", "/coverage", tag=TAG, refuses=(COVERAGE_OFF,))
def get_coverage(worlds: Worlds, call: Call[CoverageQuery, NoBody]) -> CoverageReport:
    """Report what calls met, and what not

    The items of eight axes, each with the tests that met it, or with a next step that would meet it. The header
    `X-Sandbox-Test` of a call names its test; in a request to the control plane, it names the test of all later calls
    to that world. Resetting or dropping a world keeps what was met.
    """
    prefix = call.query.worlds
    return _coverage(worlds).report("" if prefix is UNSET else prefix)


@operation("DELETE", "/coverage", tag=TAG, refuses=(COVERAGE_OFF,))
def clear_coverage(worlds: Worlds, _call: Call[NoQuery, NoBody]) -> Success:
    """Forget what calls met"""
    _coverage(worlds).clear()
    return Success(success=True)


def _coverage(worlds: Worlds) -> "Coverage":
    if worlds.coverage is None:
        COVERAGE_OFF.refuse("Coverage is not collected; start the server with --coverage")
    return worlds.coverage


OPERATIONS: tuple[Any, ...] = (get_coverage, clear_coverage)
