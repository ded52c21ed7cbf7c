"""The sandbox beside libraries that fake Python's time: neither disturbs the other."""

from datetime import UTC, datetime

import pytest

from tests.testing.common import QUIET

pytest_plugins = ["pytester"]

CONFTEST = """
import datetime
import email.utils
import subprocess
import sys
import time
from datetime import UTC

import pytest

RESULTS = "/api/v1/appointments/877e7253-ee68-42d5-b91d-92a76843af67/results"
own = datetime.datetime, time.time


@pytest.fixture
def works(request):
    # Whatever of the sandbox has to do with time, or is read or loaded when it is needed.

    def works():
        aniva = request.getfixturevalue("aniva")
        assert (aniva.clock.now.isoformat(), type(aniva.clock.now)) == ("2026-04-13T08:00:00+00:00", own[0])
        booked = aniva.client.post("/api/v1/appointments", json={
            "profile_id": "a3f1c2d4-8b7e-4f2a-9c1d-2e3f4a5b6c7d",
            "location_id": "f2b7e6e2-6afc-4e2e-8a9e-cc7625c9ff4e",
            "scheduled_at": "2026-04-20T10:00:00+02:00"})
        assert booked.status_code == 201, booked.text
        sent = email.utils.parsedate_to_datetime(booked.headers["date"]).timestamp()
        program = [sys.executable, "-c", "import time; print(time.time())"]
        assert abs(sent - float(subprocess.run(program, capture_output=True, check=True).stdout)) < 3600
        document = aniva.client.get(RESULTS).json()["documents"][0]["id"]
        report = aniva.client.get(f"/api/v1/documents/{document}")
        assert report.content.startswith(b"%PDF"), report.text
        assert aniva.client.get("/docs/assets/swagger_style.css").status_code == 200
        aniva.clock.travel_to(datetime.datetime(2026, 4, 14, 9, tzinfo=UTC))
        with aniva.snapshot():
            aniva.happen("practice.confirmed", appointment_id=booked.json()["id"])
        assert aniva.calls(since=datetime.datetime(2026, 4, 13, tzinfo=UTC)).last.status == 200
        aniva.client.patch(f"/_sandbox/worlds/{aniva.world}", json={})
        aniva.reset()

    return works
"""

MINE = """
import datetime as module
from datetime import date, datetime

def year():
    assert (date.today().year, module.datetime.now().year) == (datetime.now().year,) * 2
    return datetime.now().year
"""

CHECKING = """
from freezegun import freeze_time

def test_first(works):
    with freeze_time("1999-12-31T23:00:00Z"):
        from aniva_sandbox.laboratory import check_results
    works()
    assert check_results({"clinical_results": []}) is not None

@freeze_time("1999-12-31T23:00:00Z")
def test_again(works):
    works()
"""
DECORATOR = """
from freezegun import freeze_time
from mine import year

@freeze_time("1999-12-31T23:00:00Z")
def test_frozen(works):
    works()
    assert year() == 1999
"""
CLASS = """
from freezegun import freeze_time
from mine import year

@freeze_time("1999-12-31T23:00:00Z")
class TestFrozen:
    def test_it(self, works):
        works()
        assert year() == 1999
"""
FIXTURE = """
import pytest
from freezegun import freeze_time
from mine import year

@pytest.fixture(SCOPE)
def frozen():
    with freeze_time("1999-12-31T23:00:00Z"):
        yield

def test_frozen(frozen, works):
    assert year() == 1999
    works()
    assert year() == 1999
"""
MODULE = """
import freezegun
import pytest
from mine import year

@pytest.fixture(autouse=True, scope="module")
def frozen():
    freezegun.config.reset_config()
    with freezegun.freeze_time("1999-12-31T23:00:00Z"):
        yield

@pytest.fixture(autouse=True)
def first(frozen, aniva):
    assert aniva.url

def test_frozen(works):
    works()
    assert year() == 1999

def test_imports():
    from aniva_sandbox.testing import Aniva, ControlError
    assert year() == 1999
"""
TRAVELLING = """
import time_machine
from mine import year

@time_machine.travel("1999-12-31T12:00:00Z", tick=False)
def test_travelling(works):
    works()
    assert year() == 1999

def test_fixture(time_machine, works):
    time_machine.move_to("1999-12-31T12:00:00Z", tick=False)
    works()
    assert year() == 1999
"""
PAGES = """
from freezegun import freeze_time

@freeze_time("1999-12-31T23:00:00Z")
def test_pages(aniva):
    for path in ("/guide", "/_sandbox/", "/docs/control.json"):
        assert aniva.client.get(path).status_code == 200

@freeze_time("1999-12-31T23:00:00Z")
def test_frozen(works):
    works()
"""
AFTERWARDS = """
from mine import year

def test_afterwards(works):
    assert year() != 1999
    works()
    assert year() != 1999
"""
FROZEN = {
    "imported while frozen": (CHECKING, 2),
    "decorator": (DECORATOR, 1),
    "class": (CLASS, 1),
    "fixture": (FIXTURE.replace("SCOPE", ""), 1),
    "autouse": (FIXTURE.replace("SCOPE", "autouse=True"), 1),
    "class fixture": (FIXTURE.replace("SCOPE", "scope='class'"), 1),
    "module": (MODULE, 2),
    "pages": (PAGES, 2),
    "time-machine": (TRAVELLING, 2),
}


def run(pytester: pytest.Pytester, **files: str) -> pytest.RunResult:
    pytester.makeconftest(CONFTEST)
    pytester.makepyfile(mine=MINE, **files)
    return pytester.runpytest_subprocess(*QUIET)


@pytest.mark.parametrize(
    "way", ["imported while frozen", "decorator", "class", "fixture", "module", "pages", "time-machine"]
)
def test_first_use_in_frozen_time(pytester: pytest.Pytester, way: str) -> None:
    """A sandbox that is first used while Python's time is frozen works, then and afterwards; the test's own modules
    have the frozen time only as long as they asked for it."""
    source, tests = FROZEN[way]
    run(pytester, test_1=source, test_2=AFTERWARDS).assert_outcomes(passed=tests + 1)


def test_frozen_after_first_use(pytester: pytest.Pytester) -> None:
    """One that was used before works in frozen time, and afterwards, however it is frozen."""
    files = {f"test_{number}": source for number, (source, _) in enumerate(FROZEN.values(), 1)}
    run(pytester, test_0=AFTERWARDS, **files, test_last=AFTERWARDS).assert_outcomes(
        passed=2 + sum(tests for _, tests in FROZEN.values())
    )


def test_control_plane_first_used_in_frozen_time(pytester: pytest.Pytester) -> None:
    """The control plane, which is imported when it is first asked for, gets Python's own time however late that is, and
    keeps it."""
    control = """
    import datetime, sys
    from freezegun import freeze_time

    own = (datetime.datetime,)  # a name alone would be replaced

    @freeze_time("1999-12-31T23:00:00Z")
    def test_frozen(aniva):
        assert aniva.client.get("/api/v1/units").status_code == 200
        assert "aniva_sandbox.engine.control.plane" not in sys.modules
        assert aniva.clock.now.year == 2026

    @freeze_time("1999-12-31T23:00:00Z")
    def test_again(aniva):
        assert sys.modules["aniva_sandbox.engine.control.clock"].datetime is own[0]
        assert aniva.agenda is not None
    """
    run(pytester, test_1=control, test_2=AFTERWARDS).assert_outcomes(passed=3)


def test_frozen_between_import_and_first_use(pytester: pytest.Pytester) -> None:
    """It also works where its parts were imported by a test file before, whole or in part."""
    imports = "from aniva_sandbox.laboratory import check_results\nfrom aniva_sandbox.engine.world.clock import Clock\n"
    run(pytester, test_1=imports + DECORATOR, test_2=AFTERWARDS).assert_outcomes(passed=2)


@pytest.mark.parametrize("library", ["freezegun.freeze_time", "time_machine.travel"])
def test_real_clocks_go_by_the_machine(pytester: pytest.Pytester, library: str) -> None:
    """The clock of a world that runs goes by the machine's time, whatever Python's is made to say."""
    year = datetime.now(UTC).year
    pytester.makepyfile(
        f"""
        import {library.partition(".")[0]}
        import pytest

        @pytest.mark.aniva(clock="real")
        def test_it(aniva):
            with {library}("2199-12-31T12:00:00Z"):
                units = aniva.client.get("/api/v1/units")
                assert {year} <= int(units.headers["x-sandbox-time"][:4]) <= {year + 1}
                aniva.clock.advance(days=366)
                assert {year + 1} <= aniva.clock.now.year <= {year + 2}
        """
    )
    pytester.runpytest_subprocess(*QUIET).assert_outcomes(passed=1)


def test_without_uvloop(pytester: pytest.Pytester) -> None:
    """Where there is no uvloop, frozen time keeps the live server neither from serving nor from stopping."""
    pytester.makepyfile(
        """
        import sys
        sys.modules["uvloop"] = None  # as if it were not installed

        from freezegun import freeze_time
        from aniva_sandbox.testing import LiveServer

        @freeze_time("1999-12-31T12:00:00Z")
        def test_frozen(aniva):
            assert aniva.client.get("/api/v1/units").status_code == 200
            with LiveServer() as server:
                thread = server._listening._thread
                server._listening._server.should_exit = True
                thread.join(60)
                assert not thread.is_alive()
        """
    )
    pytester.runpytest_subprocess(*QUIET).assert_outcomes(passed=1)
