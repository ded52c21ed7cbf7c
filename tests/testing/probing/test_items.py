"""Probing tests of all kinds: each is run again from its own fixtures on, and its own run is as without probes."""

import pytest

from tests.testing.probing.plans import probed, read_runs, write_conftest

pytest_plugins = ["pytester"]

KINDS = """
import unittest

import pytest
import pytest_asyncio

UNITS = "/api/v1/units"
WIDER = []
own = []


def get(aniva):
    return aniva.client.get(UNITS).status_code


async def get_async(aniva):
    async with aniva.async_client as client:
        return (await client.get(UNITS)).status_code


@pytest.fixture(scope="session", autouse=True)
def session():
    WIDER.append("session")


@pytest.fixture(scope="module", params=["a", "b"])
def module(request):
    WIDER.append(request.param)
    yield request.param
    WIDER.append(f"-{request.param}")


@pytest.fixture
def fresh():
    assert own == []
    own.append(1)
    yield
    own.clear()


def test_plain(aniva, fresh):
    assert get(aniva) == 200


@pytest.fixture
def status(aniva):
    return get(aniva)


def test_through_others(status):
    assert status == 200


@pytest.mark.parametrize("number", [1, 2])
def test_parametrized(aniva, number, fresh):
    assert number and get(aniva) == 200


def test_wider_parameters(aniva, module, fresh):
    assert module in "ab" and get(aniva) == 200


@pytest.fixture
def doubled(request):
    return 2 * request.param


@pytest.mark.parametrize("doubled", [1], indirect=True)
def test_indirect(aniva, doubled):
    assert doubled == 2 and get(aniva) == 200


@pytest.mark.parametrize("doubled", [1, 2], indirect=True, scope="module")
def test_indirect_of_wider_scope(aniva, doubled):
    assert doubled in (2, 4) and get(aniva) == 200


class TestClass:
    @classmethod
    def setup_class(cls):
        WIDER.append("class")

    def setup_method(self):
        assert not hasattr(self, "seen")
        self.seen = []

    def test_method(self, aniva):
        self.seen.append(get(aniva))
        assert self.seen == [200]

    def test_other_method(self, aniva):
        self.seen.append(get(aniva))
        assert self.seen == [200]


class TestCase(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        WIDER.append("case")

    @pytest.fixture(autouse=True)
    def _sandbox(self, aniva):
        self.aniva = aniva

    def setUp(self):
        self.assertFalse(hasattr(self, "count"))
        self.count = 0

    def test_case(self):
        self.count += 1
        self.assertEqual((self.count, get(self.aniva)), (1, 200))


class TestAsyncCase(unittest.IsolatedAsyncioTestCase):
    class failureException(Exception):
        pass

    @pytest.fixture(autouse=True)
    def _sandbox(self, aniva):
        self.aniva = aniva

    async def test_async_case(self):
        self.assertEqual(await get_async(self.aniva), 200)


@pytest.mark.asyncio
async def test_asyncio(aniva, fresh):
    assert await get_async(aniva) == 200


@pytest_asyncio.fixture
async def client(aniva):
    async with aniva.async_client as client:
        yield client


@pytest.mark.asyncio
async def test_async_fixture(client):
    assert (await client.get(UNITS)).status_code == 200


@pytest.mark.asyncio(loop_scope="module")
async def test_wider_loop(aniva):
    assert await get_async(aniva) == 200


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def wide_client():
    WIDER.append("loop")
    yield


@pytest.mark.asyncio(loop_scope="module")
async def test_fixture_of_wider_loop(aniva, wide_client):
    assert await get_async(aniva) == 200


@pytest.mark.anyio
async def test_anyio(aniva, anyio_backend, fresh):
    assert await get_async(aniva) == 200


@pytest.fixture
async def any_client(aniva, anyio_backend):
    async with aniva.async_client as client:
        yield client


@pytest.mark.anyio
async def test_anyio_fixture(any_client):
    assert (await any_client.get(UNITS)).status_code == 200


def test_wider_fixtures_were_set_up_once():
    assert sorted(WIDER) == sorted(["session", "a", "b", "-a", "class", "case", "loop"])
"""

CHANGES = 'Planned("same"), Planned("fails", "status=503")'


def test_kinds_of_tests(pytester: pytest.Pytester, monkeypatch: pytest.MonkeyPatch) -> None:
    """Functions, methods, cases of unittest, parametrized and async tests are run again with their own fixtures anew;
    those of wider scopes stay."""
    runs = write_conftest(pytester, monkeypatch, CHANGES)
    pytester.makepyfile(KINDS)
    result = probed(pytester)
    result.assert_outcomes(passed=22)
    came_to = read_runs(runs)
    assert {run["outcome"] for run in came_to["same"]} == {"passed"}
    assert {(run["outcome"], run["is_assertion"]) for run in came_to["fails"]} == {("failed", True)}
    assert len(came_to["same"]) == len(came_to["fails"]) == 21


ENDINGS = """
import asyncio
import sys
import unittest
import warnings

import pytest

from aniva_sandbox.testing import ControlError


class Broken(Exception):
    def __str__(self):
        raise ValueError


def fail(aniva):
    aniva.happen("practice.confirmed", appointment_id="11111111-2222-4333-8444-555555555555")


def wrap(aniva):
    try:
        fail(aniva)
    except ControlError as error:
        raise ValueError("not confirmed") from error


ENDINGS = {
    "exit": lambda aniva: pytest.exit("the API is down"),
    "sys": lambda aniva: sys.exit(3),
    "skip": lambda aniva: pytest.skip("the API is down"),
    "xfail": lambda aniva: pytest.xfail("the API is down"),
    "fail": lambda aniva: pytest.fail("the API is down"),
    "raises": lambda aniva: exec("with pytest.raises(ValueError): pass", globals()),
    "control": fail,
    "wrapped": wrap,
    "warns": lambda aniva: warnings.warn("it is old"),
    "broken": lambda aniva: exec("raise Broken"),
    "lines": lambda aniva: exec("raise ValueError('one' + chr(10) + 'two' * 1000)"),
    "long": lambda aniva: exec("raise ValueError('two' * 1000)"),
    "places": lambda aniva: pytest.fail(f"{object()} at {aniva.url}/units, port={aniva.url.rpartition(':')[2]}"),
}


@pytest.fixture
def status(aniva):
    return aniva.client.get("/api/v1/units").status_code


@pytest.mark.parametrize("ending", list(ENDINGS))
def test_ends(aniva, status, ending):
    if status == 503:
        ENDINGS[ending](aniva)


async def check(status):
    await asyncio.sleep(0)
    assert status == 200


@pytest.mark.asyncio
async def test_group(status):
    async with asyncio.TaskGroup() as group:
        group.create_task(check(status))


class TestCase(unittest.TestCase):
    class failureException(Exception):
        pass

    @pytest.fixture(autouse=True)
    def _sandbox(self, status):
        self.status = status

    def test_unittest(self):
        self.assertEqual(self.status, 200)


@pytest.fixture
def tidy(status):
    yield
    if status == 503:
        raise RuntimeError("not tidy")


def test_teardown(tidy):
    pass


def test_defect(aniva, status):
    if status == 503:
        aniva._server.worlds.mismatches.append((aniva.world, "wrong"))
"""


def test_endings(pytester: pytest.Pytester, monkeypatch: pytest.MonkeyPatch) -> None:
    """However a run ends, what it came to is known, and tests go on: which exception ended it, on a line; whether the
    test itself judged; and whether it was the sandbox, so that nothing can be said."""
    runs = write_conftest(pytester, monkeypatch, CHANGES)
    pytester.makepyfile(ENDINGS)
    result = probed(pytester)
    result.assert_outcomes(passed=17)
    came_to = read_runs(runs)
    assert {run["outcome"] for run in came_to["same"]} == {"passed"}
    seen = [[run[name] for name in ("outcome", "error", "is_assertion", "is_void")] for run in came_to["fails"]]
    assert seen[5][1].startswith("Failed: DID NOT RAISE")
    assert seen == [
        ["failed", "Exit: the API is down", False, False],
        ["failed", "SystemExit: 3", False, False],
        ["skipped", "", False, False],
        ["skipped", "", False, False],
        ["failed", "Failed: the API is down", True, False],
        ["failed", seen[5][1], True, False],
        ["failed", "ControlError: There is no such appointment (event.unknown, 404)", False, True],
        ["failed", "ValueError: not confirmed", False, True],
        ["failed", "UserWarning: it is old", False, False],
        ["failed", "Broken", False, False],
        ["failed", "ValueError: one", False, False],
        ["failed", f"ValueError: {'two' * 95}two…"[:299] + "…", False, False],
        ["failed", "Failed: <object object at 0x…> at http://127.0.0.1:PORT/units, port=PORT", True, False],
        ["failed", "AssertionError: assert 503 == 200", True, False],
        ["failed", "failureException: 503 != 200", True, False],
        ["failed", "RuntimeError: not tidy", False, False],
        ["passed", "", False, True],
    ]
