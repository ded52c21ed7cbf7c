"""The pytest plugin: the fixture ``aniva``, its options and its marker. It imports the sandbox only at first use."""

from __future__ import annotations

import os
from collections.abc import Callable, Generator, Iterator
from contextlib import suppress
from datetime import datetime
from functools import partial
from hashlib import blake2b
from importlib.util import find_spec
from pathlib import Path, PurePath
from typing import TYPE_CHECKING, Any, TypeVar

import pytest

from aniva_sandbox.testing.own_files import fakes_are_possible, real_files
from aniva_sandbox.testing.steady import load

if TYPE_CHECKING:
    from aniva_sandbox.testing.aniva import Aniva
    from aniva_sandbox.testing.coverage import CollectingRun
    from aniva_sandbox.testing.live import LiveServer

__all__ = ["aniva"]

T = TypeVar("T")

_AT_FAULT = "Defect of the sandbox: "
_SECTION = "Aniva sandbox"
_RELIED = "aniva_relied_on"
"""The attribute of reports with the undocumented rules that a test relied on; xdist transfers it."""
_UNREPORTED = "aniva_unreported"
"""The attribute of reports with the reasons why the sandbox could not report something."""
UNREPORTED_SHOWN = 10
"""The number of those in the summary of a run."""

_ANIVA: pytest.StashKey[Aniva] = pytest.StashKey()
_WHY: pytest.StashKey[list[str]] = pytest.StashKey()
_SERVER: pytest.StashKey[LiveServer] = pytest.StashKey()
_COLLECTING: pytest.StashKey[CollectingRun] = pytest.StashKey()
_MARKS: dict[str, tuple[type, ...]] = {
    "world": (str, PurePath),
    "clock": (str, datetime),
    "seed": (int, type(None)),
    "settings": (dict,),
    "relies_on": (list, tuple, set, frozenset),
}
_COVERAGE_OPTIONS = (
    ("--aniva-cov-report", "KIND:PATH", "write a report: html, json, md or junit (repeatable)"),
    ("--aniva-cov-fail-under", "AXIS:PERCENT,...", "fail the run if fewer items of an axis are met"),
    ("--aniva-cov-scope", "OPERATION,...", "count only what these operations can meet"),
    ("--aniva-cov-waive", "ITEM: REASON", "do not count a missing item (repeatable)"),
)


def pytest_addoption(parser: pytest.Parser) -> None:
    """Add the options."""
    group = parser.getgroup("aniva", "Aniva sandbox")
    group.addoption(
        "--aniva-world", default="default", metavar="FIXTURE", help="starting state: a name or a world file (default)"
    )
    group.addoption(
        "--aniva-clock", default="frozen", metavar="CLOCK", help="real, frozen, or the instant to freeze it at (frozen)"
    )
    group.addoption("--aniva-seed", type=int, metavar="N", help="seed of the ids (0, or the seed of the export)")
    group.addoption(
        "--aniva-strict",
        action="store_true",
        help="fail tests that rely on undocumented rules (basis assumed or conflict)",
    )
    group.addoption("--aniva-cov", action="store_true", help="show what the tests never met of the API; see the guide")
    for name, metavar, help in _COVERAGE_OPTIONS:
        group.addoption(name, action="append", default=[], metavar=metavar, help=f"{help}; implies --aniva-cov")
    parser.addini("aniva_cov_waive", "lines ITEM: REASON, as for --aniva-cov-waive", type="linelist", default=[])


def pytest_configure(config: pytest.Config) -> None:
    """Register the marker, and what coverage needs."""
    config.addinivalue_line(
        "markers",
        "aniva(world=..., clock=..., seed=..., settings={...}, relies_on=[...]): the beginning of this test's world, "
        "and the undocumented rules that --aniva-strict lets it rely on",
    )
    if not hasattr(config, "workerinput"):  # workers of xdist send theirs to the controller
        config.pluginmanager.register(_Summary(), "aniva_sandbox_summary")
    if config.getoption("--aniva-cov") or any(config.getoption(name) for name, *_ in _COVERAGE_OPTIONS):
        _cover(config)


def pytest_collection_finish(session: pytest.Session) -> None:
    """If tests may fake the file system, import the sandbox before they do."""
    if fakes_are_possible() and any("aniva" in getattr(item, "fixturenames", ()) for item in session.items):
        with suppress(Exception):  # the fixture reports it
            load()


@pytest.fixture
def aniva(request: pytest.FixtureRequest) -> Iterator[Aniva]:
    """A fresh world of the sandbox: url, client, clock, happen(), faults, calls(), snapshot(), asgi, wsgi."""
    if find_spec("httpx2") is None:
        from aniva_sandbox.extras import how_to_install  # lazy: only if it is missing

        pytest.fail(f"the fixture aniva needs httpx2: {how_to_install('pytest')}", pytrace=False)
    with real_files():
        server = _server(request.config)
    from aniva_sandbox.engine.yaml_file import FixtureError
    from aniva_sandbox.testing.aniva import Aniva  # lazy: a run that does not use the fixture pays nothing

    with real_files():
        how = _beginning(request)
    name = f"test-{blake2b(request.node.nodeid.encode(), digest_size=8).hexdigest()}"
    wrong = ""
    if _COLLECTING in request.config.stash:
        request.config.stash[_COLLECTING].name_test(request.node, name)
    try:
        with real_files():
            sandbox = Aniva(
                server,
                name,
                fixture=how["world"],
                clock=how["clock"],
                seed=how["seed"],
                settings=how["settings"],
                relies_on=how["relies_on"],
            )
    except (FixtureError, ValueError) as error:
        wrong = str(error)
    if wrong:  # outside the except, so that the report does not show the other exception too
        pytest.fail(f"aniva: {wrong}", pytrace=False)
    request.node.stash[_ANIVA] = sandbox
    yield sandbox
    late = _wrong(request.node)
    del request.node.stash[_ANIVA]  # pytest keeps the node
    sandbox.close()
    if late:
        pytest.fail(late, pytrace=False)


# pytest aborts the run if a hook raises, so everything that can raise goes through `_attempt`.


@pytest.hookimpl(wrapper=True)
def pytest_runtest_call(item: pytest.Item) -> Iterator[None]:
    """Fail a test in which the sandbox itself had a defect or, with --aniva-strict, that relied on an undocumented
    rule; an expected failure, at its end."""
    if item.get_closest_marker("xfail"):
        try:
            return (yield)
        finally:
            if (sandbox := item.stash.get(_ANIVA, None)) is not None:
                _attempt(item, sandbox.take_undeclared)  # it is not expected to pass
    try:
        result = yield
    except Exception as error:
        wrong = _wrong(item)
        if wrong:
            _attempt(item, partial(BaseException.add_note, error, wrong))
        raise
    wrong = _wrong(item)
    if wrong:
        pytest.fail(wrong, pytrace=False)
    return result


@pytest.hookimpl(wrapper=True, tryfirst=True)
def pytest_runtest_makereport(
    item: pytest.Item, call: pytest.CallInfo[None]
) -> Generator[None, pytest.TestReport, pytest.TestReport]:
    """Add the sandbox's story to the report of a failed test, and the rules that a test relied on to every report.

    A defect of the sandbox is reported even if the test is expected to fail: this was not expected.
    """
    report = yield
    raised = call.excinfo.value if call.excinfo is not None else None
    if call.when == "teardown" and isinstance(raised, pytest.fail.Exception) and _AT_FAULT in str(raised.msg):
        report.outcome = "failed"
        report.__dict__.pop("wasxfail", None)
    sandbox = item.stash.get(_ANIVA, None)
    if sandbox is not None and call.when in ("setup", "call"):
        if report.failed:
            story = _attempt(item, sandbox.story)
            report.sections += [(_SECTION, story)] if story else []
        if call.when == "call" or report.failed:
            setattr(report, _RELIED, _attempt(item, partial(_relied, sandbox)) or [])
    why = item.stash.get(_WHY, [])
    if why:
        report.sections.append(
            (_SECTION, "\n".join(f"The sandbox could not report everything: {each}" for each in why))
        )
        setattr(report, _UNREPORTED, why)
        del item.stash[_WHY]
    return report


def pytest_unconfigure(config: pytest.Config) -> None:
    """Stop the server, if one was started."""
    server = config.stash.get(_SERVER, None)
    if server is not None:
        with suppress(Exception):  # its thread ends with the process at the latest
            server.__exit__()


class _Summary:
    """Lists, at the end of a run, the undocumented rules that its tests relied on, and what could not be reported."""

    def __init__(self) -> None:
        self._tests: dict[str, set[str]] = {}
        self._texts: dict[str, str] = {}
        self._unreported: list[str] = []

    def pytest_runtest_logreport(self, report: pytest.TestReport) -> None:
        """Move the summary's part out of a report: pytest keeps the report."""
        for id, basis, sentence in vars(report).pop(_RELIED, ()):
            self._tests.setdefault(id, set()).add(report.nodeid)
            self._texts[id] = f"{id} ({basis}): {sentence}"
        self._unreported += [f"{report.nodeid}: {why}" for why in vars(report).pop(_UNREPORTED, ())]

    def pytest_terminal_summary(self, terminalreporter: pytest.TerminalReporter) -> None:
        """List it."""
        if self._tests:
            terminalreporter.section("Aniva sandbox: undocumented rules")
            for id, tests in sorted(self._tests.items()):
                terminalreporter.line(f"{self._texts[id]} [{len(tests)} test{'s' * (len(tests) != 1)}]")
            terminalreporter.line("--aniva-strict fails the tests that rely on them, and names the rules.")
        if self._unreported:
            terminalreporter.section("Aniva sandbox: missing reports")
            for line in self._unreported[:UNREPORTED_SHOWN]:
                terminalreporter.line(line)
            if len(self._unreported) > UNREPORTED_SHOWN:
                terminalreporter.line(f"... and {len(self._unreported) - UNREPORTED_SHOWN} more")


def _attempt(item: pytest.Item, do: Callable[[], T]) -> T | None:
    """The result of a function. If it raises, None, and the next report of the test says why."""
    try:
        return do()
    except Exception as error:
        item.stash.setdefault(_WHY, []).append(_said(error))
        return None


def _said(error: Exception) -> str:
    try:
        return f"{type(error).__name__}: {error}"
    except Exception:  # the str of a test's own exception may raise
        return type(error).__name__


def _beginning(request: pytest.FixtureRequest) -> dict[str, Any]:
    """The beginning of a test's world: from the options and the markers, of which the nearest takes precedence."""
    option = request.config.getoption
    started = request.config.invocation_params.dir
    how: dict[str, Any] = {
        "world": _world(option("--aniva-world"), started),
        "clock": option("--aniva-clock"),
        "seed": option("--aniva-seed"),
        "settings": {},
        "relies_on": [],
    }
    for mark in reversed(list(request.node.iter_markers("aniva"))):
        unknown = sorted(set(mark.kwargs) - set(_MARKS))
        if unknown or mark.args:
            wrong = ", ".join(map(str, unknown or mark.args))
            pytest.fail(f"the marker aniva takes {', '.join(_MARKS)} by name, not {wrong}", pytrace=False)
        how |= mark.kwargs
        if "world" in mark.kwargs and isinstance(how["world"], _MARKS["world"]):
            how["world"] = _world(str(how["world"]), request.path.parent, started)
    for what, types in _MARKS.items():
        if not isinstance(how[what], types) or isinstance(how[what], bool):
            pytest.fail(f"aniva: {what} must be of type {types[0].__name__}", pytrace=False)
    return how


def _world(named: str, *folders: Path) -> str:
    """The path of a world file, in the first of these folders that has it, whatever the current directory; or the name
    of a fixture."""
    from aniva_sandbox.api.beginnings import world_path  # lazy, as above

    paths = [path for folder in folders if (path := world_path(named, folder)) is not None]
    return str(next((path for path in paths if os.path.isfile(path)), paths[0])) if paths else named  # noqa: PTH113


def _wrong(item: pytest.Item) -> str:
    """Why a test fails that did not fail by itself: the sandbox had a defect, or the test relied on undocumented
    rules."""
    sandbox = item.stash.get(_ANIVA, None)
    if sandbox is None:
        return ""
    wrong = [_AT_FAULT + mismatch for mismatch in _attempt(item, sandbox.take_mismatches) or ()]
    if item.config.getoption("--aniva-strict"):
        wrong += [
            f"--aniva-strict: the test relied on {rule.id} ({rule.basis}): {rule.sentence}"
            for rule in _attempt(item, sandbox.take_undeclared) or ()
        ]
    return "\n".join(wrong)


def _relied(sandbox: Aniva) -> list[list[str]]:
    return [[rule.id, rule.basis, rule.sentence] for rule in sandbox.relied_on]


def _cover(config: pytest.Config) -> None:
    """Collect what tests meet, and report it unless this is a worker of xdist. Raises UsageError for options that
    cannot be meant."""
    load()
    from aniva_sandbox.testing.coverage import CollectingRun, ReportingRun  # lazy: most runs do without

    config.stash[_COLLECTING] = CollectingRun()
    config.pluginmanager.register(config.stash[_COLLECTING], "aniva_sandbox_collecting")
    if not hasattr(config, "workerinput"):
        config.pluginmanager.register(ReportingRun(config), "aniva_sandbox_coverage")


def _server(config: pytest.Config) -> LiveServer:
    """The only sandbox of this run (of this xdist worker), created at first use."""
    if _SERVER not in config.stash:
        try:
            load()
        except RuntimeError as error:
            pytest.fail(f"aniva: {error}", pytrace=False)
        from aniva_sandbox.testing.live import LiveServer  # lazy, as above

        collecting = config.stash.get(_COLLECTING, None)
        config.stash[_SERVER] = LiveServer() if collecting is None else collecting.start_server()
    return config.stash[_SERVER]
