"""Hints on pages of profiles that are not followed."""

import pytest

from aniva_sandbox.engine.contract.trace import Hint
from tests.api.profiles.profile_calls import create
from tests.support import Client, hints_of


@pytest.fixture
def crowded(opened: Client) -> Client:
    """A client of a world with 150 visible profiles."""
    for _ in range(150 - len(opened.get("/profiles").json)):
        create(opened.world)
    return opened


@pytest.mark.rule("profile.list-page")
def test_a_full_page_that_is_not_followed(crowded: Client) -> None:
    """A hundred of 150 are not all; who asks for the rest has no hint any more."""
    assert len(crowded.get("/profiles").json) == 100
    first = crowded.world.journal[-1].trace
    assert first.hints == (Hint("offset", "150 profiles match, and this page has 100; the next is offset=100"),)
    assert len(crowded.get("/profiles?offset=100").json) == 50
    assert (list(first.hints), hints_of(crowded)) == ([], [])


@pytest.mark.parametrize("query", ["?limit=150", "?limit=500", "?offset=50", "?email=maria.schmidt@example.com"])
def test_a_list_that_ends_gets_no_hint(crowded: Client, query: str) -> None:
    """Where nothing is behind the page."""
    crowded.get(f"/profiles{query}")
    assert hints_of(crowded) == []


def test_only_visible_profiles_count(opened: Client) -> None:
    """The hint counts what the key sees."""
    opened.get("/profiles?limit=1", key="sbx_test.outsider")
    assert hints_of(opened) == []
    opened.get("/profiles?limit=6")
    assert [hint.text for hint in hints_of(opened)] == ["7 profiles match, and this page has 6; the next is offset=6"]
