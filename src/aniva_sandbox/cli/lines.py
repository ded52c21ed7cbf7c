"""Exchanges as lines of a terminal."""

from collections.abc import Mapping
from typing import Any, Final, NamedTuple

import click

from aniva_sandbox.engine.contract.requests import Request
from aniva_sandbox.engine.contract.trace import Trace
from aniva_sandbox.engine.evidence.headers import write_time
from aniva_sandbox.engine.evidence.secrets import hide_in_path, hide_keys
from aniva_sandbox.engine.world.state import World

__all__ = ["Line", "line_of_call", "line_of_exchange"]

_WIDTH: Final = 26
"""The width of the column of operations: that of the longest one's name."""
_LONGEST: Final = 200
"""Characters of a path to show."""
_COLOURS: Final = {2: "green", 3: "cyan", 4: "yellow", 5: "red"}
"""By the first digit of the status."""


class Line(NamedTuple):
    """An exchange in brief; secrets are hidden."""

    time: str
    """The world's time; empty for a call that opened no world."""
    status: int
    """0 if there is no response."""
    name: str
    """The operation, or the method and the path if there is none."""
    world: str
    """Empty for a call that opened no world."""
    rules: tuple[str, ...]
    """The rules that refused the call, each with its basis."""
    relied_on: tuple[str, ...]
    """The undocumented rules and clauses that the call relied on; shown unless it was refused."""
    fault: str | None
    mismatch: str | None
    hints: tuple[str, ...]

    def __str__(self) -> str:
        """In columns, without line breaks and other control characters; with colours."""
        colour = _COLOURS.get(self.status // 100, "red")
        said = [
            click.style(self.time or f"{'-':<20}", dim=True),
            click.style(self.status or "---", fg=colour, bold=True),
            f"{_plain(self.name):<{_WIDTH}}",
            self.world or "-",
        ]
        if self.rules:
            said.append(click.style(", ".join(self.rules), fg=colour))
        if self.relied_on and not self.rules:  # every refusal relies on the form of its body
            said.append(click.style(f"relies on {', '.join(self.relied_on)}", dim=True))
        if self.fault is not None:
            said.append(click.style(f"fault {_plain(self.fault)}", fg="red"))
        if self.mismatch is not None:
            said.append(click.style(f"defect: {_plain(self.mismatch)}", fg="red", bold=True))
        if self.hints:
            said.append(click.style(f"hint: {_plain('; '.join(self.hints))}", fg="magenta"))
        return "  ".join(said)


def line_of_call(world: World | None, request: Request, status: int, trace: Trace) -> Line:
    """The line of a call to this process."""
    path = hide_in_path(request.path)
    # Without a world, hints are about the form of keys, of which they show examples.
    has_secret = world is not None or path != request.path
    return Line(
        time=write_time(world.clock.now) if world is not None else "",
        status=status,
        name=trace.operation or _name(request.method, path),
        world=world.name if world is not None else "",
        rules=tuple(f"{rule.id} ({rule.basis})" for rule in trace.refused_by),
        relied_on=tuple(f"{rule.id} ({rule.basis})" for rule in trace.leaned_on),
        fault=trace.fault,
        mismatch=trace.mismatch,
        hints=tuple(hide_keys(hint.text) if has_secret else hint.text for hint in trace.hints),
    )


def line_of_exchange(world: str, exchange: Mapping[str, Any]) -> Line:
    """The line of an exchange in the journal of a world."""
    return Line(
        time=exchange["time"],
        status=exchange["status"] or 0,
        name=exchange["operation"] or _name(exchange["method"], exchange["path"].partition("?")[0]),
        world=world,
        rules=tuple(f"{rule['id']} ({rule['basis']})" for rule in exchange["rules"]),
        relied_on=tuple(f"{rule['id']} ({rule['basis']})" for rule in exchange["relied_on"]),
        fault=exchange["fault"],
        mismatch=exchange["mismatch"],
        hints=tuple(exchange["hints"]),
    )


def _name(method: str, path: str) -> str:
    return f"{method[:_LONGEST]} {path[:_LONGEST]}"


def _plain(text: str) -> str:
    """A text with everything escaped that could move a terminal's cursor, change its colours or hide letters."""
    if text.isprintable():
        return text
    return "".join(each if each.isprintable() else each.encode("unicode_escape").decode() for each in text)
