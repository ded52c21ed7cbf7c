"""The formats of texts: instants and dates as they come in."""

from datetime import UTC, date, datetime, time, timedelta, timezone

import pytest
from hypothesis import given
from hypothesis import strategies as st

from aniva_sandbox.engine.contract.formats import FORMATS, REQUEST_FORMATS, parse_date, parse_instant

NOON = datetime(2026, 4, 15, 12, tzinfo=UTC)


@pytest.mark.rule("time.input")
@pytest.mark.parametrize(
    "text",
    [
        "2026-04-15T12:00:00Z",
        "2026-04-15t12:00:00z",
        "2026-04-15T12:00:00.0Z",
        "2026-04-15T12:00:00.999999999999999999Z",
        "2026-04-15T14:00:00+02:00",
        "2026-04-15t06:30:00.5-05:30",
        "2026-04-15T12:00:00-00:00",
        "2026-04-16T11:59:00+23:59",
        "2026-04-14T12:01:00-23:59",
    ],
)
def test_instants_are_read_in_every_form_of_rfc_3339(text: str) -> None:
    """Letters in either case, any number of fraction digits (cut, not rounded) and any offset give the one instant."""
    assert parse_instant(text) == NOON
    assert parse_instant(text).tzinfo is UTC
    assert REQUEST_FORMATS["date-time"](text)


@pytest.mark.rule("time.input")
@pytest.mark.parametrize(
    "text",
    [
        "",
        "now",
        "2026-04-15",
        "2026-04-15T12:00:00",
        "2026-04-15T12:00Z",
        "2026-04-15 12:00:00Z",
        "2026-04-15T12:00:00.Z",
        "2026-04-15T12:00:00,5Z",
        "2026-04-15T12:00:00+0200",
        "2026-04-15T12:00:00+02",
        "2026-04-15T12:00:00+24:00",
        "2026-04-15T12:00:00+02:60",
        "2026-04-15T12:00:00 +02:00",
        "2026-04-15T12:00:00Z ",
        "2026-04-15T12:00:00Z\n",
        " 2026-04-15T12:00:00Z",
        "2026-04-15T12:00:60Z",
        "2026-06-30T23:59:60Z",
        "2026-04-15T12:60:00Z",
        "2026-04-15T24:00:00Z",
        "2026-02-29T12:00:00Z",
        "2026-13-01T12:00:00Z",
        "2026-04-00T12:00:00Z",
        "0000-04-15T12:00:00Z",
        "10000-01-01T00:00:00Z",
        "+2026-04-15T12:00:00Z",
        "2026-W16-3T12:00:00Z",
        "20260415T120000Z",
        "2026-04-15T12:00:00Z[Europe/Berlin]",
        "２０２６-04-15T12:00:00Z",
    ],
)
def test_what_is_no_instant_is_refused(text: str) -> None:
    """Everything else raises ValueError and nothing worse, second 60, hour 24 and the year 0000 included."""
    with pytest.raises(ValueError):  # noqa: PT011 (the message is Python's own where the calendar refuses)
        parse_instant(text)
    assert not REQUEST_FORMATS["date-time"](text)


@pytest.mark.rule("time.input")
@pytest.mark.parametrize(
    ("text", "taken"),
    [
        ("0001-01-03T00:00:00Z", True),
        ("0001-01-02T23:59:59Z", False),
        ("0001-01-01T00:00:00+23:59", False),
        ("9999-12-29T00:00:00Z", True),
        ("9999-12-29T00:00:01Z", False),
        ("9999-12-31T23:59:59-23:59", False),
    ],
)
def test_instants_near_the_ends_of_time_are_refused(text: str, taken: bool) -> None:
    """What overflows on conversion, or could later in another zone, is no instant; its neighbour is one."""
    assert REQUEST_FORMATS["date-time"](text) is taken


@pytest.mark.rule("time.input")
@given(
    st.dates(min_value=date(1, 1, 5), max_value=date(9999, 12, 27)),
    st.times(),
    st.integers(min_value=-1439, max_value=1439),
)
def test_every_instant_reads_as_itself(day: date, clock: time, minutes: int) -> None:
    """A wall clock written with any offset of whole minutes reads as its instant, cut to whole seconds."""
    instant = datetime.combine(day, clock, timezone(timedelta(minutes=minutes)))
    assert parse_instant(instant.isoformat()) == instant.replace(microsecond=0)


@pytest.mark.rule("time.input")
@given(st.one_of(st.text(), st.from_regex(r"\d{4}-\d\d-\d\d[Tt]\d\d:\d\d:\d\d(\.\d*)?([Zz]|[+-]\d\d:\d\d)?")))
def test_no_text_breaks_the_reader(text: str) -> None:
    """Whatever the text, reading it gives an instant in UTC or raises ValueError."""
    try:
        assert parse_instant(text).tzinfo is UTC
    except ValueError:
        assert not REQUEST_FORMATS["date-time"](text)


@pytest.mark.parametrize("text", ["2026-04-15", "2024-02-29", "0001-01-01", "9999-12-31"])
def test_dates_are_read(text: str) -> None:
    """A real date of the years 1 to 9999 is taken."""
    assert parse_date(text).isoformat() == text
    assert REQUEST_FORMATS["date"](text)


@pytest.mark.parametrize(
    "text",
    [
        "",
        "2026-4-15",
        "2026-02-29",
        "2026-13-01",
        "0000-01-01",
        "20260415",
        "2026-W16-3",
        "2026-04-15T00:00:00Z",
        "2026-04-15\n",
        "２０２６-04-15",
        "15.04.2026",
        "+2026-04-15",
    ],
)
def test_what_is_no_date_is_refused(text: str) -> None:
    """Every other text is refused, also what Python's own reader would take."""
    with pytest.raises(ValueError):  # noqa: PT011 (the message is Python's own where the calendar refuses)
        parse_date(text)
    assert not REQUEST_FORMATS["date"](text)


@given(st.dates())
def test_every_date_reads_as_itself(day: date) -> None:
    """Any date that Python knows is read back from its ISO form."""
    assert parse_date(day.isoformat()) == day


def test_every_stricter_format_is_a_known_one() -> None:
    """What requests are held to more strictly stands in the list of all formats, each said in words."""
    assert set(REQUEST_FORMATS) <= set(FORMATS)
    assert all(FORMATS.values())
