"""The plugin in a run that is somebody else's: it ends no run, and leaves the process as it found it."""

import os

import pytest

from tests.testing.common import QUIET

pytest_plugins = ["pytester"]

SMALL = """
title: Small
start: 2026-01-01T00:00:00Z
profile_groups: []
location_groups: []
personas: {full: {permissions: all, profile_groups: [], location_groups: [], panels: all}}
locations: []
profiles: []
appointments: []
"""


# A run goes on

UNTOLD = """
import pytest


class Broken(Exception):
    __notes__ = "no list"

    def __str__(self):
        raise RuntimeError("no words")

    __repr__ = __str__


def break_(aniva, monkeypatch, *names):
    def breaks(*_arguments):
        raise Broken

    for name in names:
        monkeypatch.setattr(type(aniva), name, property(breaks) if name == "relied_on" else breaks)


def test_deletes_its_world(aniva):
    aniva.client.delete(f"/_sandbox/worlds/{aniva.world}").raise_for_status()
    assert False, "a reason of its own"

def test_closes_its_world(aniva):
    aniva.close()
    assert False, "a reason of its own"

def test_replaces_its_world(aniva):
    aniva.client.put(f"/_sandbox/worlds/{aniva.world}", json={"clock": "real"}).raise_for_status()
    assert False, "a reason of its own"

@pytest.mark.parametrize("name", ["story", "take_mismatches", "relied_on", "take_undeclared"])
def test_breaks(aniva, monkeypatch, name):
    break_(aniva, monkeypatch, name)
    assert False, "a reason of its own"

def test_breaks_and_passes(aniva, monkeypatch):
    break_(aniva, monkeypatch, "story", "take_mismatches", "relied_on", "take_undeclared")

@pytest.mark.xfail(strict=True)
def test_breaks_as_expected(aniva, monkeypatch):
    break_(aniva, monkeypatch, "take_undeclared", "relied_on")
    raise Broken

def test_raises_what_has_no_words(aniva, monkeypatch):
    monkeypatch.setattr(type(aniva), "take_mismatches", lambda aniva: ["a fault for this test"])
    raise Broken

@pytest.fixture
def untidy(aniva):
    yield
    raise Broken

def test_untidy(untidy):
    pass

def test_after(aniva):
    assert aniva.client.get("/api/v1/units").status_code == 200
"""


@pytest.mark.parametrize("options", [[], ["--aniva-strict"], ["-n", "2"]], ids=" ".join)
def test_no_hook_ends_the_run(pytester: pytest.Pytester, options: list[str]) -> None:
    """What the plugin cannot tell of a test, it notes: each test has the outcome that it has by itself, and the run
    goes on to its end."""
    pytester.makepyfile(UNTOLD)
    run = pytester.runpytest_subprocess if "-n" in options else pytester.runpytest_inprocess
    result = run(*QUIET, *options)
    result.assert_outcomes(failed=8, passed=3, xfailed=1, errors=1)
    assert "INTERNALERROR" not in result.stdout.str() + result.stderr.str()
    result.stdout.fnmatch_lines_random(
        [
            "E*AssertionError: a reason of its own",
            "*Aniva sandbox: missing reports*",
            "*::test_deletes_its_world: ControlError: *",
            "*::test_breaks[[]story[]]: Broken",
        ]
    )


def test_untold_is_bounded(pytester: pytest.Pytester) -> None:
    """The list of what could not be told has an end."""
    pytester.makepyfile(
        """
        import pytest

        @pytest.mark.parametrize("turn", range(12))
        def test_it(aniva, turn):
            aniva.close()
            assert False
        """
    )
    result = pytester.runpytest_inprocess(*QUIET)
    result.assert_outcomes(failed=12)
    shown = result.stdout.str().partition("missing reports")[2]
    assert shown.count("ControlError") == 10
    assert "... and 2 more" in shown


# The process stays as it was

LOGGING = """
import asyncio
import logging
import signal
import socket
import warnings

NAMES = ("", "uvicorn", "uvicorn.error", "uvicorn.access", "uvicorn.asgi", "asyncio", "aniva_sandbox")


def state():
    loggers = {}
    for name in NAMES:
        logger = logging.getLogger(name)
        loggers[name] = (logger.level, list(logger.handlers), logger.propagate, logger.disabled, list(logger.filters))
    return {
        "loggers": loggers,
        "names": [logging.getLevelName(level) for level in range(60)],
        "policy": type(asyncio.get_event_loop_policy()),
        "signals": [signal.getsignal(number) for number in (signal.SIGINT, signal.SIGTERM)],
        "filters": list(warnings.filters),
        "timeout": socket.getdefaulttimeout(),
    }


def talk(aniva):
    assert aniva.client.get("/api/v1/units").status_code == 200
    host, port = aniva.url.removeprefix("http://").split(":")
    for junk in (b"GET / HTTP/1.1\\r\\nupgrade: h2c\\r\\nconnection: upgrade\\r\\n\\r\\n", b"no http\\r\\n\\r\\n"):
        with socket.create_connection((host, int(port))) as wire:
            wire.sendall(junk)
            wire.recv(1)
"""


def test_changes_nothing_of_the_process(pytester: pytest.Pytester) -> None:
    """At no time are loggers, names of levels, signals, warnings or the event loop's policy other than they were; and
    the user's handlers, set to the finest, hear nothing of the server."""
    pytester.makepyfile(
        LOGGING
        + """
def test_first(request, caplog):
    caplog.set_level(1)
    logging.getLogger("uvicorn.access").addHandler(caplog.handler)
    before = state()
    aniva = request.getfixturevalue("aniva")
    assert aniva.url
    assert state() == before
    talk(aniva)
    assert state() == before
    aniva._server.__exit__()
    assert state() == before
    ours = ("uvicorn", "aniva_sandbox", "asyncio")
    assert [record for record in caplog.records if record.name.startswith(ours)] == []
"""
    )
    pytester.runpytest_subprocess(*QUIET).assert_outcomes(passed=1)


# World files


@pytest.mark.parametrize(
    ("world", "options"),
    [("small.yaml", []), ("worlds/small", ["-n", "2"]), ("~/small", [])],
    ids=["serial", "workers", "home"],
)
def test_world_file_is_found_from_where_pytest_was_started(
    pytester: pytest.Pytester, world: str, options: list[str]
) -> None:
    """A relative world file is found whatever directory a test changes to, in any order of tests, with or without an
    ending; a marker's beside its test, or else from where pytest was started."""
    home = os.path.expanduser("~")  # pytester's  # noqa: PTH111
    for path in ("small.yaml", "worlds/small", f"{home}/small", "tests/beside.yaml", "tests/worlds/beside"):
        (pytester.path / path).parent.mkdir(exist_ok=True)
        (pytester.path / path).write_text(SMALL, encoding="utf-8")
    source = """
    import pytest

    @pytest.fixture(autouse=True)
    def elsewhere(tmp_path, monkeypatch):
        monkeypatch.chdir(tmp_path)

    def test_option(aniva):
        assert aniva.clock.now.year == 2026 and aniva.client.get("/api/v1/locations").json() == []

    @pytest.mark.aniva(world="small.yaml")
    def test_marker(aniva):
        assert aniva.client.get("/api/v1/locations").json() == []

    @pytest.mark.aniva(world="beside.yaml")
    def test_beside(aniva):
        assert aniva.client.get("/api/v1/locations").json() == []

    @pytest.mark.aniva(world="worlds/beside")
    def test_folder(aniva):
        assert aniva.client.get("/api/v1/locations").json() == []

    @pytest.mark.aniva(world="default")
    def test_named(aniva):
        assert aniva.client.get("/api/v1/locations").json() != []
    """
    pytester.makepyfile(**{"tests/test_it": source})
    run = pytester.runpytest_subprocess if options else pytester.runpytest_inprocess
    result = run(*QUIET, "--aniva-world", world, *options)
    result.assert_outcomes(passed=5)


@pytest.mark.parametrize("named", ["worlds/small", "./small", "small", "~/small.yaml"])
def test_every_way_to_name_a_world_file(pytester: pytest.Pytester, monkeypatch: pytest.MonkeyPatch, named: str) -> None:
    """A path that does not end as world files do, or begins at home, is found from any directory, too."""
    for path in ("worlds/small", "small", "home/small.yaml"):
        (pytester.path / path).parent.mkdir(exist_ok=True)
        (pytester.path / path).write_text(SMALL, encoding="utf-8")
    monkeypatch.setenv("HOME", str(pytester.path / "home"))
    monkeypatch.setenv("USERPROFILE", str(pytester.path / "home"))
    pytester.makepyfile(
        """
        import pytest

        @pytest.fixture(autouse=True)
        def elsewhere(tmp_path, monkeypatch):
            monkeypatch.chdir(tmp_path)

        def test_it(aniva):
            assert aniva.client.get("/api/v1/locations").json() == []
        """
    )
    pytester.runpytest_inprocess(*QUIET, f"--aniva-world={named}").assert_outcomes(passed=1)


# Threads that are none


def test_patched_threads(pytester: pytest.Pytester) -> None:
    """Where gevent has patched the threads, the address is refused with what to do instead, and in process all works,
    also from several greenlets."""
    pytester.makeconftest("from gevent import monkey\nmonkey.patch_all()")
    pytester.makepyfile(
        """
        import gevent
        import httpx2
        import pytest

        def test_address(aniva):
            with pytest.raises(RuntimeError, match="gevent.*aniva\\\\.transport"):
                aniva.url

        def test_in_process(aniva):
            key = {"x-api-key": aniva.api_key}
            with httpx2.Client(transport=aniva.transport(), base_url="http://x", headers=key) as client:
                aniva.faults.add("list_units", latency_ms=10, times=None)
                calls = [gevent.spawn(client.get, "/api/v1/units") for _ in range(5)]
                assert [call.get(timeout=60).status_code for call in calls] == [200] * 5
            aniva.clock.advance(days=1)
        """
    )
    result = pytester.runpytest_subprocess(*QUIET, "-W", "ignore:Monkey-patching ssl", timeout=120)
    result.assert_outcomes(passed=2)


def test_real_threads_with_gevent_loaded(pytester: pytest.Pytester) -> None:
    """Where gevent is loaded and has patched nothing, the address is there."""
    pytester.makepyfile("import gevent.monkey\ndef test_it(aniva): assert aniva.client.get('/').status_code == 307")
    pytester.runpytest_subprocess(*QUIET, timeout=120).assert_outcomes(passed=1)


# Memory


def test_nothing_of_a_test_is_kept(pytester: pytest.Pytester) -> None:
    """When a test is over, nothing keeps its Aniva, its client, its world; whether it passed, failed or was refused."""
    pytester.makeconftest(
        """
        import weakref
        import pytest

        @pytest.fixture(scope="session")
        def left():
            return []

        @pytest.fixture(autouse=True)
        def watched(request, left):
            if "aniva" in request.fixturenames:
                aniva = request.getfixturevalue("aniva")
                left += map(weakref.ref, (aniva, aniva.client, aniva._server.worlds.get(aniva.world)))
            yield
        """
    )
    pytester.makepyfile(
        """
        import gc
        import pytest

        @pytest.mark.parametrize("turn", range(5))
        def test_passes(aniva, turn):
            assert aniva.client.get("/api/v1/nowhere").status_code == 404

        def test_fails(aniva):
            assert aniva.client.get("/api/v1/nowhere").status_code == 200

        @pytest.mark.xfail
        def test_fails_as_expected(aniva):
            assert aniva.client.get("/api/v1/nowhere").status_code == 200

        def test_last(left):
            gc.collect()
            assert len(left) == 3 * 7
            assert [each() for each in left if each() is not None] == []
        """
    )
    result = pytester.runpytest_subprocess(*QUIET)
    result.assert_outcomes(passed=6, failed=1, xfailed=1)
