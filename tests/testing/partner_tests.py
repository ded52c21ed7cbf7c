"""Parts of the test files that a partner might write."""

import pytest

from tests.testing.common import QUIET

CREATE = """\
def create(aniva):
    reply = aniva.client.post("/api/v1/profiles", json={
        "first_name": "Ada", "sex": 2, "date_of_birth": "1990-01-02", "profile_group": "acme-clinic-berlin"})
    assert reply.status_code == 201
    return reply.json()["id"]
"""


def passes(pytester: pytest.Pytester, source: str, *options: str, **outcomes: int) -> pytest.RunResult:
    """Run a test file with warnings as errors; it must end in these outcomes."""
    pytester.makepyfile(source)
    result = pytester.runpytest_inprocess(*QUIET, "--strict-markers", *options)
    result.assert_outcomes(**(outcomes or {"passed": 1}))
    return result
