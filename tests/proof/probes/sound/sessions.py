"""A client of requests that leaves retries to urllib3, and reads what may be booked."""

from collections.abc import Iterator
from datetime import date, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import pytest
import requests
from requests.adapters import HTTPAdapter
from urllib3.util import Retry

from aniva_sandbox.testing import Aniva

HAMBURG = "d8f3e1a2-4c5b-6d7e-8f9a-0b1c2d3e4f5a"
BERLIN = "b7e2d1f5-3c4a-4e8b-a2f1-9d0c1e2f3a4b"
ZONE = ZoneInfo("Europe/Berlin")


class Catalogue:
    """Knows locations and their free slots."""

    def __init__(self, session: requests.Session, url: str) -> None:
        retry = Retry(total=3, backoff_factor=0.5, status_forcelist=(429, 503), allowed_methods=("GET",))
        session.mount(url, HTTPAdapter(max_retries=retry))
        self.session = session
        self.url = url

    def locations(self) -> dict[str, str]:
        """The names of the locations by id."""
        return {each["id"]: each["name"] for each in self.get("/api/v1/locations")}

    def slots(self, location: str, start: date, end: date) -> list[datetime]:
        """The free slots of a location on some days, soonest first."""
        days = self.get(
            f"/api/v1/locations/{location}/availability", start_date=start.isoformat(), end_date=end.isoformat()
        )["availability"]
        return sorted(datetime.fromisoformat(slot) for day in days for slot in day["slots"])

    def get(self, path: str, **query: str) -> Any:
        response = self.session.get(self.url + path, params=query, timeout=10)
        response.raise_for_status()
        return response.json()


@pytest.fixture
def catalogue(aniva: Aniva) -> Iterator[Catalogue]:
    with requests.Session() as session:
        session.headers["x-api-key"] = aniva.api_key
        session.trust_env = False
        yield Catalogue(session, aniva.url)


@pytest.fixture
def today(aniva: Aniva) -> date:
    """Today's date at the locations."""
    return aniva.clock.now.astimezone(ZONE).date()


def test_a_slot_is_free_until_the_day_is_blocked(aniva: Aniva, catalogue: Catalogue, today: date) -> None:
    week = (today + timedelta(days=1), today + timedelta(days=7))
    first = catalogue.slots(BERLIN, *week)[0]
    assert first > aniva.clock.now
    aniva.happen("location.date_blocked", location_id=BERLIN, date=first.date().isoformat())
    after = catalogue.slots(BERLIN, *week)
    assert after
    assert first.date() not in {slot.date() for slot in after}


def test_slots_are_known_90_days_ahead(catalogue: Catalogue, today: date) -> None:
    catalogue.slots(BERLIN, today, today + timedelta(days=90))
    with pytest.raises(requests.HTTPError) as refused:
        catalogue.slots(BERLIN, today, today + timedelta(days=91))
    assert refused.value.response.status_code == 400


def test_days_are_in_order(catalogue: Catalogue, today: date) -> None:
    with pytest.raises(requests.HTTPError) as refused:
        catalogue.slots(BERLIN, today + timedelta(days=3), today + timedelta(days=2))
    assert refused.value.response.status_code == 400


def test_a_location_closes(aniva: Aniva, catalogue: Catalogue, today: date) -> None:
    assert catalogue.locations()[HAMBURG] == "Aniva Hamburg Altona"
    aniva.happen("location.closed", location_id=HAMBURG)
    assert HAMBURG not in catalogue.locations()
    with pytest.raises(requests.HTTPError) as refused:
        catalogue.slots(HAMBURG, today, today)
    assert refused.value.response.status_code == 404
