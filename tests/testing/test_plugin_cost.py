"""What the pytest plugin costs: what it loads, starts and leaves behind."""

import importlib.util
import subprocess
import sys

import pytest

from aniva_sandbox.testing import Aniva
from tests.support import BERLIN
from tests.testing.common import QUIET
from tests.testing.partner_tests import CREATE, passes

pytest_plugins = ["pytester"]


def test_plugin_loads_nothing_by_itself() -> None:
    """A run that does not use the fixture does not load the server and its libraries."""
    program = (
        "import sys, aniva_sandbox.testing.plugin\n"
        "print(sorted({'starlette', 'uvicorn', 'msgspec', 'httpx2', 'jsonschema_rs', 'yaml'} & set(sys.modules)))"
    )
    ran = subprocess.run([sys.executable, "-c", program], capture_output=True, check=True)
    assert ran.stdout.split() == [b"[]"]


def test_calls_load_no_control_plane(pytester: pytest.Pytester) -> None:
    """A test that only calls the API does not load the control plane; one that asks for it does."""
    pytester.makepyfile(
        """
        import sys

        PLANE = "aniva_sandbox.engine.control.plane"

        def test_calls(aniva):
            assert aniva.client.get("/api/v1/units").status_code == 200
            assert aniva.relied_on == []

        def test_asks(aniva):
            assert PLANE not in sys.modules
            assert aniva.agenda
            assert PLANE in sys.modules
        """
    )
    pytester.runpytest_subprocess(*QUIET).assert_outcomes(passed=2)


def test_server_starts_at_first_use_only(pytester: pytest.Pytester) -> None:
    """Neither a run that does not use the fixture nor one that uses it in process has a thread of the sandbox; one that
    asks for its address has a single one."""
    passes(
        pytester,
        """
        import threading

        def running():
            return [thread.name for thread in threading.enumerate()].count("aniva-sandbox")

        before = running()

        def test_before():
            assert running() == before

        def test_in_process(aniva):
            assert aniva.agenda
            assert running() == before

        def test_first(aniva):
            assert aniva.url
            assert running() == before + 1

        def test_second(aniva):
            assert aniva.client.get("/api/v1/units").status_code == 200
            assert running() == before + 1
        """,
        passed=4,
    )


@pytest.mark.parametrize("begin", ["enable", "disable", "freeze"])
def test_garbage_collection_stays_as_it_was(pytester: pytest.Pytester, begin: str) -> None:
    """The first use of the fixture never touches the garbage collector, not for a moment; what a test leaves behind
    is collected."""
    passes(
        pytester,
        f"""
        import gc, weakref

        class Ring:
            def __init__(self):
                self.ring = self

        def test_it(request, monkeypatch):
            gc.{begin}()
            left = weakref.ref(Ring())
            before = gc.isenabled(), gc.get_freeze_count() > 0
            with monkeypatch.context() as only_here:
                for name in ("enable", "disable", "freeze", "unfreeze", "set_threshold"):
                    only_here.setattr(gc, name, None)
                request.getfixturevalue("aniva")
            assert (gc.isenabled(), gc.get_freeze_count() > 0) == before
            gc.collect()
            assert left() is None
            gc.enable()
        """,
    )


def test_runs_in_parallel(pytester: pytest.Pytester) -> None:
    """Under several workers every test still has a world of its own."""
    pytester.makepyfile(
        CREATE
        + """
import pytest

@pytest.mark.parametrize("turn", range(8))
def test_it(aniva, turn):
    before = len(aniva.client.get("/api/v1/profiles").json())
    for _ in range(turn):
        create(aniva)
    assert len(aniva.client.get("/api/v1/profiles").json()) == before + turn
"""
    )
    result = pytester.runpytest_subprocess(*QUIET, "-n", "2")
    result.assert_outcomes(passed=8)


@pytest.mark.parametrize("use", ["aniva.client.get('/api/v1/units')", "assert aniva.url", "assert aniva.agenda"])
def test_quiet_end(pytester: pytest.Pytester, use: str) -> None:
    """A run ends without warnings and with nothing on stderr, every socket closed, whether or not the server was used
    or even started."""
    pytester.makepyfile(f"def test_it(aniva): {use}")
    result = pytester.runpytest_subprocess(*QUIET)
    result.assert_outcomes(passed=1)
    assert result.ret == 0
    assert result.errlines == []


def test_later_events(aniva: Aniva) -> None:
    """An event with a later time stands in the agenda of the test's world."""
    aniva.happen("location.closed", location_id=BERLIN, time="2026-04-14T00:00:00Z")
    agenda = aniva.client.get(f"/_sandbox/worlds/{aniva.world}/agenda").json()
    assert [event["location_id"] for event in agenda if event["type"] == "location.closed"] == [BERLIN]
    assert agenda == aniva.agenda


def test_says_what_to_install(pytester: pytest.Pytester, monkeypatch: pytest.MonkeyPatch) -> None:
    """Without the client of its extra, the fixture says in a line how to install it, and from what is in a registry."""
    found = importlib.util.find_spec
    monkeypatch.setattr(
        "aniva_sandbox.testing.plugin.find_spec", lambda name: None if name == "httpx2" else found(name)
    )
    pytester.makepyfile("def test_it(aniva): pass")
    result = pytester.runpytest_inprocess(*QUIET)
    result.assert_outcomes(errors=1)
    result.stdout.fnmatch_lines(["the fixture aniva needs httpx2: pip install 'httpx2>=2' *"])
