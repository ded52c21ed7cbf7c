"""A world's file: what it may say, and how each problem in it is told."""

from pathlib import Path

import pytest

from aniva_sandbox.api.domain import DOMAIN
from aniva_sandbox.engine.world.fixtures import load_fixture
from aniva_sandbox.engine.yaml_file import YamlFile
from tests.sandbox.world.fixture_files import changed, faults


def test_small_world_is_sound(tmp_path: Path) -> None:
    """The world that the following tests spoil has no fault itself."""
    fixture = load_fixture(YamlFile(changed(tmp_path)), DOMAIN)
    assert (fixture.name, fixture.title) == ("small", "Small")
    assert len(fixture.state("frozen", None, None, None).sections["appointments"]) == 1


@pytest.mark.parametrize(
    ("old", "new", "told"),
    [
        # Wrong types and values
        ("title: Small", "title: 5", "1: title: must be text; put it in quotes"),
        ("slot_minutes: 15", "slot_minutes: soon", "20: locations[0].slot_minutes: must be a whole number"),
        ("slot_minutes: 15", "slot_minutes: 0", "20: locations[0].slot_minutes: must be at least 1"),
        ("courier: go", "courier: pigeon", '19: locations[0].courier: must be one of "go", "dhl", "tof"'),
        ("sex: 2", "sex: 3", "38: profiles[0].sex: "),
        ('date_of_birth: "1990-01-02"', 'date_of_birth: "1990-02-30"', "39: profiles[0].date_of_birth: "),
        ("status: confirmed", "status: done", '47: appointments[0].status: must be one of "pending", '),
        ("id: 4000", "id: x", "43: appointments[0].id: "),
        ("slug: two", "slug: Two!", "5: profile_groups[1].slug: "),
        ("permissions: all", "permissions: some", "10: personas.full.permissions: "),
        # Unknown and missing fields
        (
            "    name: First\n",
            "    name: First\n    colour: red\n",
            "17: locations[0].colour: is not known",
        ),
        ("    email: ada@example.com\n", "", "35: profiles[0].email: is required"),
        ("title: Small\n", "title: Small\nweather: fine\n", "2: weather: is not known"),
        ("title: Small\n", "", "1: title: is required"),
        ("start: 2026-04-13T08:00:00Z\n", "", "1: start: is required"),
        ("location_groups:\n  - {slug: east, name: East}\n", "", "1: location_groups: must be a list"),
        # References
        (
            "    profile_groups: [one]",
            "    profile_groups: [three]",
            "11: personas.full.profile_groups: there is no profile group three",
        ),
        (
            "    location_groups: [east]",
            "    location_groups: [west]",
            "12: personas.full.location_groups: there is no location group west",
        ),
        ("panels: [f1c2d4a3", "panels: [f1c2d4a4", "13: personas.full.panels: there is no panel f1c2d4a4-"),
        (
            "permissions: all",
            "permissions: [results_view, fly]",
            "10: personas.full.permissions: there is no permission fly",
        ),
        ("    group: east", "    group: west", "17: locations[0].group: there is no location group west"),
        ("laboratory: zotzklimas", "laboratory: garage", "18: locations[0].laboratory: there is no laboratory garage"),
        ("    group: one", "    group: three", "36: profiles[0].group: there is no profile group three"),
        ("profile: 3000", "profile: 3001", "44: appointments[0].profile: there is no profile 30010000-"),
        ("location: 2000", "location: 2001", "45: appointments[0].location: there is no location 20010000-"),
        ("{panel_id: f1c2d4a3", "{panel_id: f1c2d4a4", "50: appointments[0].panels: there is no panel f1c2d4a4-"),
        # Ids that stand twice
        (
            "000000000002\n    name: Second",
            "000000000001\n    name: Second",
            "26: locations[1].id: another entry has the id 2000",
        ),
        ("slug: two", "slug: one", "5: profile_groups[1].slug: another entry has the slug one"),
        (
            "id: 10000000-0000-4000-8000-000000000002",
            "id: 10000000-0000-4000-8000-000000000001",
            "5: profile_groups[1].id: another entry has the id 1000",
        ),
        # Moments
        ("start: 2026-04-13T08:00:00Z", "start: now", "2: start: must be an instant"),
        ("start: 2026-04-13T08:00:00Z", "start: 2026", "2: start: must be an instant"),
        ("start: 2026-04-13T08:00:00Z", "start: '+4h'", "2: start: must be an absolute instant"),
        ("start: 2026-04-13T08:00:00Z", "start: 2026-04-13T08:00:00", "2: start: must be an instant"),
        ('created_at: "-10d 08:00"', "created_at: long ago", "41: profiles[0].created_at: must be an instant"),
        (
            'created_at: "-10d 08:00"',
            "created_at: 0001-01-01T00:00:00+05:00",
            "41: profiles[0].created_at: must be an instant",
        ),
        (
            'scheduled_at: "+2d 09:00"',
            'scheduled_at: "+2d 25:00"',
            "46: appointments[0].scheduled_at: must be an instant",
        ),
        ('added_at: "-90m"', 'added_at: "90m"', "51: appointments[0].panels[0].added_at: must be an instant"),
        ('"2026-12-24", "+9d"', '"2026-12-24", "+9h"', "25: locations[0].blocked_dates[1]: must be a date"),
        # Zones and hours
        (
            "timezone: Europe/Berlin",
            "timezone: Europe/Bärlin",
            "22: locations[0].timezone: there is no time zone Europe/Bärlin",
        ),
        ('open: "08:00"', 'open: "8:00"', "24: locations[0].open_hours.monday: '8:00' is not a time HH:MM"),
        ('close: "17:00"', 'close: "24:00"', "24: locations[0].open_hours.monday: '24:00' is not a time HH:MM"),
        ('open: "13:00"', 'open: "11:00"', "24: locations[0].open_hours.monday: spans must open before they close"),
        ('close: "12:00"', 'close: "08:00"', "24: locations[0].open_hours.monday: spans must open before they close"),
        ("monday:", "Monday:", "24: locations[0].open_hours.Monday: is not known; did you mean monday?"),
        # The draw
        (
            "status: confirmed",
            "status: blood_drawn",
            "43: appointments[0].barcode: is required once the blood is drawn",
        ),
        ("status: confirmed", "status: blood_drawn\n    barcode: 12a", "48: appointments[0].barcode: "),
        # Personas
        ("  full:\n", "  most:\n", "8: personas: must be a mapping with at least 'full'"),
        ("  full:\n", "  Full House: &x\n", "8: personas: must be a mapping with at least 'full'"),
        # YAML
        ("title: Small\n", "title: Small\ntitle: Large\n", "2: title: the key 'title' appears twice"),
        ("name: First", "name: [First", "1"),
    ],
)
def test_faults_of_a_world(tmp_path: Path, old: str, new: str, told: str) -> None:
    """Whatever is wrong with a world is told with its file, line and field."""
    first = faults(changed(tmp_path, (old, new)))[0]
    assert first.startswith(f"small.yaml:{told}")


@pytest.mark.parametrize(
    ("fields", "sound"),
    [
        ("", True),
        ("    street: Any\n    house_number: '1'\n", True),
        ("    street: Any\n", False),
        ("    house_number: '1'\n", False),
    ],
)
def test_street_and_house_number_go_together(tmp_path: Path, fields: str, sound: bool) -> None:
    """A location has both parts of the first line of its address, or neither."""
    path = changed(tmp_path, ("    name: First\n", f"    name: First\n{fields}"))
    if sound:
        load_fixture(YamlFile(path), DOMAIN)
    else:
        assert faults(path) == ["small.yaml:15: locations[0]: street and house_number go together"]


def test_name_of_a_persona(tmp_path: Path) -> None:
    """A persona's name must be one that can stand in a key."""
    more = "location_groups: [east]\n    panels: []\n  Night Shift:\n    permissions: all\n    profile_groups: []\n"
    path = changed(tmp_path, ("location_groups: [east]\n", f"{more}    location_groups: []\n"))
    assert faults(path) == ["small.yaml:14: personas.Night Shift: must be 1 to 64 of a-z, 0-9 and hyphens"]


def test_all_faults_are_told(tmp_path: Path) -> None:
    """Several faults are told at once, each with its own place."""
    told = faults(
        changed(
            tmp_path,
            ("start: 2026-04-13T08:00:00Z", "start: now"),
            ("timezone: Europe/Berlin", "timezone: Mars/Base"),
            ("laboratory: labclinic", "laboratory: garage"),
            ("status: confirmed", "status: blood_drawn"),
            ('"-90m"', '"90m"'),
        )
    )
    assert [fault.partition(": ")[0] + " " + fault.split(": ")[1] for fault in told] == [
        "small.yaml:2 start",
        "small.yaml:22 locations[0].timezone",
        "small.yaml:29 locations[1].laboratory",
        "small.yaml:43 appointments[0].barcode",
        "small.yaml:51 appointments[0].panels[0].added_at",
    ]


def test_entries_after_one_that_does_not_fit_keep_their_place(tmp_path: Path) -> None:
    """Behind an entry that does not fit its type, the faults of the next are still told at their own place."""
    told = faults(changed(tmp_path, ("slot_minutes: 15", "slot_minutes: soon"), ("Europe/Helsinki", "Mars/Base")))
    assert told[0].startswith("small.yaml:20: locations[0].slot_minutes: ")
    assert told[1] == "small.yaml:33: locations[1].timezone: there is no time zone Mars/Base"


@pytest.mark.parametrize(
    ("old", "new"),
    [
        ("    group: one", "    group: three"),
        ('"-10d 08:00"', "soon"),
        ("sex: 2", "sex: 3"),
        ("slot_minutes: 15", "slot_minutes: soon"),
    ],
)
def test_faulty_entries_are_not_told_as_missing(tmp_path: Path, old: str, new: str) -> None:
    """An entry that is there, but faulty, is one fault: what refers to it is not faulty too."""
    assert len(faults(changed(tmp_path, (old, new)))) == 1


@pytest.mark.parametrize("text", ["", "- title: Small\n", "just text\n", "5\n"])
def test_world_must_be_a_mapping(tmp_path: Path, text: str) -> None:
    """A file that holds no mapping is told as that."""
    path = tmp_path / "small.yaml"
    path.write_text(text, encoding="utf-8")
    assert faults(path) == ["small.yaml:1: the file: must be a mapping"]


def test_world_must_be_readable(tmp_path: Path) -> None:
    """A file that is not there is told with its path."""
    path = tmp_path / "small.yaml"
    assert faults(path)[0].startswith(f"{path}: cannot be read: ")


@pytest.mark.parametrize("start", ["0001-01-02T00:00:00Z", "9999-12-30T00:00:00Z"])
def test_start_must_leave_room(tmp_path: Path, start: str) -> None:
    """A start so close to the end of the calendar that the world's own instants do not exist is told as a fault."""
    assert faults(changed(tmp_path, ("2026-04-13T08:00:00Z", start)))[0].startswith("small.yaml:2: start: ")
