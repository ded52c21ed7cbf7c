"""The records of links between appointments and shipments."""

from collections.abc import Collection, Iterable, Iterator, Mapping
from datetime import datetime
from typing import Annotated

import msgspec

from aniva_sandbox.engine.contract.values import refers_to
from aniva_sandbox.engine.world.sections import Section

__all__ = ["LINKS", "Link", "Links"]


class Link(msgspec.Struct, frozen=True, gc=False, forbid_unknown_fields=True):
    """An appointment and a shipment are linked since ``added_at``."""

    appointment_id: Annotated[str, refers_to("appointment")]
    shipment_id: Annotated[str, refers_to("shipment")]
    added_at: datetime


class Links:
    """The links of a world. Each is one value, indexed by both of its sides."""

    def __init__(self, links: Iterable[Link] = ()) -> None:
        self._links: dict[tuple[str, str], Link] = {}
        self.held: Mapping[tuple[str, str], Link] = self._links
        """The links by appointment and shipment: the same mapping while they exist, as that of a table."""
        # By the id of either side: the ids of appointments and shipments never look alike.
        self._of: dict[str, dict[str, Link]] = {}
        for link in links:
            self.add(link)

    def add(self, link: Link) -> None:
        """Add a new link."""
        pair = link.appointment_id, link.shipment_id
        if pair in self._links:
            raise ValueError(f"{pair} are already linked")
        self._links[pair] = link
        self._of.setdefault(link.appointment_id, {})[link.shipment_id] = link
        self._of.setdefault(link.shipment_id, {})[link.appointment_id] = link

    def remove(self, appointment_id: str, shipment_id: str) -> None:
        """Remove a link. Raises KeyError if there is none."""
        del self._links[appointment_id, shipment_id]
        for one, other in ((appointment_id, shipment_id), (shipment_id, appointment_id)):
            del self._of[one][other]
            if not self._of[one]:
                del self._of[one]

    def of(self, id: str) -> Collection[Link]:
        """The links of an appointment or a shipment, oldest first."""
        found = self._of.get(id)
        return found.values() if found else ()

    def __contains__(self, pair: tuple[str, str]) -> bool:
        """Whether an appointment and a shipment, named in this order, are linked."""
        return pair in self._links

    def __iter__(self) -> Iterator[Link]:
        """All links, oldest first."""
        return iter(self._links.values())

    def __len__(self) -> int:
        return len(self._links)


LINKS = Section(
    name="links",
    record=Link,
    key="",
    unique=(("appointment_id", "shipment_id"),),
    table=Links,
    counted=True,
    sorted_by="added_at",
)
