"""The command line; each module of this package defines some of its commands."""

from functools import cache
from importlib import import_module
from typing import Any, Final

import click

from aniva_sandbox import VERSION
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


_MODULES: Final = {
    **{name: name for name in ("check", "coverage", "guide", "journal", "operations", "probe", "serve", "worlds")},
    "rules": "document",
    "spec": "document",
}
"""The module of each command. It is imported when the command is run or listed: the server needs no other."""


@cache
def _load(name: str) -> click.Command:
    command: click.Command = getattr(import_module(f"{__name__}.{_MODULES[name]}"), name)
    for each in (command, *(command.commands.values() if isinstance(command, click.Group) else ())):
        each.help = docstring(each.callback)  # click finds no docstring under -OO
    return command


class _Program(click.Group):
    """Run the commands as a process whose standard streams may be closed, full, or without a reader."""

    def list_commands(self, _context: click.Context) -> list[str]:
        return sorted(_MODULES)

    def get_command(self, _context: click.Context, name: str) -> click.Command | None:
        return _load(name) if name in _MODULES else None

    def main(self, *args: Any, **extra: Any) -> Any:
        open_streams()
        return super().main(*args, **extra)


@click.group(cls=_Program, epilog=_EXAMPLES, context_settings={"help_option_names": ["-h", "--help"]})
@click.version_option(VERSION, prog_name="aniva-sandbox")
def main() -> None:
    """A stateful sandbox of the Aniva Partner API: no account, no network."""


main.help = docstring(main.callback)
