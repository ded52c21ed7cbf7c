"""What fields may hold: the same in requests, in world files and in snapshots."""

import copy
from typing import Any, cast

import hypothesis.strategies as st
import pytest
from hypothesis import given, settings

from aniva_sandbox.api import values as api_values
from aniva_sandbox.api.appointments import draw as draws
from aniva_sandbox.api.domain import DOMAIN
from aniva_sandbox.api.profiles import wire as profiles
from aniva_sandbox.api.shipments import wire as shipments
from aniva_sandbox.engine.contract import values
from aniva_sandbox.engine.contract.checks import Checks
from aniva_sandbox.engine.contract.schemas import inline_schema
from aniva_sandbox.engine.problems import Data, FixtureError, conversion_problems
from aniva_sandbox.engine.world.fixtures import load_fixture
from aniva_sandbox.engine.world.snapshot import read_state
from aniva_sandbox.engine.yaml_file import YamlFile, load_yaml
from aniva_sandbox.files import find_file
from aniva_sandbox.laboratory import values as lab_values
from tests.sandbox.world.test_snapshot import PLAIN, changed
from tests.support import new_world, snapshot_of

FIXTURE: Any = load_yaml(find_file("fixtures/worlds/default.yaml").read_text(encoding="utf-8"))


def problems_of_fixture(plain: Any) -> dict[str, str]:
    """What is wrong with the data of a world file, by field."""
    try:
        load_fixture(cast(YamlFile, Data(plain, "mine.yaml")), DOMAIN)
    except FixtureError as error:
        return {problem.field: problem.message for problem in error.problems}
    return {}


def problems_of_snapshot(plain: Any) -> dict[str, str]:
    """What is wrong with a snapshot, by field."""
    try:
        read_state(Data(plain), DOMAIN)
    except FixtureError as error:
        return {problem.field: problem.message for problem in error.problems}
    return {}


NAME = (["", " ", "x" * 101, "Ann\n", "a\r\nb", "名前", "4", "a/b"], ["Jürgen", "x" * 100, "O'Neil-Smith Jr."])
LABEL = (["", "x" * 201, "a\nb", "a\0b", "a\x7f", "a\u2028b"], ["x" * 200, "名前 <b>\"'/\\", "4"])
NOTES = (["x" * 129, "a\0b"], ["", "x" * 128, "two\nlines"])
EMAIL = (
    ["", "nobody", "a@", "a b@example.com", "Ann <a@example.com>", "a@example.com\n"],
    ["a@example.com", "a+1@example.com"],
)
MEASURE = ([-5, 0, "tall", True], [0.1, 190, 1e308])
URL = (["", "example.com", "javascript:alert(1)", "https://exa mple.com", "https://x\n"], ["https://example.com/?a=b"])
TELEPHONE = (["", "call me", "+49\n", "1" * 40], ["+49 (30) 123-45/6", "112"])
COUNTRY = (["Germany", "de", "DE\n", ""], ["DE"])
BARCODE = (["abc", "", "1" * 65, "12\n", "१२"], ["1", "1" * 64])
WORDING = (["", "x" * 129, "a\0b"], ["x" * 128, "two\nlines"])
TRACKING = (["", "x" * 65, "a\0b"], ["x" * 64])
MINUTES = ([0, 1441, 1.5, "15"], [1, 1440])
SLUG = (["", "A", "a b", "a--b", "a\n", "x" * 101], [])
FILE_NAME = (
    *(["a\r\nb.pdf", 'a".pdf', "../a.pdf", "a\\b.pdf", "a.exe", ".pdf", "x" * 70_000 + ".pdf", "a.pdf\n", "\x85.pdf"],),
    ["a.pdf", "Befund März (2).pdf", "名前.pdf", "x" * 124 + ".pdf"],
)
COMMENT = (["", "x" * 501, "a\0b"], ["x" * 500, "two\nlines"])
UUID = (["x", "C9F3E2A1-7D6B-4C5E-B3A2-1F0E9D8C7B6A", "c9f3e2a17d6b4c5eb3a21f0e9d8c7b6a"], [])

BOTH: dict[str, tuple[list[Any], list[Any]]] = {
    "profile_groups/0/name": LABEL,
    "profile_groups/0/slug": SLUG,
    "profile_groups/0/id": UUID,
    "location_groups/0/name": LABEL,
    "location_groups/0/slug": SLUG,
    "locations/0/id": UUID,
    "locations/0/name": LABEL,
    "locations/0/company_name": LABEL,
    "locations/0/street": LABEL,
    "locations/0/house_number": LABEL,
    "locations/0/address_line_2": LABEL,
    "locations/0/city": LABEL,
    "locations/0/state": LABEL,
    "locations/0/postal_code": LABEL,
    "locations/0/country_name": LABEL,
    "locations/0/country_code": COUNTRY,
    "locations/0/contact_phone": TELEPHONE,
    "locations/0/email": EMAIL,
    "locations/0/website": URL,
    "locations/0/google_maps_url": URL,
    "locations/0/image_url": URL,
    "locations/0/slot_minutes": MINUTES,
    "locations/0/interval_minutes": MINUTES,
    "locations/0/pickup_remarks": NOTES,
    "profiles/0/id": UUID,
    "profiles/0/first_name": NAME,
    "profiles/0/last_name": NAME,
    "profiles/0/handle": LABEL,
    "profiles/0/email": EMAIL,
    "profiles/0/phone": (["112", "+4", "+49 30 1", "+491713920017\n"], ["+491713920017"]),
    "profiles/0/height": MEASURE,
    "profiles/0/weight": MEASURE,
    "profiles/0/language": (["fr", "EN", ""], ["fi"]),
    "profiles/0/sex": ([0, 3, "1", True], [1, 2]),
    "profiles/0/date_of_birth": (["1985-02-30", "soon", 1985], ["1985-02-28"]),
    "appointments/0/id": UUID,
    "appointments/0/barcode": BARCODE,
    "shipments/0/id": (["P1", "p2604154821", "P26041548210", "P260415482\n"], []),
    "shipments/0/notes": NOTES,
    "shipments/0/pickup_remarks": NOTES,
    "shipments/0/weight": MEASURE,
    "shipments/0/package_count": ([0, -1, 1.5], [1, 10**6]),
}
"""For each path, which world files and snapshots share, what is refused and what is taken."""

MOVING = next(place for place, box in enumerate(FIXTURE["shipments"]) if len(box.get("updates", ())) > 1)
FIXTURES = {
    "title": LABEL,
    f"shipments/{MOVING}/updates/0/wording": WORDING,
    f"shipments/{MOVING}/updates/0/tracking_number": TRACKING,
    "shipments/0/pickup_time_from": (["9:00", "24:00", "10:00\n", 600], ["09:00"]),
}

SHIPPED = next(place for place, box in enumerate(PLAIN["shipments"]) if len(box["reports"]) > 1)
SNAPSHOTS = {
    f"shipments/{SHIPPED}/reports/0/wording": WORDING,
    f"shipments/{SHIPPED}/reports/0/tracking_number": TRACKING,
    "shipments/0/pickup_time_from": (["09:00:00Z", "09:00:30", "09:00:00.5", "soon"], ["09:00:00"]),
    "personas/1/persona": (["", "Re ader", "x" * 65, "a\n"], ["x" * 64]),
    "orders/0/barcode": BARCODE,
    "orders/0/patient/first_name": NAME,
    "orders/0/patient/last_name": NAME,
    "orders/0/results/42/comment": COMMENT,
    "documents/0/file_name": FILE_NAME,
    "documents/0/patient/first_name": NAME,
    "documents/0/results/42/comment": COMMENT,
    "history/0/event/details": (
        [{"foo": 1}, {"comment": "x" * 501}, {"status": ""}, {"tracking_number": "x" * 65}, {"date": "soon"}],
        [{}, {"scheduled_at": "2026-05-01T08:00:00Z"}],
    ),
    "faults/0/id": (["fault-\u0661", "fault-01", "fault-1\n", "1"], []),
    "faults/0/effect": ([{"status": 200}, {"latency_ms": -1}, {"drop": "now"}, {"glow": 1}], [{"status": 599}]),
}


def cases(table: dict[str, tuple[list[Any], list[Any]]], taken: bool) -> list[Any]:
    """Each value of a table with its path."""
    return [pytest.param(path, value, id=f"{path}-{value!r:.30}") for path in table for value in table[path][taken]]


def field(path: str) -> str:
    """A path as problems write it."""
    steps = [f"[{step}]" if step.isdigit() and len(step) < 2 else f".{step}" for step in path.split("/")]
    return "".join(steps).removeprefix(".")


@pytest.mark.parametrize(("path", "value"), cases(BOTH | FIXTURES, False))
def test_world_files_refuse(path: str, value: Any) -> None:
    """What no request could bring, or what a response could not carry, is refused at its field."""
    found = problems_of_fixture(changed(FIXTURE, path, value))
    assert field(path) in found
    assert len(found[field(path)]) < 200


@pytest.mark.parametrize(("path", "value"), cases(BOTH | FIXTURES, True))
def test_world_files_take(path: str, value: Any) -> None:
    """What is beside it is taken."""
    assert problems_of_fixture(changed(FIXTURE, path, value)) == {}


@pytest.mark.rule("snapshot.valid")
@pytest.mark.parametrize(("path", "value"), cases(BOTH | SNAPSHOTS, False))
def test_snapshots_refuse(path: str, value: Any) -> None:
    """A snapshot is held to the same, and so is what only snapshots have."""
    found = problems_of_snapshot(changed(PLAIN, path, value))
    wrong = [name for name in found if name.startswith(field(path))]
    assert wrong
    assert all(len(found[name]) < 200 for name in wrong)


@pytest.mark.parametrize(("path", "value"), cases(BOTH | SNAPSHOTS, True))
def test_snapshots_take(path: str, value: Any) -> None:
    """What is beside it is taken."""
    assert problems_of_snapshot(changed(PLAIN, path, value)) == {}


# Requests

TEXTS = st.text(max_size=130) | st.from_regex("[ '.A-Za-zÀ-ɏ-]{1,101}") | st.from_regex("\\+?[0-9]{1,66}")
PAIRS = {
    "name": (profiles.Name, lab_values.Name),
    "phone": (profiles.Phone, api_values.Phone),
    "barcode": (draws.DrawConfirmation.__annotations__["barcode"], lab_values.Barcode),
    "notes": (shipments.Notes, api_values.Notes),
    "reference": (shipments.ShipmentId, api_values.ShipmentId),
    "height": (profiles.Height, values.Measure),
}


@pytest.mark.parametrize("pair", PAIRS.values(), ids=PAIRS)
@settings(max_examples=50, deadline=None, derandomize=True, database=None)
@given(value=TEXTS | st.sampled_from(["P2604154821", "P2604154821\n", "1\n", "+491713920017\n", "Ann\n"]) | st.floats())
def test_requests_agree(pair: tuple[Any, Any], value: Any) -> None:
    """A value fits a field of a request where it fits the field of a record, but for NUL, which no request may have."""
    wire, record = pair
    if value != value or value in (float("inf"), float("-inf")):
        return  # no JSON
    taken = Checks({}).compiled(inline_schema(wire), strict_formats=True).accepts(value)
    nul = isinstance(value, str) and "\0" in value
    assert (taken and not nul) == (list(conversion_problems(value, record)) == [])


@pytest.mark.parametrize("address", [*EMAIL[0], *EMAIL[1], "a@b", f"{'a' * 64}@example.com", f"{'a' * 65}@example.com"])
def test_requests_agree_on_addresses(address: str) -> None:
    """An e-mail address is one to all, or to none."""
    check = Checks({}).compiled(inline_schema(profiles.Email), strict_formats=True)
    assert values.is_email(address) == check.accepts(address)


# All at once


def test_all_problems_of_a_snapshot_are_told_at_once() -> None:
    """What types refuse, what refers to nothing and what does not hold together is told in one go; an entry that does
    not fit its type is not missing to others."""
    plain = copy.deepcopy(PLAIN)
    plain["profiles"][0]["first_name"] = ""
    plain["appointments"][1]["location_id"] = "nowhere"
    plain["links"].append(plain["links"][0])
    plain["clock"]["mode"] = "stopped"
    assert problems_of_snapshot(plain) == {
        "clock.mode": 'must be one of "real", "frozen"',
        "profiles[0].first_name": "must have at least 1 character",
        "appointments[1].location_id": "there is no location nowhere",
        f"links[{len(plain['links']) - 1}]": "appears twice",
    }


def test_all_problems_of_a_world_file_are_told_at_once() -> None:
    """So it is with world files: also the references of an entry that does not fit its type elsewhere, and those to
    one."""
    plain = copy.deepcopy(FIXTURE)
    plain["profile_groups"][0]["name"] = ""
    plain["locations"][0] |= {"courier": "GO", "laboratory": "garage", "colour": "red"}
    plain["appointments"][0] |= {"status": "lost", "profile": "nobody"}
    assert problems_of_fixture(plain) == {
        "profile_groups[0].name": "must have at least 1 character",
        "locations[0].courier": 'must be one of "go", "dhl", "tof"',
        "locations[0].colour": "is not known; did you mean courier?",
        "locations[0].laboratory": "there is no laboratory garage",
        "appointments[0].status": 'must be one of "pending", "confirmed", "blood_drawn", "cancelled"',
        "appointments[0].profile": "there is no profile nobody",
    }


def test_own_data_is_no_problem() -> None:
    """What ships with the package, and what a world writes of itself, is taken."""
    assert problems_of_fixture(FIXTURE) == {}
    assert problems_of_snapshot(snapshot_of(new_world())) == {}
