"""A command as the subject of probes: one run of it, and its limits."""

import os
import shlex
import shutil
import signal
import subprocess
import sys
import tempfile
from collections.abc import Callable, Sequence
from datetime import datetime
from typing import IO, Final, Literal

from aniva_sandbox.cli.common import CannotRun
from aniva_sandbox.cli.processes import Processes
from aniva_sandbox.cli.runs import Held, Host
from aniva_sandbox.engine.evidence.probes.course import RETRY_AFTER
from aniva_sandbox.engine.evidence.probes.loop import Interrupted
from aniva_sandbox.engine.evidence.probes.probe import Probe
from aniva_sandbox.engine.evidence.probes.run import Run
from aniva_sandbox.engine.world.keys import KEY_PREFIX

__all__ = ["Command", "write_command"]

_TIMES: Final = 10
"""How many times the calls and the seconds of the clean run another run may take."""
_CALLS: Final = 100
"""The calls that it may make in any case."""
_SECONDS: Final = 5.0
"""The seconds that it may take in any case."""
_PATIENCE: Final = 60.0
"""The seconds that it may take if it waits, rather than works."""
_LOOK: Final = 0.2
"""Seconds until Ctrl-C is noticed."""
_LAST_LINES: Final = 50
_LAST_BYTES: Final = 64 * 1024
"""The end of an output in which its last lines are looked for."""


def write_command(words: Sequence[str]) -> str:
    """A command as it is typed into a shell."""
    return subprocess.list2cmdline(words) if sys.platform == "win32" else shlex.join(words)


class Command:
    """A command that tests a client. Its environment names the server, a world and the world's key."""

    def __init__(
        self,
        words: Sequence[str],
        host: Host,
        *,
        name: str,
        again: Callable[[str], str],
        is_interrupted: Callable[[], bool] = lambda: False,
    ) -> None:
        """``again`` writes the command that runs a change again, by its id. Raises :exc:`CannotRun` if there is no such
        program."""
        program = shutil.which(words[0])
        if program is None:
            raise CannotRun(f"{words[0]}: command not found")
        self.name = name
        self.again = again
        self.shows_output = False
        """Whether runs with a change print what they print."""
        self.output = ""
        """The last lines of the run without a change that did not pass."""
        self._words = [program, *words[1:]]
        self._host = host
        self._is_interrupted = is_interrupted
        self._clean: tuple[Run, Held] | None = None

    def run(self, probe: Probe, start: datetime | None) -> Run:
        """Run it once against a fresh world that holds the probe. Raises :exc:`Interrupted`."""
        if self._is_interrupted():
            raise Interrupted
        if type(probe) is not Probe or start is not None:
            return self._run(probe, start, None if self.shows_output else subprocess.DEVNULL)[0]
        with tempfile.TemporaryFile() as output:
            run, held = self._run(probe, start, output)
            if run.outcome != "passed":
                self.output = _last_lines(output)
            elif self._clean is None:
                self._clean = run, held
        return run

    def _run(self, probe: Probe, start: datetime | None, output: IO[bytes] | int | None) -> tuple[Run, Held]:
        clean = self._clean
        held = self._host.begin(probe, start, clean and max(_TIMES * len(clean[0].calls), _CALLS))
        environment = {
            "ANIVA_URL": self._host.url,
            "ANIVA_WORLD": held.name,
            "ANIVA_KEY": f"{KEY_PREFIX}{held.name}",
        }
        try:
            processes = Processes(self._words, os.environ | environment, output, held.has_ended)
        except OSError as error:
            raise CannotRun(f"{self._words[0]} cannot be run: {error.strerror or error}") from None
        try:
            limit = self._wait(processes, held, probe)
            seconds = processes.seconds - _known_waits(probe)
            self._host.close(held)
        finally:
            processes.end()
        failure = "" if limit else _failure(processes.code)
        cause = ""
        if failure and clean is not None and held.refusals > clean[1].refusals:
            cause = "the control plane refused a call"
        elif failure and self._host.has_broken:
            cause = "the sandbox broke"
        run = Run(
            outcome="stopped" if limit else "failed" if failure else "passed",
            error=f"{failure}, {cause}" if cause else failure,
            is_void=bool(cause),
            calls=held.calls,
            start=held.began,
            end=held.ended,
            began_with=held.began_with,
            state=held.state,
            seconds=max(seconds, 0.0),
            limit=limit,
        )
        return run, held

    def _wait(self, processes: Processes, held: Held, probe: Probe) -> Literal["", "calls", "time", "waits"]:
        """Wait until it exits, or reaches a limit. Raises :exc:`Interrupted`."""
        clean = self._clean
        seen, cpu_seen, look = 0.0, 0.0, 0.0
        while not held.has_ended.wait(_LOOK):
            if self._is_interrupted():
                raise Interrupted
            if clean is None or processes.seconds < look:
                continue
            seconds, cpu = processes.seconds, processes.cpu_seconds()
            waits = _known_waits(probe)
            most = max(_SECONDS + waits, _TIMES * clean[0].seconds)
            works = cpu is not None and cpu - cpu_seen >= (seconds - seen) / 2  # of one core
            if seconds >= most and works:
                return "time"
            if seconds >= max(most, _PATIENCE + waits):
                return "waits"
            seen, cpu_seen, look = seconds, cpu or 0.0, seconds + most / 2
        return "calls" if held.has_too_many_calls else ""


def _known_waits(probe: Probe) -> float:
    """The seconds that responses asked the client to wait."""
    return float(sum(RETRY_AFTER for call in probe.calls if call.fault == "429"))


def _failure(code: int | None) -> str:
    """What an exit code says of the end of a command, on one line; empty if it says that all is well."""
    if not code:
        return ""
    if code < 0:
        try:
            return f"it was ended by {signal.Signals(-code).name}"
        except ValueError:
            return f"it was ended by signal {-code}"
    return f"exit code {code}"


def _last_lines(file: IO[bytes]) -> str:
    """The last lines of a file."""
    file.seek(max(file.seek(0, os.SEEK_END) - _LAST_BYTES, 0))
    return "\n".join(file.read().decode(errors="replace").splitlines()[-_LAST_LINES:])
