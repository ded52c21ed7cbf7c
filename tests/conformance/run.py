"""Schemathesis against the sandbox: the partner API, then the control plane, each on a server of its own.

    python -m tests.conformance.run                          the whole run
    python -m tests.conformance.run --examples 50            less deep, and faster

Run it from the root of the project. It prints what failed with the request that shows it, how many operations
succeeded, and how many links were followed. The exit code is 1 where a check failed, an operation never answered 2xx,
or a part of the run had nothing to do. For a sandbox that runs already there is `aniva-sandbox check`.
"""

import argparse
import sys
import time
from collections.abc import Callable

import schemathesis

from aniva_sandbox.conformance.report import Report
from aniva_sandbox.conformance.run import build_config, run_schemathesis
from aniva_sandbox.conformance.subject import FULL_KEY, OUTSIDER_KEY, WORLD, Subject
from aniva_sandbox.control import plane
from aniva_sandbox.resources import partner
from aniva_sandbox.testing.live import LiveServer
from aniva_sandbox.world.worlds import Worlds

__all__ = ["control_subject", "main", "partner_subject", "run_control", "run_partner"]


def partner_subject(worlds: Worlds) -> Subject:
    """The partner API of a sandbox with these worlds."""
    return Subject(FULL_KEY, OUTSIDER_KEY, partner.LEDGER, lambda: _renew(worlds, WORLD))


def control_subject(worlds: Worlds) -> Subject:
    """The control plane of a sandbox with these worlds."""
    return Subject(None, None, plane.LEDGER, lambda: _renew(worlds, "default"))


def _renew(worlds: Worlds, name: str) -> None:
    """Leave nothing but one fresh world."""
    for world in list(worlds):
        worlds.drop(world.name)
    worlds.create(name)


def run_partner(examples: int) -> Report:
    """Run against the partner API of a server of its own."""
    with LiveServer() as server:
        subject = partner_subject(server.worlds)
        subject.renew = _on_loop(server, subject.renew)
        schema = schemathesis.openapi.from_url(f"{server.url}/openapi.json", config=build_config(examples))
        return run_schemathesis(schema, subject)


def run_control(examples: int) -> Report:
    """Run against the control plane of a server of its own."""
    with LiveServer() as server:
        subject = control_subject(server.worlds)
        subject.renew = _on_loop(server, subject.renew)
        config = build_config(examples)
        return run_schemathesis(
            schemathesis.openapi.from_url(f"{server.url}/_sandbox/openapi.json", config=config), subject
        )


def _on_loop(server: LiveServer, do: Callable[[], None]) -> Callable[[], None]:
    return lambda: server.run(do)


def main() -> int:
    """The command."""
    parser = argparse.ArgumentParser(prog="python -m tests.conformance.run", description="Schemathesis on the sandbox.")
    parser.add_argument("--examples", type=int, default=350, help="depth: examples per operation and scenarios")
    parser.add_argument("--part", choices=["partner", "control"], help="one of the two only")
    options = parser.parse_args()
    found = 0
    for part, run in (("partner", run_partner), ("control", run_control)):
        if options.part not in (None, part):
            continue
        begun = time.monotonic()
        report = run(options.examples)
        problems = report.problems()
        for problem in problems:
            sys.stdout.write(f"{problem}\n\n")
        spent = time.monotonic() - begun
        sys.stdout.write(f"{part}: {report.summary()}\n{len(problems)} problems, {spent:.0f} seconds\n\n")
        found += len(problems)
    return 1 if found else 0


if __name__ == "__main__":
    sys.exit(main())
