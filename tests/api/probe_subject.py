"""Tests of the Partner API that are probed: functions that are given a client of a fresh world, and next steps."""

from collections.abc import Callable, Iterator
from contextlib import suppress
from datetime import datetime, timedelta
from functools import cache
from itertools import count
from typing import Any

import httpx2

from aniva_sandbox.api.domain import DOMAIN
from aniva_sandbox.api.settings import Settings
from aniva_sandbox.engine.evidence.probes.change import Change, Context, Judgement
from aniva_sandbox.engine.evidence.probes.loop import judge_one, plan_changes, probe_subject, run_clean
from aniva_sandbox.engine.evidence.probes.probe import Probe
from aniva_sandbox.engine.evidence.probes.report import KindName, TestReport
from aniva_sandbox.engine.evidence.probes.run import Run
from aniva_sandbox.engine.world.agenda import Event
from aniva_sandbox.engine.world.events import advance, happen
from aniva_sandbox.testing.live import LiveServer
from tests.in_process import InProcess
from tests.support import PARTNER, QUIET, Client, new_worlds, snapshot_of

__all__ = ["Test", "advance_by", "changed", "changes_of", "judged", "occur", "probed", "run_of", "step_judgements"]

Test = Callable[[Client], object]
_CONTEXT = Context(api=PARTNER, domain=DOMAIN)


class _Subject:
    name = "test"

    def __init__(self, test: Test, settings: Settings) -> None:
        self._test = test
        self._settings = settings

    def run(self, probe: Probe, start: datetime | None) -> Run:
        worlds = new_worlds(start=start)
        world = worlds.create("test", settings=self._settings)
        world.probe = probe
        began, begins = snapshot_of(world), world.now
        error, is_assertion = "", False
        try:
            self._test(Client(worlds))
        except Exception as raised:
            error = f"{type(raised).__name__}: {raised}".splitlines()[0]
            is_assertion = isinstance(raised, AssertionError)
        return Run(
            outcome="failed" if error else "passed",
            error=error,
            is_assertion=is_assertion,
            calls=tuple(probe.calls),
            start=begins,
            end=world.now,
            began_with=began,
            state=snapshot_of(world),
            seconds=0,
        )

    def again(self, id: str) -> str:
        return id


def run_of(test: Test, *, settings: Settings = QUIET) -> Run:
    """The clean run of a test, in a world in which nothing happens by itself."""
    run = run_clean(_Subject(test, settings))
    assert run is not None
    return run


def changes_of(kind: KindName, test: Test, *, settings: Settings = QUIET) -> dict[str, Change]:
    """The changes that a test gives reason to, by id."""
    changes = list(plan_changes(run_of(test, settings=settings), _CONTEXT, [kind]))
    found = {change.id: change for change in changes}
    assert len(found) == len(changes), "two changes have the same id"
    return found


def changed(kind: KindName, id: str, test: Test, *, settings: Settings = QUIET) -> Run:
    """The run of a test with a change."""
    change = changes_of(kind, test, settings=settings)[id]
    return _Subject(test, settings).run(change.probe(), change.start)


def judged(kind: KindName, id: str, test: Test, *, settings: Settings = QUIET) -> Judgement:
    """What a change shows about a test."""
    subject = _Subject(test, settings)
    change = changes_of(kind, test, settings=settings)[id]
    return judge_one(change, run_of(test, settings=settings), subject.run(change.probe(), change.start), subject)


def probed(kind: KindName, test: Test, *, settings: Settings = QUIET, **options: Any) -> TestReport:
    """The report on all changes of a test."""
    report = probe_subject(_Subject(test, settings), _CONTEXT, kinds=[kind], **options)
    assert report is not None
    return report


_NUMBERS = count()


@cache
def _server() -> LiveServer:
    """A server to which nothing connects."""
    return LiveServer()


class _Step:
    """Python text of the next steps of coverage, as a test that asserts nothing."""

    name = "step"

    def __init__(self, text: str) -> None:
        self._text = text

    def run(self, probe: Probe, _start: datetime | None) -> Run:
        server, name = _server(), f"step-{next(_NUMBERS)}"
        aniva = InProcess.fresh(server, name)
        world = server.worlds.get(name)
        assert world is not None
        world.probe = probe
        began, begins = snapshot_of(world), world.now
        with suppress(httpx2.TransportError):  # which some faults cause
            exec(self._text, {"aniva": aniva})
        aniva.client.close()
        server.worlds.drop(name)
        return Run(
            outcome="passed",
            calls=tuple(probe.calls),
            start=begins,
            end=world.now,
            began_with=began,
            state=snapshot_of(world),
            seconds=0,
        )

    def again(self, id: str) -> str:
        return id


def step_judgements(kind: KindName, text: str) -> Iterator[tuple[Change, Judgement]]:
    """The changes that a next step gives reason to, with what each shows about a test that asserts nothing."""
    subject = _Step(text)
    clean = run_clean(subject)
    if clean is None:
        return
    for change in plan_changes(clean, _CONTEXT, [kind]):
        yield change, judge_one(change, clean, subject.run(change.probe(), change.start), subject)


def occur(client: Client, type: str, target: str, **details: Any) -> None:
    """Let an event happen now."""
    happen(client.world, Event(type, target, details))


def advance_by(client: Client, **span: float) -> None:
    """Let time pass."""
    advance(client.world, client.world.now + timedelta(**span))
