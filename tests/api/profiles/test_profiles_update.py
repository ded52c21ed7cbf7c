"""Updating profiles, passwords, and reading one by its id."""

from datetime import timedelta
from typing import Any

import msgspec
import pytest

from aniva_sandbox.api.profiles import operations as profiles
from aniva_sandbox.api.world import World
from tests.api.profiles.profile_calls import ACME, KEYS, NEW, update
from tests.support import PROFILE, RIVAL_PROFILE, UNKNOWN, Client, run, snapshot_of


def full_text(client: Client, *replies: Any) -> str:
    """Everything that a client and the world's own records may show, as one text."""
    kept = [snapshot_of(client.world), [msgspec.to_builtins(exchange) for exchange in client.world.journal]]
    return repr([*replies, kept])


# Updating


@pytest.mark.rule("profile.update", "time.updated")
@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("first_name", "Jörg"),
        ("last_name", "Maier"),
        ("email", "joerg@example.com"),
        ("phone", "+4930123456"),
        ("sex", 1),
        ("date_of_birth", "1970-02-28"),
        ("height", 180.5),
        ("weight", 90.0),
        ("language", "fi"),
    ],
)
def test_update_of_one_field(world: World, field: str, value: object) -> None:
    """An update changes the field that is sent and the time of the update, and leaves every other as it was."""
    before = run(world, profiles.get_profile, PROFILE)
    assert before[field] != value
    world.clock.move(world.now + timedelta(minutes=5))
    after = update(world, **{field: value})
    assert after == before | {field: value, "updated_at": "2026-04-13T08:05:00Z"}
    assert run(world, profiles.get_profile, PROFILE) == after


@pytest.mark.rule("profile.update", "profile.update/null")
@pytest.mark.parametrize("field", ["last_name", "phone", "height", "weight"])
def test_update_clears_with_null(client: Client, field: str) -> None:
    """Family name, phone, height and weight are cleared by null; one that is null already takes it too."""
    assert client.get(f"/profiles/{PROFILE}").json[field] is not None
    for _ in range(2):
        reply = client.patch(f"/profiles/{PROFILE}", {field: None})
        assert (reply.status, reply.json[field]) == (200, None)
    assert client.get(f"/profiles/{PROFILE}").json[field] is None


@pytest.mark.rule("body.schema/null", "atomic")
@pytest.mark.parametrize("field", ["first_name", "email", "sex", "date_of_birth", "language", "password"])
def test_update_does_not_clear_the_rest(client: Client, field: str) -> None:
    """Null is refused in every other field, and what else the update holds is then not done either."""
    before = snapshot_of(client.world)
    reply = client.patch(f"/profiles/{PROFILE}", {"phone": None, field: None})
    assert (reply.status, reply.rules, list(reply.details)) == (400, ["body.schema/null"], [field])
    assert snapshot_of(client.world) == before


@pytest.mark.rule("update.empty", "profile.update", "body.unknown-field")
@pytest.mark.parametrize("body", [{}, {"nickname": "JJ"}, {"handle": "jj"}, {"profile_group": "my-clinic-group"}])
def test_update_of_nothing(client: Client, body: dict[str, str]) -> None:
    """An update without a known field is taken and changes nothing; the group is not one that it knows."""
    before = client.get(f"/profiles/{PROFILE}").json
    client.world.clock.move(client.world.now + timedelta(minutes=1))
    reply = client.patch(f"/profiles/{PROFILE}", body)
    assert (reply.status, reply.json) == (200, before)
    assert client.get(f"/profiles/{PROFILE}").json == before
    assert client.world.profiles[PROFILE].group == ACME


@pytest.mark.rule("update.empty", "time.updated")
@pytest.mark.parametrize("body", [{"first_name": "Maria"}, {"password": "a good secret"}, {"height": 168.0}])
def test_update_with_equal_values_counts(world: World, body: dict[str, Any]) -> None:
    """One known field makes an update a change, also where the value is the same or is not shown."""
    before = run(world, profiles.get_profile, PROFILE)
    world.clock.move(world.now + timedelta(seconds=1))
    assert update(world, **body) == before | {"updated_at": "2026-04-13T08:00:01Z"}


@pytest.mark.rule("profile.update")
def test_group_never_changes(client: Client) -> None:
    """An update that names another group leaves the profile where it is, also where the group does not exist."""
    for group in ("my-clinic-group", "rival-clinic", "no-such-group", 7):
        body = {"profile_group": group, "profile_group_slug": group, "weight": 80}
        assert client.patch(f"/profiles/{PROFILE}", body).status == 200
        assert client.world.profiles[PROFILE].group == ACME


@pytest.mark.rule("profile.update")
@pytest.mark.parametrize("password", ["pa55word", "x" * 128, "ü" * 8, "ünïcode 😀", " " * 8])
def test_password_is_taken_and_forgotten(client: Client, password: str) -> None:
    """A password of 8 to 128 characters is taken; no answer holds it, and the world does not keep it."""
    reply = client.patch(f"/profiles/{PROFILE}", {"password": password})
    assert (reply.status, set(reply.json)) == (200, KEYS)
    seen = full_text(client, reply, client.get(f"/profiles/{PROFILE}"), client.get("/profiles"))
    assert "password" not in seen
    assert password.strip() == "" or password not in seen


@pytest.mark.rule("profile.update", "body.schema", "atomic")
@pytest.mark.parametrize(
    ("password", "secret"),
    [
        ("hunter7", "hunter7"),
        ("", None),
        ("ü" * 7, "ü" * 7),
        ("hunter2" * 18 + "abc", "hunter2"),  # 129
        ("hunter2" * 100, "hunter2"),
        (["hunter2hunter2"], "hunter2"),
        ({"hunter2": "hunter3"}, "hunter"),
        (9182736455, "9182736455"),
        (True, None),
    ],
)
def test_password_is_refused_without_repeating_it(client: Client, password: object, secret: str | None) -> None:
    """A password of under 8 or over 128 characters, or no text, is refused; the answer does not repeat it."""
    before = snapshot_of(client.world)
    reply = client.patch(f"/profiles/{PROFILE}", {"password": password})
    assert (reply.status, reply.rules, list(reply.details)) == (400, ["profile.update"], ["password"])
    assert snapshot_of(client.world) == before
    assert secret is None or secret not in full_text(client, reply)


@pytest.mark.rule("body.schema")
def test_good_password_is_not_repeated_when_something_else_is_wrong(client: Client) -> None:
    """An answer that refuses another field, or the whole body, does not hold the password that came with it."""
    replies = [
        client.patch(f"/profiles/{PROFILE}", {"password": "correct-horse", "sex": 9}),
        client.patch(f"/profiles/{PROFILE}", {"password": "correct-horse", "date_of_birth": "2030-01-01"}),
        client.patch(f"/profiles/{UNKNOWN}", {"password": "correct-horse"}),
        client.patch(f"/profiles/{RIVAL_PROFILE}", {"password": "correct-horse"}),
        client.patch(f"/profiles/{PROFILE}", body=b'{"password": "correct-horse", }'),
        client.patch(f"/profiles/{PROFILE}", ["correct-horse"]),
    ]
    assert [reply.status for reply in replies] == [400, 400, 404, 403, 400, 400]
    assert "correct-horse" not in full_text(client, *replies)


def test_password_at_creation_is_ignored(client: Client) -> None:
    """Creation knows no password: whatever stands there is ignored, not shown and not kept."""
    replies = [client.post("/profiles", NEW | {"password": password}) for password in ("hunter2", "hunter2hunter2", 7)]
    assert [reply.status for reply in replies] == [201, 201, 201]
    assert "hunter2" not in full_text(client, *replies)


# By id


@pytest.mark.rule("path.unknown", "auth.context", "id.format", "order.checks", "update.empty")
@pytest.mark.parametrize(("method", "body"), [("GET", None), ("PATCH", {}), ("PATCH", {"date_of_birth": "2030-01-01"})])
def test_profile_by_id(client: Client, method: str, body: dict[str, str] | None) -> None:
    """A malformed id is 400, an unknown one 404, one outside the context 403, before anything in the body counts."""
    for id, status, rule in (
        ("a3f1c2d4", 400, "id.format"),
        (f"{PROFILE}0", 400, "id.format"),
        (UNKNOWN, 404, "path.unknown"),
        (RIVAL_PROFILE, 403, "auth.context"),
    ):
        reply = client.request(method, f"/profiles/{id}", body)
        assert (reply.status, reply.rules) == (status, [rule])
        assert status != 403 or reply.json == {"error": "Forbidden"}
    for id in (PROFILE, PROFILE.upper()):
        reply = client.request(method, f"/profiles/{id}", None if body is None else {})
        assert (reply.status, reply.json["id"]) == (200, PROFILE)
    inside = client.request(method, f"/profiles/{RIVAL_PROFILE}", None if body is None else {}, key="sbx_test.outsider")
    assert inside.status == 200
