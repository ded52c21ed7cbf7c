"""Probing a command: its options, the runs, what is printed, and the exit code."""

import shutil
import sys
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Final, TypeVar

import click
import msgspec

from aniva_sandbox.api.app import build_partner_api
from aniva_sandbox.api.domain import DOMAIN
from aniva_sandbox.cli.command import Command, write_command
from aniva_sandbox.cli.common import CannotRun, write_reports
from aniva_sandbox.cli.interruptions import Interruptions
from aniva_sandbox.cli.runs import Host
from aniva_sandbox.engine.evidence.probes import summary
from aniva_sandbox.engine.evidence.probes.change import Context
from aniva_sandbox.engine.evidence.probes.demands import failing, parse_kinds, parse_waivers, problems
from aniva_sandbox.engine.evidence.probes.faults import parse_faults
from aniva_sandbox.engine.evidence.probes.files import write_file
from aniva_sandbox.engine.evidence.probes.loop import (
    Interrupted,
    Unrepeatable,
    full_id,
    judge_one,
    plan_changes,
    probe_subject,
    run_clean,
)
from aniva_sandbox.engine.evidence.probes.report import merge
from aniva_sandbox.engine.evidence.probes.wording import held_lines, verdict_of
from aniva_sandbox.engine.evidence.reports.files import parse_report_files
from aniva_sandbox.engine.texts import counted, shorten, suggest
from aniva_sandbox.engine.world.clock import parse_clock, stopwatch
from aniva_sandbox.engine.yaml_file import FixtureError

__all__ = ["Options", "probe_command"]

T = TypeVar("T")

_LONGEST: Final = 100
"""Characters of a command that are its name."""


class Options(msgspec.Struct, frozen=True, kw_only=True):
    """The options of the command line, as they were given."""

    kinds: tuple[str, ...]
    budget: float | None
    reports: tuple[str, ...]
    waivers: tuple[str, ...]
    advisory: bool
    exhaustive: bool
    only: str | None
    skip: tuple[str, ...]
    recovers: tuple[str, ...]
    world: str
    clock: str
    seed: int | None
    name: str | None

    def repeated(self) -> list[str]:
        """Those that decide what a change is, and how it is judged, as words."""
        words = [word for fault in self.recovers for word in ("--recovers", fault)]
        for option, value, default in (
            ("--world", self.world, "default"),
            ("--clock", self.clock, "frozen"),
            ("--seed", self.seed, None),
            ("--name", self.name, None),
        ):
            if value != default:
                words += [option, str(value)]
        return words


def probe_command(words: Sequence[str], options: Options, interruptions: Interruptions) -> int:
    """Probe a command, and print what was found. Returns the exit code. Raises ClickException."""
    began = stopwatch()
    kinds = _parsed("--kind", lambda: parse_kinds(options.kinds))
    files = _parsed("--report", lambda: parse_report_files(options.reports, Path()))
    waivers = _parsed("--waive", lambda: parse_waivers(options.waivers))
    mode, start = _parsed("--clock", lambda: parse_clock(options.clock))
    recovers = _parsed("--recovers", lambda: parse_faults(options.recovers))
    if options.only is not None and options.reports:
        raise click.BadParameter("cannot be combined with --report", param_hint="--only")
    context = Context(api=build_partner_api(), domain=DOMAIN, recovers=recovers)
    try:
        host = Host(context.api, fixture=options.world, mode=mode, start=start, seed=options.seed)
    except (FixtureError, ValueError) as error:
        raise CannotRun(str(error)) from None
    progress = _Progress()
    with host:
        command = Command(
            words,
            host,
            name=options.name or shorten(" ".join(write_command(words).split()), _LONGEST),
            again=lambda change: write_command(
                ["aniva-sandbox", "probe", "--only", change, *options.repeated(), "--", *words]
            ),
            is_interrupted=lambda: interruptions.signal > 0,
        )
        try:
            if options.only is not None:
                return _probe_one(command, context, options.only, host)
            probed = probe_subject(
                command,
                context,
                kinds=kinds,
                skip=options.skip,
                exhaustive=options.exhaustive,
                has_time=lambda: options.budget is None or (stopwatch() - began) / 1e9 < options.budget,
                on_progress=progress.show,
            )
        except Interrupted:
            return interruptions.exit_code
        finally:
            progress.clear()
        if probed is None:
            raise _not_called(host)
    if probed.skipped:
        raise _not_probed(command, probed.skipped)
    report = merge([probed], kinds, waivers)
    unneeded = problems(report, waivers, is_whole=not (options.skip or interruptions.signal))
    click.echo(summary.render(report), nl=False)
    write_reports(files, lambda file: write_file(report, file, unneeded))
    if report.findings and not files:
        click.echo("--report html:PATH writes every finding, with what the world held.")
    for problem in unneeded:
        click.echo(f"{'advisory' if options.advisory else 'failed'}: {problem}", err=True)
    if interruptions.signal:
        click.echo("interrupted: changes were left out", err=True)
        return interruptions.exit_code
    return 1 if (unneeded or failing(report)) and not options.advisory else 0


def _parsed(option: str, parse: Callable[[], T]) -> T:
    try:
        return parse()
    except ValueError as error:
        raise click.BadParameter(str(error), param_hint=option) from None


def _probe_one(command: Command, context: Context, id: str, host: Host) -> int:
    """Run one change, and print what it shows."""
    try:
        clean = run_clean(command, context)
    except Unrepeatable as reason:
        raise _not_probed(command, str(reason)) from None
    if clean is None:
        raise _not_called(host)
    changes = {full_id(change, command): change for change in plan_changes(clean, context)}
    change = changes.get(id)
    if change is None:
        raise CannotRun(f"there is no change {id!r} of this command{suggest(id, changes)}")
    click.echo(f"{id}: {change.title}\n")
    command.shows_output = True
    run = command.run(change.probe(), change.start)
    command.shows_output = False
    judgement = judge_one(change, clean, run, command)
    end = f"stopped ({run.limit})" if run.limit else run.error or "exit code 0"
    click.echo(f"\n{command.name}: {end}\n{verdict_of(change, judgement)}")
    for line in held_lines(judgement):
        click.echo(line)
    return 1 if judgement.verdict is not None else 0


def _not_called(host: Host) -> CannotRun:
    stray = host.stray_calls()
    return CannotRun(
        "the command made no call with the key in ANIVA_KEY: its client must call the address in ANIVA_URL with it"
        + (f" ({stray})" if stray else "")
    )


def _not_probed(command: Command, reason: str) -> CannotRun:
    if command.output:
        click.echo(command.output, err=True)
    return CannotRun(f"{command.name}: {reason}")


class _Progress:
    """A line on a terminal that says how far the probes are."""

    def __init__(self) -> None:
        self._is_shown = sys.stderr.isatty()

    def show(self, done: int, planned: int) -> None:
        """Write it anew."""
        self._write(f"probes: {done} of {counted(planned, 'change')}")

    def clear(self) -> None:
        """Remove it."""
        self._write("")

    def _write(self, text: str) -> None:
        if self._is_shown:
            width = shutil.get_terminal_size().columns - 1
            click.echo(f"\r{text[:width]:<{width}}\r{text[:width]}", nl=False, err=True)
