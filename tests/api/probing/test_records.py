"""Records in probes: each has its words, and every value is a date of what happened, follows from ids, or counts."""

import re
from collections.abc import Iterator
from typing import Any

import msgspec
import pytest
from msgspec import UnsetType, inspect

from aniva_sandbox.api.domain import DOMAIN
from aniva_sandbox.api.events import EVENTS
from aniva_sandbox.engine.json_paths import change_at, values_at
from aniva_sandbox.engine.world.agenda import Happened
from aniva_sandbox.engine.world.snapshot import Planned, written_records
from tests.support import (
    BERLIN,
    CUSTOM_PANEL,
    GENETICS_PANEL,
    HELSINKI,
    PANEL,
    PENDING_APPOINTMENT,
    SHIPMENT,
    Client,
    new_worlds,
    snapshot_of,
)

PROBING = DOMAIN.probing()

MEANT: dict[str, set[str]] = {
    "personas": {"$.persona", "$.permissions[]", "$.profile_groups[]", "$.location_groups[]", "$.panels[]"},
    "profile_groups": {"$.id", "$.slug", "$.name"},
    "location_groups": {"$.slug", "$.name"},
    "locations": {
        *("$.id", "$.name", "$.company_name", "$.street", "$.house_number", "$.address_line_2", "$.city", "$.state"),
        *("$.postal_code", "$.country_name", "$.country_code", "$.timezone", "$.contact_phone", "$.email", "$.website"),
        *("$.google_maps_url", "$.image_url", "$.active", "$.group", "$.initial_status", "$.laboratory", "$.courier"),
        *("$.slot_minutes", "$.interval_minutes", "$.blocked_dates[]", "$.pickup_remarks"),
        *(
            f"$.open_hours.{day}[].{end}"
            for day in ("monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday")
            for end in ("open", "close")
        ),
    },
    "profiles": {
        *("$.id", "$.group", "$.handle", "$.first_name", "$.last_name", "$.phone", "$.sex", "$.date_of_birth"),
        *("$.height", "$.weight", "$.language"),
        "$.email",  # a placeholder holds the id
    },
    "appointments": {
        *("$.id", "$.profile_id", "$.location_id", "$.scheduled_at", "$.status", "$.test_method", "$.barcode"),
        "$.snapshot.*[]",
    },
    "shipments": {
        *("$.id", "$.location_id", "$.pickup_date", "$.pickup_time_from", "$.pickup_time_till", "$.package_count"),
        *("$.weight", "$.pickup_remarks", "$.notes", "$.cancelled", "$.reports[].status", "$.reports[].wording"),
    },
    "links": {"$.appointment_id", "$.shipment_id"},
    "orders": {
        *("$.id", "$.barcode", "$.failed", "$.document_ids[]", "$.results.*.status", "$.results.*.chosen"),
        *("$.submissions[].laboratory", "$.submissions[].kind", "$.submissions[].biomarker_ids[]"),
        *("$.patient.profile_id", "$.patient.first_name", "$.patient.last_name", "$.patient.sex"),
        *("$.patient.date_of_birth", "$.patient.language"),
    },
    "documents": {
        *("$.id", "$.appointment_id", "$.corrected", "$.results.*.status", "$.results.*.chosen"),
        *("$.submission.laboratory", "$.submission.kind", "$.submission.biomarker_ids[]"),
        *("$.patient.profile_id", "$.patient.first_name", "$.patient.last_name", "$.patient.sex"),
        *("$.patient.date_of_birth", "$.patient.language"),
    },
    "hourly_since": set(),
}
"""The values that make records equal or different, by the name of the section or fact."""
_EVENT = {
    *("$.event.type", "$.event.target", "$.event.automatic"),
    *("$.event.details.skipped", "$.event.details.scheduled_at", "$.event.details.appointment_id"),
    *("$.event.details.status", "$.event.details.biomarker_ids", "$.event.details.comment", "$.event.details.date"),
}
MEANT |= {"agenda": _EVENT, "history": _EVENT}

TYPES: dict[str, Any] = {section.name: section.record for section in DOMAIN.sections}
TYPES |= {fact.name: fact.type for fact in DOMAIN.facts} | {"agenda": Planned, "history": Happened}


def leaves(type: Any) -> set[str]:
    """The paths of all single values in the records of a type."""
    return set(_leaves("$", inspect.type_info(type)))


def _leaves(path: str, type: Any) -> Iterator[str]:
    match type:
        case inspect.Metadata():
            yield from _leaves(path, type.type)
        case inspect.UnionType():
            for part in type.types:
                if not isinstance(part, inspect.NoneType):
                    yield from _leaves(path, part)
        case inspect.StructType():
            for field in type.fields:
                yield from _leaves(f"{path}.{field.encode_name}", field.type)
        case inspect.DictType() if path == "$.event.details":
            yield from (f"{path}.{name}" for name in details())
        case inspect.DictType():
            yield from _leaves(f"{path}.*", type.value_type)
        case inspect.ListType() | inspect.VarTupleType() | inspect.SetType() | inspect.FrozenSetType():
            yield from _leaves(f"{path}[]", type.item_type)
        case _:
            yield path


def details() -> set[str]:
    """The details that any event may have."""
    parts = (part for type in EVENTS.values() for part in (type.details, type.outcome))
    return {each.name for part in parts for each in msgspec.structs.fields(part)} | {"skipped"}


@pytest.mark.parametrize("part", TYPES)
def test_every_value_is_classified(part: str) -> None:
    """Every value of a record says when something happened, follows from ids, or is meant; none is two of these."""
    classes = [PROBING.stamps.get(part, set()), PROBING.derived.get(part, set()), MEANT[part]]
    assert set().union(*classes) == leaves(TYPES[part])
    assert sum(map(len, classes)) == len(leaves(TYPES[part]))


def test_every_part_is_classified() -> None:
    """No part of a state is forgotten, and none is made up."""
    assert MEANT.keys() == TYPES.keys()
    assert PROBING.stamps.keys() | PROBING.derived.keys() <= TYPES.keys()


def test_a_new_field_is_noticed() -> None:
    """The check sees fields in any form."""
    inner = msgspec.defstruct("Inner", [("at", str | None), ("kinds", frozenset[int])])
    record = msgspec.defstruct("Record", [("id", str | UnsetType), ("one", inner), ("many", dict[str, list[inner]])])
    assert leaves(record) == {"$.id", "$.one.at", "$.one.kinds[]", "$.many.*[].at", "$.many.*[].kinds[]"}


# What a client does, in two worlds


def lived(seed: int, delay: int) -> Client:
    """A world in which everything has happened that leaves a record behind, a few seconds later or sooner."""
    client = Client(new_worlds(seed=seed))
    client.control("POST", "/worlds/test/clock/advance", {"seconds": delay})
    patient = {"first_name": "Jane", "last_name": "Doe", "sex": 2, "date_of_birth": "1990-06-15"}
    profile = client.post("/profiles", patient | {"profile_group_slug": "acme-clinic-berlin"}).json["id"]
    appointment = client.post(
        "/appointments",
        {"profile_id": profile, "location_id": BERLIN, "scheduled_at": "2026-04-20T08:00:00Z"},
    ).json["id"]
    client.post(f"/appointments/{appointment}/panels", {"panel_ids": [PANEL, GENETICS_PANEL]})
    client.patch(f"/appointments/{appointment}/custom-snapshot", {"panel_id": CUSTOM_PANEL, "biomarker_ids": [60]})
    pickup = {"pickup_date": "2026-04-20", "pickup_time_from": "11:00", "pickup_time_till": "14:00"}
    body = {"location_id": BERLIN, "appointment_id": appointment} | pickup
    shipment = client.post("/shipments", body).json["id"]
    client.post(f"/appointments/{appointment}/confirm", {"barcode": "4130075218"})
    for event in (
        {"type": "practice.confirmed", "appointment_id": PENDING_APPOINTMENT},
        {"type": "kit.ordered", "profile_id": profile},
        {"type": "kit.ordered", "profile_id": profile, "scheduled_at": "2026-04-21T08:00:00Z"},
        {"type": "location.date_blocked", "location_id": HELSINKI, "date": "2026-05-04"},
        {"type": "lab.results_arrived", "appointment_id": appointment, "values": {"42": 80.0}, "comment": "Repeated."},
    ):
        assert client.control("POST", "/worlds/test/events", event).status < 300, event
    client.control("POST", "/worlds/test/clock/advance", {"seconds": 15 * 86400})
    client.get(f"/shipments/{shipment}")
    corrected = {"type": "lab.corrected", "appointment_id": appointment, "values": {"42": 90.0}}
    assert client.control("POST", "/worlds/test/events", corrected).status < 300
    for event in (
        {"type": "courier.booked", "shipment_id": SHIPMENT, "tracking_number": "GO1"},
        {"type": "lab.corrected", "appointment_id": appointment, "values": {"42": 95.0}},
        {"type": "location.closed", "location_id": HELSINKI},
    ):
        assert client.control("POST", "/worlds/test/events", event | {"time": "2027-01-01T00:00:00Z"}).status < 300
    return client


@pytest.fixture(scope="module")
def state() -> dict[str, Any]:
    """The state of such a world."""
    return snapshot_of(lived(0, 0).world)


def alike(state: dict[str, Any]) -> dict[str, Any]:
    """A state without what is only time, and what only follows from ids."""
    state = {part: state[part] for part in TYPES}
    for paths in (PROBING.stamps, PROBING.derived):
        for part, within in paths.items():
            for path in within:
                path = path if part == "hourly_since" else f"$[]{path[1:]}"
                state[part] = change_at(state[part], path, lambda _: None)
    text = msgspec.json.encode(state).decode()
    for section in DOMAIN.sections:
        for place, record in enumerate(state[section.name] if section.key else ()):
            text = text.replace(record[section.key], f"<{section.name} {place}>")
    return dict(msgspec.json.decode(text))


def test_other_ids_at_other_times_make_no_difference(state: dict[str, Any]) -> None:
    """Where the same was done with other ids, another patient's blood and a little later, the rest is equal."""
    other = snapshot_of(lived(1, 7).world)
    for part in TYPES:
        assert alike(other)[part] == alike(state)[part], part
    assert other["profiles"][-1]["email"] != state["profiles"][-1]["email"]


@pytest.mark.parametrize("part", sorted(PROBING.stamps.keys() | PROBING.derived.keys()))
def test_what_makes_no_difference_is_there(part: str, state: dict[str, Any]) -> None:
    """Every value that is left out occurs."""
    for path in PROBING.stamps.get(part, frozenset()) | PROBING.derived.get(part, frozenset()):
        within = path if part == "hourly_since" else f"$[]{path[1:]}"
        assert any(each is not None for each in values_at(state[part], within)), path


# Words


def test_every_record_is_described(state: dict[str, Any]) -> None:
    """Every list of a state has words for its records, which hold no id and no more than one line."""
    lists = {name for name in TYPES if isinstance(state[name], list)}
    assert PROBING.describe.keys() == lists
    records = written_records(state, DOMAIN)
    for part in lists:
        assert state[part], part
        for record in state[part]:
            words = PROBING.describe[part](record, records)
            assert re.fullmatch(r"[^\n]{1,160}", words), words
            assert not re.search(r"[0-9a-f]{8}-|P\d{10}|None", words), words


def test_every_record_has_a_noun() -> None:
    """What is not called by the noun of a section has one of its own."""
    named = {section.name for section in DOMAIN.sections if section.noun}
    assert named.isdisjoint(PROBING.nouns)
    assert named | PROBING.nouns.keys() == PROBING.describe.keys()


@pytest.mark.parametrize(
    ("part", "place", "words"),
    [
        ("personas", 1, "reader"),
        ("profile_groups", 0, "ACME Clinic Berlin"),
        ("location_groups", 0, "Aniva Germany"),
        ("locations", 0, "Aniva Berlin Mitte"),
        ("profiles", -1, "Jane Doe"),
        ("appointments", -3, "Jane Doe at 2026-04-20 10:00"),
        ("appointments", -2, "Jane Doe, home kit, without a date"),
        ("appointments", -1, "Jane Doe, home kit at 2026-04-21 08:00"),
        ("shipments", -1, "Aniva Berlin Mitte on 2026-04-20"),
        ("links", -1, "Jane Doe at 2026-04-20 10:00 and Aniva Berlin Mitte on 2026-04-20"),
        ("orders", -1, "Jane Doe at 2026-04-20 10:00"),
        ("documents", -2, "Jane Doe at 2026-04-20 10:00, genetic from ZotzKlimas"),
        ("documents", -1, "Jane Doe at 2026-04-20 10:00, clinical from ZotzKlimas, corrected"),
        ("agenda", -1, "location.closed, Aniva Helsinki Central"),
        ("history", 1, "kit.ordered, Jane Doe"),
        ("history", -1, "lab.corrected, Jane Doe at 2026-04-20 10:00"),
    ],
)
def test_words(part: str, place: int, words: str, state: dict[str, Any]) -> None:
    """A record is named as people would, with the time as the clock on the wall shows it."""
    assert PROBING.describe[part](state[part][place], written_records(state, DOMAIN)) == words


def test_a_patient_without_a_family_name(state: dict[str, Any]) -> None:
    """What a record does not have is left out."""
    records = written_records(state, DOMAIN)
    assert PROBING.describe["profiles"](state["profiles"][-1] | {"last_name": None}, records) == "Jane"


def test_a_record_that_is_gone(state: dict[str, Any]) -> None:
    """A record that another one names, but that the state does not have, is named by its key; its zone is UTC."""
    records = written_records(state, DOMAIN) | {"profiles": {}, "locations": {}}
    appointment, shipment = state["appointments"][-3], state["shipments"][-1]
    assert PROBING.describe["appointments"](appointment, records) == f"{appointment['profile_id']} at 2026-04-20 08:00"
    assert PROBING.describe["shipments"](shipment, records) == f"{BERLIN} on 2026-04-20"
