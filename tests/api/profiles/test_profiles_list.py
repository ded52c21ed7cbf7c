"""Listing profiles: their order, pages, and search by e-mail."""

from datetime import timedelta

import pytest

from aniva_sandbox.api.world import World
from tests.api.profiles.profile_calls import NEW, create, listed, update
from tests.support import PROFILE, RIVAL_PROFILE, Client, new_world


@pytest.mark.rule("profile.list-page", "order.ordinal", "auth.context")
def test_list_is_oldest_first(world: World) -> None:
    """All profiles of the context come oldest first, those made in the same second in the order they were made."""
    before = listed(world)
    assert [profile["created_at"] for profile in before] == sorted(profile["created_at"] for profile in before)
    made = [create(world, first_name=name) for name in ("Ca", "Aa", "Ba")]
    assert listed(world) == [*before, *made]
    assert [profile["id"] for profile in listed(world, "outsider")] == [RIVAL_PROFILE]
    assert RIVAL_PROFILE not in {profile["id"] for profile in listed(world)}


@pytest.mark.rule("profile.list-page")
def test_update_does_not_move_a_profile(world: World) -> None:
    """The order is that of creation: an update leaves a profile in its place."""
    before = [profile["id"] for profile in listed(world)]
    world.clock.move(world.now + timedelta(hours=1))
    update(world, first_name="Aaron", email="aaron@example.com")
    assert [profile["id"] for profile in listed(world)] == before


@pytest.mark.rule("profile.list-page")
def test_list_by_pages(world: World) -> None:
    """Pages of any size put together are the list, and what lies behind its end is empty."""
    everything = listed(world, limit=500)
    for size in (1, 2, len(everything) - 1, len(everything), len(everything) + 1):
        pages = [listed(world, limit=size, offset=offset) for offset in range(0, len(everything), size)]
        assert [profile for page in pages for profile in page] == everything
        assert all(len(page) == size for page in pages[:-1])
    assert listed(world, offset=len(everything)) == []


@pytest.mark.rule("profile.list-page", "profile.list-page/order")
def test_list_defaults(client: Client) -> None:
    """100 profiles from the first on are listed without parameters, and at most 500 on request."""
    there = len(client.get("/profiles?limit=500").json)
    for _ in range(501 - there):
        create(client.world)
    whole = [*client.get("/profiles?limit=500").json, *client.get("/profiles?offset=500").json]
    assert len(whole) == 501
    assert client.get("/profiles").json == whole[:100]
    assert client.get("/profiles?offset=1").json == whole[1:101]
    assert client.get("/profiles?limit=1").json == whole[:1]


@pytest.mark.rule("profile.list-page")
@pytest.mark.parametrize("email", ["", "&email=maria.schmidt@example.com"])
@pytest.mark.parametrize("name", ["limit", "offset"])
@pytest.mark.parametrize("value", ["-1", "x", "", "1.5", "1.0", "1e1", "%2B1", "%201", "%D9%A1", "null"])
def test_page_is_refused(client: Client, name: str, value: str, email: str) -> None:
    """limit and offset are integers in digits, and are checked also where an e-mail address leaves them no effect."""
    reply = client.get(f"/profiles?{name}={value}{email}")
    rule = "profile.list-page" + "/range" * (value == "-1")
    assert (reply.status, reply.rules, list(reply.details)) == (400, [rule], [name])


@pytest.mark.rule("profile.list-page", "profile.list-page/range", "profile.list-email")
@pytest.mark.parametrize("email", ["", "&email=maria.schmidt@example.com"])
@pytest.mark.parametrize(
    ("query", "taken"),
    [
        ("limit=0", False),
        ("limit=1", True),
        ("limit=500", True),
        ("limit=501", False),
        ("limit=99999999999999999999", False),
        ("offset=0", True),
        ("offset=99999999999999999999", True),
        ("limit=0&offset=-1", False),
    ],
)
def test_page_bounds(client: Client, query: str, taken: bool, email: str) -> None:
    """limit goes from 1 to 500 and offset from 0 without an end."""
    reply = client.get(f"/profiles?{query}{email}")
    assert (reply.status, reply.rules) == ((200, []) if taken else (400, ["profile.list-page/range"]))
    if not taken:
        assert set(reply.details) == {part.partition("=")[0] for part in query.split("&")}


@pytest.mark.rule("profile.list-email")
@pytest.mark.parametrize(
    ("email", "found"),
    [
        ("maria.schmidt@example.com", True),
        ("MARIA.Schmidt@EXAMPLE.com", True),
        ("maria.schmidt@example.co", False),
        ("schmidt@example.com", False),
        ("%", False),
        ("", False),
        ("not an address", False),
    ],
)
def test_list_by_email(world: World, email: str, found: bool) -> None:
    """An e-mail address finds its profile in either case, and only as a whole; anything else finds nothing."""
    assert [profile["id"] for profile in listed(world, email=email)] == [PROFILE] * found


@pytest.mark.rule("profile.list-email")
def test_list_by_email_when_stored_in_capitals(client: Client) -> None:
    """The case of the stored address does not matter either, and a plus sign is looked for when it is escaped."""
    made = client.post("/profiles", NEW | {"email": "Jane+Lab@Example.COM"}).json
    assert client.get("/profiles?email=jane%2Blab@example.com").json == [made]


@pytest.mark.rule("profile.list-email")
def test_list_by_email_takes_the_oldest_inside(world: World) -> None:
    """Of several profiles with an address, the oldest inside the context is found, whoever got the address first."""
    outside = create(world, "outsider", profile_group="rival-clinic", email="shared@example.com")
    first = create(world, email="Shared@example.com")
    create(world, email="shared@example.com")
    assert listed(world, email="shared@example.com") == [first]
    assert listed(world, "outsider", email="shared@example.com") == [outside]
    older = update(world, email="SHARED@example.com")
    assert listed(world, email="shared@example.com") == [older]


@pytest.mark.rule("profile.list-email", "auth.context")
def test_list_by_email_outside_the_context(world: World) -> None:
    """A match outside the context is an empty array, like an address of nobody."""
    assert listed(world, email="lukas.brandt@example.com") == listed(world, email="nobody@example.com") == []
    assert [profile["id"] for profile in listed(world, "outsider", email="lukas.brandt@example.com")] == [RIVAL_PROFILE]


@pytest.mark.rule("profile.list-email")
def test_list_by_email_without_pages(world: World) -> None:
    """limit and offset have no effect on a search by e-mail address."""
    found = listed(world, email="maria.schmidt@example.com")
    assert len(found) == 1
    assert listed(world, email="maria.schmidt@example.com", offset=7, limit=1) == found


def test_worlds_do_not_share_profiles() -> None:
    """What is created in one world is not in another, and the same calls give the same ids."""
    here, there = new_world(), new_world()
    made = create(here)
    assert made["id"] not in {profile["id"] for profile in listed(there)}
    assert create(there) == made
