"""The command that checks a server against the contract."""

import json
import sys
from collections import Counter
from pathlib import Path

import click

from aniva_sandbox.cli.common import BEARER_FROM, CannotRun
from aniva_sandbox.extras import how_to_install

__all__ = ["check"]

_CHECK_EXAMPLES = """
\b
Check a sandbox on this machine, and another server with keys of two access contexts:
  aniva-sandbox check http://127.0.0.1:8000
  aniva-sandbox check https://staging.example.com --key KEY --outsider-key OTHER

\b
Exit codes: 0 everything passed, 1 something failed, 2 the check could not run.
"""


def _parse_headers(_context: click.Context, _option: click.Parameter, lines: tuple[str, ...]) -> dict[str, str]:
    headers = {}
    for line in lines:
        name, colon, value = (part.strip() for part in line.partition(":"))
        if not (name and colon) or name.lower() == "x-api-key":
            raise click.BadParameter("write it 'Name: value'; the key goes into --key")
        headers[name] = value
    return headers


@click.command(epilog=_CHECK_EXAMPLES)
@click.argument("url")
@click.option("--key", help="An API key with every permission. Not needed for a sandbox.")
@click.option("--outsider-key", help="Another such key, of an access context that must not see what --key creates.")
@click.option("--token", envvar=BEARER_FROM, help="The token of a sandbox's control plane, if serve printed one.")
@click.option(
    "--header",
    "headers",
    multiple=True,
    callback=_parse_headers,
    help="A 'Name: value' header for every request; repeatable.",
)
@click.option(
    "--spec",
    type=click.Path(exists=True, dir_okay=False, path_type=Path),
    help="Check against this OpenAPI document instead.",
)
@click.option(
    "--examples",
    default=100,
    show_default=True,
    type=click.IntRange(1),
    help="Test cases for each operation, and number of scenarios.",
)
@click.option("--json", "as_json", is_flag=True, help="Print the report as JSON.")
def check(
    url: str,
    key: str | None,
    outsider_key: str | None,
    token: str | None,
    headers: dict[str, str],
    spec: Path | None,
    examples: int,
    as_json: bool,
) -> None:
    """Check a server against the contract of the partner API.

    URL is a sandbox, another test double of the API, or a test system. THE CHECK WRITES: it creates, changes and
    cancels thousands of profiles, appointments and shipments. Never run it on a system that people rely on.

    In a sandbox the check uses only the world `conformance`, and checks everything. With --key it checks any server
    by its responses alone, and reports what it could not decide from them or not reach without known ids.
    """
    try:
        # Lazy: Schemathesis is slow to import, and an extra.
        from aniva_sandbox.conformance.server import CannotRun as CannotCheck
        from aniva_sandbox.conformance.server import check_server
    except ModuleNotFoundError as error:
        if (error.name or "").partition(".")[0] not in ("schemathesis", "hypothesis", "requests"):
            raise
        raise CannotRun(f"Schemathesis is missing: {how_to_install('check')}") from None
    if outsider_key is not None and key is None:
        raise click.BadParameter("goes with --key", param_hint="--outsider-key")
    try:
        if token and key is None:  # only a sandbox gets the token
            headers = {"Authorization": f"Bearer {token}"} | headers
        report = check_server(url, key=key, outsider=outsider_key, headers=headers, spec=spec, examples=examples)
    except CannotCheck as error:
        raise CannotRun(str(error)) from None
    problems = report.problems()
    if as_json:
        click.echo(json.dumps({"url": url} | report.values(), indent=2))
    else:
        for problem in problems:
            click.echo(f"{problem}\n")
        click.echo(f"{url} against {report.document}\n{report.summary()}")
        for left_out in report.not_judged():
            click.echo(f"not judged: {left_out}")
        for name, count in sorted(Counter(check for check, _operation in report.failures).items()):
            click.echo(f"failed: {name} on {count} operations")
        click.echo(f"{len(problems)} problems")
    if problems:
        sys.exit(1)
