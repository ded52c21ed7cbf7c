"""The pytest plugin: the fixture ``aniva``, its options and its marker. It loads the sandbox at first use only."""

from __future__ import annotations

import gc
from collections.abc import Generator, Iterator
from datetime import datetime
from hashlib import blake2b
from importlib.util import find_spec
from typing import TYPE_CHECKING, Any

import pytest

if TYPE_CHECKING:
    from aniva_sandbox.testing.aniva import Aniva
    from aniva_sandbox.testing.live import LiveServer

__all__ = ["aniva"]

_AT_FAULT = "The sandbox was at fault: "

_ANIVA: pytest.StashKey[Aniva] = pytest.StashKey()
_SERVER: pytest.StashKey[LiveServer] = pytest.StashKey()
_MARKS = {"world": str, "clock": str, "seed": int, "settings": dict}


def pytest_addoption(parser: pytest.Parser) -> None:
    """Add the options."""
    group = parser.getgroup("aniva", "Aniva sandbox")
    group.addoption(
        "--aniva-world", default="default", metavar="FIXTURE", help="starting state: a name or a YAML file (default)"
    )
    group.addoption(
        "--aniva-clock", default="frozen", metavar="CLOCK", help="real, frozen, or the instant it stands at (frozen)"
    )
    group.addoption("--aniva-seed", default=0, type=int, metavar="N", help="where ids come from (0)")


def pytest_configure(config: pytest.Config) -> None:
    """Register the marker."""
    config.addinivalue_line(
        "markers", "aniva(world=..., clock=..., seed=..., settings={...}): how the world of this test begins"
    )


@pytest.fixture
def aniva(request: pytest.FixtureRequest) -> Iterator[Aniva]:
    """A fresh world of the sandbox: url, asgi, wsgi, api_key, client, async_client, clock, happen(), reset()."""
    if find_spec("httpx2") is None:
        pytest.fail("the fixture aniva needs an extra: pip install 'aniva-sandbox[pytest]'", pytrace=False)
    server = _server(request.config)
    from aniva_sandbox.testing.aniva import Aniva  # lazy: a run that does not use the fixture pays nothing
    from aniva_sandbox.yaml_file import FixtureError

    option = request.config.getoption
    how: dict[str, Any] = {
        "world": option("--aniva-world"),
        "clock": option("--aniva-clock"),
        "seed": option("--aniva-seed"),
        "settings": {},
    }
    for mark in reversed(list(request.node.iter_markers("aniva"))):
        unknown = sorted(set(mark.kwargs) - set(_MARKS))
        if unknown or mark.args:
            wrong = ", ".join(map(str, unknown or mark.args))
            pytest.fail(f"the marker aniva takes {', '.join(_MARKS)} by name, not {wrong}", pytrace=False)
        how |= mark.kwargs
    if isinstance(how["clock"], datetime):
        how["clock"] = how["clock"].isoformat()
    for what, type in _MARKS.items():
        if not isinstance(how[what], type):
            pytest.fail(f"aniva: {what} must be of type {type.__name__}", pytrace=False)
    if how["seed"] < 0:
        pytest.fail("aniva: seed must be at least 0", pytrace=False)
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
        )
    except (FixtureError, ValueError) as error:
        wrong = str(error)
    if wrong:  # out here, so that the report does not show the other exception too
        pytest.fail(f"aniva: {wrong}", pytrace=False)
    request.node.stash[_ANIVA] = sandbox
    yield sandbox
    late = _mismatches(request.node)
    sandbox.close()
    if late:
        pytest.fail(_AT_FAULT + "\n".join(late), pytrace=False)


@pytest.hookimpl(wrapper=True)
def pytest_runtest_call(item: pytest.Item) -> Iterator[None]:
    """Fail a test in which the sandbox itself was at fault; one that is expected to fail, at its end."""
    if item.get_closest_marker("xfail"):
        return (yield)
    try:
        result = yield
    except Exception as error:
        for mismatch in _mismatches(item):
            error.add_note(_AT_FAULT + mismatch)
        raise
    mismatches = _mismatches(item)
    if mismatches:
        pytest.fail(_AT_FAULT + "\n".join(mismatches), pytrace=False)
    return result


@pytest.hookimpl(wrapper=True, tryfirst=True)
def pytest_runtest_makereport(call: pytest.CallInfo[None]) -> Generator[None, pytest.TestReport, pytest.TestReport]:
    """Report a fault of the sandbox as such also where the test is expected to fail: nobody expected this."""
    report = yield
    if call.when == "teardown" and call.excinfo is not None and _AT_FAULT in str(call.excinfo.value):
        report.outcome = "failed"
        report.__dict__.pop("wasxfail", None)
    return report


def pytest_unconfigure(config: pytest.Config) -> None:
    """Stop the server, where one was started."""
    server = config.stash.get(_SERVER, None)
    if server is not None:
        server.__exit__()


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
