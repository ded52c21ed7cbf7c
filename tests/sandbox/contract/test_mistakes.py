"""What is added to the message about a value: odd characters by their names, and what is usual to go wrong."""

import unicodedata
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from aniva_sandbox.engine.contract.checks import Check, check_keywords
from aniva_sandbox.engine.contract.document import DocumentError
from tests.sandbox.serving.common import NEW_APPOINTMENT, NEW_PROFILE, NEW_SHIPMENT, in_vain
from tests.support import APPOINTMENT, PROFILE, Client

NAME = "must be Latin letters, spaces, apostrophes, hyphens and full stops, with at least one letter"
UUID = "must be a UUID such as a3f1c2d4-8b7e-4f2a-9c1d-2e3f4a5b6c7d"


def message(schema: dict[str, Any], value: Any, *, in_json: bool = True) -> str:
    """The message of the one violation of a value."""
    (violation,) = Check(schema, {}, strict_formats=True).violations(value, in_json=in_json)
    return violation.detail.message


@pytest.mark.rule("profile.name")
@pytest.mark.parametrize(
    ("name", "told"),
    [
        ("O\u2019Brien", "U+2019 RIGHT SINGLE QUOTATION MARK at 2 (write ')"),
        ("O\u2019Brien\u2019s", "U+2019 RIGHT SINGLE QUOTATION MARK at 2 (write ')"),
        ("O\u02bcB\u00b4x", "U+02BC MODIFIER LETTER APOSTROPHE at 2 (write '), U+00B4 ACUTE ACCENT at 4 (write ')"),
        ("Jose\u0301", "U+0301 COMBINING ACUTE ACCENT at 5 (compose it: Unicode NFC)"),
        ("Ju\u0308rgen", "U+0308 COMBINING DIAERESIS at 3 (compose it: Unicode NFC)"),
        ("Q\u0303", "U+0303 COMBINING TILDE at 2"),
        ("Anne\u2013Sophie", "U+2013 EN DASH at 5 (write -)"),
        ("Anne\u2011Sophie", "U+2011 NON-BREAKING HYPHEN at 5 (write -)"),
        ("Anna\u00a0Maria", "U+00A0 NO-BREAK SPACE at 5 (write a space)"),
        ("Jane\u200b", "U+200B ZERO WIDTH SPACE at 5 (leave it out)"),
        ("\ufeffJane", "U+FEFF ZERO WIDTH NO-BREAK SPACE at 1 (leave it out)"),
        ("J\uff41ne", "U+FF41 FULLWIDTH LATIN SMALL LETTER A at 2 (write a)"),
        ("\ufb01ona", "U+FB01 LATIN SMALL LIGATURE FI at 1 (write fi)"),
        ("J\u0430ne", "U+0430 CYRILLIC SMALL LETTER A at 2"),
        ("Jane2", "U+0032 DIGIT TWO at 5"),
        ("Jane\U0001f600", "U+1F600 GRINNING FACE at 5"),
        ("Jane\n", "U+000A control character at 5"),
        ("Jane\U000e0fff", "U+E0FFF at 5"),
        ("J_a;n\u2019e!", "U+005F LOW LINE at 2, U+003B SEMICOLON at 4, U+2019 RIGHT SINGLE QUOTATION MARK at 6"),
    ],
)
def test_odd_characters_of_a_name_are_named(client: Client, name: str, told: str) -> None:
    """Each character that is not taken is named once, with its first place and, where there is one, what would be."""
    reply = in_vain(client, "POST", "/profiles", NEW_PROFILE | {"last_name": name})
    assert (reply.status, reply.rules) == (400, ["profile.name"])
    if ";n" in name:
        told += " (write '), 1 more"
    assert reply.details == {"last_name": f"{NAME}: not {told}"}


@pytest.mark.rule("profile.name")
def test_what_is_advised_is_taken(client: Client) -> None:
    """A name that follows the advice is taken."""
    for name in ("O'Brien", unicodedata.normalize("NFC", "Jose\u0301"), "Anne-Sophie", "Anna Maria", "fiona"):
        assert client.patch(f"/profiles/{PROFILE}", {"last_name": name}).json["last_name"] == name


@pytest.mark.rule("profile.name")
@pytest.mark.parametrize("name", ["-", " .'"])
def test_a_name_without_odd_characters(client: Client, name: str) -> None:
    """Where each character is taken, the message is the plain one."""
    assert in_vain(client, "PATCH", f"/profiles/{PROFILE}", {"first_name": name}).details == {"first_name": NAME}


@pytest.mark.parametrize(
    "text", ["\u0301\u0323" * 2**18, "a\u0301" * 2**18, "".join(map(chr, range(0x4E00, 0x9000))) * 8]
)
def test_a_long_text_has_a_short_message(text: str) -> None:
    """Of whatever length a text is, a few characters are named, and nothing is put in order that takes long."""
    told = message({"pattern": "^[a-z]+$", "x-hint": "must be a to z", "x-characters": "a-z"}, text)
    assert told.startswith("must be a to z: not U+")
    assert told.count("U+") <= 3
    assert len(told) < 300


@given(st.text(max_size=40))
@settings(max_examples=100, derandomize=True, deadline=None, database=None)
def test_names_are_said_of_odd_characters_only(text: str) -> None:
    """A character is named exactly if it is none of those taken."""
    found = [*Check({"pattern": "^[a-f]+$", "x-characters": "a-f"}, {}, strict_formats=True).violations(text)]
    odd = dict.fromkeys(character for character in text if not "a" <= character <= "f")
    assert bool(found) == (bool(odd) or not text)
    for violation in found:
        named = violation.detail.message.count("U+")
        assert named == min(len(odd), 3)
        assert all(f"U+{ord(character):04X}" in violation.detail.message for character in list(odd)[:3])


@pytest.mark.parametrize("characters", ["z-a", "", "a]b", "\\"])
def test_a_class_of_characters_is_one(characters: str) -> None:
    """A proposal may hold anything; what is not a character class is told at the start."""
    with pytest.raises(DocumentError, match="is not a character class"):
        check_keywords({"pattern": "a", "x-characters": characters}, "x", {})


@pytest.mark.parametrize(
    ("method", "path", "body", "field", "told"),
    [
        ("POST", "/profiles", NEW_PROFILE | {"phone": "+49 171 39"}, "phone", "+14155552671: not U+0020 SPACE at 4"),
        ("POST", "/profiles", NEW_PROFILE | {"phone": "+49-171"}, "phone", "not U+002D HYPHEN-MINUS at 4"),
        (
            "POST",
            "/profiles",
            NEW_PROFILE | {"phone": "\uff0b49171"},
            "phone",
            "not U+FF0B FULLWIDTH PLUS SIGN at 1 (write +)",
        ),
        (
            "POST",
            "/profiles",
            NEW_PROFILE | {"phone": 49171},
            "phone",
            "must be of type string: put it in double quotes",
        ),
        ("POST", "/profiles", NEW_PROFILE | {"sex": "2"}, "sex", "integer, one of 1, 2: leave out the quotes"),
        ("POST", "/profiles", NEW_PROFILE | {"sex": "female"}, "sex", "must be of type integer, one of 1, 2"),
        ("POST", "/profiles", NEW_PROFILE | {"language": "de-DE"}, "language", 'must be one of "en", "de", "fi"'),
        (
            "POST",
            "/profiles",
            NEW_PROFILE | {"height": "168,5"},
            "height",
            "must be of type number: leave out the quotes",
        ),
        ("POST", "/profiles", NEW_PROFILE | {"email": "jane"}, "email", "e-mail address such as jane.doe@example.com"),
        (
            "POST",
            "/profiles",
            NEW_PROFILE | {"date_of_birth": "22.03.1985"},
            "date_of_birth",
            "YYYY-MM-DD such as 2026-04-15",
        ),
        ("POST", "/profiles", NEW_PROFILE | {"date_of_birth": "1985-02-30"}, "date_of_birth", ": there is no such day"),
        (
            "POST",
            "/appointments",
            NEW_APPOINTMENT | {"scheduled_at": "2026-05-05T10:00:00"},
            "scheduled_at",
            "must end with Z or an offset, such as 2026-04-15T10:30:00+02:00",
        ),
        (
            "POST",
            "/appointments",
            NEW_APPOINTMENT | {"scheduled_at": 1746432000},
            "scheduled_at",
            "must be of type string, an RFC 3339 instant of the years 1 to 9999, such as 2026-04-15T10:30:00+02:00",
        ),
        (
            "POST",
            "/shipments",
            NEW_SHIPMENT | {"pickup_time_from": "9:00"},
            "pickup_time_from",
            "HH:MM from 09:00 to 19:00",
        ),
        ("POST", "/shipments", NEW_SHIPMENT | {"package_count": "2"}, "package_count", "integer: leave out the quotes"),
        (
            "POST",
            f"/appointments/{APPOINTMENT}/confirm",
            {"barcode": "413 0"},
            "barcode",
            "must be digits: not U+0020 SPACE at 4",
        ),
        (
            "POST",
            f"/appointments/{APPOINTMENT}/panels",
            {"panel_ids": PROFILE},
            "panel_ids",
            "must be of type array: put it in square brackets",
        ),
        ("GET", "/shipments/p2604154821", None, "id", "must be P and ten digits, such as P2604154821"),
        ("GET", f"/profiles/{{{PROFILE}}}", None, "id", f"{UUID}: leave out the braces"),
        ("GET", f"/appointments?profile_id={{{PROFILE}}}", None, "profile_id", f"{UUID}: leave out the braces"),
        ("GET", "/profiles?limit=10.0", None, "limit", "must be of type integer"),
    ],
)
def test_usual_mistakes_are_told(
    client: Client, method: str, path: str, body: dict[str, Any] | None, field: str, told: str
) -> None:
    """Values that people write otherwise are refused with what is expected, and what is amiss with theirs."""
    reply = in_vain(client, method, path, body)
    assert reply.details[field].endswith(told)


@pytest.mark.rule("id.format")
@pytest.mark.parametrize(
    ("text", "told"),
    [
        (f"{{{PROFILE}}}", ": leave out the braces"),
        (f"urn:uuid:{PROFILE}", ": leave out urn:uuid:"),
        (f"URN:UUID:{PROFILE.upper()}", ": leave out urn:uuid:"),
        (f" {PROFILE}\n", ": leave out the blanks around it"),
        (f" {{{PROFILE}}}", ": leave out the blanks around it and the braces"),
        (PROFILE.replace("-", ""), ": write its hyphens"),
        (f"{{{PROFILE.replace('-', '')}}}", ": leave out the braces and write its hyphens"),
        (PROFILE[:-1], ""),
        (f"{{{PROFILE}", ""),
        (f"{{{PROFILE[:-1]}}}", ""),
        (PROFILE.replace("-", "", 1), ""),
        (" " * 2**20 + PROFILE, ""),
        ("", ""),
    ],
)
def test_what_surrounds_a_uuid_is_told(text: str, told: str) -> None:
    """What would be a UUID without its surroundings is told what to leave out; all else is told the form alone."""
    assert message({"type": "string", "format": "uuid"}, text) == UUID + told


@pytest.mark.rule("body.schema")
@pytest.mark.parametrize(
    ("schema", "value", "told"),
    [
        ({"type": "boolean"}, "true", "must be of type boolean: true or false, without quotes"),
        ({"type": "boolean"}, 1, "must be of type boolean: true or false"),
        ({"type": "boolean"}, None, "must be of type boolean"),
        ({"type": "integer"}, "-12", "must be of type integer: leave out the quotes"),
        ({"type": ["number", "null"]}, "1.5", "must be of type number or null: leave out the quotes"),
        ({"type": "number"}, "much", "must be of type number"),
        ({"type": "number"}, True, "must be of type number"),
        ({"type": "string"}, 1.5, "must be of type string: put it in double quotes"),
        ({"type": "string"}, True, "must be of type string"),
        ({"type": "string"}, None, "must be of type string"),
        ({"type": "array"}, "x", "must be of type array: put it in square brackets"),
        ({"type": "array"}, {}, "must be of type array"),
        ({"type": "object"}, "x", "must be of type object"),
    ],
)
def test_another_type_of_json_is_told(schema: dict[str, Any], value: Any, told: str) -> None:
    """In JSON, quotes and brackets make the type; where there is none, as in a query, nothing is said of them."""
    assert message(schema, value) == told
    assert message(schema, value, in_json=False) == told.partition(":")[0]
