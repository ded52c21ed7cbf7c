"""What is probed here: functions that call a double in process. Its clients wait without losing time."""

import json
from collections.abc import Callable, Mapping
from datetime import datetime, timedelta
from typing import Any

from aniva_sandbox.engine.contract.api import Api
from aniva_sandbox.engine.contract.requests import Request
from aniva_sandbox.engine.evidence.probes.change import Change, Context, Judgement
from aniva_sandbox.engine.evidence.probes.loop import judge_one, plan_changes, probe_subject, run_clean
from aniva_sandbox.engine.evidence.probes.probe import Probe
from aniva_sandbox.engine.evidence.probes.report import KindName, TestReport
from aniva_sandbox.engine.evidence.probes.run import Run
from aniva_sandbox.engine.serving.pipeline import respond
from aniva_sandbox.engine.store.memory import Worlds
from aniva_sandbox.engine.world.domain import Domain
from aniva_sandbox.engine.world.events import advance
from aniva_sandbox.engine.world.snapshot import write_state
from aniva_sandbox.engine.world.state import Beginning

MOST_CALLS = 100
"""The number of calls after which a run is stopped."""


class Lost(Exception):
    """There is no response, or only a part of it."""


class Spoiled(Exception):
    """The response is not JSON."""


class Refused(Exception):
    """The response is an error."""

    def __init__(self, status: int, headers: Mapping[str, str]) -> None:
        super().__init__(f"status {status}")
        self.status = status
        self.headers = headers


class Stopped(BaseException):
    """The run is stopped: why, as in the limit of a run."""


class Client:
    """Sends requests to a world, and waits."""

    def __init__(self, api: Api, worlds: Worlds, subject: "Function", probe: Probe) -> None:
        self._api = api
        self._worlds = worlds
        self._subject = subject
        self.seconds = 0.0
        """The client's time."""
        self.world: Any = worlds.get("mine")
        probe.client_seconds = lambda: self.seconds
        probe.on_call = lambda: self._check(probe)

    def __call__(self, method: str, path: str, body: Mapping[str, Any] | None = None, **headers: str) -> Any:
        """The body of a response. Raises Refused, Lost or Spoiled."""
        path, _, query = path.partition("?")
        content = b"" if body is None else json.dumps(body).encode()
        request = Request(
            method, self._subject.base + path, query.encode(), "sbx_mine", "application/json", content, **headers
        )
        response = respond(self._api, self._worlds, request)
        effect = response.effect
        if effect is not None and (isinstance(effect.drop, str) or effect.truncate):
            raise Lost(str(effect))
        if response.status >= 400:
            raise Refused(response.status, {name.decode(): value.decode() for name, value in response.headers})
        if method == "HEAD":
            return None
        try:
            return json.loads(response.body)
        except ValueError:
            raise Spoiled from None

    def sleep(self, seconds: float, *, of_world: bool = True) -> None:
        """Wait without losing time: the world's clock moves along."""
        self.seconds += seconds
        if of_world:
            advance(self.world, self.world.now + timedelta(seconds=seconds))

    def wait_for_real(self) -> None:
        """Wait in a way that takes time, for longer than a probe does."""
        raise Stopped("waits")

    def _check(self, probe: Probe) -> None:
        if len(probe.calls) >= MOST_CALLS:
            raise Stopped("calls")


class Function:
    """A test as a function of a client."""

    def __init__(
        self,
        test: Callable[[Client], None],
        api: Api,
        domain: Domain,
        beginning: Beginning,
        *,
        start: datetime | None = None,
        mode: Any = "frozen",
    ) -> None:
        self.test = test
        self.name = getattr(test, "__name__", "test")
        self.api = api
        self.domain = domain
        self.base = "/api/v1"
        self.runs = 0
        self._beginning = beginning
        self._start = start
        self._mode = mode

    def run(self, probe: Probe, start: datetime | None) -> Run:
        """Run it in a fresh world."""
        self.runs += 1
        worlds = Worlds(self.domain, lambda _name: self._beginning, ["default"])
        world = worlds.create("mine", mode=self._mode, start=start or self._start)
        world.probe = probe
        began, time = write_state(world.state, world.domain), world.now
        outcome, error, limit, is_assertion = "passed", "", "", False
        try:
            self.test(Client(self.api, worlds, self, probe))
        except Stopped as reason:
            outcome, error, limit = "stopped", f"Stopped: {reason}", str(reason)
        except Exception as problem:
            outcome, is_assertion = "failed", isinstance(problem, AssertionError)
            error = f"{type(problem).__name__}: {problem}".splitlines()[0]
        return Run(
            outcome=outcome,  # type: ignore[arg-type]
            error=error,
            is_assertion=is_assertion,
            calls=tuple(probe.calls),
            start=time,
            end=world.now,
            began_with=began,
            state=write_state(world.state, world.domain),
            seconds=0.01,
            limit=limit,  # type: ignore[arg-type]
        )

    def again(self, id: str) -> str:
        """The command that runs a change again."""
        return f"again {id}"

    def context(self, *recovers: str) -> Context:
        """What plans and verdicts know besides the runs."""
        return Context(api=self.api, domain=self.domain, recovers=frozenset(recovers))


def planned(subject: Function, kind: KindName) -> list[Change]:
    """The changes of one kind that a test gives reason to, in order."""
    clean = run_clean(subject, subject.context())
    assert clean is not None
    return list(plan_changes(clean, subject.context(), [kind]))


def probed(subject: Function, kind: KindName, **options: Any) -> TestReport:
    """The report on one kind of probes."""
    report = probe_subject(subject, subject.context(), kinds=[kind], **options)
    assert report is not None
    assert report.skipped == ""
    return report


def judged(subject: Function, kind: KindName, id: str, *recovers: str) -> Judgement:
    """What one change shows about a client that claims to recover from these kinds of faults."""
    clean = run_clean(subject, subject.context())
    assert clean is not None
    change = next(each for each in plan_changes(clean, subject.context(*recovers), [kind]) if each.id == id)
    return judge_one(change, clean, subject.run(change.probe(), change.start), subject)
