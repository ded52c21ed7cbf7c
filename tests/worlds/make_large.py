"""Makes ``fixtures/worlds/large.yaml``: the default world with so many records that lists must be paged.

``python -m tests.worlds.make_large`` prints it, ``--write`` replaces the file. The groups, personas and locations are
those of the default world, and its records are there, too; the others come from a fixed seed, so the file is the same
every time.
"""

import argparse
import json
import random
import sys
import unicodedata
import uuid
from collections import defaultdict
from collections.abc import Iterable, Iterator
from datetime import UTC, date, datetime, time, timedelta
from typing import Any, Final
from zoneinfo import ZoneInfo

from aniva_sandbox.api.shipments.courier import NOTED
from aniva_sandbox.engine.world.moments import parse_day, parse_moment
from aniva_sandbox.engine.yaml_file import load_yaml
from aniva_sandbox.files import find_file

PROFILES: Final = 600
APPOINTMENTS: Final = 2000
SHIPMENTS: Final = 300
FIRST, LAST = -456, 91
"""The days of the first and the last appointment from the start: 15 months back, 3 months ahead."""

_HEAD: Final = """\
# The default world, with so many profiles, appointments and shipments that a client must page and cannot look at each.
# Made by tests/worlds/make_large.py: do not edit it, run `python -m tests.worlds.make_large --write`. All people,
# addresses and numbers are invented. The records of the default world are in it, and so are its personas.

title: The default world with 600 profiles, 2,000 appointments over 18 months and 300 shipments
"""

_FAMILIES: Final = {
    "de": "Müller Schmidt Schneider Fischer Weber Meyer Wagner Becker Schulz Hoffmann Koch Bauer Richter Klein Wolf "
    "Schröder Neumann Schwarz Zimmermann Braun Krüger Hofmann Hartmann Lange Werner Krause Lehmann Köhler Maier Jäger",
    "fi": "Korhonen Virtanen Mäkinen Nieminen Mäkelä Hämäläinen Laine Heikkinen Koskinen Järvinen Lehtonen Lehtinen "
    "Saarinen Salminen Heinonen Niemi Heikkilä Salonen Kinnunen Turunen",
    "en": "Taylor Brown Wilson Evans Thomas Roberts Walker Wright Hughes Green",
}
_GIVEN: Final = {
    ("de", 1): "Lukas Jonas Felix Paul Max Jürgen Klaus Björn Matthias Stefan Andreas Uwe Jörg Tobias Henrik",
    ("de", 2): "Anna Lena Sophie Marie Julia Käthe Sabine Petra Ursula Katrin Svenja Heike Antje Jasmin Grete",
    ("fi", 1): "Juhani Mikko Antti Jukka Väinö Eero Pekka Timo Hannu Olli Sampo Ville",
    ("fi", 2): "Aino Helmi Liisa Päivi Tuula Sanna Johanna Anneli Kaisa Riikka Eeva Hilkka",
    ("en", 1): "James Oliver George Harry Noah Owen",
    ("en", 2): "Emma Olivia Grace Chloe Alice Ruby",
}
_GROUPS: Final = {"de": ("acme-clinic-berlin",), "fi": ("your-profile-group",), "en": ("my-clinic-group",)}
_PHONES: Final = {"de": "+4930231250{:02d}", "fi": "+3585000001{:02d}", "en": "+447700900{:03d}"}
"""Ranges that nobody has, as far as there are any."""
_PLACES: Final = {
    "de": ("Aniva Berlin Mitte", "Aniva Hamburg Altona", "Aniva München Schwabing", "Aniva Köln Ehrenfeld"),
    "fi": ("Aniva Helsinki Central", "Aniva Tampere"),
    "en": ("Aniva Berlin Mitte", "Aniva Helsinki Central"),
}
_CHECK_UP: Final = "f1c2d4a3-7b8e-4f2a-9c1d-2e3f4a5b6c7d"
_PANELS: Final = (
    _CHECK_UP,
    _CHECK_UP,
    "d4e5f6a7-b8c9-4d1e-a2f3-b4c5d6e7f8a9",
    "e5f6a7b8-c9d0-4e2f-b3a4-c5d6e7f8a9b0",
    "e5f6a7b8-c9d0-4e2f-b3a4-c5d6e7f8a9b0",
    "ec6f8fe8-9f35-46d8-97d4-52aab172b637",
)
"""What is ordered, the more frequent more often."""
_TRACKING: Final = {"go": ("GO", 12), "dhl": ("DHL", 14), "tof": ("TOF", 11)}


class _Large:
    """The records to be written, and what they are drawn from."""

    def __init__(self, default: dict[str, Any]) -> None:
        self.random = random.Random(20260413)
        self.start = datetime.fromisoformat(default["start"])
        self.places = {place["name"]: place for place in default["locations"]}
        self.profiles: list[dict[str, Any]] = list(default["profiles"])
        self.appointments: list[dict[str, Any]] = list(default["appointments"])
        self.shipments: list[dict[str, Any]] = list(default["shipments"])
        self.drawn: dict[tuple[str, int], list[str]] = defaultdict(list)
        """The ids of the draws at each location, by day."""
        self.barcodes = {record.get("barcode") for record in self.appointments}

    def fill(self) -> None:
        """Add records until there are enough, and sort them by their creation."""
        for number in range(PROFILES - len(self.profiles)):
            self.profiles.append(self._profile(number))
        patients = [each for each in self.profiles if each["group"] != "rival-clinic"]
        slots = self._slots()
        while len(self.appointments) < APPOINTMENTS:
            self.appointments.append(self._appointment(patients, slots))
        boxes = sorted((name, day) for name, day in self.drawn if self._day(day).isoweekday() < 6)
        self.random.shuffle(boxes)
        for number, (name, day) in enumerate(boxes[: SHIPMENTS - len(self.shipments)]):
            self.shipments.append(self._shipment(number, self.places[name], day))
        for records in (self.profiles, self.appointments, self.shipments):
            records.sort(key=self._created)

    def _profile(self, number: int) -> dict[str, Any]:
        language = self.random.choice(("de", "de", "de", "fi", "fi", "en"))
        sex = self.random.choice((1, 2))
        first = self.random.choice(_GIVEN[language, sex].split())
        last = self.random.choice(_FAMILIES[language].split())
        measured = self.random.random() < 0.7
        days = max(self.random.randint(2, -FIRST + 30) for _ in range(3))  # more of them early, so that they come again
        created = self._moment(-days, self._clock(7, 18))
        return {
            "id": self._uuid(),
            "group": self.random.choice(_GROUPS[language]),
            "handle": None,
            "first_name": first,
            "last_name": last,
            "email": f"{_plain(first)}.{_plain(last)}.{number + 1}@example.com",
            "phone": _PHONES[language].format(number % 100) if self.random.random() < 0.8 else None,
            "sex": sex,
            "date_of_birth": (date(1942, 1, 1) + timedelta(days=self.random.randrange(365 * 64))).isoformat(),
            "height": float(self.random.randint(158, 196) - (8 if sex == 2 else 0)) if measured else None,
            "weight": self.random.randint(520, 980) / 10 if measured else None,
            "language": language,
            "created_at": self._written(created),
            "updated_at": None,
        }

    def _slots(self) -> dict[str, Iterator[tuple[int, time]]]:
        """The slots of each location, as days from the start and wall clocks, in an order that is drawn."""
        found = {}
        for names in _PLACES.values():
            for name in names:
                slots = list(self._open(self.places[name]))
                self.random.shuffle(slots)
                found[name] = iter(slots)
        return found

    def _open(self, place: dict[str, Any]) -> Iterator[tuple[int, time]]:
        blocked = {parse_day(day) for day in place["blocked_dates"]}
        step = timedelta(minutes=max(place["interval_minutes"], place["slot_minutes"]))
        for day in range(FIRST, LAST + 1):
            on = self._day(day)
            if day in (-1, 0) or on in blocked or timedelta(days=day) in blocked:
                continue
            for hours in place["open_hours"][f"{on:%A}".lower()]:
                slot = datetime.combine(on, time.fromisoformat(hours["open"]))
                close = datetime.combine(on, time.fromisoformat(hours["close"]))
                while slot + step <= close:
                    yield day, slot.time()
                    slot += step

    def _appointment(
        self, patients: list[dict[str, Any]], slots: dict[str, Iterator[tuple[int, time]]]
    ) -> dict[str, Any]:
        language = self.random.choice(("de", "de", "de", "fi", "fi", "en"))
        place = self.places[self.random.choice(_PLACES[language])]
        day, clock = next(slots[place["name"]])
        scheduled = datetime.combine(self._day(day), clock, ZoneInfo(place["timezone"])).astimezone(UTC)
        created = self._moment(min(day, 0) - self.random.randint(2, 21), self._clock(7, 19))
        added = created + timedelta(minutes=self.random.randint(1, 9))
        known = [each for each in patients if each["language"] == language and self._created(each) < created]
        patient = self.random.choice(known)
        chance = self.random.random()
        record: dict[str, Any] = {
            "id": self._uuid(),
            "profile": patient["id"],
            "location": place["id"],
            "scheduled_at": f"{day:+d}d {clock:%H:%M}",
            "status": place["initial_status"] if day > 0 else "confirmed",
            "test_method": "practitioner",
            "created_at": self._written(created),
            "updated_at": None,
            "panels": [
                {"panel_id": panel, "added_at": self._written(added)}
                for panel in dict.fromkeys(self.random.choice(_PANELS) for _ in range(self.random.choice((1, 1, 2))))
            ],
        }
        if chance < 0.1:
            record["status"] = "cancelled"
            record["updated_at"] = self._written(created + timedelta(hours=self.random.randint(1, 20)))
        elif day < 0 and chance < 0.97:  # the others did not come
            record["status"] = "blood_drawn"
            record["updated_at"] = self._written(scheduled + timedelta(minutes=self.random.randint(3, 14)))
            record["barcode"] = self._barcode()
            self.drawn[place["name"], day].append(record["id"])
        return record

    def _shipment(self, number: int, place: dict[str, Any], day: int) -> dict[str, Any]:
        """The box of a day's draws, collected in the afternoon and delivered on the next working day."""
        on = self._day(day)
        created = self._moment(day, self._clock(6, 7))
        collected = self._moment(day, self._clock(12, 14))
        following = day + (3 if on.isoweekday() == 5 else 1)
        words, (prefix, digits) = NOTED[place["courier"]], _TRACKING[place["courier"]]
        updates = [
            {
                "time": self._written(created + timedelta(minutes=5)),
                "status": "pending",
                "wording": words["booked"],
                "tracking_number": f"{prefix}{self.random.randrange(10**digits):0{digits}d}",
            },
            self._report("in_transit", words["picked_up"], collected),
            self._report("in_transit", words["scanned"], self._moment(day, time(20))),
            self._report("delivered", words["delivered"], self._moment(following, self._clock(7, 9))),
        ]
        if number % 40 == 7:  # lost
            updates[2:] = [self._report("fault", words["lost"], self._moment(following, time(16)))]
        if following > -1:  # still on its way
            updates.pop()
        last = parse_moment(updates[-1]["time"]).at(self.start, UTC)
        return {
            "id": f"P{on:%y%m%d}{self._number(on)}",
            "location": place["id"],
            "pickup_date": f"{day:+d}d",
            "pickup_time_from": "13:00",
            "pickup_time_till": "18:00",
            "package_count": 1 + len(self.drawn[place["name"], day]) // 6,
            "created_at": self._written(created),
            "updated_at": self._written(last.replace(minute=0) + timedelta(hours=1)),
            "pickup_remarks": place["pickup_remarks"],
            "updates": updates,
            "appointments": [{"id": id, "added_at": self._written(created)} for id in self.drawn[place["name"], day]],
        }

    def _report(self, status: str, wording: str, at: datetime) -> dict[str, Any]:
        return {"time": self._written(at), "status": status, "wording": wording}

    def _created(self, record: dict[str, Any]) -> datetime:
        return parse_moment(record["created_at"]).at(self.start, UTC)

    def _day(self, day: int) -> date:
        return self.start.date() + timedelta(days=day)

    def _moment(self, day: int, clock: time) -> datetime:
        return datetime.combine(self._day(day), clock, UTC)

    def _clock(self, first: int, last: int) -> time:
        return time(self.random.randint(first, last), self.random.randrange(60))

    def _written(self, instant: datetime) -> str:
        return f"{(instant.date() - self.start.date()).days:+d}d {instant:%H:%M}"

    def _uuid(self) -> str:
        return str(uuid.UUID(int=self.random.getrandbits(128), version=4))

    def _barcode(self) -> str:
        while (barcode := f"{self.random.randrange(10**9):010d}") in self.barcodes:
            pass
        self.barcodes.add(barcode)
        return barcode

    def _number(self, on: date) -> str:
        """The last digits of a shipment's id, unique on its date."""
        taken = {shipment["id"] for shipment in self.shipments}
        while f"P{on:%y%m%d}{(number := self.random.randrange(10_000)):04d}" in taken:
            pass
        return f"{number:04d}"


def _plain(name: str) -> str:
    """A name in the letters of an e-mail address."""
    text = name.lower().replace("ß", "ss")
    return unicodedata.normalize("NFD", text).encode("ascii", "ignore").decode()


def _lines(section: str, records: Iterable[dict[str, Any]]) -> Iterator[str]:
    """A section with a line a record."""
    yield f"\n{section}:\n"
    for record in records:
        yield f"  - {json.dumps(record, ensure_ascii=False)}\n"


def write() -> str:
    """The world file."""
    text = (find_file("fixtures/worlds") / "default.yaml").read_text(encoding="utf-8")
    default = load_yaml(text)
    large = _Large(default)
    large.fill()
    shared = text[text.index("start:") : text.index("profiles:\n  #")]
    parts = [_HEAD, shared.rstrip(), "\n"]
    parts += _lines("profiles", large.profiles)
    parts += _lines("appointments", large.appointments)
    parts += _lines("shipments", large.shipments)
    return "".join(parts)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--write", action="store_true", help="replace the file")
    if parser.parse_args().write:
        (find_file("fixtures/worlds") / "large.yaml").write_text(write(), encoding="utf-8")
    else:
        sys.stdout.write(write())


if __name__ == "__main__":
    main()
