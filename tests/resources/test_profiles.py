"""Profiles: rules below HTTP first, then format rules through the pipeline."""

from datetime import datetime, timedelta
from typing import Any

import msgspec
import pytest

from aniva_sandbox.resources import profiles
from aniva_sandbox.serving.server import get_fixture
from aniva_sandbox.world.catalogue import get_catalogue
from aniva_sandbox.world.world import World
from tests.support import PROFILE, RIVAL_PROFILE, UNKNOWN, Client, new_world, refusal_of, run

NEW: dict[str, Any] = {
    "first_name": "Zoë",
    "sex": 2,
    "date_of_birth": "1990-01-02",
    "profile_group": "acme-clinic-berlin",
}
BARE = {name: value for name, value in NEW.items() if name != "profile_group"}
KEYS = {
    *("id", "handle", "first_name", "last_name", "email", "phone", "sex", "date_of_birth", "height", "weight"),
    *("language", "created_at", "updated_at"),
}
ACME = "1ecb13f7-d3c9-42eb-87db-aea03467eeae"
MY_CLINIC = "65eddc45-43b6-48f7-b3fa-c3b8dc04d7ff"
RIVAL = "14061e96-e0b8-4743-9e8d-64517613f845"


def create(world: World, persona: str = "full", **fields: Any) -> Any:
    """Create a profile; the fields stand in for those of NEW."""
    return run(world, profiles.create_profile, body=NEW | fields, persona=persona)


def update(world: World, **fields: Any) -> Any:
    """Update the known profile."""
    return run(world, profiles.update_profile, PROFILE, fields)


def listed(world: World, persona: str = "full", **query: Any) -> Any:
    """The list of profiles."""
    return run(world, profiles.list_profiles, query=query, persona=persona)


def world_at(instant: str) -> World:
    """The default world, its clock frozen at an instant."""
    return World("test", get_fixture("default"), get_catalogue(), mode="frozen", start=datetime.fromisoformat(instant))


def full_text(client: Client, *replies: Any) -> str:
    """Everything that a client and the world's own records may show, as one text."""
    kept = [client.world.snapshot(), [msgspec.to_builtins(exchange) for exchange in client.world.journal]]
    return repr([*replies, kept])


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


@pytest.mark.rule("body.schema")
@pytest.mark.parametrize(
    ("field", "rule"),
    [
        ("first_name", "profile.name"),
        ("last_name", "profile.name"),
        ("email", "profile.email"),
        ("phone", "profile.phone"),
        ("sex", "profile.sex"),
        ("date_of_birth", "profile.birth-date"),
        ("height", "profile.measures"),
        ("weight", "profile.measures"),
        ("language", "profile.language"),
    ],
)
def test_creation_takes_no_null(client: Client, field: str, rule: str) -> None:
    """Null is refused at creation in every field, also where an update may clear it; leaving it out is the way."""
    before = client.world.snapshot()
    reply = client.post("/profiles", NEW | {field: None})
    assert (reply.status, reply.rules, list(reply.details)) == (400, [rule], [field])
    assert client.world.snapshot() == before


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


@pytest.mark.rule("profile.group")
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
    before = world.snapshot()
    refusal = refusal_of(world, profiles.create_profile, body=BARE | fields)
    assert (refusal.status, [rule.id for rule in refusal.rules]) == (404, ["profile.group-unknown"])
    assert world.snapshot() == before


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
    before = world.snapshot()
    refusal = refusal_of(world, profiles.create_profile, body=BARE | fields)
    assert (refusal.status, refusal.body()) == (403, {"error": "Forbidden"})
    assert [rule.id for rule in refusal.rules] == ["profile.group-context"]
    assert world.snapshot() == before
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
    assert (reply.status, reply.rules, list(reply.details)) == (400, ["profile.group"], [field])


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


# Names


@pytest.mark.rule("profile.name")
@pytest.mark.parametrize("field", ["first_name", "last_name"])
@pytest.mark.parametrize(
    "name",
    [
        *("A", "é", "x" * 100, "ü" * 100, "Jürgen", "Müller", "Zoë", "Weiß", "Øyvind", "Łukasz", "Çağla", "Şule"),
        *("Nguyễn", "Ẽ", "ẞ", "Anne-Sophie", "St. O'Brien Güntzel", "J.", "'t Hooft", ". a", " Ana "),
    ],
)
def test_name_of_latin_letters(client: Client, field: str, name: str) -> None:
    """Latin letters with any accent, spaces, apostrophes, hyphens and full stops are taken and kept as they are."""
    reply = client.post("/profiles", NEW | {field: name})
    assert (reply.status, reply.json.get(field)) == (201, name)
    assert client.patch(f"/profiles/{PROFILE}", {field: name}).json[field] == name


@pytest.mark.rule("profile.name")
@pytest.mark.parametrize("field", ["first_name", "last_name"])
@pytest.mark.parametrize(
    "name",
    [
        *(
            "4Jane",
            "½a",
            "Aº",
            "ʰA",
            "",
            "x" * 101,
            "ü" * 101,
            " ",
            ".",
            "-",
            "'",
            " .'-",
            "R2",
            "4",
            "Jane2",
            "Jane_Doe",
            "Jane,",
            "Jane!",
        ),
        *("a@b", "Jane\n", "\nJane", "Jane\tDoe", "J\x00", "×", "÷", "a×b", "Иван", "Ивaн", "Γιώργος", "李", "محمد"),
        *("Jane😀", "A\u200b", "A\u00a0B", 7, True, ["Jane"]),
    ],
)
def test_name_of_anything_else(client: Client, field: str, name: object) -> None:
    """Digits, other signs and scripts, line ends, punctuation alone, nothing and over 100 characters are refused."""
    for reply in (client.post("/profiles", NEW | {field: name}), client.patch(f"/profiles/{PROFILE}", {field: name})):
        assert (reply.status, reply.rules, list(reply.details)) == (400, ["profile.name"], [field])


# The other fields


@pytest.mark.rule("profile.sex")
@pytest.mark.parametrize("sex", [0, 3, -1, 1.5, "1", None, True, [1]])
def test_sex_is_one_or_two(client: Client, sex: object) -> None:
    """Everything but 1 and 2 is refused and says which field; 1.0 is the integer 1."""
    for reply in (client.post("/profiles", NEW | {"sex": sex}), client.patch(f"/profiles/{PROFILE}", {"sex": sex})):
        assert (reply.status, reply.rules, list(reply.details)) == (400, ["profile.sex"], ["sex"])
    assert [client.post("/profiles", NEW | {"sex": right}).json["sex"] for right in (1, 2, 1.0)] == [1, 2, 1]


@pytest.mark.rule("profile.birth-date")
@pytest.mark.parametrize(
    "written",
    [
        *("2023-02-29", "1990-13-01", "1990-00-10", "1990-04-31", "0000-01-01", "1990-1-2", "19900102", "1990-W01-1"),
        *("02.01.1990", "1990-01-02T00:00:00Z", " 1990-01-02", "1990-01-02\n", "", "١٩٩٠-٠١-٠٢", 19900102, None),
    ],
)
def test_birth_date_is_a_real_date(client: Client, written: object) -> None:
    """What is no date, or is written in another way, is refused; the 29th of February of a leap year is one."""
    replies = (
        client.post("/profiles", NEW | {"date_of_birth": written}),
        client.patch(f"/profiles/{PROFILE}", {"date_of_birth": written}),
    )
    for reply in replies:
        assert (reply.status, reply.rules, list(reply.details)) == (400, ["profile.birth-date"], ["date_of_birth"])
    assert client.post("/profiles", NEW | {"date_of_birth": "2024-02-29"}).json["date_of_birth"] == "2024-02-29"


@pytest.mark.rule("profile.birth-date", "atomic")
@pytest.mark.parametrize(
    ("now", "past", "today"),
    [
        ("2026-04-13T08:00:00+00:00", "2026-04-12", "2026-04-13"),
        ("2026-04-13T23:59:59+00:00", "2026-04-12", "2026-04-13"),  # the 14th in Berlin already
        ("2026-04-14T00:00:00+00:00", "2026-04-13", "2026-04-14"),
        ("2024-03-01T05:00:00+00:00", "2024-02-29", "2024-03-01"),
    ],
)
def test_birth_date_lies_before_today(now: str, past: str, today: str) -> None:
    """A date of birth is before today in UTC by the world's clock: yesterday is taken, today and later are not."""
    world = world_at(now)
    assert create(world, date_of_birth=past)["date_of_birth"] == past
    assert update(world, date_of_birth=past)["date_of_birth"] == past
    before = world.snapshot()
    for late in (today, "9999-12-31"):
        for refusal in (
            refusal_of(world, profiles.create_profile, body=NEW | {"date_of_birth": late}),
            refusal_of(world, profiles.update_profile, PROFILE, {"date_of_birth": late, "first_name": "Other"}),
        ):
            assert (refusal.status, [rule.id for rule in refusal.rules]) == (400, ["profile.birth-date"])
            assert "date_of_birth" in refusal.message
    assert world.snapshot() == before


@pytest.mark.rule("profile.phone")
@pytest.mark.parametrize(
    ("phone", "taken"),
    [
        ("+12", True),
        ("+14155552671", True),
        ("+123456789012345", True),
        ("+1234567890123456", False),
        ("+1", False),
        ("+0123456789", False),
        ("14155552671", False),
        ("0049171392001", False),
        ("+49 171 3920017", False),
        ("+49-171-3920017", False),
        ("+4917139x", False),
        ("+4917139\n", False),
        ("+٤٩١٧١٣٩", False),
        ("", False),
        (4917139, False),
    ],
)
def test_phone_is_e164(client: Client, phone: object, taken: bool) -> None:
    """A plus sign and up to 15 digits, the first not 0, and nothing else."""
    created = client.post("/profiles", NEW | {"phone": phone})
    updated = client.patch(f"/profiles/{PROFILE}", {"phone": phone})
    if taken:
        assert (created.json["phone"], updated.json["phone"]) == (phone, phone)
    else:
        assert (created.status, created.rules, list(created.details)) == (400, ["profile.phone"], ["phone"])
        assert (updated.status, updated.rules, list(updated.details)) == (400, ["profile.phone"], ["phone"])


@pytest.mark.rule("profile.language")
@pytest.mark.parametrize(
    ("language", "taken"),
    [("en", True), ("de", True), ("fi", True), ("sv", False), ("EN", False), ("de-DE", False), ("", False), (1, False)],
)
def test_language_is_one_of_three(client: Client, language: object, taken: bool) -> None:
    """en, de and fi in lower case, and no other."""
    created = client.post("/profiles", NEW | {"language": language})
    updated = client.patch(f"/profiles/{PROFILE}", {"language": language})
    if taken:
        assert (created.json["language"], updated.json["language"]) == (language, language)
    else:
        assert (created.status, created.rules, list(created.details)) == (400, ["profile.language"], ["language"])
        assert (updated.status, updated.rules) == (400, ["profile.language"])


@pytest.mark.rule("profile.language", "profile.update")
def test_language_stays_in_an_update_without_it(world: World) -> None:
    """English is the default at creation only: an update of something else leaves the language alone."""
    assert update(world, height=180.0)["language"] == "de"


@pytest.mark.rule("profile.measures")
@pytest.mark.parametrize("field", ["height", "weight"])
@pytest.mark.parametrize(
    ("value", "taken"),
    [(0.1, True), (1, True), (182.5, True), (1000.1, True), (1e308, True), (0, False), (-1, False), (-0.0, False)],
)
def test_measures_are_above_zero(client: Client, field: str, value: float, taken: bool) -> None:
    """Height and weight are numbers above 0, however large."""
    reply = client.post("/profiles", NEW | {field: value})
    if taken:
        assert (reply.status, reply.json.get(field)) == (201, value)
        assert client.patch(f"/profiles/{PROFILE}", {field: value}).json[field] == value
    else:
        assert (reply.status, reply.rules, list(reply.details)) == (400, ["profile.measures"], [field])
        assert client.patch(f"/profiles/{PROFILE}", {field: value}).rules == ["profile.measures"]


@pytest.mark.rule("profile.measures")
@pytest.mark.parametrize("field", ["height", "weight"])
@pytest.mark.parametrize("value", ["170", True, [170]])
def test_measures_are_numbers(client: Client, field: str, value: object) -> None:
    """A text that looks like a number, or a truth value, is refused."""
    reply = client.post("/profiles", NEW | {field: value})
    assert (reply.status, reply.rules, list(reply.details)) == (400, ["profile.measures"], [field])


@pytest.mark.rule("profile.measures", "body.schema")
@pytest.mark.parametrize("field", ["height", "weight"])
def test_measures_are_numbers_that_can_be_held(client: Client, field: str) -> None:
    """A number that no float can hold is refused at its field; the largest power of ten that one can is taken."""
    before = client.world.snapshot()
    for reply in (
        client.post("/profiles", NEW | {field: 10**400}),
        client.patch(f"/profiles/{PROFILE}", {field: 10**400}),
        client.patch(f"/profiles/{PROFILE}", {field: 10**309}),
    ):
        assert (reply.status, reply.rules) == (400, ["body.schema"])
        assert reply.details == {field: "is out of range"}
    assert client.world.snapshot() == before
    assert client.patch(f"/profiles/{PROFILE}", {field: 10**308}).json[field] == 1e308


# E-mail


@pytest.mark.rule("profile.email")
@pytest.mark.parametrize(
    "email",
    [
        *("jane@example.com", "Jane.Doe+lab@Mail.Example.COM", "o'brien@example.com", "x_y-z@a-b.example"),
        *("1@2.example", f"{'x' * 64}@{'.'.join(['y' * 60] * 3)}.example"),
    ],
)
def test_email_address_is_kept_as_written(client: Client, email: str) -> None:
    """An e-mail address, also one of 255 characters, is taken and comes back letter by letter."""
    assert client.post("/profiles", NEW | {"email": email}).json["email"] == email
    assert client.patch(f"/profiles/{PROFILE}", {"email": email}).json["email"] == email


@pytest.mark.rule("profile.email")
@pytest.mark.parametrize(
    "email",
    [
        *("", "jane", "@example.com", "jane@", "jane@@example.com", "jane doe@example.com", "jane@exa mple.com"),
        *(".jane@example.com", "ja..ne@example.com", "jane@-example.com", "jane@example.com ", "jane@example.com\n"),
        *("jane@example.com, joe@example.com", "Jane Doe <jane@example.com>", "mailto:<jane@example.com>"),
        *("x" * 65 + "@example.com", "jane@" + "y" * 250 + ".com", 7, ["jane@example.com"]),
    ],
)
def test_email_is_one_bare_address(client: Client, email: object) -> None:
    """What is no address, holds more than the address, or is longer than addresses can be is refused."""
    for reply in (
        client.post("/profiles", NEW | {"email": email}),
        client.patch(f"/profiles/{PROFILE}", {"email": email}),
    ):
        assert (reply.status, reply.rules, list(reply.details)) == (400, ["profile.email"], ["email"])


@pytest.mark.rule("profile.email")
def test_email_placeholder(world: World) -> None:
    """Without an e-mail address a profile gets one of its own under a reserved domain, by which it is found."""
    made = [create(world) for _ in range(3)]
    assert len({profile["email"] for profile in made}) == 3
    for profile in made:
        assert profile["email"].endswith(".invalid")
        assert listed(world, email=profile["email"]) == [profile]


@pytest.mark.rule("profile.email", "profile.list-email")
def test_email_placeholder_can_be_replaced(world: World) -> None:
    """An update puts a real address in the placeholder's place, and the placeholder then finds nothing."""
    made = create(world)
    changed = run(world, profiles.update_profile, made["id"], {"email": "real@example.com"})
    assert changed["email"] == "real@example.com"
    assert listed(world, email="real@example.com") == [changed]
    assert listed(world, email=made["email"]) == []


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


@pytest.mark.rule("profile.update")
@pytest.mark.parametrize("field", ["last_name", "phone", "height", "weight"])
def test_update_clears_with_null(client: Client, field: str) -> None:
    """Family name, phone, height and weight are cleared by null; one that is null already takes it too."""
    assert client.get(f"/profiles/{PROFILE}").json[field] is not None
    for _ in range(2):
        reply = client.patch(f"/profiles/{PROFILE}", {field: None})
        assert (reply.status, reply.json[field]) == (200, None)
    assert client.get(f"/profiles/{PROFILE}").json[field] is None


@pytest.mark.rule("body.schema", "atomic")
@pytest.mark.parametrize(
    ("field", "rule"),
    [
        ("first_name", "profile.name"),
        ("email", "profile.email"),
        ("sex", "profile.sex"),
        ("date_of_birth", "profile.birth-date"),
        ("language", "profile.language"),
        ("password", "profile.update"),
    ],
)
def test_update_does_not_clear_the_rest(client: Client, field: str, rule: str) -> None:
    """Null is refused in every other field, and what else the update holds is then not done either."""
    before = client.world.snapshot()
    reply = client.patch(f"/profiles/{PROFILE}", {"phone": None, field: None})
    assert (reply.status, reply.rules, list(reply.details)) == (400, [rule], [field])
    assert client.world.snapshot() == before


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
    before = client.world.snapshot()
    reply = client.patch(f"/profiles/{PROFILE}", {"password": password})
    assert (reply.status, reply.rules, list(reply.details)) == (400, ["profile.update"], ["password"])
    assert client.world.snapshot() == before
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


# The list


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


@pytest.mark.rule("profile.list-page")
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
    assert (reply.status, reply.rules, list(reply.details)) == (400, ["profile.list-page"], [name])


@pytest.mark.rule("profile.list-page", "profile.list-email")
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
    assert (reply.status, reply.rules) == ((200, []) if taken else (400, ["profile.list-page"]))
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
