"""Schemathesis against the sandbox: all phases (examples, coverage, fuzzing, stateful) and all checks, with two keys.

    python -m tests.conformance.run                          its own server on a free port
    python -m tests.conformance.run http://127.0.0.1:8000    a sandbox that runs already; only its world
                                                             `conformance` is touched
    python -m tests.conformance.run --examples 50            less deep, and faster

Run it from the root of the project. It prints what failed with the request that shows it, how many operations
succeeded, and how many links were followed. The exit code is 1 where a check failed, an operation never answered 2xx,
or a part of the run had nothing to do.

Two runs are the same: the seed is fixed, the clock of the world stands still, and each operation (in the stateful
phase, each scenario) begins in a fresh world, so that no verdict hangs on what ran before. `max_response_time` is the
only check of Schemathesis that stays off: its verdict would depend on the machine.
"""

import argparse
import sys
import time
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from copy import deepcopy
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import httpx2
import schemathesis
from hypothesis import strategies as st
from schemathesis.engine import Status, events, from_schema
from schemathesis.engine.recorder import ScenarioRecorder
from schemathesis.engine.run import PhaseName
from schemathesis.generation.feedback import FeedbackSources
from schemathesis.generation.meta import TestPhase
from schemathesis.hooks import GLOBAL_HOOK_DISPATCHER, HookContext
from schemathesis.schemas import BaseSchema
from schemathesis.specs.openapi.formats import get_default_format_strategies, unregister_string_format

from aniva_sandbox.contract.formats import REQUEST_FORMATS
from aniva_sandbox.testing.live import LiveServer
from tests.conformance.checks import FULL_KEY, KEY_HEADER, OUTSIDER_KEY, REPLACED, WORLD

__all__ = ["Report", "build_config", "main", "run_schemathesis"]

PHASES = ("examples", "coverage", "fuzzing", "stateful")

# The links that Schemathesis infers (a location's id for an appointment) would take the steps of those declared.
OPTIONS: dict[str, dict[str, Any]] = {"stateful": {"max-steps": 10, "inference": {"algorithms": []}}}


def build_config(examples: int, phases: tuple[str, ...] = PHASES) -> schemathesis.Config:
    """The configuration of a run; ``examples`` bounds the fuzzing of each operation and the stateful scenarios."""
    return schemathesis.Config.from_dict(
        {
            "seed": 20260413,
            "suppress-health-check": ["all"],  # they look at the machine's clock
            "cache": {"enabled": False},
            "output": {"sanitization": {"enabled": False}},
            "analysis": {"constants": {"enabled": False}},
            # No schema can say of every text that a NUL is refused; tests/contract/test_texts.py looks after it.
            "generation": {"max-examples": examples, "database": "none", "allow-x00": False},
            "phases": {name: {"enabled": name in phases} | OPTIONS.get(name, {}) for name in PHASES},
            "checks": {name: {"enabled": False} for name in REPLACED},
            "auth": {
                "wfc": {
                    "path": str(Path(__file__).with_name("identities.json")),
                    "user": "full",
                    "peers": ["full", "outsider"],
                }
            },
        }
    )


@dataclass
class Report:
    """What a run came to."""

    operations: set[str] = field(default_factory=set)
    succeeded: set[str] = field(default_factory=set)
    """The operations that answered 2xx to the full key."""
    links: set[str] = field(default_factory=set)
    """The links that the document declares."""
    followed: Counter[str] = field(default_factory=Counter)
    """How often each of them was followed."""
    requests: Counter[str] = field(default_factory=Counter)
    """How many requests each key sent."""
    outsider_refused: int = 0
    planned: int = 0
    scenarios: int = 0
    """How many stateful scenarios were to run, and how many did."""
    phases: dict[str, Status] = field(default_factory=dict)
    failures: dict[tuple[str, str], str] = field(default_factory=dict)
    """The first failure of each check on each operation."""
    errors: list[str] = field(default_factory=list)

    def problems(self) -> list[str]:
        """Why the run is no success, if it is none."""
        found = [f"{check} failed on {operation}\n{text}" for (check, operation), text in self.failures.items()]
        found += [f"error: {error}" for error in self.errors]
        found += [f"phase {name}: {status}" for name, status in self.phases.items() if status != Status.SUCCESS]
        found += [f"{operation} never answered 2xx" for operation in sorted(self.operations - self.succeeded)]
        if "stateful" in self.phases and not self.followed:
            found.append("no link was followed")
        if "stateful" in self.phases and self.scenarios < self.planned:
            found.append(f"only {self.scenarios} of {self.planned} stateful scenarios ran")
        if not self.outsider_refused:
            found.append("the outsider was never refused")
        return found

    def summary(self) -> str:
        """How much was tested."""
        outsider = f"{self.requests[OUTSIDER_KEY]} by the outsider, who was refused {self.outsider_refused} times"
        steps = f"{self.followed.total()} steps of {self.scenarios} scenarios"
        lines = [
            f"{self.requests.total()} requests, {outsider}",
            f"{len(self.succeeded)} of {len(self.operations)} operations answered 2xx",
            f"{len(self.followed)} of {len(self.links)} links were followed, in {steps}",
        ]
        return "\n".join(lines + [f"not followed: {link}" for link in sorted(self.links - set(self.followed))])

    def add(self, event: events.EngineEvent) -> None:
        """Take in what the engine tells."""
        if isinstance(event, events.ScenarioFinished):
            self.scenarios += event.phase == PhaseName.STATEFUL_TESTING
            self._add_scenario(event.recorder)
        elif isinstance(event, events.PhaseFinished) and event.phase.name.value in PHASES and event.phase.is_enabled:
            self.phases[event.phase.name.value] = event.status
        elif isinstance(event, events.NonFatalError):
            self.errors.append(f"{event.label}: {event.info.title}: {event.info.message}")
        elif isinstance(event, events.FatalError):
            self.errors.append(f"{type(event.exception).__name__}: {event.exception}")

    def _add_scenario(self, recorder: ScenarioRecorder) -> None:
        for id, node in recorder.cases.items():
            exchange = recorder.interactions.get(id)
            if exchange is None or exchange.response is None:
                continue
            key = next(iter(exchange.request.headers.get(KEY_HEADER, [])), "")
            status = exchange.response.status_code
            self.requests[key] += 1
            if key == OUTSIDER_KEY and status == 403:
                self.outsider_refused += 1
            if key == FULL_KEY and 200 <= status < 300:
                self.succeeded.add(node.value.operation.label)
            if node.transition is not None and node.is_transition_applied and node.transition.id in self.links:
                self.followed[node.transition.id] += 1
        for checks in recorder.checks.values():
            for check in checks:
                if check.failure_info is not None:
                    failure = check.failure_info.failure
                    text = f"{failure}\n\n{check.failure_info.code_sample}\n"
                    self.failures.setdefault((check.name, failure.operation or ""), text)


def run_schemathesis(schema: BaseSchema, renew: Callable[[], None]) -> Report:
    """Run all phases that the schema's configuration enables; ``renew`` makes the world fresh."""
    report = Report(links=_declared_links(schema))
    report.planned = schema.config.generation.max_examples or 0
    report.operations = {found.ok().label for found in schema.get_all_operations()}
    _let_lists_lead_to_creates(schema)
    schema.hooks.register_hook_with_name(_use_examples, "flatmap_case")
    with _contract_instants(), _fresh_worlds(schema, renew):
        for event in from_schema(schema).execute():
            report.add(event)
    return report


def _declared_links(schema: BaseSchema) -> set[str]:
    """The links of the document, as Schemathesis names them."""
    by_id = {found.ok().definition.raw["operationId"]: found.ok() for found in schema.get_all_operations()}
    return {
        f"{source.label} -> [{status}] {name} -> {by_id[link['operationId']].label}"
        for source in by_id.values()
        for status, response in source.definition.raw["responses"].items()
        for name, link in response.get("links", {}).items()
        if link["operationId"] in by_id
    }


def _let_lists_lead_to_creates(schema: BaseSchema) -> None:
    """Schemathesis starts no scenario with a create that names what no operation makes, such as a profile's group."""
    for item in schema.raw_schema["paths"].values():
        if "get" in item and "201" in item.get("post", {}).get("responses", {}):
            links = item["get"]["responses"]["200"].setdefault("links", {})
            links["create"] = {"operationId": item["post"]["operationId"]}


def _use_examples(_context: HookContext, case: schemathesis.Case) -> st.SearchStrategy[schemathesis.Case]:
    """Let half of the valid steps of a scenario start from the body that the document shows: made-up ids and dates
    seldom create what later steps need. Values from links are put in afterwards."""
    if case.meta is None or case.meta.phase.name != TestPhase.STATEFUL or not case.meta.generation.mode.is_positive:
        return st.just(case)
    content = case.operation.definition.raw.get("requestBody", {}).get("content", {})
    shown = [media["example"] for media in content.values() if "example" in media]
    shown += [example["value"] for media in content.values() for example in media.get("examples", {}).values()]
    return st.sampled_from([case.body, *deepcopy(shown)]).map(lambda body: _with_body(case, body))


def _with_body(case: schemathesis.Case, body: Any) -> schemathesis.Case:
    case.body = body
    return case


@contextmanager
def _fresh_worlds(schema: Any, renew: Callable[[], None]) -> Iterator[None]:
    """Renew the world when the next operation begins, and in the stateful phase with each scenario."""
    running: list[tuple[TestPhase, str]] = []
    build = schema.build_state_machine

    def before_call(_context: HookContext, case: schemathesis.Case, _kwargs: dict[str, Any]) -> None:
        if case.meta is None or case.meta.phase.name == TestPhase.STATEFUL:
            return
        if running != [(case.meta.phase.name, case.operation.label)]:
            running[:] = [(case.meta.phase.name, case.operation.label)]
            renew()

    def build_state_machine(**options: Any) -> Any:
        # Without values gathered from earlier answers: with them, Hypothesis finds that scenarios do not replay, and
        # the phase ends early and says nothing.
        machine = build(**options | {"feedback": FeedbackSources()})

        class Scenario(machine):  # type: ignore[misc,valid-type]
            def __init__(self) -> None:
                renew()
                super().__init__()

        return Scenario

    schema.build_state_machine = build_state_machine
    GLOBAL_HOOK_DISPATCHER.register_hook_with_name(before_call, "before_call")
    try:
        yield
    finally:
        GLOBAL_HOOK_DISPATCHER.unregister(before_call)


@contextmanager
def _contract_instants() -> Iterator[None]:
    """Generate the instants that rule `time.input` takes: no schema can say that the ends of the calendar are out."""
    instants = get_default_format_strategies()["date-time"].filter(REQUEST_FORMATS["date-time"])
    schemathesis.openapi.format("date-time", instants)
    try:
        yield
    finally:
        unregister_string_format("date-time")


def run_against(url: str, examples: int) -> Report:
    """Run against a sandbox that listens there."""
    with httpx2.Client(base_url=url) as control:

        def renew() -> None:
            control.put(f"/_sandbox/worlds/{WORLD}", json={"clock": "frozen"}).raise_for_status()

        schema = schemathesis.openapi.from_url(f"{url}/openapi.json", config=build_config(examples))
        return run_schemathesis(schema, renew)


def main() -> int:
    """The command."""
    parser = argparse.ArgumentParser(prog="python -m tests.conformance.run", description="Schemathesis on the sandbox.")
    parser.add_argument("url", nargs="?", help="address of a running sandbox; without it, one is started")
    parser.add_argument("--examples", type=int, default=350, help="depth: examples per operation and scenarios")
    options = parser.parse_args()
    begun = time.monotonic()
    if options.url:
        try:
            report = run_against(options.url.rstrip("/"), options.examples)
        except schemathesis.errors.LoaderError as error:
            parser.error(f"{options.url}: {error}")
    else:
        with LiveServer() as server:
            report = run_against(server.url, options.examples)
    problems = report.problems()
    for problem in problems:
        sys.stdout.write(f"{problem}\n\n")
    sys.stdout.write(f"{report.summary()}\n{len(problems)} problems, {time.monotonic() - begun:.0f} seconds\n")
    return 1 if problems else 0


if __name__ == "__main__":
    sys.exit(main())
