"""What is said of a body that is not a JSON object: what it is, where it breaks off, and never what it holds."""

import gzip
import json
import re
import sys
import time
import zlib
from typing import Any

import msgspec
import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from aniva_sandbox.engine.contract import unreadable
from aniva_sandbox.engine.contract.bodies import read_body
from aniva_sandbox.engine.contract.checks import Check

ANY_OBJECT = Check({"type": "object"}, {}, strict_formats=True)
PERSON = {"first_name": "Jürgen", "password": "s3cret-and-long"}
TEXT = json.dumps(PERSON, ensure_ascii=False)
SINGLE = "strings and names need double quotes, not single ones; a Python dict needs json.dumps"
NO_NUMBER = "there is no NaN and no Infinity in JSON"


def said(body: bytes, content_type: str | None = "application/json", encoding: str | None = None) -> str:
    """The one message about a body that is refused."""
    decoded, (violation,) = read_body(ANY_OBJECT, body, content_type, encoding)
    assert (decoded, violation.rule, violation.detail.path) == ({}, "body.json", "body")
    return violation.detail.message


@pytest.mark.rule("body.json")
@pytest.mark.parametrize("named", ["gzip", " GZIP ", "deflate", "br", "zstd", "gzip, br"])
@pytest.mark.parametrize(
    "body",
    [gzip.compress(TEXT.encode()), zlib.compress(TEXT.encode()), b"\x0b\x02\x80{}\x03"],
    ids=["gzip", "zlib", "brotli"],
)
def test_a_content_encoding_is_named(body: bytes, named: str) -> None:
    """A body that is declared as encoded and cannot be read is said to be encoded, by the name that was sent."""
    shown = named.strip().lower()
    shown = "" if "," in shown else f" {shown}"
    assert said(body, encoding=named) == f"has the Content-Encoding{shown}, which is not supported: send it without one"


@pytest.mark.rule("body.json")
@pytest.mark.parametrize("encoding", [None, "identity", "Identity"])
@pytest.mark.parametrize(
    ("body", "how"),
    [
        (gzip.compress(TEXT.encode()), "gzip"),
        (zlib.compress(TEXT.encode()), "zlib"),
        (zlib.compress(TEXT.encode(), 9), "zlib"),
        (zlib.compress(TEXT.encode(), 0), "zlib"),
        (b"\x28\xb5\x2f\xfd\x04\x00", "zstd"),
    ],
    ids=["gzip", "zlib", "zlib at best", "zlib stored", "zstd"],
)
def test_what_looks_compressed_is_said_to(body: bytes, how: str, encoding: str | None) -> None:
    """Without a header, the first bytes tell."""
    assert said(body, encoding=encoding) == f"is not valid JSON: it looks compressed with {how}; send it as it is"


@pytest.mark.rule("body.json")
@pytest.mark.parametrize("encoding", ["gzip", "identity"])
def test_what_can_be_read_is_read(encoding: str) -> None:
    """A header alone refuses nothing, nor does a charset."""
    assert read_body(ANY_OBJECT, TEXT.encode(), "application/json; charset=latin-1", encoding) == (PERSON, [])


@pytest.mark.rule("body.json")
@pytest.mark.parametrize(
    ("encoding", "message"),
    [
        ("utf-8-sig", "begins with a byte order mark: send UTF-8 without one"),
        ("utf-16", "is encoded as UTF-16 with a byte order mark: send UTF-8"),
        ("utf-16-le", "is encoded as UTF-16: send UTF-8"),
        ("utf-16-be", "is encoded as UTF-16: send UTF-8"),
        ("utf-32", "is encoded as UTF-32 with a byte order mark: send UTF-8"),
        ("utf-32-le", "is encoded as UTF-32: send UTF-8"),
        ("utf-32-be", "is encoded as UTF-32: send UTF-8"),
        ("latin-1", "is not UTF-8 at line 1, column 18; it may be ISO-8859-1 or Windows-1252: send UTF-8"),
        ("cp1252", "is not UTF-8 at line 1, column 18; it may be ISO-8859-1 or Windows-1252: send UTF-8"),
    ],
)
def test_another_encoding_is_named(encoding: str, message: str) -> None:
    """A byte order mark, UTF-16, UTF-32 and what is no UTF-8 at all are told apart."""
    assert said(TEXT.encode(encoding)) == message


@pytest.mark.rule("body.json")
@pytest.mark.parametrize("body", [b"\x00{}", b"{\x00}", b"\xff\xfe{", b"\x00\x00\x00{}"])
def test_half_an_encoding_is_none(body: bytes) -> None:
    """What only begins like UTF-16 or UTF-32 is not said to be it."""
    assert "UTF-16" not in said(body)
    assert "UTF-32" not in said(body)


@pytest.mark.rule("body.json")
@pytest.mark.parametrize(
    ("parameter", "why"),
    [
        ("charset=iso-8859-1", "the charset iso-8859-1 is not supported"),
        (' charset="Windows-1252"', "the charset Windows-1252 is not supported"),
        ("charset=utf-8", "it may be ISO-8859-1 or Windows-1252"),
        ("charset=UTF8", "it may be ISO-8859-1 or Windows-1252"),
        ("charset=ünicode", "it may be ISO-8859-1 or Windows-1252"),
    ],
)
def test_another_charset_is_named(parameter: str, why: str) -> None:
    """A charset that was declared is named where the body is no UTF-8."""
    message = said(TEXT.encode("latin-1"), f"application/json;{parameter}")
    assert message == f"is not UTF-8 at line 1, column 18; {why}: send UTF-8"


@pytest.mark.rule("body.json")
@pytest.mark.parametrize("charset", ["", "; charset=iso-8859-1"])
def test_a_body_cut_within_a_character_is_said_to_be(charset: str) -> None:
    """All of it is UTF-8, but for the last character, which is not whole: that is no other charset."""
    body = TEXT.encode()
    cut = body[: body.index("ü".encode()) + 1]
    message = "ends within a character; if more was sent, its Content-Length counted characters instead of bytes"
    assert said(cut, f"application/json{charset}") == message
    assert said(cut + b'"}', f"application/json{charset}").startswith("is not UTF-8 at line 1, column 18; ")


@pytest.mark.rule("body.json")
@pytest.mark.parametrize(
    ("body", "message"),
    [
        ('{"a": "ü"', ": it ends too early"),
        ('{"a": "ü', ": it ends within the string that begins at line 1, column 7"),
        (f'{{"a": "ü"{" " * 200_000}', ": it ends too early"),
    ],
    ids=["value", "string", "long"],
)
def test_a_body_that_ends_early_may_have_been_counted_in_characters(body: str, message: str) -> None:
    """What has characters of more than one byte ends too early where its length was taken from the text; what has
    none does not."""
    why = "; if more was sent, its Content-Length counted characters instead of bytes"
    assert said(body.encode()) == f"is not valid JSON{message}{why}"
    assert said(body.replace("ü", "u").encode()) == f"is not valid JSON{message}"


@pytest.mark.rule("body.json")
@pytest.mark.parametrize(
    ("body", "message"),
    [
        ("{'a': 1}", f"at line 1, column 2: {SINGLE}"),
        ("{\"a\": 'x'}", f"at line 1, column 7: {SINGLE}"),
        (
            "{\u201ca\u201d: 1}",
            'at line 1, column 2: strings and names need double quotes ("), not U+201C LEFT DOUBLE QUOTATION MARK',
        ),
        ('{"a": 1,}', "at line 1, column 8: there is a comma before }"),
        ('{\n "é": [1,\n 2, \n]}', "at line 3, column 3: there is a comma before ]"),
        ("{,}", "at line 1, column 2: a name in double quotes is missing"),
        ('{"a": NaN}', f"at line 1, column 7: {NO_NUMBER}"),
        ('{"a": -Infinity}', f"at line 1, column 7: {NO_NUMBER}"),
        ('{"ä":\n [1, Infinity,}', f"at line 2, column 6: {NO_NUMBER}"),
        ('{"a": "\\ud800", "b": NaN}', ": an escape is half of a surrogate pair"),
        ('{"a": nan}', f"at line 1, column 7: {NO_NUMBER}"),
        ('{"a": True}', "at line 1, column 7: write true, false or null"),
        ('{"a": None}', "at line 1, column 7: write true, false or null"),
        ('{"a": undefined}', "at line 1, column 7: write true, false or null"),
        ('{"a": 1} // done', "at line 1, column 10: something follows after its end"),
        ('{"a": 1, // one\n"b": 2}', "at line 1, column 10: JSON has no comments"),
        ('{"a": 1 # one\n}', "at line 1, column 9: JSON has no comments"),
        ("{a: 1}", "at line 1, column 2: names need double quotes"),
        ('{"a" 1}', "at line 1, column 6: a colon is missing after a name"),
        ('{"a": 1\n "b": 2}', "at line 2, column 2: a comma or a closing bracket is missing"),
        ('{"a":\u00a01}', "at line 1, column 6: JSON does not allow U+00A0 NO-BREAK SPACE here"),
        ('{"a": \ufeff1}', "at line 1, column 7: JSON does not allow U+FEFF ZERO WIDTH NO-BREAK SPACE here"),
        ('{"a": "x\ny"}', "at line 1, column 9: a line break or another control character in a string must be escaped"),
        ('{"a": "\\x41"}', "at line 1, column 8: a string has an escape that JSON does not have"),
        ('{"a": .5}', "at line 1, column 7: a value is missing or not valid"),
        ('{"a": tru}', "at line 1, column 7: a value is missing or not valid"),
        ('{"a": 1}{"a": 1}', "at line 1, column 9: something follows after its end"),
        ("{}\x00", "at line 1, column 3: something follows after its end"),
        ("<a/>", "at line 1, column 1: it looks like XML or HTML"),
        ("first_name=J%C3%BCrgen&sex=1", "at line 1, column 1: it looks like a form"),
        ("1=2&3=4", ": it looks like a form"),
        ('--x\r\nContent-Disposition: form-data; name="a"', "at line 1, column 1: it looks like a form"),
        ('{"a": ', ": it ends too early"),
        ('{"a": {"b": 1}', ": it ends too early"),
        ('{\n"a": "x', ": it ends within the string that begins at line 2, column 6"),
        (" \n", ": it is blank"),
        ('{"a": "\\ud800"}', ": an escape is half of a surrogate pair"),
        ('{"a": "\\udc00\\ud800"}', ": an escape is half of a surrogate pair"),
    ],
)
def test_a_syntax_error_has_its_place(body: str, message: str) -> None:
    """The message says where the text stops being JSON, and what is usual to go wrong there."""
    assert said(body.encode()) == f"is not valid JSON{'' if message[0] == ':' else ' '}{message}"


@pytest.mark.rule("body.json")
def test_a_later_python_points_to_the_comma(monkeypatch: pytest.MonkeyPatch) -> None:
    """As of Python 3.13 its own decoder says of a comma what here is found out; the message is the same."""

    def loads(text: str, **_options: Any) -> None:
        raise json.JSONDecodeError("Illegal trailing comma before end of object", text, text.index(","))

    body = b'{"a": 1 ,\n }'
    before = said(body)
    monkeypatch.setattr(unreadable.json, "loads", loads)
    assert said(body) == before == "is not valid JSON at line 1, column 9: there is a comma before }"


@pytest.mark.rule("body.json")
def test_a_body_nested_to_the_limit_is_explained() -> None:
    """About where one decoder gives up and the other does not, there is a message all the same."""
    limit = sys.getrecursionlimit()
    for depth in range(limit - 200, limit + 10):
        message = said(b'{"a":' * depth + b"'")
        assert message.startswith("is not valid JSON") or message == "is nested too deeply"


@pytest.mark.rule("body.json")
def test_what_is_json_and_no_object() -> None:
    """A number out of range, and JSON within a string, are told."""
    assert said(b'{"a": 1e400}') == "has a number that is out of range"
    assert said(json.dumps(TEXT).encode()) == (
        "must be a JSON object; it is a string that holds one: encode it once, not twice"
    )
    for other in (b"[]", b'"x"', b"1", b"null"):
        assert said(other) == "must be a JSON object"


@pytest.mark.rule("body.json")
@pytest.mark.parametrize(
    ("content_type", "message"),
    [
        (None, "must be sent as application/json; it has no Content-Type"),
        ("", "must be sent as application/json; it has no Content-Type"),
        (
            "application/x-www-form-urlencoded",
            "must be sent as application/json, not as a form, application/x-www-form-urlencoded",
        ),
        (
            "Multipart/Form-Data; boundary=s3cret",
            "must be sent as application/json, not as a form, multipart/form-data",
        ),
        ("text/plain;charset=UTF-8", "must be sent as application/json, not as text/plain"),
        ("x" * 65, "must be sent as application/json"),
        ("text plain", "must be sent as application/json"),
    ],
)
def test_another_media_type_is_named(content_type: str | None, message: str) -> None:
    """What a body was declared as is named, where it is a name."""
    assert said(TEXT.encode(), content_type) == message


SECRET = "s3cret"


@settings(max_examples=100, derandomize=True, deadline=None, database=None)
@given(st.text(alphabet='{}[]":,\\ntu\u2019\u00e9 0', max_size=12), st.booleans(), st.sampled_from(["utf-8", "utf-16"]))
@example('"', False, "utf-8")
def test_nothing_that_was_sent_is_repeated(junk: str, before: bool, encoding: str) -> None:
    """Whatever surrounds a secret, no message holds it, and none is long."""
    body = f'{junk}{{"password": "{SECRET}"}}' if before else f'{{"password": "{SECRET}"{junk}'
    _, violations = read_body(ANY_OBJECT, body.encode(encoding), "application/json")
    for violation in violations:
        assert SECRET not in violation.detail.message
        assert len(violation.detail.message) < 200


@pytest.mark.rule("body.json")
@pytest.mark.parametrize(("blanks", "place"), [(0, "at"), (2**17, "near")])
def test_what_breaks_late_is_read_once(blanks: int, place: str) -> None:
    """Far into a body, the place is as the decoder says, which is at most a few characters off."""
    body = b'{"a": 1,' + b" " * blanks + b'\n"b": Tru}'
    message = said(body)
    assert message.startswith(f"is not valid JSON {place}")
    assert "line 2, column " in message
    assert abs(int(re.findall(r"column (\d+)", message)[0]) - 6) < 4
    assert said(body[:-1] + b'"') == message
    assert said(b"{'a': 1," + b" " * blanks + b"}") == f"is not valid JSON at line 1, column 2: {SINGLE}"
    assert said(b"x" + b" " * blanks) == "is not valid JSON at line 1, column 1: a value is missing or not valid"
    assert said(b'{"a": [' + b"1," * 2**17) == "is not valid JSON: it ends too early"


@pytest.mark.parametrize("part", ["[", '{"a":', "[],", '{"":1},', '"', "'", "\n", "\\u", "1,", "a=", "\u2019"])
@pytest.mark.parametrize("begin", ["", '{"a": ['])
def test_a_large_body_has_a_short_message(begin: str, part: str) -> None:
    """However large a body is that breaks, it is explained in a line, deep nesting included."""
    body = (begin + part * (2**19 // len(part.encode()))).encode()
    assert len(said(body)) < 200


NUMBERS = [
    "1e308",
    "1.7976931348623157e308",
    "-5e-324",
    "1e-400",
    "2.2250738585072011e-308",
    "0.1",
    "1E+2",
    "-0.0",
    "7",
]


@pytest.mark.rule("body.json")
def test_a_large_body_has_the_numbers_of_a_small_one() -> None:
    """Numbers are read alike however long the body is, to their last digit, and too large ones are refused alike."""
    small = f'{{"a": [{", ".join(NUMBERS)}]}}'
    large = small + " " * 2**16
    assert read_body(ANY_OBJECT, large.encode(), "application/json") == ({"a": [float(text) for text in NUMBERS]}, [])
    assert repr(read_body(ANY_OBJECT, large.encode(), "application/json")) == repr(
        read_body(ANY_OBJECT, small.encode(), "application/json")
    )
    for text in ("1e309", "-1e309", "9" * 400 + ".5"):
        for blanks in (0, 2**16):
            assert said(f'{{"a": {text}}}'.encode() + b" " * blanks) == "has a number that is out of range"


@pytest.mark.rule("body.json")
@pytest.mark.parametrize("number", NUMBERS)
def test_a_large_body_of_any_numbers_is_read_quickly(number: str) -> None:
    """No number takes much longer to be read than another: those near the limits of a float are no exception."""
    body = f'{{"a": [{",".join([number] * (2**20 // (len(number) + 1)))}]}}'.encode()
    began = time.process_time()
    read_body(ANY_OBJECT, body, "application/json")
    assert time.process_time() - began < 1.2  # about 0.1 are measured


@given(st.binary(max_size=30))
@settings(max_examples=100, derandomize=True, deadline=None, database=None)
@example(b"\xff\xfe")
@example(b"\x00")
@example(b"{\x00")
@example(b"-")
def test_every_body_is_explained(body: bytes) -> None:
    """Whatever the bytes are, there is a message where decoding fails, and none where it does not."""
    try:
        decodes = isinstance(msgspec.json.decode(body), dict)
    except (ValueError, RecursionError):
        decodes = False
    found: list[Any] = read_body(ANY_OBJECT, body, "application/json")[1]
    assert decodes or [violation.rule for violation in found] == ["body.json"]
