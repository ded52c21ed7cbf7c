"""The pytest plugin: the fixture ``aniva``, its options, its ini key and its marker. It imports the
sandbox only at first use."""

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

from aniva_sandbox.testing.findings import evidence_of, evidence_without, write_hints, write_relied
from aniva_sandbox.testing.own_files import fakes_are_possible, real_files
from aniva_sandbox.testing.probing.options import MARKER, add_options, asks_for_probes, give_kinds
from aniva_sandbox.testing.reliance import INI, declared_rules, ini_entries, unknown_rules
from aniva_sandbox.testing.steady import load
from aniva_sandbox.testing.summary import EVIDENCE, UNREPORTED, Evidence, Summary

if TYPE_CHECKING:
    from aniva_sandbox.testing.aniva import Aniva
    from aniva_sandbox.testing.coverage import CollectingRun
    from aniva_sandbox.testing.exchanges import RuleName
    from aniva_sandbox.testing.hints import Hint
    from aniva_sandbox.testing.live import LiveServer
    from aniva_sandbox.testing.probing.hooks import ProbingHooks
    from aniva_sandbox.testing.probing.probed_run import ProbedRun

__all__ = ["aniva"]

T = TypeVar("T")

_AT_FAULT = "Defect of the sandbox: "
_SECTION = "Aniva sandbox"
_ANIVA: pytest.StashKey[Aniva] = pytest.StashKey()
_HINTS: pytest.StashKey[str] = pytest.StashKey()
"""What is done with the hints of a test: one of the choices of --aniva-hints."""
_KNOWN_HINTS: pytest.StashKey[set[Hint]] = pytest.StashKey()
"""The hints that the test was failed for, or may have."""
_PASSED: pytest.StashKey[bool] = pytest.StashKey()
_EVIDENCE: pytest.StashKey[Evidence | None] = pytest.StashKey()
_WHY: pytest.StashKey[list[str]] = pytest.StashKey()
_SERVER: pytest.StashKey[LiveServer] = pytest.StashKey()
_COLLECTING: pytest.StashKey[CollectingRun] = pytest.StashKey()
_PROBING: pytest.StashKey[ProbingHooks] = pytest.StashKey()
_MARKS: dict[str, tuple[type, ...]] = {
    "world": (str, PurePath),
    "clock": (str, datetime),
    "seed": (int, type(None)),
    "settings": (dict,),
    "relies_on": (list, tuple, set, frozenset),
    "hints": (str,),
}
_HINT_CHOICES = ("show", "error", "off")
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
    group.addoption(
        "--aniva-hints",
        default="show",
        choices=_HINT_CHOICES,
        help="show hints on possible mistakes at the end of the run, fail the tests that get them, or neither (show)",
    )
    parser.addini(
        INI, "undocumented rules that --aniva-strict lets all tests rely on, one `rule: reason` a line", type="linelist"
    )
    group.addoption("--aniva-cov", action="store_true", help="show what the tests never met of the API; see the guide")
    for name, metavar, help in _COVERAGE_OPTIONS:
        group.addoption(name, action="append", default=[], metavar=metavar, help=f"{help}; implies --aniva-cov")
    parser.addini("aniva_cov_waive", "lines ITEM: REASON, as for --aniva-cov-waive", type="linelist", default=[])
    add_options(parser)


@pytest.hookimpl(tryfirst=True)
def pytest_load_initial_conftests(early_config: pytest.Config, parser: pytest.Parser, args: list[str]) -> None:
    """Read ``--aniva-probe`` without taking a path for its value."""
    give_kinds(early_config, parser, args)


def pytest_configure(config: pytest.Config) -> None:
    """Register the markers, check the ini key, and register what coverage and probes need. Raises UsageError."""
    ini_entries(config)
    config.addinivalue_line(
        "markers",
        "aniva(world=..., clock=..., seed=..., settings={...}, relies_on=[...], hints=...): the beginning of this "
        "test's world, the undocumented rules that --aniva-strict lets it rely on, and its --aniva-hints",
    )
    config.addinivalue_line("markers", MARKER)
    if not hasattr(config, "workerinput"):  # workers of xdist send theirs to the controller
        config.pluginmanager.register(Summary(config), "aniva_sandbox_summary")
    if config.getoption("--aniva-cov") or any(config.getoption(name) for name, *_ in _COVERAGE_OPTIONS):
        _cover(config)
    if asks_for_probes(config):
        _probe(config)


def pytest_collection_finish(session: pytest.Session) -> None:
    """If tests may fake the file system, import the sandbox before they do. Raises UsageError if the ini key names an
    unknown rule; the fixture does this in the workers of xdist."""
    if not any("aniva" in getattr(item, "fixturenames", ()) for item in session.items):
        return
    if fakes_are_possible():
        with suppress(Exception):  # the fixture reports it
            load()
    if not hasattr(session.config, "workerinput") and (wrong := _unknown_rules(session.config)):
        raise pytest.UsageError(wrong)


@pytest.fixture
def aniva(request: pytest.FixtureRequest) -> Iterator[Aniva]:
    """A fresh world of the sandbox: url, client, clock, happen(), faults, calls(), snapshot(), asgi, wsgi."""
    if find_spec("httpx2") is None:
        from aniva_sandbox.extras import how_to_install  # lazy: only if it is missing

        pytest.fail(f"the fixture aniva needs httpx2: {how_to_install('pytest')}", pytrace=False)
    with real_files():
        server = _server(request.config)
        if unknown := _unknown_rules(request.config):
            pytest.fail(f"aniva: {unknown}", pytrace=False)
        how = _beginning(request)
    from aniva_sandbox.engine.yaml_file import FixtureError
    from aniva_sandbox.testing.aniva import Aniva  # lazy: a run that does not use the fixture pays nothing

    name = f"test-{blake2b(request.node.nodeid.encode(), digest_size=8).hexdigest()}"
    wrong = ""
    run = _run_with_probe(request, server)
    if _COLLECTING in request.config.stash and run is None:
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
                start=run.start if run is not None else None,
            )
    except (FixtureError, ValueError) as error:
        wrong = str(error)
        if run is not None:
            run.refuse()
    if wrong:  # outside the except, so that the report does not show the other exception too
        pytest.fail(f"aniva: {wrong}", pytrace=False)
    request.node.stash[_ANIVA] = sandbox
    request.node.stash[_HINTS] = how["hints"]
    request.node.stash[_KNOWN_HINTS] = set()  # a plugin may run the test again
    if run is not None:
        run.begin(sandbox, server)
    yield sandbox
    late = _wrong(request.node)
    if run is None:
        request.node.stash[_EVIDENCE] = _attempt(request.node, partial(_evidence, request.node, sandbox))
    else:
        run.end(sandbox, server)
    del request.node.stash[_ANIVA]  # pytest keeps the node
    sandbox.close()
    if late:
        pytest.fail(late, pytrace=False)


# pytest aborts the run if a hook raises, so everything that can raise goes through `_attempt`.


@pytest.hookimpl(wrapper=True)
def pytest_runtest_call(item: pytest.Item) -> Iterator[None]:
    """Fail a test in which the sandbox itself had a defect or, with --aniva-strict, that relied on an undocumented
    rule or, with --aniva-hints=error, that got a hint; an expected failure, only for a defect, at its end."""
    if item.get_closest_marker("xfail"):
        try:
            return (yield)
        finally:
            _take_findings(item)  # it is not expected to pass
    try:
        result = yield
    except (pytest.skip.Exception, pytest.xfail.Exception):
        _take_findings(item)
        raise
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
    """Add the sandbox's story to the report of a failed test, and what the test met to its last report.

    A defect of the sandbox is reported even if the test is expected to fail: this was not expected.
    """
    report = yield
    if _is_probed_in_silence(item.config):
        return report
    raised = call.excinfo.value if call.excinfo is not None else None
    if call.when == "teardown" and isinstance(raised, pytest.fail.Exception) and _AT_FAULT in str(raised.msg):
        report.outcome = "failed"
        report.__dict__.pop("wasxfail", None)
    sandbox = item.stash.get(_ANIVA, None)
    if sandbox is not None and call.when in ("setup", "call") and report.failed:
        story = _attempt(item, sandbox.story)
        report.sections += [(_SECTION, story)] if story else []
    if call.when == "setup" and report.skipped:
        _take_findings(item)  # the test did not run
    if call.when == "call":
        item.stash[_PASSED] = report.passed
    if call.when == "teardown" and (evidence := item.stash.get(_EVIDENCE, None)) is not None:
        setattr(report, EVIDENCE, evidence)
        del item.stash[_EVIDENCE]
    elif call.when == "teardown" and "aniva" in getattr(item, "fixturenames", ()):
        setattr(report, EVIDENCE, _attempt(item, lambda: evidence_without(declared_rules(item))))
    why = item.stash.get(_WHY, [])
    if why:
        report.sections.append(
            (_SECTION, "\n".join(f"The sandbox could not report everything: {each}" for each in why))
        )
        setattr(report, UNREPORTED, why)
        del item.stash[_WHY]
    return report


def pytest_unconfigure(config: pytest.Config) -> None:
    """Stop the server, if one was started."""
    server = config.stash.get(_SERVER, None)
    if server is not None:
        with suppress(Exception):  # its thread ends with the process at the latest
            server.__exit__()


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
        "relies_on": {entry.rule for entry in ini_entries(request.config)},
        "hints": option("--aniva-hints"),
    }
    relies_on = how["relies_on"]
    for mark in reversed(list(request.node.iter_markers("aniva"))):
        unknown = sorted(set(mark.kwargs) - set(_MARKS))
        if unknown or mark.args:
            wrong = ", ".join(map(str, unknown or mark.args))
            pytest.fail(f"the marker aniva takes {', '.join(_MARKS)} by name, not {wrong}", pytrace=False)
        for what, value in mark.kwargs.items():
            if not isinstance(value, _MARKS[what]) or isinstance(value, bool):
                pytest.fail(f"aniva: {what} must be of type {_MARKS[what][0].__name__}", pytrace=False)
        if mark.kwargs.get("hints", "off") not in _HINT_CHOICES:
            pytest.fail(f"aniva: hints must be one of {', '.join(_HINT_CHOICES)}", pytrace=False)
        relies_on = {*relies_on, *mark.kwargs.get("relies_on", ())}
        how |= mark.kwargs | {"relies_on": relies_on}
        if "world" in mark.kwargs:
            how["world"] = _world(str(how["world"]), request.path.parent, started)
    return how


def _world(named: str, *folders: Path) -> str:
    """The path of a world file, in the first of these folders that has it, whatever the current directory; or the name
    of a fixture."""
    from aniva_sandbox.api.beginnings import world_path  # lazy, as above

    paths = [path for folder in folders if (path := world_path(named, folder)) is not None]
    return str(next((path for path in paths if os.path.isfile(path)), paths[0])) if paths else named  # noqa: PTH113


def _wrong(item: pytest.Item) -> str:
    """Why a test fails that did not fail by itself: the sandbox had a defect, or what the test met is to fail it."""
    sandbox = item.stash.get(_ANIVA, None)
    if sandbox is None or _run_in_progress(item.config) is not None:
        return ""
    wrong = [_AT_FAULT + mismatch for mismatch in _attempt(item, sandbox.take_mismatches) or ()]
    return "\n".join([*wrong, *_take_findings(item)])


def _take_findings(item: pytest.Item) -> list[str]:
    """The undocumented rules that a test relied on, and its hints, if they are to fail it; each once."""
    sandbox = item.stash.get(_ANIVA, None)
    if sandbox is None or _run_in_progress(item.config) is not None:
        return []
    rules: list[RuleName] = []
    hints: list[Hint] = []
    if item.config.getoption("--aniva-strict"):
        rules = _attempt(item, sandbox.take_undeclared) or []
    if item.stash[_HINTS] == "error":
        known = item.stash[_KNOWN_HINTS]
        hints = [hint for hint in _attempt(item, lambda: sandbox.hints) or () if hint not in known]
        known.update(hints)
    calls = _attempt(item, sandbox.calls) if rules or hints else None
    return [*write_relied(rules, calls or ()), *write_hints(hints, calls or ())]


def _evidence(item: pytest.Item, sandbox: Aniva) -> Evidence:
    hints = sandbox.hints if item.stash[_HINTS] != "off" else []
    return evidence_of(sandbox, hints, declared_rules(item), passed=item.stash.get(_PASSED, False))


def _unknown_rules(config: pytest.Config) -> str:
    """What is wrong with the rules of the ini key; empty if nothing is, or if the sandbox cannot be loaded."""
    entries = ini_entries(config)
    if not entries:
        return ""
    with suppress(Exception):  # the fixture reports it
        load()
        from aniva_sandbox.testing.live import control_contract  # lazy: a run without entries pays nothing

        return unknown_rules(entries, [rule.id for rule in control_contract().ledger])
    return ""


def _cover(config: pytest.Config) -> None:
    """Collect what tests meet, and report it unless this is a worker of xdist. Raises UsageError for options that
    cannot be meant."""
    load("testing.coverage")
    from aniva_sandbox.testing.coverage import CollectingRun, ReportingRun  # lazy: most runs do without

    config.stash[_COLLECTING] = CollectingRun()
    config.pluginmanager.register(config.stash[_COLLECTING], "aniva_sandbox_collecting")
    if not hasattr(config, "workerinput"):
        config.pluginmanager.register(ReportingRun(config), "aniva_sandbox_coverage")


def _probe(config: pytest.Config) -> None:
    """Probe tests, and report it unless this is a worker of xdist. Raises UsageError for options that cannot be
    meant."""
    load("testing.probing.probing")
    from aniva_sandbox.testing.probing.probing import register  # lazy: most runs do without

    config.stash[_PROBING] = register(config)


def _run_with_probe(request: pytest.FixtureRequest, server: LiveServer) -> ProbedRun | None:
    """The run with a probe that is about to create its world; None in all others."""
    probing = request.config.stash.get(_PROBING, None)
    return None if probing is None else probing.use(request.node, server)


def _run_in_progress(config: pytest.Config) -> ProbedRun | None:
    """The run with a probe that is in progress: only the test itself decides what it comes to."""
    probing = config.stash.get(_PROBING, None)
    return None if probing is None else probing.progress


def _is_probed_in_silence(config: pytest.Config) -> bool:
    run = _run_in_progress(config)
    return run is not None and run.is_quiet


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
