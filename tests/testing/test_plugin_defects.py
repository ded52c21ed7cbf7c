"""Defects of the sandbox fail or are told in the test that met them."""

import pytest

from tests.testing.partner_tests import passes

pytest_plugins = ["pytester"]
BROKEN = """\
import pytest
from aniva_sandbox.engine.world.state import World

@pytest.fixture
def broken(aniva, monkeypatch):
    assert aniva.agenda  # what the world plans at its first use
    monkeypatch.setattr(World, "locations", property(breaks, lambda world, value: None), raising=False)

def breaks(world):
    raise RuntimeError("a fault for this test")
"""


def test_fault_of_the_sandbox_fails_its_test(pytester: pytest.Pytester) -> None:
    """A test in which the sandbox broke fails, also if it did not look at the answer; the others pass."""
    result = passes(
        pytester,
        BROKEN
        + """
def test_before(aniva):
    assert aniva.client.get("/api/v1/locations").status_code == 200

def test_broken(aniva, broken):
    aniva.client.get("/api/v1/locations")

def test_after(aniva):
    assert aniva.client.get("/api/v1/locations").status_code == 200
""",
        passed=2,
        failed=1,
    )
    result.stdout.fnmatch_lines(
        [
            "*_ test_broken _*",
            "Defect of the sandbox: list_locations raised RuntimeError: a fault for this test",
        ]
    )


def test_failing_test_tells_the_fault_too(pytester: pytest.Pytester) -> None:
    """Where the test fails by itself over the sandbox's fault, the fault is told beside the test's own words."""
    result = passes(
        pytester,
        BROKEN
        + """
def test_broken(aniva, broken):
    assert aniva.client.get("/api/v1/locations").status_code == 200
""",
        failed=1,
    )
    result.stdout.fnmatch_lines(
        ["E*assert 500 == 200", "E*Defect of the sandbox: list_locations raised RuntimeError: a fault for this test"]
    )


def test_fault_in_the_set_up_fails_its_test(pytester: pytest.Pytester) -> None:
    """A fault of the sandbox in a fixture before the test fails the test."""
    passes(
        pytester,
        BROKEN
        + """
@pytest.fixture
def prepared(aniva, broken):
    aniva.client.get("/api/v1/locations")

def test_broken(prepared):
    pass
""",
        failed=1,
    )


def test_fault_in_the_tear_down_is_told(pytester: pytest.Pytester) -> None:
    """A fault of the sandbox in a fixture after the test is an error of that test."""
    passes(
        pytester,
        BROKEN
        + """
@pytest.fixture
def tidied(aniva, broken):
    yield
    aniva.client.get("/api/v1/locations")

def test_broken(tidied):
    pass
""",
        passed=1,
        errors=1,
    )


@pytest.mark.parametrize("strict", [False, True])
def test_fault_in_a_test_that_is_expected_to_fail(pytester: pytest.Pytester, strict: bool) -> None:
    """A fault of the sandbox is not what a test may be expected to fail for: it is an error at the test's end. One
    that fails for its own reasons is as expected."""
    result = passes(
        pytester,
        BROKEN
        + f"""
@pytest.mark.xfail(strict={strict})
def test_broken(aniva, broken):
    assert aniva.client.get("/api/v1/locations").status_code == 200

@pytest.mark.xfail(strict={strict})
def test_expected(aniva):
    assert aniva.client.get("/api/v1/locations").status_code == 500
""",
        xfailed=2,
        errors=1,
    )
    result.stdout.fnmatch_lines(
        [
            "*ERROR at teardown of test_broken*",
            "Defect of the sandbox: list_locations raised RuntimeError: a fault for this test",
        ]
    )


def test_taken_faults_are_not_told_again(pytester: pytest.Pytester) -> None:
    """A test that takes the faults of its world has dealt with them: it gets each once, and is not failed for it."""
    passes(
        pytester,
        BROKEN
        + """
def test_broken(aniva, broken):
    aniva.client.get("/api/v1/locations")
    assert aniva.take_mismatches() == ["list_locations raised RuntimeError: a fault for this test"]
    assert aniva.take_mismatches() == []
""",
    )


def test_fault_is_told_once(pytester: pytest.Pytester) -> None:
    """A fault that failed its test is not an error at its end too."""
    result = passes(
        pytester,
        BROKEN
        + """
def test_broken(aniva, broken):
    aniva.client.get("/api/v1/locations")
""",
        failed=1,
    )
    assert "ERROR at teardown" not in result.stdout.str()


def test_reset_does_not_hide_a_fault(pytester: pytest.Pytester) -> None:
    """A fault of the sandbox fails its test also if the world was reset afterwards."""
    passes(
        pytester,
        BROKEN
        + """
def test_broken(aniva, broken):
    aniva.client.get("/api/v1/locations")
    aniva.reset()
""",
        failed=1,
    )


def test_refusals_are_no_faults(pytester: pytest.Pytester) -> None:
    """A test whose calls are refused, as the API would, is not failed for it."""
    passes(
        pytester,
        """
        def test_it(aniva):
            assert aniva.client.get("/api/v1/nowhere").status_code == 404
            assert aniva.client.get("/api/v1/units", headers={"x-api-key": "no"}).status_code == 403
            assert aniva.client.post("/api/v1/profiles", json={}).status_code == 400
            assert aniva.take_mismatches() == []
        """,
    )
