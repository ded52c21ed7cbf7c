"""The command that reports on coverage, from running sandboxes and from earlier reports."""

import sys
from pathlib import Path
from typing import Any

import click

from aniva_sandbox.api import partner
from aniva_sandbox.api.domain import DOMAIN
from aniva_sandbox.cli.common import BEARER_FROM, CannotRun, report_option, write_reports
from aniva_sandbox.cli.remote import ServerError, read_bytes
from aniva_sandbox.engine.address import parse_url

__all__ = ["coverage"]

_PATH = "/_sandbox/coverage"
_EXAMPLES = """
\b
What the tests met that just ran against `aniva-sandbox serve --coverage`:
  aniva-sandbox coverage http://127.0.0.1:8000

\b
In CI: one report of two jobs, a page, a summary, and a threshold that fails the build:
  aniva-sandbox coverage unit.json http://127.0.0.1:8000 --report html:coverage.html --report md:summary.md \\
    --fail-under rules:80,faults:50

\b
Exit codes: 0 everything demanded was met, 1 a threshold was not reached or a waiver is not needed, 2 the command could
not run.
"""


@click.command(epilog=_EXAMPLES)
@click.argument("sources", nargs=-1, required=True, metavar="SOURCE...")
@report_option
@click.option(
    "--fail-under",
    "thresholds",
    multiple=True,
    metavar="AXIS:PERCENT,...",
    help="Fail if fewer items of an axis were met; for assumptions, the maximum number that may be.",
)
@click.option(
    "--scope",
    multiple=True,
    metavar="OPERATION,...",
    help="The operations that the client uses.  [default: those that were called]",
)
@click.option(
    "--waive",
    "waivers",
    multiple=True,
    metavar="'ITEM: reason'",
    help="Leave out an item; repeatable. Fails if it was met, or if there is no such item.",
)
@click.option("--token", envvar=BEARER_FROM, help="The token of the servers' control planes, if serve printed one.")
@click.option(
    "--spec",
    type=click.Path(exists=True, dir_okay=False, path_type=Path),
    help="The proposed OpenAPI document that the servers serve.",
)
def coverage(
    sources: tuple[str, ...],
    reports: tuple[str, ...],
    thresholds: tuple[str, ...],
    scope: tuple[str, ...],
    waivers: tuple[str, ...],
    token: str | None,
    spec: Path | None,
) -> None:
    """Report what a client's tests met of the API, and what to add next.

    A SOURCE is the address of a running sandbox (serve --coverage), with ?worlds=PREFIX for some of its worlds only, or
    a JSON file that an earlier run wrote (pytest --aniva-cov-report json:FILE); - is standard input. Several are
    merged.
    """
    # Lazy: the other commands do without it.
    from aniva_sandbox.api.app import build_partner_api
    from aniva_sandbox.engine.contract.document import DocumentError
    from aniva_sandbox.engine.evidence.coverage import summary
    from aniva_sandbox.engine.evidence.coverage.collected import Collected
    from aniva_sandbox.engine.evidence.coverage.demands import (
        Demands,
        parse_scope,
        parse_thresholds,
        parse_waivers,
    )
    from aniva_sandbox.engine.evidence.coverage.files import write_file
    from aniva_sandbox.engine.evidence.coverage.items import Items
    from aniva_sandbox.engine.evidence.coverage.probed import with_marks
    from aniva_sandbox.engine.evidence.coverage.reporting import collected_in, make_report, read_report
    from aniva_sandbox.engine.evidence.reports.files import parse_report_files
    from aniva_sandbox.engine.evidence.reports.values import SourceError
    from aniva_sandbox.engine.evidence.reports.waivers import DemandError

    try:
        items = Items(build_partner_api(spec), DOMAIN)
    except DocumentError as error:
        raise CannotRun(str(error)) from None
    parsed: dict[str, Any] = {}
    for option, texts, parse in (
        ("--report", reports, lambda texts: parse_report_files(texts, Path())),
        ("--fail-under", thresholds, parse_thresholds),
        ("--scope", scope, lambda texts: parse_scope(texts, items)),
        ("--waive", waivers, lambda texts: parse_waivers(texts, items)),
    ):
        try:
            parsed[option] = parse(texts)
        except (DemandError, ValueError) as error:
            raise click.BadParameter(str(error), param_hint=option) from None
    collected = Collected()
    merged = []
    for source in sources:
        try:
            merged.append(read_report(_content(source, token), source))
            collected.add(collected_in(merged[-1], items, source))
        except SourceError as error:
            raise CannotRun(str(error)) from None
    report = with_marks(make_report(items, collected, scope=parsed["--scope"], waivers=parsed["--waive"]), merged)
    demands = Demands(thresholds=parsed["--fail-under"], waivers=parsed["--waive"])
    problems = demands.problems(report, items, collected)
    click.echo(summary.render(report), nl=False)
    write_reports(parsed["--report"], lambda file: write_file(report, file, problems))
    for problem in problems:
        click.echo(f"failed: {problem}", err=True)
    if problems:
        sys.exit(1)


def _content(source: str, token: str | None) -> bytes:
    """The JSON of a source."""
    if "://" not in source:
        try:
            return sys.stdin.buffer.read() if source == "-" else Path(source).read_bytes()
        except OSError as error:
            hint = "" if source == "-" else "; a server is written as http://127.0.0.1:8000"
            raise CannotRun(f"{source} cannot be read: {error.strerror}{hint}") from None
    address, question, query = source.partition("?")
    try:
        base, host = parse_url(address.rstrip("/").removesuffix(_PATH), partner.INFO.base)
    except ValueError as error:
        raise click.BadParameter(str(error), param_hint="SOURCE") from None
    try:
        return read_bytes(f"{base}{_PATH}{question}{query}", host, token)
    except ServerError as error:
        raise CannotRun(str(error)) from None
