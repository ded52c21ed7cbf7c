"""The command line; each module of this package defines some of its commands."""

from typing import Any

import click

from aniva_sandbox import VERSION
from aniva_sandbox.cli import check, coverage, document, guide, journal, operations, probe, serve, worlds
from aniva_sandbox.cli.streams import open_streams
from aniva_sandbox.engine.docstrings import docstring

__all__ = ["main"]

_EXAMPLES = """
\b
Start it, see it in the browser, and call it from another shell:
  aniva-sandbox serve --open
  curl -H 'x-api-key: sbx_default' http://127.0.0.1:8000/api/v1/locations

\b
In CI: a world for each job, a free port, and one line of JSON that says which:
  aniva-sandbox serve --port 0 --json

\b
Why was a call refused? The header X-Sandbox-Rule names the rule:
  aniva-sandbox rules appointment.future

\b
The manual, a topic at a time; a running sandbox serves it at /guide:
  aniva-sandbox guide quick-start
"""


class _Program(click.Group):
    """Run the commands as a process whose standard streams may be closed, full, or without a reader."""

    def main(self, *args: Any, **extra: Any) -> Any:
        open_streams()
        return super().main(*args, **extra)


@click.group(cls=_Program, epilog=_EXAMPLES, context_settings={"help_option_names": ["-h", "--help"]})
@click.version_option(VERSION, prog_name="aniva-sandbox")
def main() -> None:
    """A stateful sandbox of the Aniva Partner API: no account, no network."""


for _command in (
    *(serve.serve, guide.guide, operations.operations, document.spec),
    *(document.rules, worlds.worlds, journal.journal, coverage.coverage, probe.probe, check.check),
):
    main.add_command(_command)

for _command in (main, *main.commands.values(), *worlds.worlds.commands.values()):
    _command.help = docstring(_command.callback)  # click finds no docstring under -OO
