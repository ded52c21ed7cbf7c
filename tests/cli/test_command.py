"""A command as the subject of probes: what it is given, what is noted, how it is limited, and that nothing is left."""

import os
import sys
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from aniva_sandbox.cli import command as limits
from aniva_sandbox.cli import processes
from aniva_sandbox.cli.command import Command, write_command
from aniva_sandbox.cli.common import CannotRun
from aniva_sandbox.cli.runs import Host
from aniva_sandbox.engine.contract.api import Endpoint
from aniva_sandbox.engine.evidence.probes.loop import Interrupted
from aniva_sandbox.engine.evidence.probes.probe import Probe
from aniva_sandbox.engine.faults.faults import Injected, find_fault
from tests.support import APPOINTMENT, PARTNER

CALL = f"""
import http.client, json, os, subprocess, sys, threading
APPOINTMENT = "/api/v1/appointments/{APPOINTMENT}"
WORLD = "/_sandbox/worlds/" + os.environ["ANIVA_WORLD"]
def call(method, path, body=None, key=os.environ["ANIVA_KEY"]):
    connection = http.client.HTTPConnection(os.environ["ANIVA_URL"].removeprefix("http://"))
    headers = {{"x-api-key": key, "content-type": "application/json"}}
    connection.request(method, path, json.dumps(body) if body is not None else None, headers)
    response = connection.getresponse()
    response.read()
    return response.status
"""
CANCEL = 'assert call("DELETE", APPOINTMENT) == 200'
READ = 'status = call("GET", APPOINTMENT)'

posix = pytest.mark.skipif(os.name != "posix", reason="needs process groups")


class Unavailable(Probe):
    """Injects 503, or another status, into every call."""

    def __init__(self, kind: str = "503", effect: str = "status=503") -> None:
        super().__init__()
        self._kind, self._effect = kind, effect

    def fault(self, endpoint: Endpoint) -> Injected | None:
        self.injected = self._kind
        nothing: Any = None
        return find_fault(nothing, operation=endpoint.id, method="", template="", path="", header=self._effect)


@pytest.fixture(scope="module")
def host() -> Iterator[Host]:
    """A sandbox for runs."""
    with Host(PARTNER, fixture="default", mode="frozen", start=None, seed=None) as host:
        yield host


def python(host: Host, *lines: str, **more: Any) -> Command:
    """A command that runs these lines of Python, which can call the sandbox."""
    source = "\n".join([CALL, *lines])
    return Command([sys.executable, "-c", source], host, name="tests", again=str, **more)


def cleanly(command: Command) -> Command:
    """The command, after a run without a change that passed."""
    run = command.run(Probe(), None)
    assert run.outcome == "passed", command.output
    return command


# What a run is


def test_every_run_has_a_fresh_world(host: Host) -> None:
    """An appointment can be cancelled in every run; the calls, and the world before and after, are noted."""
    command = python(host, CANCEL)
    for _ in range(2):
        run = command.run(Probe(), None)
        assert (run.outcome, run.error, run.limit, run.is_void) == ("passed", "", "", False)
        assert [(call.operation, call.ordinal, call.status) for call in run.calls] == [("cancel_appointment", 1, 200)]
        assert (status_in(run.began_with), status_in(run.state)) == ("confirmed", "cancelled")
        assert run.start == run.end == datetime(2026, 4, 13, 8, tzinfo=UTC)


def status_in(state: dict[str, Any] | None) -> str:
    """The status of the appointment in a written state."""
    assert state is not None
    (status,) = (each["status"] for each in state["appointments"] if each["id"] == APPOINTMENT)
    return str(status)


def test_a_world_begins_at_an_instant(host: Host) -> None:
    """The clock shows it from the first call on, also in a world that the client creates anew or resets."""
    start = datetime(2026, 3, 29, 0, 59, tzinfo=UTC)
    put = 'assert call("PUT", WORLD, {"clock": "frozen"}) in (200, 201)'
    reset = 'assert call("POST", WORLD + "/reset", {}) == 200'
    for lines in ([READ], [READ, put, READ], [READ, reset, READ]):
        run = python(host, *lines).run(Probe(), start)
        assert (run.outcome, run.start) == ("passed", start)
        assert [call.time for call in run.calls] == [start] * lines.count(READ)
    fixed = put.replace("frozen", "2026-05-01T00:00:00Z")
    run = python(host, fixed, READ).run(Probe(), start)
    assert run.calls[0].time == run.start == datetime(2026, 5, 1, tzinfo=UTC)


def test_a_world_that_is_created_anew_stays_probed(host: Host) -> None:
    """All calls are noted; the end is that of the world as it was created last."""
    run = python(host, CANCEL, 'call("PUT", WORLD, {})', READ).run(Probe(), None)
    assert [call.operation for call in run.calls] == ["cancel_appointment", "get_appointment"]
    assert status_in(run.state) == "confirmed"


def test_a_world_whose_name_begins_alike_is_probed(host: Host) -> None:
    """A client may name its worlds after that of the run: the first one that it calls is probed. Others are not."""
    own = 'key = os.environ["ANIVA_KEY"] + "-{}"; assert call("DELETE", APPOINTMENT, key=key) == 200'
    created = 'call("PUT", WORLD + "-b", {})'
    for lines in ([own.format("a")], [created, own.format("b")], [own.format("a"), own.format("b")]):
        run = python(host, *lines).run(Probe(), None)
        assert [call.operation for call in run.calls] == ["cancel_appointment"]
        assert status_in(run.state) == "cancelled"
    assert python(host, CANCEL.replace("T)", 'T, key="sbx_elsewhere")')).run(Probe(), None).calls == ()
    assert host.stray_calls() == "it opened the world 'elsewhere' with another key"


def test_how_a_command_ends(host: Host) -> None:
    """An exit code other than 0 fails, whatever was called; so does a signal."""
    for line, error in (("sys.exit(3)", "exit code 3"), ("os.abort()", "it was ended by SIGABRT")):
        run = python(host, READ, line).run(Probe(), None)
        assert (run.outcome, run.error, len(run.calls)) == ("failed", error, 1)


def test_the_last_lines_of_a_clean_run_are_kept(host: Host) -> None:
    """Of both streams, if it fails; whatever a run with a change prints is not."""
    noisy = python(host, "print(*range(60), sep='\\n', flush=True)", "sys.exit('failed')")
    assert noisy.run(Unavailable(), None).outcome == "failed"
    assert noisy.output == ""
    assert noisy.run(Probe(), None).outcome == "failed"
    assert noisy.output.splitlines() == [*map(str, range(11, 60)), "failed"]


def test_output_is_shown(host: Host, capfd: pytest.CaptureFixture[str]) -> None:
    """Where asked for, a run with a change prints what it prints."""
    command = python(host, "print('here')", "print('there', file=sys.stderr)")
    command.run(Unavailable(), None)
    assert capfd.readouterr() == ("", "")
    command.shows_output = True
    command.run(Unavailable(), None)
    assert capfd.readouterr() == ("here\n", "there\n")


def test_what_the_control_plane_refuses_judges_nothing(host: Host) -> None:
    """A run that fails after it was refused more than the clean run says nothing about the client; one that fails
    without, or that passes, does."""
    refused = 'call("POST", WORLD + "/events", {"type": "nothing"})'
    command = cleanly(python(host, READ, refused, f"if status == 503: {refused}; sys.exit(1)"))
    run = command.run(Unavailable(), None)
    assert (run.is_void, run.error) == (True, "exit code 1, the control plane refused a call")
    command = cleanly(python(host, READ, refused, "if status == 503: sys.exit(1)"))
    assert not command.run(Unavailable(), None).is_void
    command = cleanly(python(host, READ, f"if status == 503: {refused}"))
    assert not command.run(Unavailable(), None).is_void


def test_what_cannot_be_run(host: Host, tmp_path: Path) -> None:
    """A program that there is not, and a file that is no program."""
    with pytest.raises(CannotRun, match="no-such-program: command not found"):
        Command(["no-such-program"], host, name="tests", again=str)
    program = tmp_path / "program"
    program.write_text("", encoding="utf-8")
    program.chmod(0o755)
    with pytest.raises(CannotRun, match="cannot be run: Exec format error"):
        Command([str(program)], host, name="tests", again=str).run(Probe(), None)


@posix
def test_commands_are_written_for_a_shell() -> None:
    """With quotes where they are needed."""
    assert write_command(["npm", "test", "--", "a b"]) == "npm test -- 'a b'"


# Limits


def test_too_many_calls(host: Host) -> None:
    """A run may make ten times the calls of the clean run, and a hundred in any case; what it holds and has called is
    that of the moment in which it made one more."""
    retrying = f"while {CALL_FAILS}: pass"
    command = cleanly(python(host, retrying))
    run = command.run(Unavailable(), None)
    assert (run.outcome, run.limit, len(run.calls)) == ("stopped", "calls", 101)
    command = cleanly(python(host, *[READ] * 11, retrying))
    assert len(command.run(Unavailable(), None).calls) == 121


CALL_FAILS = 'call("GET", APPOINTMENT) == 503'


@posix
@pytest.mark.parametrize(
    ("busy", "limit"),
    [("[0 for _ in iter(int, 1)]", "time"), ("threading.Event().wait()", "waits")],
    ids=["busy", "waiting"],
)
def test_too_much_time(host: Host, monkeypatch: pytest.MonkeyPatch, busy: str, limit: str) -> None:
    """A run that works is ended sooner than one that waits."""
    monkeypatch.setattr(limits, "_SECONDS", 0.4)
    monkeypatch.setattr(limits, "_TIMES", 1)
    monkeypatch.setattr(limits, "_PATIENCE", 1.0 if limit == "waits" else 600.0)
    command = cleanly(python(host, READ, f"if status == 503: {busy}"))
    run = command.run(Unavailable(), None)
    assert (run.outcome, run.limit, len(run.calls)) == ("stopped", limit, 1)


def test_waits_that_a_response_asked_for_are_known(host: Host) -> None:
    """They do not count as the time of a run."""
    run = python(host, READ).run(Unavailable("429", "status=429; retry_after=10"), None)
    assert (run.outcome, run.seconds) == ("passed", 0)


# Nothing is left

CHILD = """
def leave(**how):
    child = subprocess.Popen([sys.executable, "-c", "import threading; threading.Event().wait()"], **how)
    print(child.pid, file=open("children", "a"), flush=True)
"""


@pytest.fixture
def children(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The file of the ids of processes that a command left, in the directory in which it runs."""
    monkeypatch.chdir(tmp_path)
    return tmp_path / "children"


def running(children: Path) -> list[int]:
    """Which of these processes are still there."""
    pids = [int(line) for line in children.read_text(encoding="utf-8").splitlines()]
    assert pids
    return [each.pid for each in processes._processes() if each.pid in pids]


@posix
def test_what_a_command_leaves_behind_ends_with_it(host: Host, children: Path) -> None:
    """A process that it started, and did not end."""
    assert python(host, CHILD, READ, "leave()").run(Probe(), None).outcome == "passed"
    assert running(children) == []


@posix
@pytest.mark.parametrize("deaf", [False, True])
def test_what_is_ended_ends_whole(host: Host, children: Path, monkeypatch: pytest.MonkeyPatch, deaf: bool) -> None:
    """A command at its limit, its processes, and those that began a group: also if they do not listen."""
    monkeypatch.setattr(processes, "_GRACE", 0.1)
    ignoring = ["import signal", "signal.signal(signal.SIGTERM, signal.SIG_IGN)"] if deaf else []
    retrying = f"while {CALL_FAILS}: pass"
    leaving = "if status == 503: leave(); leave(start_new_session=True)"
    command = cleanly(python(host, CHILD, *ignoring, READ, leaving, retrying))
    assert command.run(Unavailable(), None).limit == "calls"
    assert running(children) == []


@posix
def test_an_interruption_ends_it(host: Host, children: Path) -> None:
    """Whoever asks that there be no further runs ends the one that there is."""
    lines = CHILD, READ, "leave()", "threading.Event().wait()"
    with pytest.raises(Interrupted):
        python(host, *lines, is_interrupted=lambda: children.exists()).run(Probe(), None)
    assert running(children) == []


# The table of processes


@posix
def test_processes_are_listed(monkeypatch: pytest.MonkeyPatch) -> None:
    """This one is listed with its parent and group, from Linux's files as from what `ps` prints."""
    listed = {(each.pid, each.parent, each.group) for each in processes._processes()}
    assert (os.getpid(), os.getppid(), os.getpgrp()) in listed
    printed = f"{os.getpid()} {os.getppid()} {os.getpgrp()} Ss 1-02:03:04.5\n 7 1 7 Z+ 0:00.01\n"
    monkeypatch.setattr(sys, "platform", "darwin")
    monkeypatch.setattr(processes, "_output_of", lambda *_words: printed)
    (own,) = processes._processes()
    assert (own.pid, own.parent, own.group, own.cpu) == (os.getpid(), os.getppid(), os.getpgrp(), 93784.5)
    monkeypatch.undo()
    assert processes._output_of("no-such-program") == ""
