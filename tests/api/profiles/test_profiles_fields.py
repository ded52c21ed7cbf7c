"""The fields of a profile: names, dates, phones, measures and e-mail."""

from datetime import datetime

import pytest

from aniva_sandbox.api.beginnings import get_fixture
from aniva_sandbox.api.domain import DOMAIN
from aniva_sandbox.api.profiles import operations as profiles
from aniva_sandbox.api.world import World
from tests.api.profiles.profile_calls import NEW, create, listed, update
from tests.support import PROFILE, Client, refusal_of, run, snapshot_of


def world_at(instant: str) -> World:
    """The default world, its clock frozen at an instant."""
    return World("test", get_fixture("default"), DOMAIN, mode="frozen", start=datetime.fromisoformat(instant))


# Names


@pytest.mark.rule("profile.name", "profile.name/accents", "profile.name/marks")
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
@pytest.mark.parametrize("sex", [0, 3, -1, 1.5, "1", True, [1]])
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
        *("02.01.1990", "1990-01-02T00:00:00Z", " 1990-01-02", "1990-01-02\n", "", "١٩٩٠-٠١-٠٢", 19900102),
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
    before = snapshot_of(world)
    for late in (today, "9999-12-31"):
        for refusal in (
            refusal_of(world, profiles.create_profile, body=NEW | {"date_of_birth": late}),
            refusal_of(world, profiles.update_profile, PROFILE, {"date_of_birth": late, "first_name": "Other"}),
        ):
            assert (refusal.status, [rule.id for rule in refusal.rules]) == (400, ["profile.birth-date"])
            assert "date_of_birth" in refusal.message
    assert snapshot_of(world) == before


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
    before = snapshot_of(client.world)
    for reply in (
        client.post("/profiles", NEW | {field: 10**400}),
        client.patch(f"/profiles/{PROFILE}", {field: 10**400}),
        client.patch(f"/profiles/{PROFILE}", {field: 10**309}),
    ):
        assert (reply.status, reply.rules) == (400, ["body.schema"])
        assert reply.details == {field: "is out of range"}
    assert snapshot_of(client.world) == before
    assert client.patch(f"/profiles/{PROFILE}", {field: 10**308}).json[field] == 1e308


# E-mail


@pytest.mark.rule("profile.email", "profile.email/form")
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


@pytest.mark.rule("profile.email", "profile.email/form")
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
    rule = "profile.email/form" if isinstance(email, str) else "profile.email"
    for reply in (
        client.post("/profiles", NEW | {"email": email}),
        client.patch(f"/profiles/{PROFILE}", {"email": email}),
    ):
        assert (reply.status, reply.rules, list(reply.details)) == (400, [rule], ["email"])


@pytest.mark.rule("profile.email", "profile.email/placeholder")
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
