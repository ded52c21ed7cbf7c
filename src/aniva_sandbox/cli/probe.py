"""The command that probes the tests of a client in any language."""

import sys
from typing import Any

import click

from aniva_sandbox.cli.common import report_option
from aniva_sandbox.cli.interruptions import Interruptions
from aniva_sandbox.engine.world.limits import MAX_NUMBER

__all__ = ["probe"]

_EXAMPLES = """
\b
Would these tests notice, and would the client survive?
  aniva-sandbox probe -- npm test

\b
Faults alone, for ten minutes, with a page to read:
  aniva-sandbox probe --kind faults --budget 600 --report html:probes.html -- npm test

\b
Run a change again, with the output of the command:
  aniva-sandbox probe --only 'faults:npm test:create_appointment#1:drop=after' -- npm test

\b
Exit codes: 0 nothing was found, 1 there are findings or a waiver is not needed, 2 nothing was judged, 130 Ctrl-C.
"""


@click.command(epilog=_EXAMPLES, context_settings={"allow_interspersed_args": False})
@click.argument("words", nargs=-1, required=True, type=click.UNPROCESSED, metavar="-- COMMAND...")
@click.option(
    "--kind",
    "kinds",
    multiple=True,
    metavar="KIND,...",
    help="The kinds of changes: faults, times, responses, rules.  [default: all]",
)
@click.option(
    "--budget",
    type=click.FloatRange(0, min_open=True),
    metavar="SECONDS",
    help="Begin no further run after this time; the report counts the changes that were left out.",
)
@report_option
@click.option(
    "--waive",
    "waivers",
    multiple=True,
    metavar="'ID: reason'",
    help="Accept a finding; repeatable. Fails if there is no such finding.",
)
@click.option("--advisory", is_flag=True, help="Exit with 0 whatever is found.")
@click.option("--exhaustive", is_flag=True, help="Also run the changes that can show nothing new.")
@click.option("--only", metavar="ID", help="Run this change only, show the output of the command, and judge it.")
@click.option("--skip", multiple=True, metavar="PATTERN", help="Leave out the changes whose ids match; repeatable.")
@click.option(
    "--recovers",
    multiple=True,
    metavar="FAULT",
    help="The command must pass under this fault, such as 503, drop=after, or '*' for all; repeatable.",
)
@click.option(
    "--world",
    default="default",
    show_default=True,
    metavar="FIXTURE",
    help="Starting state of the worlds: a name or a world file.",
)
@click.option(
    "--clock",
    default="frozen",
    show_default=True,
    metavar="real|frozen|ISO",
    help="Running or frozen; an instant freezes it there.",
)
@click.option(
    "--seed", type=click.IntRange(0, MAX_NUMBER), help="Seed of the ids.  [default: 0, or the seed of the export]"
)
@click.option("--name", help="The name in reports and ids.  [default: the command]")
def probe(words: tuple[str, ...], **options: Any) -> None:
    """Run the tests of a client again and again, each time with one change, and report what the client or its tests
    should do better.

    COMMAND runs the tests. It is run twice without a change, then once for each change, each time in a fresh world of a
    sandbox that listens while this command runs. In its environment, ANIVA_URL is the address of the sandbox,
    ANIVA_WORLD the name of the world, and ANIVA_KEY the API key.

    A run is judged by its exit code, its calls, and what the world holds at its end. Waits are real: after a 429, the
    client has to wait for 10 seconds. A run is ended when it makes ten times the calls of the run without a change, or
    takes ten times as long; one that only waits may take a minute.
    """
    # Lazy: the other commands do without it.
    from aniva_sandbox.cli.probing import Options, probe_command

    with Interruptions() as interruptions:
        try:
            code = probe_command(words, Options(**options), interruptions)
        except KeyboardInterrupt:  # the second signal
            code = interruptions.exit_code
    if code:
        sys.exit(code)
