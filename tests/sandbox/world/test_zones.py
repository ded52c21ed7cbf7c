"""Time zones: IANA names only, the same ones on every machine."""

from datetime import UTC, datetime, timedelta
from importlib.resources import files
from zoneinfo import ZoneInfo

import pytest

from aniva_sandbox.api.locations.records import zone_of
from aniva_sandbox.api.world import World
from aniva_sandbox.engine.world.zones import find_zone
from tests.support import BERLIN, HELSINKI, ZONELESS_LOCATION


@pytest.mark.parametrize("name", ["Europe/Berlin", "Europe/Helsinki", "UTC", "Etc/GMT+5", "America/Argentina/Ushuaia"])
def test_names_of_the_database(name: str) -> None:
    """A name of the IANA database gives its zone."""
    assert find_zone(name) == ZoneInfo(name)


@pytest.mark.parametrize(
    "name",
    [
        *("", "Europe/Nowhere", "europe/berlin", "EUROPE/BERLIN", "Europe", "Europe/", "Berlin", "+02:00", "CEST"),
        *("../Europe/Berlin", "/Europe/Berlin", "Europe/../Europe/Berlin", "Europe/Berlin ", "zone.tab", "posixrules"),
        *("Europe/Berlin\0", "localtime", "tzdata.zi", "x" * 5000),
    ],
)
def test_other_names(name: str) -> None:
    """Anything else gives none: neither files beside the database nor another case of the letters."""
    assert find_zone(name) is None


def test_every_name_can_be_used() -> None:
    """Every name of the list has a zone that knows an offset."""
    names = files("tzdata").joinpath("zones").read_text(encoding="utf-8").split()
    assert len(names) > 500
    now = datetime(2026, 4, 13, tzinfo=UTC)
    for name in names:
        zone = find_zone(name)
        assert zone is not None
        assert now.astimezone(zone).utcoffset() is not None


def test_zone_of_a_location(world: World) -> None:
    """A location has its zone; one without reads as UTC."""
    then = datetime(2026, 7, 1, tzinfo=UTC)
    offsets = [
        zone_of(world.locations[id]).utcoffset(then.replace(tzinfo=None))
        for id in (BERLIN, HELSINKI, ZONELESS_LOCATION)
    ]
    assert offsets == [timedelta(hours=2), timedelta(hours=3), timedelta()]
