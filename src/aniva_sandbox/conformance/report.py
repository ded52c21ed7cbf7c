"""The report of a run: how much was tested, what failed, and what could not be checked."""

from collections import Counter
from dataclasses import dataclass, field
from typing import Any, NamedTuple

import schemathesis
from schemathesis.engine import Status, events

from aniva_sandbox.conformance.checks import NAMES, sent_key
from aniva_sandbox.conformance.subject import Subject
from aniva_sandbox.engine.contract.ground_rules import KEY_HEADER

__all__ = ["PHASES", "Failure", "Report"]

LONG_KEY = 8
HIDDEN = "[hidden]"
PHASES = ("examples", "coverage", "fuzzing", "stateful")


class Failure(NamedTuple):
    """A failed check: the reason, and a curl command that reproduces it."""

    message: str
    curl: str


@dataclass
class Report:
    """The report of a run."""

    subject: Subject
    operations: set[str] = field(default_factory=set)
    succeeded: set[str] = field(default_factory=set)
    """The operations that returned 2xx for the full key."""
    links: set[str] = field(default_factory=set)
    """The links between operations: those that the run adds to the document, and the document's own."""
    followed: Counter[str] = field(default_factory=Counter)
    """How often each link was followed."""
    steps: int = 0
    """How often any link was followed, including links that the run inferred."""
    requests: Counter[str] = field(default_factory=Counter)
    """The number of requests with each key."""
    outsider_refused: int = 0
    planned: int = 0
    scenarios: int = 0
    """The number of stateful scenarios planned, and the number run."""
    phases: dict[str, Status] = field(default_factory=dict)
    failures: dict[tuple[str, str], Failure] = field(default_factory=dict)
    """The first failure of each check on each operation."""
    errors: list[str] = field(default_factory=list)
    document: str = ""
    """The source of the document."""

    def problems(self) -> list[str]:
        """Why the run is not a success; empty if it is. A sandbox must be tested completely; for another server, whose
        state is not ours, only its responses count."""
        found = [
            f"{check} failed on {operation}\n{failure.message}\n\n{failure.curl}".rstrip()
            for (check, operation), failure in self.failures.items()
        ]
        found += [f"error: {error}" for error in self.errors]
        if self.subject.is_sandbox:
            found += self._gaps()
        elif not self.succeeded:
            found.append("no operation returned 2xx: check the key and the address")
        return [self._without_secrets(problem) for problem in found]

    def not_judged(self) -> list[str]:
        """What was not checked, and why."""
        found = [f"{what} ({count} responses)" for what, count in sorted(self.subject.unjudged.items())]
        if self.subject.key is not None and self.subject.outsider is None:
            found.append("access contexts: there is no key of another context")
        if not self.subject.is_sandbox:
            found += [f"not reached: {operation}" for operation in sorted(self.operations - self.succeeded)]
        return found

    def summary(self) -> str:
        """How much was tested."""
        lines = [f"{self.requests.total()} requests"]
        if self.subject.outsider is not None:
            refused = f"who was refused {self.outsider_refused} times"
            lines[0] += f", {self.requests[self.subject.outsider]} by the outsider, {refused}"
        lines.append(f"{len(self.succeeded)} of {len(self.operations)} operations returned 2xx")
        links = f"{len(self.followed)} of {len(self.links)}" if self.links else "no declared"
        lines.append(f"{links} links were followed, in {self.steps} steps of {self.scenarios} scenarios")
        return "\n".join(lines)

    def not_followed(self) -> list[str]:
        """The links of the document that no scenario followed."""
        return sorted(self.links - set(self.followed))

    def values(self) -> dict[str, Any]:
        """The whole report as plain values, for scripts."""
        problems = self.problems()
        return {
            "passed": not problems,
            "document": self.document,
            "sandbox": self.subject.is_sandbox,
            "requests": self.requests.total(),
            "operations": {
                "reached": sorted(self.succeeded),
                "not_reached": sorted(self.operations - self.succeeded),
            },
            "links": {
                "followed": dict(sorted(self.followed.items())),
                "not_followed": self.not_followed(),
            },
            "outsider": {
                "requests": self.requests[self.subject.outsider or ""],
                "refused": self.outsider_refused,
            }
            if self.subject.outsider is not None
            else None,
            "failures": [
                {
                    "check": check,
                    "operation": operation,
                    "message": self._without_secrets(failure.message),
                    "curl": self._without_secrets(failure.curl),
                }
                for (check, operation), failure in self.failures.items()
            ],
            "problems": problems[len(self.failures) :],
            "not_judged": dict(sorted(self.subject.unjudged.items())),
        }

    def add(self, event: events.EngineEvent) -> None:
        """Add an event of the engine."""
        if isinstance(event, events.ScenarioFinished):
            for checks in event.recorder.checks.values():
                for check in checks:
                    if check.failure_info is not None:
                        self.fail(check.name, failure=check.failure_info.failure, curl=check.failure_info.code_sample)
        elif isinstance(event, events.PhaseFinished) and event.phase.name.value in PHASES and event.phase.is_enabled:
            self.phases[event.phase.name.value] = event.status
        elif isinstance(event, events.NonFatalError):
            self.errors.append(f"{event.label}: {event.info.title}: {event.info.message}")
        elif isinstance(event, events.FatalError):
            self.errors.append(f"{type(event.exception).__name__}: {event.exception}")

    def count(self, operation: str, response: schemathesis.Response) -> None:
        """Add the response to a call. (Calls that Schemathesis' own checks repeat are not included.)"""
        key = sent_key(response) or ""
        self.requests[key] += 1
        if key == self.subject.outsider and response.status_code == 403:
            self.outsider_refused += 1
        if key == (self.subject.key or "") and 200 <= response.status_code < 300:
            self.succeeded.add(operation)

    def follow(self, transitions: list[str]) -> None:
        """Add a step of a scenario along these links."""
        self.steps += bool(transitions)
        self.followed.update(link for link in transitions if link in self.links)

    def fail(self, check: str, *, failure: Any, curl: str) -> None:
        """Add a failed check."""
        self.failures.setdefault((NAMES.get(check, check), failure.operation or ""), Failure(str(failure), curl))

    def _gaps(self) -> list[str]:
        """Parts of the run that tested nothing."""
        found = [f"phase {name}: {status}" for name, status in self.phases.items() if status != Status.SUCCESS]
        found += [f"{operation} never returned 2xx" for operation in sorted(self.operations - self.succeeded)]
        if "stateful" in self.phases and (not self.steps or (self.links and not self.followed)):
            found.append("no link was followed")
        if "stateful" in self.phases and self.scenarios < self.planned:
            found.append(f"only {self.scenarios} of {self.planned} stateful scenarios ran")
        if self.subject.outsider is not None and not self.outsider_refused:
            found.append("the outsider was never refused")
        return found

    def _without_secrets(self, text: str) -> str:
        """A text without the given headers and keys. The keys of a sandbox stay: they show the sender of a request, and
        are not secret."""
        for name, value in self.subject.headers.items():
            text = text.replace(f"{name}: {value}", f"{name}: {HIDDEN}")
        if not self.subject.is_sandbox:
            for key in (self.subject.key, self.subject.outsider):
                text = text.replace(f"{KEY_HEADER}: {key}", f"{KEY_HEADER}: {HIDDEN}") if key else text
                text = text.replace(key, HIDDEN) if key and len(key) >= LONG_KEY else text  # a short one may be a word
        return text
