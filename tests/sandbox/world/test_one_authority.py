"""A record may be the same things wherever it comes from: what the API makes, snapshots hold and take back."""

from collections.abc import Callable, Iterator
from contextlib import suppress
from datetime import UTC, date, datetime, time, timedelta
from functools import cache
from types import NoneType, UnionType
from typing import Annotated, Any, Union, get_args, get_origin, get_type_hints

import hypothesis.strategies as st
import msgspec
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis.strategies import DataObject
from msgspec import Meta, UnsetType
from msgspec.structs import replace

from aniva_sandbox.api import partner
from aniva_sandbox.api.appointments.draw import DrawConfirmation
from aniva_sandbox.api.appointments.records import APPOINTMENTS
from aniva_sandbox.api.appointments.wire import AppointmentCreate, AppointmentUpdate
from aniva_sandbox.api.domain import DOMAIN
from aniva_sandbox.api.profiles.records import PROFILES
from aniva_sandbox.api.profiles.wire import ProfileCreate, ProfileUpdate
from aniva_sandbox.api.shipments.records import SHIPMENTS
from aniva_sandbox.api.shipments.wire import ShipmentCreate, ShipmentUpdate
from aniva_sandbox.engine.problems import conversion_problems, write_path
from aniva_sandbox.engine.world.clock import EARLIEST, LATEST
from aniva_sandbox.engine.world.moments import parse_day, parse_moment
from aniva_sandbox.engine.world.records import is_struct, reader_of
from aniva_sandbox.engine.world.sections import Section
from tests.api.core_values import (
    LOCATIONS,
    barcodes,
    courier_events,
    further_orders,
    instant_text,
    minutes,
    new_profiles,
    offsets,
    panel_ids,
    pickup_times,
    profile_changes,
    spans,
)
from tests.sandbox.serving.common import NEW_APPOINTMENT, NEW_PROFILE, NEW_SHIPMENT
from tests.sandbox.world.test_snapshot import PLAIN, changed, read, text_of
from tests.sandbox.world.test_values import FIXTURE, TEXTS, problems_of_fixture, problems_of_snapshot
from tests.support import (
    APPOINTMENT,
    BERLIN,
    CONTROL,
    CUSTOM_PANEL,
    PROFILE,
    SHIPMENT,
    UNKNOWN,
    Client,
    Reply,
    Request,
    new_worlds,
    respond_to_control,
    snapshot_of,
)

SNAPSHOT = Request("GET", "/_sandbox/worlds/test/snapshot")

# Starts

DST = (
    "2026-03-29T00:59:59",
    "2026-03-29T01:00:00",
    "2026-10-25T00:30:00",
    "2026-10-25T01:00:00",
    "1980-04-06T00:00:00",
)
DAYS = (
    "1900-02-28T23:59:59",
    "2000-02-29T12:00:00",
    "2024-02-29T23:59:59",
    "2100-02-28T23:59:59",
    "8999-12-31T23:59:59",
)
EDGES = [
    *(EARLIEST, EARLIEST + timedelta(seconds=1), EARLIEST + timedelta(days=1), datetime(1970, 1, 1, tzinfo=UTC)),
    *(
        LATEST,
        LATEST - timedelta(seconds=1),
        LATEST - timedelta(days=1),
        datetime(1999, 12, 31, 23, 59, 59, tzinfo=UTC),
    ),
    *(datetime.fromisoformat(text).replace(tzinfo=UTC) for text in (*DST, *DAYS)),
]
seconds = st.integers(0, int((LATEST - EARLIEST).total_seconds())).map(
    lambda count: EARLIEST + timedelta(seconds=count)
)
year_ends = st.integers(1901, 9000).map(lambda year: datetime(year, 1, 1, tzinfo=UTC) - timedelta(seconds=1))
starts = st.one_of(st.sampled_from(EDGES), year_ends, seconds)
"""Any instant that a clock can start at, and more often those at which calendars are difficult."""

# Actions: each calls the API or its control plane, soundly as a rule

Action = Callable[[Client, DataObject], Reply]


def create_profile(client: Client, data: DataObject) -> Reply:
    born = client.world.now.date() - timedelta(days=data.draw(st.integers(1, 40_000)))
    return client.post("/profiles", data.draw(new_profiles) | {"date_of_birth": str(born)})


def update_profile(client: Client, data: DataObject) -> Reply:
    return client.patch(f"/profiles/{one(client, data, 'profiles')}", data.draw(profile_changes))


def create_appointment(client: Client, data: DataObject) -> Reply:
    when = instant_text(client.world, data.draw(minutes), data.draw(offsets))
    body = {"profile_id": one(client, data, "profiles"), "location_id": data.draw(st.sampled_from(LOCATIONS))}
    return client.post("/appointments", body | {"scheduled_at": when})


def update_appointment(client: Client, data: DataObject) -> Reply:
    when = instant_text(client.world, data.draw(minutes), data.draw(offsets))
    return client.patch(f"/appointments/{one(client, data, 'appointments')}", {"scheduled_at": when})


def add_panels(client: Client, data: DataObject) -> Reply:
    path = f"/appointments/{one(client, data, 'appointments')}"
    if data.draw(st.booleans()):
        return client.post(f"{path}/panels", {"panel_ids": data.draw(panel_ids)})
    return client.patch(f"{path}/custom-snapshot", {"panel_id": CUSTOM_PANEL, "biomarker_ids": [42, 87]})


def confirm(client: Client, data: DataObject) -> Reply:
    return client.post(f"/appointments/{one(client, data, 'appointments')}/confirm", {"barcode": data.draw(barcodes)})


def cancel(client: Client, data: DataObject) -> Reply:
    return client.delete(f"/appointments/{one(client, data, 'appointments')}")


def create_shipment(client: Client, data: DataObject) -> Reply:
    start, end = data.draw(pickup_times)
    day = client.world.now.date() + timedelta(days=data.draw(st.integers(1, 9)))
    body = {"location_id": data.draw(st.sampled_from(LOCATIONS)), "pickup_date": str(day)}
    body |= {"pickup_time_from": start, "pickup_time_till": end} | data.draw(further_orders)
    return client.post("/shipments", body)


def link(client: Client, data: DataObject) -> Reply:
    path = f"/appointments/{one(client, data, 'appointments')}/shipments"
    return client.post(path, {"shipment_ids": [one(client, data, "shipments")]})


def change_shipment(client: Client, data: DataObject) -> Reply:
    path = f"/shipments/{one(client, data, 'shipments')}"
    return (
        client.delete(path) if data.draw(st.booleans()) else client.patch(path, {"weight": 0.5, "notes": "two\nlines"})
    )


def let_courier(client: Client, data: DataObject) -> Reply:
    what, details = data.draw(courier_events)
    return event(client, f"courier.{what}", shipment_id=one(client, data, "shipments"), **details)


def let_others(client: Client, data: DataObject) -> Reply:
    type = data.draw(st.sampled_from(("practice.confirmed", "operations.cancelled", "lab.results_arrived")))
    return event(client, type, appointment_id=one(client, data, "appointments"))


def plan(client: Client, data: DataObject) -> Reply:
    later = min(client.world.now + timedelta(seconds=data.draw(spans)), LATEST)
    return event(
        client, "location.date_blocked", location_id=BERLIN, date=str(later.date()), time=f"{later:%Y-%m-%dT%H:%M:%SZ}"
    )


def control_more(client: Client, data: DataObject) -> Reply:
    if data.draw(st.booleans()):
        return client.control("POST", "/worlds/test/faults", {"operation": "list_units", "status": 503})
    body = {"hourly_sync": data.draw(st.booleans()), "courier_automation": data.draw(st.booleans())}
    return client.control("PATCH", "/worlds/test/settings", body)


def go_on(client: Client, data: DataObject) -> Reply:
    return client.control("POST", "/worlds/test/clock/advance", {"seconds": data.draw(spans)})


ACTIONS: list[Action] = [
    *(create_profile, update_profile, create_appointment, update_appointment, add_panels, confirm, cancel),
    *(create_shipment, link, change_shipment, let_courier, let_others, plan, control_more, go_on),
]


def one(client: Client, data: DataObject, section: str) -> str:
    """The id of one of the records of a section."""
    return data.draw(st.sampled_from([record.id for record in getattr(client.world, section)]))


def event(client: Client, type: str, **details: str) -> Reply:
    """Let something happen, now or later."""
    return client.control("POST", "/worlds/test/events", {"type": type, **details})


def require_there_and_back(client: Client) -> None:
    """The snapshot of the world is read back as the same world, to the byte, which goes on from there."""
    text = text_of(client.world)
    client.worlds.put(client.world, read(msgspec.json.decode(text)))
    assert text_of(client.world) == text


def require_put_back(client: Client) -> None:
    """So it is over the control plane."""
    text = written(client)
    put = replace(SNAPSHOT, method="PUT", content_type="application/json", body=text)
    answer = respond_to_control(CONTROL, client.worlds, put)
    assert answer.status == 200, answer.body
    assert written(client) == text


def written(client: Client) -> bytes:
    """What GET gives for the snapshot of the world."""
    answer = respond_to_control(CONTROL, client.worlds, SNAPSHOT)
    assert answer.status == 200
    return answer.body


@settings(
    max_examples=50,
    deadline=None,
    derandomize=True,
    database=None,
    suppress_health_check=list(HealthCheck),
)
@given(start=starts, data=st.data())
def test_what_the_api_makes_is_taken_back(start: datetime, data: DataObject) -> None:
    """Wherever a world starts and whatever is done in it, it takes back its own snapshot, now and later."""
    worlds = new_worlds()
    worlds.create("test", start=start)
    client = Client(worlds)
    require_there_and_back(client)
    for _ in range(2):
        for action in data.draw(st.lists(st.sampled_from(ACTIONS), min_size=3, max_size=10)):
            reply = action(client, data)
            assert reply.status < 500 or reply.rules == ["shipment.courier-refuses"], reply
        require_there_and_back(client)
        left = int((LATEST - client.world.now).total_seconds())
        seconds = min(data.draw(st.integers(1, 400 * 24 * 60 * 60)), left)
        if seconds:
            assert client.control("POST", "/worlds/test/clock/advance", {"seconds": seconds}).status == 200
        require_there_and_back(client)
    require_put_back(client)


@pytest.mark.parametrize("start", EDGES, ids=str)
def test_every_start_is_taken_back(start: datetime) -> None:
    """At the ends of the span, of years and of summer time, a world as it starts is taken back."""
    worlds = new_worlds()
    worlds.create("test", start=start)
    require_put_back(Client(worlds))


# Fields

Leaf = tuple[str, ...]
"""Where a field is in the records of a section: names, and ``*`` for an entry of a list or a value of a mapping."""


def leaves(type: Any) -> Iterator[tuple[Leaf, Any]]:
    """The fields in a record at any depth that have no fields themselves, each with its type."""
    plain, *metas = get_args(type) if get_origin(type) is Annotated else (type,)
    origin, inner = get_origin(plain), get_args(plain)
    parts = [part for part in inner if part is not NoneType] if origin in (Union, UnionType) else []
    if is_struct(plain):
        hints = get_type_hints(plain, include_extras=True)
        for name in plain.__struct_fields__:
            yield from (((name, *path), leaf) for path, leaf in leaves(hints[name]))
    elif len(parts) == 1 and (is_struct(bare(parts[0])) or get_origin(bare(parts[0])) in (list, dict)):
        yield from leaves(parts[0])
    elif origin in (list, tuple, set, frozenset):
        yield from ((("*", *path), leaf) for path, leaf in leaves(Annotated[(inner[0], *metas)] if metas else inner[0]))
    elif origin is dict and inner[1] is not Any:
        yield from ((("*", *path), leaf) for path, leaf in leaves(inner[1]))
    else:
        yield (), type


def bare(type: Any) -> Any:
    """A type without what is said about it."""
    return get_args(type)[0] if get_origin(type) is Annotated else type


def metas_in(type: Any) -> list[Meta]:
    """Everything that is said about a type and the types that it allows."""
    found = [meta for meta in get_args(type) if isinstance(meta, Meta)]
    return found + [meta for part in get_args(type) if not isinstance(part, Meta) for meta in metas_in(part)]


def written_place(plain: Any, place: str) -> str:
    """A place as problems write it."""
    steps: list[str | int] = []
    for step in place.split("/"):
        steps.append(int(step) if isinstance(plain, list) else step)
        plain = plain[steps[-1]] if isinstance(plain, list) else plain.get(step)
    return write_path(steps)


def place_of(plain: Any, path: Leaf) -> str | None:
    """The path of one such field in plain data; None where there is none."""
    if not path:
        return ""
    if path[0] == "*":
        steps = list(enumerate(plain) if isinstance(plain, list) else plain.items() if isinstance(plain, dict) else ())
    else:
        steps = [(path[0], plain.get(path[0]))] if isinstance(plain, dict) else []
    for step, value in steps:
        rest = place_of(value, path[1:])
        if rest is not None:
            return f"{step}/{rest}".rstrip("/")
    return None


POOL: list[Any] = [
    *(
        "",
        " ",
        "x",
        "X",
        "a b",
        "a-b",
        "Zoë",
        "名前",
        "a\0b",
        "a\nb",
        "a\x7f",
        "1",
        "12\n",
        "०१",
        "de",
        "DE",
        "en",
        "Ann",
    ),
    *("soon", "2026-02-30", "2026-02-28", "2026-05-01T08:00:00Z", "2026-05-01T08:00:00", "2026-05-01T08:00:00.5Z"),
    *(
        "0001-01-01T00:00:00Z",
        "10:00",
        "08:59",
        "19:01",
        "10:00:00",
        "24:00",
        "08:59:00",
        "19:01:00",
        "10:00:30",
        "+49171",
        "+4",
        "112",
    ),
    *(
        "a@example.com",
        "nobody",
        "https://example.com",
        "example.com",
        "P2604154821",
        "P1",
        "a.pdf",
        "a.exe",
        "fault-1",
    ),
    *(UNKNOWN, UNKNOWN.upper(), "Europe/Berlin", "Europe/Nowhere", "x" * 5000, 0, 1, 2, 3, -1, 0.5, 1.5, 1e308, 10**30),
    *(True, False, None, [], {}, [1], {"x": 1}, [None]),
]
"""Values of every kind, those that look right somewhere among them."""


def near(type: Any) -> Iterator[Any]:
    """Values at the bounds of a type, and beside them."""
    for meta in metas_in(type):
        for bound in (meta.min_length, meta.max_length):
            if bound is not None:
                yield from (sign * (bound + step) for sign in "x1a" for step in (-1, 0, 1))
        for bound in (meta.ge, meta.le, meta.gt, meta.lt):
            if bound is not None:
                yield from (bound + step for step in (-1, 0, 1))


@cache
def record_of(type: Any) -> Any:
    """A record with one field."""
    return msgspec.defstruct("Record", [("field", type)])


def takes(type: Any, value: Any) -> bool:
    """Whether a field of a record may hold a plain value, by its type alone."""
    if list(conversion_problems(value, type)):
        return False
    record = record_of(type)
    return reader_of(record).problems(msgspec.convert({"field": value}, record)) == []


def split(type: Any) -> tuple[list[Any], list[Any]]:
    """Values that a type takes, and values that it refuses, one for each reason."""
    right: list[Any] = []
    wrong: dict[str, Any] = {}
    for value in [*near(type), *POOL]:
        if takes(type, value):
            right.append(value)
        else:
            reason = next((message for _, message in conversion_problems(value, type)), "judged")
            wrong.setdefault(reason, value)
    return right, list(wrong.values())


RECORD_FIELDS = [
    (section, path, type)
    for section in (*DOMAIN.sections, DOMAIN.faults)
    for path, type in leaves(section.record)
    if UnsetType not in get_args(type)  # an effect that a fault does not have
]
FIELD_IDS = [f"{section.name}.{'.'.join(path)}" for section, path, _ in RECORD_FIELDS]
"""Every field of every record, whether a world file has it or not."""


def refers(type: Any) -> bool:
    """Whether a field names another record."""
    return any("refers" in (meta.extra or {}) for meta in metas_in(type))


SUNDAY = "locations/0/open_hours/sunday"
WORLD_FILE = changed(FIXTURE, SUNDAY, [{"open": "10:00", "close": "11:00"}])
SAVED = changed(PLAIN, SUNDAY, [{"open": "10:00", "close": "11:00"}])
"""A world file and a snapshot with something in every field."""


@pytest.mark.rule("snapshot.valid")
@pytest.mark.parametrize(("section", "path", "type"), RECORD_FIELDS, ids=FIELD_IDS)
def test_snapshots_hold_what_records_may(section: Section, path: Leaf, type: Any) -> None:
    """At every field, a snapshot is refused for what the type of the record refuses, and is not for what it takes."""
    place = place_of(SAVED[section.name], ("*", *path))
    assert place is not None, "the snapshot has no such field: let lived_in make one"
    place = f"{section.name}/{place}"
    right, wrong = split(type)
    assert wrong
    for value in wrong:
        assert problems_at(place, path, SAVED, value, problems_of_snapshot), value
    for value in right[:2] if not refers(type) else ():
        assert not problems_at(place, path, SAVED, value, problems_of_snapshot) & said_of(type), value


WRITTEN_FIELDS = [
    (section, path, type)
    for section, path, type in RECORD_FIELDS
    if section.written is not None
    and path[0] not in section.written.left_out | section.written.further.keys() | section.written.lookups.keys()
]
WRITTEN_IDS = [f"{section.name}.{'.'.join(path)}" for section, path, _ in WRITTEN_FIELDS]


@pytest.mark.parametrize(("section", "path", "type"), WRITTEN_FIELDS, ids=WRITTEN_IDS)
def test_world_files_hold_what_records_may(section: Section, path: Leaf, type: Any) -> None:
    """So is a world file at every field that is written in it, but for the ways in which it may write an instant."""
    assert section.written is not None
    called = (section.written.names.get(path[0], path[0]), *path[1:])
    place = place_of(WORLD_FILE[section.name], ("*", *called)) or f"0/{'/'.join(called)}"
    place = f"{section.name}/{place}"
    right, wrong = split(type)
    for value in wrong:
        if not (is_time(type) and isinstance(value, str) and reads(value)):
            assert problems_at(place, path, WORLD_FILE, value, problems_of_fixture), value
    for value in right[:2] if not (refers(type) or is_time(type)) else ():
        assert not problems_at(place, path, WORLD_FILE, value, problems_of_fixture) & said_of(type), value


def problems_at(place: str, path: Leaf, plain: Any, value: Any, problems: Callable[[Any], dict[str, str]]) -> set[str]:
    """What is said of a value at a place. An entry of a list or a mapping without fields is not told apart."""
    key = (problems.__name__, place, repr(value))
    found = FOUND.get(key)
    if found is None:
        found = FOUND[key] = problems(changed(plain, place, value))
    at = written_place(plain, place.rpartition("/")[0] if path[-1] == "*" else place)
    return {message for name, message in found.items() if name.startswith(at)}


FOUND: dict[tuple[str, str, str], dict[str, str]] = {}
"""What was wrong with a value at a place of the world file or the snapshot, both of which stay as they are: bodies that
make and change a record ask the same."""


@cache
def said_of(type: Any) -> set[str]:
    """What is said of the values that a type refuses."""
    return {message for value in [*near(type), *POOL] for _, message in conversion_problems(value, type)}


def is_time(type: Any) -> bool:
    """Whether a field holds an instant, a day or a time."""
    return bool(
        {datetime, date, time} & {bare(part) for part in (type, bare(type), *get_args(type), *get_args(bare(type)))}
    )


def reads(text: str) -> bool:
    """Whether a world file reads a text as an instant, a day or a time."""
    for parse in (parse_moment, parse_day, time.fromisoformat):
        with suppress(ValueError):
            parse(text)
            return True
    return False


# Requests

BODIES: dict[type, tuple[Section, str, str, dict[str, Any]]] = {
    ProfileCreate: (PROFILES, "POST", "/profiles", NEW_PROFILE),
    ProfileUpdate: (PROFILES, "PATCH", f"/profiles/{PROFILE}", {}),
    AppointmentCreate: (APPOINTMENTS, "POST", "/appointments", NEW_APPOINTMENT),
    AppointmentUpdate: (APPOINTMENTS, "PATCH", f"/appointments/{APPOINTMENT}", {}),
    DrawConfirmation: (APPOINTMENTS, "POST", f"/appointments/{APPOINTMENT}/confirm", {}),
    ShipmentCreate: (SHIPMENTS, "POST", "/shipments", NEW_SHIPMENT),
    ShipmentUpdate: (SHIPMENTS, "PATCH", f"/shipments/{SHIPMENT}", {}),
}
"""The bodies that make or change a record, with a request for each."""
ELSEWHERE = {"profile_group", "profile_group_slug", "password", "appointment_id"}
"""Fields that are a group, a link, or kept nowhere."""
NAMES_ONLY = {"PanelIds", "SnapshotChange", "ShipmentIds", "AppointmentIds", "NoBody"}
"""Bodies that only name what there is."""
SENT = [
    (body, name) for body, (section, *_) in BODIES.items() for name in body.__struct_fields__ if name not in ELSEWHERE
]


def test_every_body_is_held_to_its_record() -> None:
    """Every body of an operation makes or changes a record, or only names what there is; and every field of it ends up
    in a field of the record of the same name, but for a few."""
    assert {operation.body for operation in partner.OPERATIONS if operation.body.__name__ not in NAMES_ONLY} == {
        *BODIES
    }
    for body, name in SENT:
        assert name in BODIES[body][0].record.__struct_fields__


SENT_IDS = [f"{body.__name__}.{name}" for body, name in SENT]


@pytest.mark.parametrize(("body", "name"), SENT, ids=SENT_IDS)
def test_requests_are_held_to_the_same(body: type, name: str) -> None:
    """A record takes what the API makes of a value that it takes in a field, and refuses one that the API refuses
    there. World files and snapshots take what the type of the record takes, as is shown above; of times and names,
    which files write and judge in their own ways, it is shown here."""
    for hints in (
        get_type_hints(body, include_extras=True),
        get_type_hints(BODIES[body][0].record, include_extras=True),
    ):
        for value in near(hints[name]):
            require_agreement(body, name, value)
    for value in POOL:
        require_agreement(body, name, value)


@pytest.mark.parametrize(("body", "name"), SENT, ids=SENT_IDS)
def test_requests_of_any_value_are_held_to_the_same(body: type, name: str) -> None:
    """So it is with any text and any number; a field of times or of names takes none of those that come by chance."""

    @settings(
        max_examples=8 if is_own(type_of(body, name)) else 20,
        deadline=None,
        derandomize=True,
        database=None,
        suppress_health_check=list(HealthCheck),
    )
    @given(value=TEXTS | st.floats(allow_nan=False, allow_infinity=False) | st.integers())
    def require(value: Any) -> None:
        require_agreement(body, name, value)

    require()


def type_of(body: type, name: str) -> Any:
    """The type of the record's field that a field of a body ends up in."""
    return get_type_hints(BODIES[body][0].record, include_extras=True)[name]


def is_own(type: Any) -> bool:
    """Whether world files write and judge a field in their own way."""
    return is_time(type) or refers(type)


def require_agreement(body: type, name: str, value: Any) -> None:
    """A request with a value in a field of its body, and a record with it, are both taken, or both refused."""
    section, method, path, rest = BODIES[body]
    assert section.written is not None
    type = type_of(body, name)
    if value is None and NoneType in get_args(type):
        return  # as where the field is left out
    client = new_client()
    reply = client.request(method, path, {**rest, name: value})
    place = f"{section.name}/{PLACES[section.name]}"
    in_file, in_snapshot = f"{place}/{section.written.names.get(name, name)}", f"{place}/{name}"
    in_own_way = is_own(type)
    if reply.status < 300:
        id = path.split("/")[2] if path.count("/") > 1 else reply.json["id"]
        stored = next(each for each in snapshot_of(client.world)[section.name] if each["id"] == id)[name]
        assert takes(type, stored)
        if in_own_way:
            as_written = value if bare(type) is time else stored
            assert not problems_at(in_snapshot, (name,), SAVED, stored, problems_of_snapshot)
            assert not problems_at(in_file, (name,), WORLD_FILE, as_written, problems_of_fixture)
    elif is_refused_for_its_form(reply) or not takes(type, value):
        assert in_own_way or not takes(type, value)
        if in_own_way and not (name == "scheduled_at" and isinstance(value, str) and reads(value)):
            if refers(type) or not takes(type, value):  # a time such as 10:00:00, which is the way of snapshots
                assert problems_at(in_snapshot, (name,), SAVED, value, problems_of_snapshot)
            assert problems_at(in_file, (name,), WORLD_FILE, value, problems_of_fixture)


def is_refused_for_its_form(reply: Reply) -> bool:
    """Whether a request is refused for what it is, not for what is in the world, or when."""
    return any(partner.LEDGER[id].kind == "format" for id in reply.rules)


@cache
def client_of_all() -> Client:
    return Client()


def new_client() -> Client:
    """A client of a world as it starts."""
    client = client_of_all()
    client.world.reset()
    return client


PLACES = {
    "profiles": 0,
    "appointments": next(place for place, each in enumerate(FIXTURE["appointments"]) if each["id"] == APPOINTMENT),
    "shipments": next(place for place, each in enumerate(FIXTURE["shipments"]) if each["id"] == SHIPMENT),
}
"""A record of each section, at the same place in world files and snapshots."""
