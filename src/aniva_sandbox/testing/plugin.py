"""The pytest plugin: the fixture ``aniva``, its options and its marker. It loads the sandbox at first use only."""

from __future__ import annotations

import gc
from collections.abc import Generator, Iterator
from datetime import datetime
from hashlib import blake2b
from importlib.util import find_spec
from pathlib import PurePath
from typing import TYPE_CHECKING, Any

import pytest

if TYPE_CHECKING:
    from aniva_sandbox.testing.aniva import Aniva
    from aniva_sandbox.testing.live import LiveServer

__all__ = ["aniva"]

_AT_FAULT = "The sandbox was at fault: "
_SECTION = "Aniva sandbox"
_RELIED = "aniva_relied_on"
"""The attribute of reports that holds the undocumented rules a test turned on; it travels with them under xdist."""

_ANIVA: pytest.StashKey[Aniva] = pytest.StashKey()
_SERVER: pytest.StashKey[LiveServer] = pytest.StashKey()
_MARKS: dict[str, tuple[type, ...]] = {
    "world": (str, PurePath),
    "clock": (str, datetime),
    "seed": (int, type(None)),
    "settings": (dict,),
    "relies_on": (list, tuple, set, frozenset),
}


def pytest_addoption(parser: pytest.Parser) -> None:
    """Add the options."""
    group = parser.getgroup("aniva", "Aniva sandbox")
    group.addoption(
        "--aniva-world", default="default", metavar="FIXTURE", help="starting state: a name or a world file (default)"
    )
    group.addoption(
        "--aniva-clock", default="frozen", metavar="CLOCK", help="real, frozen, or the instant it stands at (frozen)"
    )
    group.addoption("--aniva-seed", type=int, metavar="N", help="where ids come from (0, or what an export has)")
    group.addoption(
        "--aniva-strict",
        action="store_true",
        help="fail a test that turned on a rule which no page settles (basis assumed or conflict)",
    )


def pytest_configure(config: pytest.Config) -> None:
    """Register the marker."""
    config.addinivalue_line(
        "markers",
        "aniva(world=..., clock=..., seed=..., settings={...}, relies_on=[...]): how the world of this test begins, "
        "and the undocumented rules that --aniva-strict lets it turn on",
    )


@pytest.fixture
def aniva(request: pytest.FixtureRequest) -> Iterator[Aniva]:
    """A fresh world of the sandbox: url, client, clock, happen(), faults, calls(), snapshot(), asgi, wsgi."""
    if find_spec("httpx2") is None:
        from aniva_sandbox.extras import how_to_install  # lazy: only where it is missing

        pytest.fail(f"the fixture aniva needs httpx2: {how_to_install('pytest')}", pytrace=False)
    server = _server(request.config)
    from aniva_sandbox.testing.aniva import Aniva  # lazy: a run that does not use the fixture pays nothing
    from aniva_sandbox.yaml_file import FixtureError

    how = _beginning(request)
    name = f"test-{blake2b(request.node.nodeid.encode(), digest_size=8).hexdigest()}"
    wrong = ""
    try:
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
    if wrong:  # out here, so that the report does not show the other exception too
        pytest.fail(f"aniva: {wrong}", pytrace=False)
    request.node.stash[_ANIVA] = sandbox
    yield sandbox
    late = _wrong(request.node)
    sandbox.close()
    if late:
        pytest.fail(late, pytrace=False)


@pytest.hookimpl(wrapper=True)
def pytest_runtest_call(item: pytest.Item) -> Iterator[None]:
    """Fail a test in which the sandbox itself was at fault, or, if asked, one that turned on an undocumented rule; one
    that is expected to fail, at its end."""
    if item.get_closest_marker("xfail"):
        try:
            return (yield)
        finally:
            if (sandbox := item.stash.get(_ANIVA, None)) is not None:
                sandbox.take_undeclared()  # nobody expects it to pass
    try:
        result = yield
    except Exception as error:
        wrong = _wrong(item)
        if wrong:
            error.add_note(wrong)
        raise
    wrong = _wrong(item)
    if wrong:
        pytest.fail(wrong, pytrace=False)
    return result


@pytest.hookimpl(wrapper=True, tryfirst=True)
def pytest_runtest_makereport(
    item: pytest.Item, call: pytest.CallInfo[None]
) -> Generator[None, pytest.TestReport, pytest.TestReport]:
    """Tell the sandbox's side of the story where a test failed, and what every test turned on.

    A fault of the sandbox is reported as such also where the test is expected to fail: nobody expected this.
    """
    report = yield
    if call.when == "teardown" and call.excinfo is not None and _AT_FAULT in str(call.excinfo.value):
        report.outcome = "failed"
        report.__dict__.pop("wasxfail", None)
    sandbox = item.stash.get(_ANIVA, None)
    if sandbox is not None and call.when in ("setup", "call"):
        if report.failed:
            report.sections.append((_SECTION, sandbox.story()))
        setattr(report, _RELIED, [[rule.id, rule.basis, rule.sentence] for rule in sandbox.relied_on])
    return report


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter) -> None:
    """List the undocumented rules that tests turned on."""
    tests: dict[str, set[str]] = {}
    texts: dict[str, str] = {}
    for reports in terminalreporter.stats.values():
        for report in reports:
            for id, basis, sentence in getattr(report, _RELIED, ()):
                tests.setdefault(id, set()).add(report.nodeid)
                texts[id] = f"{id} ({basis}): {sentence}"
    if tests:
        terminalreporter.section("Aniva sandbox: rules that no page settles")
        for id in sorted(tests):
            terminalreporter.line(f"{texts[id]} [{len(tests[id])} test{'s' * (len(tests[id]) != 1)}]")
        terminalreporter.line("--aniva-strict fails the tests that turn on them, and names them.")


def pytest_unconfigure(config: pytest.Config) -> None:
    """Stop the server, where one was started."""
    server = config.stash.get(_SERVER, None)
    if server is not None:
        server.__exit__()


def _beginning(request: pytest.FixtureRequest) -> dict[str, Any]:
    """How the world of a test begins: by the options, and by its markers, the nearest last."""
    option = request.config.getoption
    how: dict[str, Any] = {
        "world": option("--aniva-world"),
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
            beside = request.path.parent / str(how["world"])  # a world file is named from where its test is
            how["world"] = str(beside if beside.is_file() else how["world"])
    for what, types in _MARKS.items():
        if not isinstance(how[what], types) or isinstance(how[what], bool):
            pytest.fail(f"aniva: {what} must be of type {types[0].__name__}", pytrace=False)
    if isinstance(how["clock"], datetime):
        how["clock"] = how["clock"].isoformat()
    if how["seed"] is not None and not 0 <= how["seed"] <= 2**53:
        pytest.fail("aniva: seed must be at least 0, and at most 2**53", pytrace=False)
    return how


def _wrong(item: pytest.Item) -> str:
    """Why a test fails that did not fail by itself: the sandbox was at fault, or it turned on what no page settles."""
    wrong = [_AT_FAULT + mismatch for mismatch in _mismatches(item)]
    sandbox = item.stash.get(_ANIVA, None)
    if sandbox is not None and item.config.getoption("--aniva-strict"):
        wrong += [
            f"--aniva-strict: the test turned on {rule.id} ({rule.basis}): {rule.sentence}"
            for rule in sandbox.take_undeclared()
        ]
    return "\n".join(wrong)


def _mismatches(item: pytest.Item) -> list[str]:
    """What the sandbox did wrong in the world of a test, and was not reported yet."""
    sandbox = item.stash.get(_ANIVA, None)
    return sandbox.take_mismatches() if sandbox is not None else []


def _server(config: pytest.Config) -> LiveServer:
    """The one sandbox of this run (of this xdist worker), made at first use."""
    if _SERVER not in config.stash:
        collects = gc.isenabled()
        gc.disable()  # what is read here stays: looking through it for garbage costs a quarter of the time
        try:
            import aniva_sandbox.testing.aniva  # noqa: F401 (lazy, as above)
            from aniva_sandbox.testing.live import LiveServer

            config.stash[_SERVER] = LiveServer()
        finally:
            if gc.get_freeze_count() == 0:
                gc.freeze()  # and back: all that is there counts as old, unlooked through
                gc.unfreeze()
            if collects:
                gc.enable()
    return config.stash[_SERVER]
