"""A change: the one thing that is different in a run, and what the run then shows about the client."""

from abc import ABC, abstractmethod
from collections.abc import Callable
from datetime import datetime
from typing import ClassVar

import msgspec

from aniva_sandbox.engine.contract.api import Api
from aniva_sandbox.engine.evidence.probes.probe import Probe
from aniva_sandbox.engine.evidence.probes.report import KindName, NoteName, Verdict
from aniva_sandbox.engine.evidence.probes.run import Run
from aniva_sandbox.engine.world.domain import Domain

__all__ = ["Again", "Change", "Context", "Judgement"]

Again = Callable[[Probe, datetime | None], Run]
"""Runs the test once more, with a probe in its world, which begins at an instant; None is the test's own."""


class Context(msgspec.Struct, frozen=True, kw_only=True, eq=False):
    """What plans and verdicts need to know besides the runs."""

    api: Api
    domain: Domain
    recovers: frozenset[str] = frozenset()
    """The kinds of faults that the test claims to recover from, as in ids; `*` is all."""


class Judgement(msgspec.Struct, frozen=True, kw_only=True):
    """What a run with a change shows. Without verdict and note: nothing is wrong."""

    verdict: Verdict | None = None
    note: NoteName | None = None
    sentence: str = ""
    """What happened, without a full stop."""
    before: tuple[str, ...] = ()
    """What the world held after the clean run and does not after this one, in words."""
    after: tuple[str, ...] = ()
    """What it holds after this one, and did not after the clean run."""
    is_void: bool = False
    """Whether the run says nothing about the client."""
    runs: int = 1
    """The number of runs that it took."""


class Change(ABC):
    """One entry of the plan for a test."""

    kind: ClassVar[KindName]

    def __init__(self, id: str, title: str, *, operation: str = "", start: datetime | None = None) -> None:
        self.id = id
        """Its id within the kind and the test, such as ``create_list#1:drop=after``."""
        self.title = title
        """What is different, in words."""
        self.operation = operation
        self.start = start
        """Where the world begins; None where the test says."""
        self.items: tuple[str, ...] = ()
        """The items of coverage that it questions, such as ``list.full refused``."""
        self.covered_by = ""
        """The id of an earlier change of the kind whose run may show that this one brings nothing new."""

    def is_covered(self, run: Run) -> bool:  # noqa: ARG002
        """Whether the run with the change ``covered_by`` shows that a run with this one would be equal."""
        return True

    @abstractmethod
    def probe(self) -> Probe:
        """What sits in the world of one run."""

    @abstractmethod
    def judge(self, clean: Run, changed: Run, again: Again) -> Judgement:
        """What a run with this change shows."""
