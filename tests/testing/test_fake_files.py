"""The sandbox beside pyfakefs, which puts a fake file system in the place of the machine's."""

import pytest

from tests.testing.common import QUIET

pytest_plugins = ["pytester"]

CONFTEST = """
import pytest

RESULTS = "/api/v1/appointments/877e7253-ee68-42d5-b91d-92a76843af67/results"


@pytest.fixture
def works():
    def works(aniva):
        document = aniva.client.get(RESULTS).json()["documents"][0]["id"]
        report = aniva.client.get(f"/api/v1/documents/{document}")
        assert report.content.startswith(b"%PDF"), report.text
        assert aniva.client.get("/docs/assets/swagger_style.css").status_code == 200
        assert aniva.client.get("/guide/faults").status_code == 200
        aniva.clock.advance(days=3)
    return works
"""
FAKED = """
def test_faked_first(fs, aniva, works):
    fs.create_file("/mine.txt", contents="mine")
    works(aniva)
    aniva.snapshot().save("/world.json")
    assert open("/mine.txt").read() == "mine"
    assert fs.exists("/world.json")
    aniva.restore("/world.json")

def test_faked_later(aniva, fs, works):
    works(aniva)
"""
NOT_FAKED = """
import os

def test_not_faked(aniva, works):
    works(aniva)
    assert not os.path.exists("/world.json")
"""


@pytest.mark.parametrize("names", [("test_1", "test_2"), ("test_2", "test_1")], ids=["first", "later"])
def test_in_a_fake_file_system(pytester: pytest.Pytester, names: tuple[str, str]) -> None:
    """In a fake file system the sandbox has its own files: fonts, pages, fixtures; what a test writes is in the fake
    one. This is so whatever is used first."""
    pytester.makeconftest(CONFTEST)
    pytester.makepyfile(**dict(zip(names, (FAKED, NOT_FAKED), strict=True)))
    pytester.runpytest_subprocess(*QUIET, "-p", "pyfakefs.pytest_plugin").assert_outcomes(passed=3)


def test_loaded_too_late(pytester: pytest.Pytester) -> None:
    """Where it is loaded only in a fake file system, which is not possible, it says so, and what to do."""
    pytester.makepyfile(
        """
        def test_it(fs, request):
            request.getfixturevalue("aniva")
        """
    )
    result = pytester.runpytest_subprocess(*QUIET, "-p", "pyfakefs.pytest_plugin")
    result.assert_outcomes(failed=1)
    result.stdout.fnmatch_lines(["*aniva: the sandbox cannot be loaded while pyfakefs fakes the file system: *"])
