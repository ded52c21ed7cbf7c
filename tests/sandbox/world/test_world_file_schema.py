"""The JSON Schema of world files: what editors complete and check is what is read."""

import re
from typing import Any

import jsonschema_rs
import pytest

from aniva_sandbox.api.domain import DOMAIN
from aniva_sandbox.engine.contract.formats import EMAIL_OPTIONS
from aniva_sandbox.engine.world.world_file_schema import world_file_schema
from aniva_sandbox.engine.yaml_file import load_yaml
from aniva_sandbox.files import find_file
from tests.sandbox.world.test_snapshot import changed
from tests.sandbox.world.test_values import BOTH, FIXTURE, FIXTURES, cases, problems_of_fixture

SCHEMA = world_file_schema(DOMAIN)
VALIDATOR = jsonschema_rs.Draft202012Validator(SCHEMA, validate_formats=True, email_options=EMAIL_OPTIONS)
FILES = [*find_file("fixtures/worlds").glob("*.yaml"), find_file("fixtures/new-world.yaml")]


def wrong_fields(plain: Any) -> list[str]:
    """The paths, with slashes, at which the schema refuses a world file."""
    return ["/".join(map(str, error.instance_path)) for error in VALIDATOR.iter_errors(plain)]


def parts(schema: Any) -> list[dict[str, Any]]:
    """Every mapping inside a schema."""
    if isinstance(schema, list):
        return [part for each in schema for part in parts(each)]
    return [schema, *(part for each in schema.values() for part in parts(each))] if isinstance(schema, dict) else []


def test_it_is_a_schema_for_editors() -> None:
    """It is a schema of the draft that it names, whose patterns JavaScript reads, without keywords of our own; what it
    refers to is there, and used."""
    jsonschema_rs.meta.validate(SCHEMA)
    keys = {key for part in parts(SCHEMA) for key in part}
    assert not {key for key in keys if key.startswith("x-")}
    assert not [part["pattern"] for part in parts(SCHEMA) if re.search(r"\\[AZ]", str(part.get("pattern", "")))]
    assert all(not isinstance(part.get("$ref"), str) or part["$ref"][8:] in SCHEMA["$defs"] for part in parts(SCHEMA))
    assert {part["$ref"][8:] for part in parts(SCHEMA) if "$ref" in part} == set(SCHEMA["$defs"])


def test_it_has_every_section() -> None:
    """It has the sections in their order, each described, and requires those that have to be there."""
    sections = [section for section in DOMAIN.sections if section.written is not None]
    assert list(SCHEMA["properties"]) == ["title", "start", *(section.name for section in sections)]
    assert [*SCHEMA["properties"], *SCHEMA["required"]].count("shipments") == 1
    assert len(SCHEMA["required"]) == len(SCHEMA["properties"]) - 1
    assert all(part.get("description") for part in SCHEMA["properties"].values())


@pytest.mark.parametrize("path", FILES, ids=[path.stem for path in FILES])
def test_it_takes_what_ships(path: Any) -> None:
    """The files that ship with the package fit it."""
    assert wrong_fields(load_yaml(path.read_text(encoding="utf-8"))) == []


@pytest.mark.parametrize(("path", "value"), cases(BOTH | FIXTURES, False))
def test_it_refuses_at_the_same_field(path: str, value: Any) -> None:
    """What the loader refuses by the type of a field, it refuses at this field."""
    assert path in wrong_fields(changed(FIXTURE, path, value))


@pytest.mark.parametrize(("path", "value"), cases(BOTH | FIXTURES, True))
def test_it_takes_the_same_values(path: str, value: Any) -> None:
    """What the loader takes it takes."""
    assert wrong_fields(changed(FIXTURE, path, value)) == []


INSTANTS = (
    [
        "",
        "soon",
        "2026-04-13",
        "2026-04-13T08:00:00",
        "+3d",
        "+3d 24:00",
        "3d 10:30",
        "4h",
        "+4h\n",
        "2026-04-13T08:00Z ",
    ],
    ["2026-04-13T08:00:00Z", "2026-04-13 08:00+02:00", "2026-04-13T08:00:00.5-0130", "+3d 10:30", "-0m", "+999999h"],
)
DAYS = (["", "soon", "9d", "+9d 10:30", "+9d\n", "2026-4-1", 9], ["2026-12-24", "+9d", "-9999d"])
SHAPES: dict[str, tuple[list[Any], list[Any]]] = {
    "start": (["+3d 10:30", "2026-04-13", 2026, None], ["2026-04-13T08:00:00+02:00"]),
    "appointments/0/created_at": INSTANTS,
    "appointments/0/scheduled_at": ([*INSTANTS[0], 5], [*INSTANTS[1], None]),
    "appointments/0/panels/0/added_at": INSTANTS,
    "shipments/0/appointments/0/added_at": INSTANTS,
    "locations/0/blocked_dates/0": DAYS,
    "shipments/0/pickup_date": (DAYS[0], ["-75d", "2026-01-28"]),
    "locations/0/laboratory": (["garage", None], ["labclinic"]),
    "locations/0/courier": (["GO", None], ["tof"]),
    "personas/reader/permissions": (["none", 1], ["all", ["profiles_view"], []]),
    "personas/reader/permissions/0": (["fly"], ["impersonate"]),
    "personas/reader/colour": (["red"], []),
    "appointments/0/status": (["lost"], ["cancelled"]),
    "appointments/0/panels/0/panel_id": (["11111111-2222-4333-8444-555555555555"], []),
}


@pytest.mark.parametrize(("path", "value"), cases(SHAPES, False))
def test_it_knows_wrong_shapes(path: str, value: Any) -> None:
    """Instants, days, and names of what all worlds share are known; the loader refuses these values, too."""
    plain = changed(FIXTURE, path, value)
    assert wrong_fields(plain)
    assert problems_of_fixture(plain)


@pytest.mark.parametrize(("path", "value"), cases(SHAPES, True))
def test_it_knows_right_shapes(path: str, value: Any) -> None:
    """What the loader reads is taken."""
    plain = changed(FIXTURE, path, value)
    assert wrong_fields(plain) == []
    assert not [name for name, said in problems_of_fixture(plain).items() if "must be" in said and name in path]


@pytest.mark.parametrize(
    "plain",
    [
        [],
        {},
        FIXTURE | {"colour": "red"},
        {key: value for key, value in FIXTURE.items() if key != "locations"},
        FIXTURE | {"personas": {"reader": FIXTURE["personas"]["reader"]}},
        FIXTURE | {"personas": FIXTURE["personas"] | {"Re ader": FIXTURE["personas"]["reader"]}},
        FIXTURE | {"profiles": {}},
        FIXTURE | {"profile_groups": [{"slug": "a"}]},
    ],
    ids=["list", "empty", "section", "no section", "no full", "persona", "mapping", "field"],
)
def test_it_refuses_other_files(plain: Any) -> None:
    """Sections and fields that are missing or not known, and names that no persona can have, are refused."""
    assert wrong_fields(plain)
    assert problems_of_fixture(plain)


def test_shipments_may_be_missing() -> None:
    """A file without its optional section fits."""
    assert wrong_fields({key: value for key, value in FIXTURE.items() if key != "shipments"}) == []
