"""Creating profiles: what is required, what is kept, and their group."""

import pytest

from aniva_sandbox.api.profiles import operations as profiles
from aniva_sandbox.api.world import World
from tests.api.profiles.profile_calls import ACME, KEYS, NEW, create, update
from tests.support import PROFILE, UNKNOWN, Client, refusal_of, run, snapshot_of

BARE = {name: value for name, value in NEW.items() if name != "profile_group"}
MY_CLINIC = "65eddc45-43b6-48f7-b3fa-c3b8dc04d7ff"
RIVAL = "14061e96-e0b8-4743-9e8d-64517613f845"


# Creating


@pytest.mark.rule("profile.required", "time.instants", "time.updated", "profile.language")
def test_created_profile_is_whole(world: World) -> None:
    """A profile made from the required fields alone has every key, null where nothing was given, and English."""
    created = create(world)
    assert set(created) == KEYS
    nothing = ("handle", "last_name", "phone", "height", "weight", "updated_at")
    assert {name: created[name] for name in nothing} == dict.fromkeys(nothing)
    assert (created["first_name"], created["sex"], created["date_of_birth"]) == ("Zoë", 2, "1990-01-02")
    assert (created["language"], created["created_at"]) == ("en", "2026-04-13T08:00:00Z")
    assert run(world, profiles.get_profile, created["id"]) == created


def test_created_profile_keeps_what_was_sent(world: World) -> None:
    """Every optional field comes back as it was sent, and again when the profile is read."""
    optional = {
        "last_name": "O'Brien-Güntzel",
        "email": "Zoe@Example.com",
        "phone": "+4917100000",
        "height": 170.5,
        "weight": 61.0,
        "language": "fi",
    }
    created = create(world, **optional)
    assert {name: created[name] for name in optional} == optional
    assert run(world, profiles.get_profile, created["id"]) == created


@pytest.mark.rule("profile.required")
@pytest.mark.parametrize("missing", ["first_name", "sex", "date_of_birth"])
def test_required_fields(client: Client, missing: str) -> None:
    """Each required field is asked for by its name when it is left out."""
    reply = client.post("/profiles", {name: value for name, value in NEW.items() if name != missing})
    assert (reply.status, reply.rules, reply.details) == (400, ["profile.required"], {missing: "is required"})
    assert client.post("/profiles", NEW).status == 201


@pytest.mark.rule("profile.required", "profile.group", "body.schema")
def test_empty_body_names_everything_that_is_missing(client: Client) -> None:
    """An empty object is answered with all that is missing at once, the group included."""
    reply = client.post("/profiles", {})
    assert reply.status == 400
    assert set(reply.rules) == {"profile.required", "profile.group"}
    assert set(reply.details) == {"first_name", "sex", "date_of_birth", "body"}


@pytest.mark.rule("body.schema")
def test_all_wrong_fields_are_named(client: Client) -> None:
    """Several wrong fields are refused in one answer, each through its own rule."""
    reply = client.post("/profiles", NEW | {"first_name": "42", "sex": 3, "phone": "0171", "height": 0})
    assert (reply.status, set(reply.details)) == (400, {"first_name", "sex", "phone", "height"})
    assert set(reply.rules) == {"profile.name", "profile.sex", "profile.phone", "profile.measures"}


@pytest.mark.rule("body.schema", "body.schema/null")
@pytest.mark.parametrize(
    ("field", "rule"),
    [
        ("first_name", "profile.name"),
        ("sex", "profile.sex"),
        ("date_of_birth", "profile.birth-date"),
        *((name, "body.schema/null") for name in ("last_name", "email", "phone", "height", "weight", "language")),
    ],
)
def test_creation_takes_no_null(client: Client, field: str, rule: str) -> None:
    """Null is refused at creation in every field, also where an update may clear it; leaving it out is the way. For a
    required field, that is documented."""
    before = snapshot_of(client.world)
    reply = client.post("/profiles", NEW | {field: None})
    assert (reply.status, reply.rules, list(reply.details)) == (400, [rule], [field])
    assert snapshot_of(client.world) == before


@pytest.mark.rule("profile.handle", "body.unknown-field")
def test_handle_cannot_be_set(client: Client) -> None:
    """handle is ignored like any unknown field at creation and update, even in a wrong type; a world's own stays."""
    created = client.post("/profiles", NEW | {"handle": "zoe", "nickname": {"no": ["such", "field"]}})
    assert (created.status, created.json["handle"]) == (201, None)
    assert "nickname" not in created.json
    assert client.post("/profiles", NEW | {"handle": 7}).status == 201
    for id, handle in ((PROFILE, None), ("a1b2c3d4-e5f6-7890-abcd-ef1234567890", "jdoe42")):
        updated = client.patch(f"/profiles/{id}", {"handle": "other"})
        assert (updated.status, updated.json["handle"]) == (200, handle)


@pytest.mark.rule("profile.duplicates")
def test_two_profiles_may_share_an_email(world: World) -> None:
    """The same e-mail address is taken a second time, at creation and by update, in a profile of its own."""
    first, second = (create(world, email="shared@example.com") for _ in range(2))
    assert first["id"] != second["id"]
    assert update(world, email="shared@example.com")["email"] == "shared@example.com"


# The group


@pytest.mark.rule("profile.group", "profile.group/both")
@pytest.mark.parametrize(
    ("fields", "group"),
    [
        ({"profile_group": "acme-clinic-berlin"}, ACME),
        ({"profile_group": ACME}, ACME),
        ({"profile_group": ACME.upper()}, ACME),
        ({"profile_group_slug": "my-clinic-group"}, MY_CLINIC),
        ({"profile_group": "acme-clinic-berlin", "profile_group_slug": "my-clinic-group"}, ACME),
        ({"profile_group": MY_CLINIC, "profile_group_slug": "acme-clinic-berlin"}, MY_CLINIC),
        ({"profile_group": ACME, "profile_group_slug": "no-such-group"}, ACME),
        ({"profile_group": ACME, "profile_group_slug": "rival-clinic"}, ACME),
    ],
)
def test_group_by_slug_or_id(world: World, fields: dict[str, str], group: str) -> None:
    """profile_group takes a slug or a UUID in either case, profile_group_slug a slug; profile_group wins."""
    created = run(world, profiles.create_profile, body=BARE | fields)
    assert world.profiles[created["id"]].group == group


@pytest.mark.rule("profile.group-unknown", "profile.group", "atomic")
@pytest.mark.parametrize(
    "fields",
    [
        {"profile_group": "no-such-group"},
        {"profile_group": UNKNOWN},
        {"profile_group_slug": "no-such-group"},
        {"profile_group_slug": ACME},
        {"profile_group": "no-such-group", "profile_group_slug": "acme-clinic-berlin"},
    ],
)
def test_group_must_exist(world: World, fields: dict[str, str]) -> None:
    """A reference to no group is refused, also a UUID in the slug's field, and the slug does not step in for it."""
    before = snapshot_of(world)
    refusal = refusal_of(world, profiles.create_profile, body=BARE | fields)
    assert (refusal.status, [rule.id for rule in refusal.rules]) == (404, ["profile.group-unknown"])
    assert snapshot_of(world) == before


@pytest.mark.rule("profile.group-context", "atomic")
@pytest.mark.parametrize(
    "fields",
    [
        {"profile_group": "rival-clinic"},
        {"profile_group": RIVAL},
        {"profile_group_slug": "rival-clinic"},
        {"profile_group": "rival-clinic", "profile_group_slug": "acme-clinic-berlin"},
    ],
)
def test_group_must_be_inside_the_context(world: World, fields: dict[str, str]) -> None:
    """A group outside the key's context is refused with the one forbidden body; a key inside it may use it."""
    before = snapshot_of(world)
    refusal = refusal_of(world, profiles.create_profile, body=BARE | fields)
    assert (refusal.status, refusal.body()) == (403, {"error": "Forbidden"})
    assert [rule.id for rule in refusal.rules] == ["profile.group-context"]
    assert snapshot_of(world) == before
    created = run(world, profiles.create_profile, body=BARE | fields, persona="outsider")
    assert world.profiles[created["id"]].group == RIVAL


@pytest.mark.rule("profile.group")
def test_group_is_required(client: Client) -> None:
    """Without either field the answer says which two there are."""
    reply = client.post("/profiles", BARE)
    assert (reply.status, reply.rules) == (400, ["profile.group"])
    assert reply.details == {"body": "must have profile_group or profile_group_slug"}


@pytest.mark.rule("profile.group")
@pytest.mark.parametrize("field", ["profile_group", "profile_group_slug"])
@pytest.mark.parametrize("value", [None, "", 7, ["acme-clinic-berlin"]])
def test_group_is_a_text(client: Client, field: str, value: object) -> None:
    """A group that is no text, or an empty one, is refused, also where the other field names a good one."""
    reply = client.post("/profiles", NEW | {"profile_group_slug": "acme-clinic-berlin"} | {field: value})
    rule = "body.schema/null" if value is None else "profile.group"
    assert (reply.status, reply.rules, list(reply.details)) == (400, [rule], [field])


def test_group_is_never_shown(client: Client) -> None:
    """No answer holds the group, neither under a name nor as a value."""
    created = client.post("/profiles", NEW)
    answers = [created, client.get(f"/profiles/{created.json['id']}"), client.get("/profiles")]
    assert [reply.status for reply in answers] == [201, 200, 200]
    for group in ("acme-clinic-berlin", ACME, "group"):
        assert group not in repr([reply.json for reply in answers])


@pytest.mark.rule("order.checks")
def test_order_of_refusals_at_creation(client: Client) -> None:
    """A malformed field goes before an unknown group, and a group before a date of birth that is not past."""
    future = NEW | {"date_of_birth": "2026-04-13"}
    assert client.post("/profiles", future | {"profile_group": "no-such", "sex": 3}).rules == ["profile.sex"]
    assert client.post("/profiles", future | {"profile_group": "no-such"}).rules == ["profile.group-unknown"]
    assert client.post("/profiles", future | {"profile_group": "rival-clinic"}).rules == ["profile.group-context"]
    assert client.post("/profiles", future).rules == ["profile.birth-date"]
