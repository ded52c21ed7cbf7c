"""Fixtures of a few lines, changed for a test, and what is wrong with them."""

import pickle
import shutil
from datetime import datetime
from functools import cache
from pathlib import Path
from typing import Any

import pytest
import yaml

from aniva_sandbox.api.domain import DOMAIN
from aniva_sandbox.engine.world.fixtures import load_fixture
from aniva_sandbox.engine.world.state import State
from aniva_sandbox.engine.yaml_file import FixtureError, YamlFile
from aniva_sandbox.files import find_file
from aniva_sandbox.laboratory.catalogue import get_catalogue, load_catalogue

CATALOGUE = find_file("fixtures/catalogue")
SMALL = """\
title: Small
start: 2026-04-13T08:00:00Z
profile_groups:
  - {id: 10000000-0000-4000-8000-000000000001, slug: one, name: One}
  - {id: 10000000-0000-4000-8000-000000000002, slug: two, name: Two}
location_groups:
  - {slug: east, name: East}
personas:
  full:
    permissions: all
    profile_groups: [one]
    location_groups: [east]
    panels: [f1c2d4a3-7b8e-4f2a-9c1d-2e3f4a5b6c7d]
locations:
  - id: 20000000-0000-4000-8000-000000000001
    name: First
    group: east
    laboratory: zotzklimas
    courier: go
    slot_minutes: 15
    interval_minutes: 15
    timezone: Europe/Berlin
    open_hours:
      monday: [{open: "08:00", close: "12:00"}, {open: "13:00", close: "17:00"}]
    blocked_dates: ["2026-12-24", "+9d"]
  - id: 20000000-0000-4000-8000-000000000002
    name: Second
    group: east
    laboratory: labclinic
    courier: dhl
    slot_minutes: 20
    interval_minutes: 20
    timezone: Europe/Helsinki
profiles:
  - id: 30000000-0000-4000-8000-000000000001
    group: one
    first_name: Ada
    sex: 2
    date_of_birth: "1990-01-02"
    email: ada@example.com
    created_at: "-10d 08:00"
appointments:
  - id: 40000000-0000-4000-8000-000000000001
    profile: 30000000-0000-4000-8000-000000000001
    location: 20000000-0000-4000-8000-000000000001
    scheduled_at: "+2d 09:00"
    status: confirmed
    test_method: practitioner
    created_at: "-4h"
    panels:
      - {panel_id: f1c2d4a3-7b8e-4f2a-9c1d-2e3f4a5b6c7d, added_at: "-90m"}
"""
# Follows the small world, whose last line has the number 51.
BOXES = """\
shipments:
  - id: P2604140001
    location: 20000000-0000-4000-8000-000000000001
    pickup_date: "+1d"
    pickup_time_from: "10:00"
    pickup_time_till: "13:00"
    created_at: "-2h"
    updates:
      - {time: "-110m", status: pending, wording: Booked, tracking_number: GO1}
    appointments:
      - {id: 40000000-0000-4000-8000-000000000001, added_at: "-30m"}
  - id: P2604100002
    location: 20000000-0000-4000-8000-000000000002
    pickup_date: 2026-04-10
    pickup_time_from: "09:00"
    pickup_time_till: "19:00"
    package_count: 3
    weight: 4.5
    pickup_remarks: Door B
    notes: Cold
    created_at: "-4d 08:00"
    updated_at: "-3d 21:00"
    updates:
      - {time: "-3d 12:00", status: in_transit, wording: Collected}
      - {time: "-3d 20:00", status: in_transit, wording: Hub}
    appointments:
      - {id: 40000000-0000-4000-8000-000000000001, added_at: "-40m"}
"""


def faults(path: Path) -> list[str]:
    """The faults of a world file, as they are told."""
    with pytest.raises(FixtureError) as caught:
        load_fixture(YamlFile(path), DOMAIN)
    return [str(fault) for fault in caught.value.problems]


def changed(tmp_path: Path, *changes: tuple[str, str], shipments: str = "") -> Path:
    """A file with the small world, in which every first text of a pair is replaced by the second, once."""
    text = SMALL + shipments
    for old, new in changes:
        assert old in text
        text = text.replace(old, new, 1)
    path = tmp_path / "small.yaml"
    path.write_text(text, encoding="utf-8")
    return path


def boxes(tmp_path: Path, start: str, *changes: tuple[str, str]) -> State:
    """What the small world with shipments has when it begins then."""
    fixture = load_fixture(YamlFile(changed(tmp_path, *changes, shipments=BOXES)), DOMAIN)
    return fixture.state("frozen", datetime.fromisoformat(start), None, None)


def broken_catalogue(tmp_path: Path, name: str, change: Any) -> list[str]:
    """The faults of a copy of the catalogue in which the entries of one file were changed."""
    folder = tmp_path / "catalogue"
    shutil.copytree(CATALOGUE, folder)
    _change(folder, name, change)
    with pytest.raises(FixtureError) as caught:
        load_catalogue(folder)
    return [str(fault) for fault in caught.value.problems]


def _change(folder: Path, name: str, change: Any) -> None:
    """Change the data of one file in a copy of the catalogue."""
    data = pickle.loads(_shipped(name))
    change(data)
    text = yaml.dump(data, Dumper=yaml.CSafeDumper, allow_unicode=True, sort_keys=False)
    (folder / f"{name}.yaml").write_text(text, encoding="utf-8")


@cache
def _shipped(name: str) -> bytes:
    """The data of a file of the catalogue, pickled: read once, and new for everyone who changes it."""
    return pickle.dumps(yaml.load((CATALOGUE / f"{name}.yaml").read_bytes(), yaml.CSafeLoader))


def archived_slug() -> str:
    """The slug of an archived biomarker."""
    return next(biomarker.slug for biomarker in get_catalogue().biomarkers.values() if biomarker.archived)


def changed_catalogue(tmp_path: Path, name: str, change: Any) -> Any:
    """A copy of the catalogue in which one file was changed, loaded."""
    folder = tmp_path / "catalogue"
    shutil.copytree(CATALOGUE, folder)
    _change(folder, name, change)
    return load_catalogue(folder)
