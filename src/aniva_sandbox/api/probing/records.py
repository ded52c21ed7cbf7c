"""The records of a written state: the words that identify each, and the values that differ without a difference."""

from collections.abc import Callable, Mapping
from datetime import UTC, datetime, tzinfo
from typing import Final

from aniva_sandbox.api.events import EVENTS
from aniva_sandbox.engine.world.domain import Record, Records
from aniva_sandbox.engine.world.zones import find_zone
from aniva_sandbox.laboratory.catalogue import get_catalogue

__all__ = ["DERIVED", "DESCRIBE", "NOUNS", "STAMPS"]

NOUNS: Final = {
    "links": ("link", "links"),
    "agenda": ("planned event", "planned events"),
    "history": ("event", "events"),
}
"""The parts that are not sections with a noun."""

# What is only time, or only ids

STAMPS: Final[Mapping[str, frozenset[str]]] = {
    "profiles": frozenset({"$.created_at", "$.updated_at"}),
    "appointments": frozenset({"$.created_at", "$.updated_at", "$.panels.*"}),
    "shipments": frozenset(
        {
            "$.created_at",
            "$.updated_at",
            "$.synced_at",
            "$.seen",  # how much the last sync brought: it follows from when that was, and reads bring it forward
            "$.reports[].time",
        }
    ),
    "links": frozenset({"$.added_at"}),
    "orders": frozenset({"$.placed_at", "$.drawn_on", "$.results.*.tested_on"}),
    "documents": frozenset({"$.issued_at", "$.results.*.tested_on"}),
    "agenda": frozenset({"$.due"}),
    "history": frozenset({"$.time"}),
    "hourly_since": frozenset({"$"}),
}
_FOUND = frozenset(f"$.results.*.{name}" for name in ("value", "operator", "exact", "genotype", "comment"))
"""What is in the blood is computed from the ids of the profile and the appointment; which ratios cannot be calculated,
as a comment says, follows from that. What an event chose is in the history."""
_DETAILS = frozenset(
    {
        "$.event.details.values",  # those of magic barcodes are chosen so that they agree with what is in the blood
        "$.event.details.tracking_number",
    }
)
DERIVED: Final[Mapping[str, frozenset[str]]] = {
    "profiles": frozenset({"$.ordinal"}),
    "shipments": frozenset({"$.ordinal", "$.reports[].tracking_number"}),
    "orders": _FOUND,
    "documents": _FOUND | {"$.file_name"},  # the laboratory, the kind, the date, and the number of the correction
    "agenda": _DETAILS,
    "history": _DETAILS,
}

# Words


def _persona(persona: Record, _records: Records) -> str:
    return str(persona["persona"])


def _named(record: Record, _records: Records) -> str:
    return str(record["name"])


def _profile(profile: Record, _records: Records) -> str:
    return " ".join(name for name in (profile["first_name"], profile["last_name"]) if name)


def _appointment(appointment: Record, records: Records) -> str:
    patient = _words("profiles", appointment["profile_id"], records)
    if appointment["location_id"] is None:
        patient += ", home kit"
    if appointment["scheduled_at"] is None:
        return f"{patient}, without a date"
    instant = datetime.fromisoformat(appointment["scheduled_at"])
    return f"{patient} at {instant.astimezone(_zone(appointment['location_id'], records)):%Y-%m-%d %H:%M}"


def _zone(location_id: str | None, records: Records) -> tzinfo:
    """The zone in which a location shows times; UTC for home kits."""
    location = records["locations"].get(location_id or "", {})
    return find_zone(location.get("timezone") or "UTC") or UTC


def _shipment(shipment: Record, records: Records) -> str:
    return f"{_words('locations', shipment['location_id'], records)} on {shipment['pickup_date']}"


def _link(link: Record, records: Records) -> str:
    appointment = _words("appointments", link["appointment_id"], records)
    return f"{appointment} and {_words('shipments', link['shipment_id'], records)}"


def _order(order: Record, records: Records) -> str:
    return _words("appointments", order["id"], records)


def _document(document: Record, records: Records) -> str:
    submission = document["submission"]
    laboratory = get_catalogue().laboratories[submission["laboratory"]].name
    ending = ", corrected" if document["corrected"] else ""
    appointment = _words("appointments", document["appointment_id"], records)
    return f"{appointment}, {submission['kind']} from {laboratory}{ending}"


def _event(entry: Record, records: Records) -> str:
    event = entry["event"]
    return f"{event['type']}, {_words(EVENTS[event['type']].section, event['target'], records)}"


def _words(section: str, key: str, records: Records) -> str:
    """The words for a record that another one names; its key if the state does not have it."""
    record = records[section].get(key)
    return key if record is None else DESCRIBE[section](record, records)


DESCRIBE: Final[Mapping[str, Callable[[Record, Records], str]]] = {
    "personas": _persona,
    "profile_groups": _named,
    "location_groups": _named,
    "locations": _named,
    "profiles": _profile,
    "appointments": _appointment,
    "shipments": _shipment,
    "links": _link,
    "orders": _order,
    "documents": _document,
    "agenda": _event,
    "history": _event,
}
