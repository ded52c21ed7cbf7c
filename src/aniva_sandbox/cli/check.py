"""The command that holds a server against the contract."""

import json
import sys
from collections import Counter
from pathlib import Path

import click

from aniva_sandbox.cli.common import BEARER_FROM
from aniva_sandbox.extras import how_to_install

__all__ = ["check"]

_CHECK_EXAMPLES = """
\b
A sandbox that runs here, and another server with two keys of different access contexts:
  aniva-sandbox check http://127.0.0.1:8000
  aniva-sandbox check https://staging.example.com --key KEY --outsider-key OTHER

\b
Exit codes: 0 nothing failed, 1 something did, 2 the check could not run.
"""


class _CannotRun(click.ClickException):
    """A check that could not begin: neither passed nor failed."""

    exit_code = 2


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
@click.option("--key", help="The API key, with every permission. A sandbox needs none.")
@click.option("--outsider-key", help="Such a key of another access context, which must be refused what --key made.")
@click.option("--token", envvar=BEARER_FROM, help="Of a sandbox's control plane: what serve printed, if it did.")
@click.option("--header", "headers", multiple=True, callback=_parse_headers, help="'Name: value' for every request.")
@click.option("--spec", type=click.Path(exists=True, dir_okay=False, path_type=Path), help="Another document.")
@click.option(
    "--examples", default=100, show_default=True, type=click.IntRange(1), help="Depth: per operation, and scenarios."
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
    """Hold a server against the contract of the partner API.

    URL is a sandbox, another double of the API, or a system for tests. THE CHECK WRITES: it creates, changes and
    cancels profiles, appointments and shipments by the thousand. Never run it on a system that anybody counts on.

    In a sandbox it only touches the world `conformance`, and judges everything. With --key any server is judged by
    its answers alone: what they cannot tell, and what was not reached for want of known ids, is reported.
    """
    try:
        # Lazy: Schemathesis is slow to import, and an extra.
        from aniva_sandbox.conformance.server import CannotRun, check_server
    except ModuleNotFoundError as error:
        if (error.name or "").partition(".")[0] not in ("schemathesis", "hypothesis", "requests"):
            raise
        raise _CannotRun(f"Schemathesis is missing: {how_to_install('check')}") from None
    if outsider_key is not None and key is None:
        raise click.BadParameter("goes with --key", param_hint="--outsider-key")
    try:
        if token and key is None:  # only a sandbox is to hear it
            headers = {"Authorization": f"Bearer {token}"} | headers
        report = check_server(url, key=key, outsider=outsider_key, headers=headers, spec=spec, examples=examples)
    except CannotRun as error:
        raise _CannotRun(str(error)) from None
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
