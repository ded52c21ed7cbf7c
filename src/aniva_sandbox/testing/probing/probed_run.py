"""One run of a probed test: what the fixture ``aniva`` asks of it, and what it came to."""

import re
from collections.abc import Iterator
from datetime import datetime
from typing import Any, Final

import pytest

from aniva_sandbox.api.domain import DOMAIN
from aniva_sandbox.engine.contract.document import DEFAULT_ADDRESS
from aniva_sandbox.engine.evidence.probes.probe import Probe
from aniva_sandbox.engine.evidence.probes.run import Run
from aniva_sandbox.engine.texts import shorten
from aniva_sandbox.engine.world.clock import EARLIEST
from aniva_sandbox.engine.world.snapshot import write_state
from aniva_sandbox.engine.world.state import World
from aniva_sandbox.testing.aniva import Aniva
from aniva_sandbox.testing.live import ControlError, LiveServer
from aniva_sandbox.testing.probing.sleeping import client_seconds
from aniva_sandbox.testing.probing.stopping import REASONS, Limits, Watch

__all__ = ["ProbedRun"]

LONGEST: Final = 300
"""The maximum number of characters of an error."""
_PLACE: Final = re.compile("0x[0-9a-f]{6,}")
"""A place in memory."""


class ProbedRun:
    """A run of a test with a probe in the world of its fixture ``aniva``."""

    def __init__(self, probe: Probe, start: datetime | None, watch: Watch, limits: Limits, *, is_quiet: bool) -> None:
        """``start`` is where the world begins; None where the test says. A run that is not quiet is the test's own,
        whose report people read."""
        self.start = start
        self.is_quiet = is_quiet
        self._probe = probe
        self._watch = watch
        self._limits = limits
        self._server: LiveServer | None = None
        self._name: str | None = None
        self._sandbox: Aniva | None = None
        self._began: dict[str, Any] | None = None
        self._state: dict[str, Any] | None = None
        self._calls: int | None = None
        """The number of calls that count."""
        self._start = self._end = start or EARLIEST
        self._error: BaseException | None = None
        self._is_assertion = False
        self._is_skipped = False
        self._is_void = False
        self.interruption: KeyboardInterrupt | None = None
        """What ended it from outside, where pytest takes this for a failure: under --pdb."""
        probe.client_seconds = client_seconds
        probe.on_call = self._on_call

    # What the fixture asks

    def begin(self, sandbox: Aniva, server: LiveServer) -> None:
        """The world was created: the probe sits in it from now on."""

        def begin() -> None:
            world = server.worlds.get(sandbox.world)
            if self._name is None and world is not None:
                world.probe = self._probe
                self._name, self._server, self._sandbox = sandbox.world, server, sandbox
                self._start = self._end = world.clock.now
                self._began = write_state(world.state, DOMAIN)

        server.run(begin)

    def refuse(self) -> None:
        """The world cannot begin at the start of this run."""
        self._is_void |= self.start is not None

    def end(self, sandbox: Aniva, server: LiveServer) -> None:
        """The world is about to be dropped."""
        if sandbox is self._sandbox:
            if server.run(lambda: server.worlds.take_mismatches(sandbox.world)):
                self._is_void = True
            server.run(self._write)
            self._sandbox = None

    def release(self) -> None:
        """The run is over: no probe is left behind, whatever became of the fixture."""

        def release() -> None:
            if (world := self._world) is not None:
                world.probe = None

        if self._server is not None:
            self._server.run(release)

    @property
    def _world(self) -> World | None:
        """The world of the fixture, which the test may have replaced, or dropped."""
        return None if self._server is None or self._name is None else self._server.worlds.get(self._name)

    def _write(self) -> None:
        """Note what the world holds, unless it was noted before."""
        world = self._world
        if world is not None and self._state is None:
            DOMAIN.refresh(world)
            self._end = world.clock.now
            self._state = write_state(world.state, DOMAIN)

    def pass_time(self, seconds: int) -> None:
        """Move the world's clock, and what follows it."""
        if self._sandbox is not None:
            try:
                self._sandbox.clock.advance(seconds=seconds)
            except ControlError:
                return  # the test dropped the world, or its clock is at the end of time

    # What happens in it

    def _on_call(self) -> None:
        """After each call, in whatever thread responds."""
        calls = self._probe.calls
        if self._calls is not None:
            del calls[self._calls :]
        elif len(calls) > self._limits.calls:
            self._calls = len(calls)
            self._write()
            self._watch.stop("calls")
        self._watch.check()

    def note_report(self, report: pytest.TestReport, error: BaseException | None, failure: type[BaseException]) -> None:
        """Note the report of a phase, and what ended it; ``failure`` is what the test raises if it judges that it
        failed."""
        self.interruption = error if isinstance(error, KeyboardInterrupt) else self.interruption
        if report.skipped:
            self._is_skipped = True
        elif report.failed and self._error is None:
            self._error = error if error is not None else AssertionError("failed")
            leaves = list(_leaves(self._error))
            judging = (AssertionError, pytest.fail.Exception, failure)
            self._is_assertion = all(isinstance(each, judging) for each in leaves)
            self._is_void |= any(isinstance(cause, ControlError) for each in leaves for cause in _causes(each))

    @property
    def has_failed(self) -> bool:
        """Whether it failed so far."""
        return self._error is not None

    def result(self, error: BaseException | None = None) -> Run:
        """What it came to; ``error`` is what ended it outside its phases."""
        error = self._error if self._error is not None else error
        limit = self._watch.limit
        is_stopped = bool(limit) and (limit == "calls" or error is not None)
        said = "" if error is None else self._line(error)
        return Run(
            outcome="stopped" if is_stopped else "failed" if error else "skipped" if self._is_skipped else "passed",
            error=f"stopped: {REASONS[limit]}" if is_stopped and limit else said,
            is_assertion=self._is_assertion and not is_stopped,
            is_void=self._is_void,
            calls=tuple(self._probe.calls[: self._calls]),
            start=self._start,
            end=self._end,
            began_with=self._began,
            state=self._state,
            seconds=self._watch.seconds,
            limit=limit if is_stopped else "",
        )

    def _line(self, error: BaseException) -> str:
        """An exception on one line, which is the same in each process: without the port, and without places in
        memory."""
        line = _PLACE.sub("0x…", _write(error))
        address = DEFAULT_ADDRESS if self._server is None else self._server.worlds.address
        if address != DEFAULT_ADDRESS:  # it listens
            line = re.sub(rf"\b{address.rpartition(':')[2]}\b", "PORT", line)
        return shorten(line, LONGEST)


def _causes(error: BaseException | None) -> Iterator[BaseException]:
    """An exception, what it was raised from, and so on."""
    while error is not None:
        yield error
        error = error.__cause__


def _leaves(error: BaseException) -> list[BaseException]:
    """The exceptions of a group, and of the groups in it."""
    if isinstance(error, BaseExceptionGroup):
        return [leaf for each in error.exceptions for leaf in _leaves(each)]
    return [error]


def _write(error: BaseException) -> str:
    """The first line of an exception."""
    leaf = _leaves(error)[0]
    try:
        text = str(leaf).strip().partition("\n")[0]
    except Exception:  # that of a test's own exception may raise
        text = ""
    return f"{type(leaf).__name__}: {text}" if text else type(leaf).__name__
