"""The command that shows the journal of a running sandbox."""

import json
import time
from pathlib import Path
from typing import Any
from urllib.parse import quote, urlencode

import click

from aniva_sandbox.api import partner
from aniva_sandbox.cli.common import BEARER_FROM
from aniva_sandbox.cli.lines import line_of_exchange
from aniva_sandbox.cli.remote import ServerError, read_json, write_whole
from aniva_sandbox.cli.streams import has_reader, write_document
from aniva_sandbox.engine.address import parse_url
from aniva_sandbox.engine.texts import counted

__all__ = ["journal"]

_PAUSE = 1.0
"""Seconds between two looks at the journal."""
_EXAMPLES = """
\b
Watch the calls to a sandbox on this machine, and to one elsewhere:
  aniva-sandbox journal --follow
  ANIVA_SANDBOX_TOKEN=... aniva-sandbox journal --follow --url http://sandbox:8000 --world job-7

\b
What a browser's developer tools can open, under Network, "Import HAR file":
  aniva-sandbox journal --har calls.har
"""


@click.command(epilog=_EXAMPLES)
@click.option("--url", default="http://127.0.0.1:8000", show_default=True, help="The address of the running sandbox.")
@click.option("--token", envvar=BEARER_FROM, help="The token of its control plane, if serve printed one.")
@click.option("--world", default="default", show_default=True, help="The world whose journal to show.")
@click.option("--operation", metavar="ID", help="Only calls of this operation.")
@click.option("--status", type=click.IntRange(100, 599), help="Only responses with this status.")
@click.option("--rule", metavar="ID", help="Only calls that this rule refused, or that relied on it.")
@click.option(
    "--last",
    type=click.IntRange(0, 2**31),
    metavar="N",
    help="Only the newest N exchanges; with --follow, those to begin with.",
)
@click.option("-f", "--follow", is_flag=True, help="Go on with new exchanges until Ctrl-C.")
@click.option(
    "--har",
    type=click.Path(dir_okay=False, path_type=Path),
    metavar="FILE",
    help="Write an HTTP archive (HAR 1.2) instead; - prints it.",
)
def journal(
    url: str,
    token: str | None,
    world: str,
    operation: str | None,
    status: int | None,
    rule: str | None,
    last: int | None,
    follow: bool,
    har: Path | None,
) -> None:
    """Show the calls to a running sandbox, a line each.

    A line has the world's time, the status (--- if the connection was dropped before the call took effect), the
    operation or the method and path, the world, the rules that refused the call or else the undocumented rules that it
    relied on, the injected fault, and hints. On a terminal, serve prints the same lines.
    """
    if follow and har is not None:
        raise click.UsageError("--har cannot be combined with --follow")
    try:
        base, host = parse_url(url, partner.INFO.base)
    except ValueError as error:
        raise click.BadParameter(str(error), param_hint="--url") from None
    chosen = {"operation": operation, "status": status, "rule": rule}
    reader = _Journal(base, host, token, world, {name: value for name, value in chosen.items() if value is not None})
    try:
        if har is not None:
            _write_har(reader, last, har)
        elif follow:
            _follow(reader, last)
        else:
            _show(reader.read(last=last), world, last)
    except KeyboardInterrupt:
        return
    except ServerError as error:
        if not _is_missing(error):
            raise
        way = "" if har is not None else "; --follow waits for it"
        raise click.ClickException(
            f"{base} has no world {world!r}; it is created by PUT, or by the first use of the key sbx_{world}{way}"
        ) from None


class _Journal:
    """The journal of a world of a running sandbox, filtered."""

    def __init__(self, base: str, host: str, token: str | None, world: str, filters: dict[str, Any]) -> None:
        self.world = world
        self.is_filtered = bool(filters)
        self._address = f"{base}/_sandbox/worlds/{quote(world, safe='')}/journal"
        self._host = host
        self._token = token
        self._filters = filters

    def read(self, *, last: int | None = None, **more: Any) -> Any:
        """The journal as the control plane returns it. Raises :exc:`ServerError`."""
        query = self._filters | more | ({"last": max(last, 1)} if last is not None else {})
        return read_json(f"{self._address}?{urlencode(query)}" if query else self._address, self._host, self._token)


def _show(read: Any, world: str, last: int | None = None) -> None:
    for exchange in read["exchanges"] if last != 0 else ():
        click.echo(str(line_of_exchange(world, exchange)))


def _follow(journal: _Journal, last: int | None) -> None:
    """Show exchanges as they come, until standard output has no reader. A world that does not exist is waited for."""
    shown: int | None = None
    newest = None
    """What tells the exchange numbered ``shown`` from one of another world; None if it was not among those shown."""
    waits = False
    while has_reader():
        try:
            read = journal.read(last=last) if shown is None else journal.read(after=max(shown - 1, 0))
        except ServerError as error:
            if not _is_missing(error):
                raise
            if not waits:
                click.echo(f"Waiting for the world {journal.world!r}", err=True)
            waits, last, shown, newest = True, None, 0, None  # nothing of a world that begins later is to be left out
        else:
            waits = False
            exchanges = read["exchanges"]
            known = exchanges.pop(0) if shown and exchanges and exchanges[0]["number"] == shown else None
            is_another = known is not None and _likeness(known) != newest
            if is_another or (shown is not None and read["recorded"] < shown):  # another world of that name
                shown, newest = 0, None
                continue
            _tell_missed(journal, read, shown)
            _show(read, journal.world, last if shown is None else None)
            if exchanges and exchanges[-1]["number"] == read["recorded"]:
                newest = _likeness(exchanges[-1])
            elif shown != read["recorded"]:
                newest = None
            shown = read["recorded"]
        time.sleep(_PAUSE)


def _likeness(exchange: Any) -> tuple[Any, ...]:
    return tuple(exchange[name] for name in ("number", "time", "elapsed_ms", "method", "path"))


def _tell_missed(journal: _Journal, read: Any, shown: int | None) -> None:
    """Say how many exchanges a reset or the limit of the journal took away before they could be shown."""
    if shown is not None and not journal.is_filtered:
        missed = read["recorded"] - shown - len(read["exchanges"])
        if missed > 0:
            click.echo(f"{counted(missed, 'exchange')} left the journal before they could be shown", err=True)


def _write_har(journal: _Journal, last: int | None, file: Path) -> None:
    archive = journal.read(last=last, format="har")
    if last == 0:
        archive["log"]["entries"] = []
    text = f"{json.dumps(archive, ensure_ascii=False, indent=1)}\n"
    if file == Path("-"):
        write_document(text)
    else:
        write_whole(file, text)
        click.echo(f"wrote {file}")


def _is_missing(error: ServerError) -> bool:
    return error.rule.startswith("world.unknown")
