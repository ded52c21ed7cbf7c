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
