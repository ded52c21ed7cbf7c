"""Schemathesis against the sandbox: the partner API, then the control plane, each on a server of its own.

    python -m tests.conformance.run                          the whole run
    python -m tests.conformance.run --examples 50            less deep, and faster

Run it from the root of the project. It prints what failed with the request that shows it, how many operations
succeeded, and how many links were followed. The exit code is 1 where a check failed, an operation never returned 2xx,
or a part of the run had nothing to do. For a sandbox that runs already there is `aniva-sandbox check`.
"""

import argparse
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager
from datetime import UTC, datetime
from typing import Any
from unittest.mock import patch

import schemathesis

from aniva_sandbox.api import partner
from aniva_sandbox.api.app import build_partner_api
from aniva_sandbox.api.control import CONTROL
from aniva_sandbox.conformance.report import Report
from aniva_sandbox.conformance.run import run_schemathesis
from aniva_sandbox.conformance.subject import FULL_KEY, OUTSIDER_KEY, WORLD, Subject
from aniva_sandbox.engine.evidence.coverage.collector import Coverage
from aniva_sandbox.engine.serving.pipeline import Request, respond
from aniva_sandbox.engine.store.memory import Worlds
from aniva_sandbox.testing.live import LiveServer

__all__ = ["control_subject", "machine_stands", "main", "on_this_machine", "partner_subject"]

_SECOND = int(datetime(2026, 4, 13, 8, tzinfo=UTC).timestamp())
"""The second at which the machine stands."""


def partner_subject(worlds: Worlds) -> Subject:
    """The partner API of a sandbox with these worlds."""
    return Subject(key=FULL_KEY, outsider=OUTSIDER_KEY, ledger=partner.LEDGER, renew=lambda: _renew(worlds, WORLD))


def control_subject(worlds: Worlds) -> Subject:
    """The control plane of a sandbox with these worlds, which collects coverage from now on."""
    api = build_partner_api()
    worlds.coverage = Coverage(api, worlds.domain)

    def renew() -> None:
        _renew(worlds, "default")
        respond(api, worlds, Request("GET", api.example_path, b"", "sbx_default"))  # a call that can be repeated

    return Subject(ledger=CONTROL.ledger, renew=renew)


def _renew(worlds: Worlds, name: str) -> None:
    """Leave nothing but one fresh world."""
    for world in list(worlds):
        worlds.drop(world.name)
    worlds.create(name)


def machine_stands() -> AbstractContextManager[Any]:
    """Stop the clock that running clocks follow: the control plane can let one run, and no verdict may hang on the
    seconds that a run takes."""
    return patch("aniva_sandbox.engine.world.clock._machine_second", return_value=_SECOND)


@contextmanager
def on_this_machine() -> Iterator[None]:
    """Let Requests not look before each request whether the environment names a proxy or a password, which takes a
    tenth of a run: no request leaves this machine, and those on it take neither."""
    with (
        patch("requests.sessions.get_environ_proxies", return_value={}),
        patch("requests.sessions.get_netrc_auth", return_value=None),
    ):
        yield


def run_live(document: str, build_subject: Callable[[Worlds], Subject], examples: int) -> Report:
    """Run against a live server of its own, which serves the document there."""
    with machine_stands(), on_this_machine(), LiveServer() as server:
        subject = build_subject(server.worlds)
        renew = subject.renew
        subject.renew = lambda: server.run(renew)
        return run_schemathesis(
            lambda config: schemathesis.openapi.from_url(f"{server.url}{document}", config=config),
            subject,
            examples=examples,
        )


PARTS = {
    "partner": ("/openapi.json", partner_subject, 240),
    "control": ("/_sandbox/openapi.json", control_subject, 100),
}
"""The documents that are run, what they speak of, and how deep a run goes."""


def main() -> int:
    """The command."""
    parser = argparse.ArgumentParser(prog="python -m tests.conformance.run", description="Schemathesis on the sandbox.")
    parser.add_argument("--examples", type=int, help="depth: examples per operation and scenarios")
    parser.add_argument("--part", choices=list(PARTS), help="one of the two only")
    options = parser.parse_args()
    found = 0
    for part, (document, build_subject, examples) in PARTS.items():
        if options.part not in (None, part):
            continue
        begun = time.monotonic()
        report = run_live(document, build_subject, options.examples or examples)
        problems = report.problems()
        for problem in problems:
            sys.stdout.write(f"{problem}\n\n")
        spent = time.monotonic() - begun
        for link in report.not_followed():
            sys.stdout.write(f"not followed: {link}\n")
        sys.stdout.write(f"{part}: {report.summary()}\n{len(problems)} problems, {spent:.0f} seconds\n\n")
        found += len(problems)
    return 1 if found else 0


if __name__ == "__main__":
    sys.exit(main())
