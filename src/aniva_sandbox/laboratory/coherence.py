"""Whether a laboratory can accept an order for exactly this set of biomarkers, and if not, why. Source: the
Appointments page."""

from collections.abc import Mapping, Sequence, Set

import msgspec

from aniva_sandbox.laboratory.laboratories import Orderable

__all__ = ["Candidate", "Stranded", "find_stranded"]


class Candidate(msgspec.Struct, frozen=True):
    """An orderable that yields a stranded biomarker, and what else it yields outside the set (ids in order)."""

    orderable: Orderable
    missing: tuple[int, ...]


class Stranded(msgspec.Struct, frozen=True):
    """A biomarker (id) that no orderable inside the set yields; without candidates if the laboratory does not sell
    it."""

    biomarker_id: int
    candidates: tuple[Candidate, ...]


def find_stranded(wanted: Set[int], sellers: Mapping[int, Sequence[Orderable]]) -> list[Stranded]:
    """The biomarkers that make a set not orderable, by id; empty if it is orderable.

    A set is orderable if the orderables inside it yield all of it. ``sellers`` are a laboratory's orderables by what
    they yield. Candidates are sorted by the number of missing biomarkers, then by name.
    """
    return [
        Stranded(id, _candidates(wanted, sellers.get(id, ())))
        for id in sorted(wanted)
        if not any(orderable.yields <= wanted for orderable in sellers.get(id, ()))
    ]


def _candidates(wanted: Set[int], orderables: Sequence[Orderable]) -> tuple[Candidate, ...]:
    found = [Candidate(orderable, tuple(sorted(orderable.yields - wanted))) for orderable in orderables]
    return tuple(sorted(found, key=lambda candidate: (len(candidate.missing), candidate.orderable.name)))
