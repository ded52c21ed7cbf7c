"""What requests for events and their views hold is made from the types of events."""

from typing import Annotated, Any

import msgspec
import pytest
from msgspec import UNSET, UnsetType

from aniva_sandbox.engine.contract.schemas import components, field
from aniva_sandbox.engine.control.events import event_request_type, event_view_type, target_fields
from aniva_sandbox.engine.world.agenda import Event
from aniva_sandbox.engine.world.domain import Domain
from aniva_sandbox.engine.world.event_types import EventType, NoDetails
from aniva_sandbox.engine.world.events import detail_problems
from aniva_sandbox.engine.world.sections import Section


class Settings(msgspec.Struct, frozen=True):
    """No settings."""


class Record(msgspec.Struct):
    """A record."""

    id: str


class Day(msgspec.Struct, frozen=True):
    """A day, and why."""

    day: Annotated[str, field("The day.", extra={"format": "date"})]
    why: Annotated[str, field("The reason.", max_length=5)] | UnsetType = UNSET


class Done(msgspec.Struct, frozen=True):
    """What came of it."""

    count: Annotated[int, field("How often.", ge=1)]


def kind(
    details: type[msgspec.Struct] = NoDetails, outcome: type[msgspec.Struct] = NoDetails, **more: Any
) -> EventType:
    more = {"target": "record_id", "target_type": str} | more
    return EventType(section="records", happen=lambda *_: {}, details=details, outcome=outcome, **more)


def domain(**events: EventType) -> Domain:
    """A domain with these types of events; an underscore in a name stands for the full stop."""
    return Domain(
        world=object,
        settings=Settings,
        sections=[Section(name="records", record=Record)],
        faults=Section(name="faults", record=Record),
        events={name.replace("_", "."): event for name, event in events.items()},
        change_settings=lambda _world, _settings: None,
    )


def test_requests_and_views() -> None:
    """Details are described with the types that have them; views show them without constraints, and what came out."""
    made = domain(day_set=kind(Day, Done), day_moved=kind(Day), day_left=kind(), day_gone=kind(Day))
    request = components([event_request_type(made)])["EventRequest"]
    view = components([event_view_type(made)])["Event"]
    assert list(request["properties"]) == ["type", "record_id", "time", "day", "why"]
    assert request["required"] == ["type"]
    assert request["additionalProperties"] is False
    outline = {"target": "record_id", "section": "records", "required": ["day"], "optional": ["why"]}
    assert request["x-event-types"] == {
        **dict.fromkeys(("day.set", "day.moved", "day.gone"), outline),
        "day.left": outline | {"required": [], "optional": []},
    }
    types = "`day.set`, `day.moved` and `day.gone`"
    assert request["properties"]["day"] == {"description": f"The day. For {types}.", "type": "string", "format": "date"}
    assert request["properties"]["why"]["description"] == f"The reason. For {types}, optional."
    assert list(view["properties"]) == [
        "time",
        "type",
        "record_id",
        "automatic",
        "day",
        "why",
        "count",
        "skipped",
        "number",
    ]
    assert view["properties"]["count"] == {"description": "How often. For `day.set`.", "type": "integer"}
    assert view["properties"]["day"] == {"description": f"The day. For {types}.", "type": "string"}


def test_a_whole_group_is_named_in_short() -> None:
    """Where all types of a group have a detail, the group is named."""
    made = domain(day_set=kind(Day), day_moved=kind(Day), day_gone=kind(Day), night_left=kind())
    request = components([event_request_type(made)])["EventRequest"]
    assert request["properties"]["day"]["description"] == "The day. For `day.*`."


def test_types_of_events_agree() -> None:
    """A field that several types of events have is of one type in all of them."""

    class Days(msgspec.Struct, frozen=True):
        day: int

    with pytest.raises(ValueError, match="events disagree on the type of day"):
        event_request_type(domain(day_set=kind(Day), day_moved=kind(Days)))
    with pytest.raises(ValueError, match="events disagree on the type of record_id"):
        target_fields(domain(day_set=kind(), day_moved=kind(target_type=int)))


@pytest.mark.rule("snapshot.valid")
@pytest.mark.parametrize(
    ("details", "wrong"),
    [
        pytest.param({"day": "2026-04-13", "why": "rain", "count": 1, "skipped": ""}, [], id="all"),
        pytest.param({"day": "2026-04-13"}, [], id="planned"),
        pytest.param({}, [(("day",), "is required for day.set")], id="missing"),
        pytest.param({"day": "2026-04-31"}, [(("day",), "must be a date YYYY-MM-DD such as 2026-04-15")], id="no day"),
        pytest.param(
            {"day": "2026-04-13", "why": "drizzle", "count": 0},
            [(("why",), "must have at most 5 characters"), (("count",), "must be at least 1")],
            id="constraints",
        ),
        pytest.param({"day": "2026-04-13", "why": "\0"}, [(("why",), "must not contain the character NUL")], id="NUL"),
        pytest.param({"day": "2026-04-13", "size": 1}, [(("size",), "is not known")], id="unknown"),
    ],
)
def test_details_that_were_written_out(details: dict[str, Any], wrong: list[tuple[tuple[str, ...], str]]) -> None:
    """The details of a snapshot's events are held to what their type takes and brings."""
    assert list(detail_problems(kind(Day, Done), Event("day.set", "1", details))) == wrong
