"""The command probe: what it finds and prints, its exit codes, what it refuses, and how it ends."""

import json
import os
import shlex
import signal
import socket
import subprocess
import sys
from pathlib import Path
from subprocess import PIPE
from typing import Any

import pytest

from tests.cli.test_command import CALL, READ, children, running
from tests.cli.test_commands import complaint, run
from tests.cli.test_signals import MODULE

__all__ = ["children"]

ORDER = {
    "profile_id": "a1b2c3d4-e5f6-7890-abcd-ef1234567890",
    "location_id": "b7e2d1f5-3c4a-4e8b-a2f1-9d0c1e2f3a4b",
    "scheduled_at": "2026-04-20T10:00:00+02:00",
}
BOOK = f"""
def book():
    return call("POST", "/api/v1/appointments", {ORDER})
"""
HASTY = """
try:
    status = book()
except Exception:
    status = book()
sys.exit(status != 201)
"""
"""Books a second time when the connection breaks."""
DUPLICATE = (
    "duplicate: create_appointment took effect, its response was lost, the client repeated it: 2 appointments for Jane "
    "Doe at 2026-04-20 10:00, the clean run has 1"
)
FRANK = "sys.exit(book() != 201)"
"""Fails when anything goes wrong."""

posix = pytest.mark.skipif(os.name != "posix", reason="needs signals that processes send")


def script(folder: Path, *lines: str) -> list[str]:
    """The command that runs these lines of Python, which can call the sandbox, and book."""
    path = folder / "tests.py"
    path.write_text("\n".join([CALL, BOOK, *lines]), encoding="utf-8")
    return ["--", sys.executable, str(path)]


def again(printed: str) -> list[str]:
    """The arguments of the first command that a report prints."""
    line = next(line for line in printed.splitlines() if line.startswith("    aniva-sandbox "))
    return shlex.split(line)[1:]


def report_of(folder: Path, *arguments: str) -> Any:
    """The JSON report of a run that could judge."""
    path = folder / "report.json"
    result = run("probe", "--report", f"json:{path}", *arguments)
    assert result.exit_code in (0, 1), result.output
    return json.loads(path.read_bytes())


# Findings


@posix
def test_a_second_booking_is_found(tmp_path: Path, capfd: pytest.CaptureFixture[str]) -> None:
    """The finding says what happened, and how to run it again; that shows the output of the command, and what the
    world holds."""
    options = ["--kind", "faults", "--name", "tests", "--seed", "7", "--clock", "2026-04-14T08:00:00Z"]
    result = run("probe", *options, *script(tmp_path, "print('hello', flush=True)", HASTY))
    assert (result.exit_code, result.stderr) == (1, "")
    assert result.stdout.startswith(DUPLICATE)
    arguments = again(result.stdout)
    assert arguments[:3] == ["probe", "--only", "faults:tests:create_appointment#1:drop=after"]
    assert set(options[2:]) <= set(arguments)
    result = run(*arguments)
    assert result.exit_code == 1
    assert result.stdout.splitlines() == [
        "faults:tests:create_appointment#1:drop=after: create_appointment loses its response",
        "",
        "",  # here is the output of the command
        "tests: exit code 0",
        DUPLICATE,
        "Only without the change, the world holds at the end:",
        "    1 appointment for Jane Doe at 2026-04-20 10:00",
        "Only with it, the world holds:",
        "    2 appointments for Jane Doe at 2026-04-20 10:00",
    ]
    assert capfd.readouterr().out == "hello\n"


def test_a_client_without_defects(tmp_path: Path) -> None:
    """There are counts, no findings, and the exit code is 0; also for a change that is run by itself."""
    result = run("probe", "--kind", "faults", "--name", "tests", *script(tmp_path, FRANK))
    assert (result.exit_code, result.stderr) == (0, "")
    assert result.stdout.startswith("faults ")
    only = "faults:tests:create_appointment#1:503"
    result = run("probe", "--only", only, "--name", "tests", *script(tmp_path, FRANK))
    assert result.exit_code == 0
    assert "tests: exit code 1\ntold: " in result.stdout


def test_findings_may_be_advice(tmp_path: Path) -> None:
    """With --advisory, the exit code is 0."""
    result = run("probe", "--kind", "faults", "--advisory", *script(tmp_path, HASTY))
    assert result.exit_code == 0
    assert result.stdout.startswith("duplicate: ")


def test_reports_are_written(tmp_path: Path) -> None:
    """Every kind, each with its path, which a line names; equal runs give equal reports."""
    kinds = ("html", "json", "md", "junit")
    written = []
    for folder in ("first", "second"):
        reports = [each for kind in kinds for each in ("--report", f"{kind}:{tmp_path / folder / kind}")]
        result = run("probe", "--name", "tests", *reports, *script(tmp_path, READ, "sys.exit(status != 200)"))
        assert result.exit_code in (0, 1), result.output
        for kind in kinds:
            assert f"wrote {tmp_path / folder / kind}\n" in result.stdout
        written.append([(tmp_path / folder / kind).read_bytes() for kind in kinds])
    assert written[0] == written[1]
    report = json.loads(written[0][1])
    assert list(report["kinds"]) == ["faults", "times", "responses", "rules"]
    assert report["kinds"]["faults"]["changes"] == 7


def test_a_command_has_a_name(tmp_path: Path) -> None:
    """The one that it is given, or the command itself, on one line and cut if it is long."""
    words = script(tmp_path, FRANK)
    for name, expected in (
        (["--name", "tests"], "tests"),
        ([], f"{sys.executable} {tmp_path / 'tests.py'} 'a b' xxx"[:99] + "…"),
    ):
        report = report_of(tmp_path, "--kind", "rules", *name, *words, "a\nb", "x" * 100)
        assert list(report["tests"]) == [expected]


def test_what_is_left_out(tmp_path: Path) -> None:
    """Kinds that are not asked for, changes that a pattern skips, and those for which the budget does not suffice."""
    words = script(tmp_path, FRANK)
    report = report_of(tmp_path, "--kind", "times,faults", "--budget", "1e-9", *words)
    assert list(report["kinds"]) == ["faults", "times"]
    assert report["kinds"]["faults"] | {"changes": 7, "left_out": 7} == report["kinds"]["faults"]
    report = report_of(tmp_path, "--kind", "faults", "--skip", "*:drop=*", "--skip", "*429", *words)
    assert report["kinds"]["faults"] | {"changes": 7, "skipped": 3} == report["kinds"]["faults"]


def test_waivers(tmp_path: Path) -> None:
    """A finding that is waived does not fail; a waiver without a finding does."""
    words = ["--kind", "faults", "--name", "tests", *script(tmp_path, HASTY)]
    assert run("probe", "--waive", "faults:tests:*: we know", *words).exit_code == 0
    script(tmp_path, FRANK)
    waiver = ("--waive", "faults:tests:nothing#1:503: we know")
    for option, code, said in (((), 1, "failed"), (("--advisory",), 0, "advisory")):
        result = run("probe", *option, *waiver, *words)
        assert result.exit_code == code
        assert result.stderr.startswith(f"{said}: the waiver 'faults:tests:nothing#1:503' is not needed")


def test_a_command_may_claim_to_recover(tmp_path: Path) -> None:
    """What it fails under is a finding then."""
    result = run("probe", "--kind", "faults", "--recovers", "503", "--name", "tests", *script(tmp_path, FRANK))
    assert result.exit_code == 1
    assert result.stdout.startswith("unrecovered: ")
    assert again(result.stdout)[:5] == [
        *("probe", "--only", "faults:tests:create_appointment#1:503", "--recovers", "503"),
    ]


def test_worlds_begin_as_asked_for(tmp_path: Path) -> None:
    """From a world file, at an instant, with a seed."""
    exported = tmp_path / "world.yaml"
    exported.write_text(run("worlds", "new", "-").stdout, encoding="utf-8")
    words = script(tmp_path, "sys.exit(call('GET', '/api/v1/units') != 200 or call('GET', APPOINTMENT) != 404)")
    assert run("probe", "--budget", "1e-9", "--world", str(exported), *words).exit_code == 0


# What judges nothing


@pytest.mark.parametrize(
    ("options", "message"),
    [
        (["--kind", "falts"], "--kind: there is no kind 'falts'; did you mean faults?"),
        (["--report", "pdf:x"], "--report: 'pdf' must be one of html, json, md, junit"),
        (["--waive", "x"], "--waive: 'x': write the id of a finding and the reason"),
        (["--recovers", "504"], "--recovers: there is no fault '504'; did you mean 503?"),
        (["--clock", "noon"], "--clock: clock must be real, frozen, or an RFC 3339 instant"),
        (["--budget", "0"], "--budget"),
        (["--only", "faults:x:y", "--report", "json:x"], "--only: cannot be combined with --report"),
    ],
)
def test_options_that_cannot_be_read(options: list[str], message: str) -> None:
    """The message names the option and the part of it; the exit code is 2."""
    result = run("probe", *options, "--", sys.executable, "-c", "")
    assert message in complaint(result, 2).replace("Invalid value for ", "").replace("'--budget'", "--budget")


def test_what_is_not_there(tmp_path: Path) -> None:
    """A command, a program, a fixture, a change."""
    assert "Missing argument" in complaint(run("probe"), 2)
    assert complaint(run("probe", "--", "no-such-program"), 2) == "no-such-program: command not found"
    assert "no-such-world" in complaint(run("probe", "--world", "no-such-world", "--", sys.executable), 2)
    only = ("--only", "faults:tests:create_appointment#1:504", "--name", "tests")
    assert complaint(run("probe", *only, *script(tmp_path, FRANK)), 2) == (
        "there is no change 'faults:tests:create_appointment#1:504' of this command; did you mean "
        "faults:tests:create_appointment#1:503?"
    )


@pytest.mark.parametrize("only", [[], ["--only", "faults:tests:create_appointment#1:503"]])
def test_a_command_that_fails_by_itself(tmp_path: Path, only: list[str]) -> None:
    """Its last lines are shown, and nothing is judged."""
    result = run("probe", "--name", "tests", *only, *script(tmp_path, "book()", "sys.exit('it is broken')"))
    assert (result.exit_code, result.stdout) == (2, "")
    assert result.stderr == "it is broken\nError: tests: it does not pass by itself: exit code 1\n"


@pytest.mark.parametrize("only", [[], ["--only", "faults:tests:create_appointment#1:503"]])
@pytest.mark.parametrize(
    ("line", "stray"),
    [
        ("", ""),
        ("call('GET', APPOINTMENT, key='sbx_default')", " (it opened the world 'default' with another key)"),
        ("call('GET', APPOINTMENT, key='secret')", " (GET /api/v1/appointments/"),
    ],
)
def test_a_command_that_calls_nothing(tmp_path: Path, only: list[str], line: str, stray: str) -> None:
    """The message says what its client has to call, and where its calls went."""
    said = complaint(run("probe", *only, *script(tmp_path, line)), 2)
    assert said.startswith(
        "the command made no call with the key in ANIVA_KEY: its client must call the address in ANIVA_URL with it"
        + stray
    )
    assert ("(" in said) == bool(stray)


def test_a_command_that_is_not_repeatable(tmp_path: Path) -> None:
    """Where its two runs differ, the message says so."""
    seen = repr(str(tmp_path / "seen"))
    differs = f"if os.path.exists({seen}): book()"
    result = complaint(run("probe", "--name", "tests", *script(tmp_path, READ, differs, f"open({seen}, 'w')")), 2)
    assert result.startswith("tests: not repeatable: ")


def test_a_report_that_cannot_be_written(tmp_path: Path) -> None:
    """The exit code is 2."""
    (tmp_path / "file").write_text("", encoding="utf-8")
    report = f"json:{tmp_path / 'file' / 'out.json'}"
    result = run("probe", "--kind", "faults", "--report", report, *script(tmp_path, READ))
    assert result.exit_code == 2
    assert "cannot be written" in result.stderr


# Its end


def interrupted(folder: Path, signum: signal.Signals, *lines: str) -> tuple[int, str, str]:
    """What comes of a run that gets a signal once its command, in a block after these lines, has left a process: exit
    code and both streams."""
    with socket.create_server(("127.0.0.1", 0)) as listener:
        leave = [
            "child = subprocess.Popen([sys.executable, '-c', 'import threading; threading.Event().wait()'])",
            "print(child.pid, file=open('children', 'a'), flush=True)",
            f"http.client.HTTPConnection('127.0.0.1', {listener.getsockname()[1]}).connect()",
            "threading.Event().wait()",
        ]
        words = script(folder, *lines, *(f"    {line}" for line in leave))
        command = [*MODULE, "probe", "--kind", "faults", "--name", "tests", *words]
        with subprocess.Popen(command, cwd=folder, stdout=PIPE, stderr=PIPE, text=True) as process:
            listener.settimeout(60)
            listener.accept()[0].close()  # it has left a process
            process.send_signal(signum)
            printed, complained = process.communicate(timeout=60)
    return process.returncode, printed, complained


@posix
@pytest.mark.parametrize("signum", [signal.SIGINT, signal.SIGTERM])
def test_ctrl_c_ends_the_command(children: Path, signum: signal.Signals) -> None:
    """In a run without a change, nothing was judged; nothing is left running."""
    assert interrupted(children.parent, signum, "if book():") == (128 + signum, "", "")
    assert running(children) == []


@posix
def test_what_was_judged_is_reported(children: Path) -> None:
    """In a run with a change, what was judged before is reported, and what was not is counted."""
    code, printed, complained = interrupted(children.parent, signal.SIGINT, "if book() == 429:")
    assert (code, complained) == (130, "interrupted: changes were left out\n")
    assert "left out" in printed
    assert running(children) == []


@posix
def test_progress_on_a_terminal(tmp_path: Path) -> None:
    """A line says how far it is, and is gone at the end; elsewhere there is none."""
    import pty

    terminal, other = pty.openpty()
    command = [*MODULE, "probe", "--kind", "faults", *script(tmp_path, FRANK)]
    environment = os.environ | {"COLUMNS": "60"}
    with subprocess.Popen(command, stdout=subprocess.PIPE, stderr=other, env=environment) as process:
        os.close(other)
        shown = b""
        while True:
            try:
                shown += os.read(terminal, 4096)
            except OSError:  # Linux's end of a terminal
                break
        assert process.wait() == 0
    os.close(terminal)
    assert b"\rprobes: 6 of 7 changes" in shown
    assert shown.endswith(b"\r" + b" " * 59 + b"\r")
