"""What is known about people and about every measured biomarker: ranges, limits and usual values."""

from collections.abc import Callable, Mapping
from math import isfinite
from pathlib import Path
from typing import Annotated, Any, Final, Generic, Literal, TypeVar

import msgspec
from msgspec import Meta

from aniva_sandbox.engine.contract.values import Slug, Text
from aniva_sandbox.engine.problems import FieldPath
from aniva_sandbox.engine.yaml_file import Entry, YamlFile

__all__ = [
    "OPEN",
    "ByPerson",
    "Condition",
    "Measurement",
    "Other",
    "People",
    "Range",
    "Sex",
    "load_measurements",
    "load_people",
    "read_range",
    "read_ranges",
]

T = TypeVar("T")
Sex = Literal[1, 2]
"""ISO/IEC 5218: 1 male, 2 female."""
_SEXES: Final[dict[str, Sex]] = {"male": 1, "female": 2}


class Range(msgspec.Struct, frozen=True):
    """From low to high, both inclusive; None is an open end."""

    low: float | None = None
    high: float | None = None

    def __contains__(self, value: float) -> bool:
        return (self.low is None or value >= self.low) and (self.high is None or value <= self.high)


OPEN = Range()


class ByPerson(msgspec.Struct, Generic[T], frozen=True):
    """A value that depends on sex and age: for each sex, values with the age in years that they start at, the highest
    first."""

    bands: dict[Sex, tuple[tuple[int, T], ...]]

    def of(self, sex: Sex, age: int) -> T:
        """The value for a person of this sex and age in years."""
        return next(value for since, value in self.bands[sex] if age >= since)

    def all(self) -> list[T]:
        """The value for anybody."""
        return [value for bands in self.bands.values() for _, value in bands]


class Other(msgspec.Struct, frozen=True):
    """A share of people whose values are elsewhere, such as those with antibodies."""

    chance: ByPerson[float]
    usual: ByPerson[Range]


class Measurement(msgspec.Struct, frozen=True):
    """A measured biomarker. All values are in its unit."""

    decimals: int
    lab: ByPerson[Range]
    """The range that laboratories print, unless a laboratory has its own; by sex only."""
    aniva: ByPerson[Range]
    optimal: ByPerson[Range] | None
    usual: ByPerson[Range]
    """The range of the central 95 % of people; both ends are set if values are drawn from it."""
    other: Other | None
    positive: ByPerson[float] | None
    """How often the value is 1, if it is 0 or 1."""
    steps: tuple[float, ...]
    """The only possible values, if it is a titre."""
    limits: Range
    """The measurable range."""
    critical: Range
    """Outside this range, a doctor is called."""
    slow: bool
    """Whether it arrives with the second part of the results."""
    loadings: Mapping[str, float]
    """How much of a person's score comes from each shared factor."""


class Condition(msgspec.Struct, frozen=True):
    """A condition of some people, and how it shifts their scores, by slug of the biomarker. A person has at most one of
    the conditions of a group."""

    name: str
    group: str
    chance: ByPerson[float]
    shifts: Mapping[str, float]
    passing: bool
    """Whether it may be gone at the next visit."""


class People(msgspec.Struct, frozen=True):
    """How people differ: what the biomarkers of one person share, and what some people have."""

    factors: tuple[str, ...]
    conditions: tuple[Condition, ...]


class _OtherEntry(Entry, frozen=True):
    chance: Any
    usual: Any


class _MeasurementEntry(Entry, frozen=True):
    biomarker: Slug
    decimals: Annotated[int, Meta(ge=0, le=4)]
    lab: Any
    aniva: Any = None
    optimal: Any = None
    usual: Any = None
    other: _OtherEntry | None = None
    positive: Any = None
    steps: tuple[float, ...] = ()
    limits: Any = None
    critical: Any = None
    slow: bool = False
    loadings: dict[str, float] = msgspec.field(name="with", default_factory=dict)


class _FactorEntry(Entry, frozen=True):
    name: Slug
    description: Text


class _ConditionEntry(Entry, frozen=True):
    name: Slug
    chance: Any
    shifts: dict[str, float]
    group: Slug | None = None
    passing: bool = False


def load_people(path: Path, slugs: Mapping[str, Any]) -> People:
    """Read how people differ. Raises :exc:`FixtureError` with every problem of the file."""
    file = YamlFile(path)
    factors = [entry.name for _, entry in file.entries(_FactorEntry, "name", section="factors")]
    conditions = []
    for place, entry in file.entries(_ConditionEntry, "name", section="conditions"):
        at = ("conditions", place)
        file.refer((*at, "shifts"), entry.shifts, slugs, "biomarker")
        chance = _read(file, (*at, "chance"), entry.chance, _chance)
        if chance is not None:
            conditions.append(
                Condition(
                    name=entry.name,
                    group=entry.group or entry.name,
                    chance=chance,
                    shifts=entry.shifts,
                    passing=entry.passing,
                )
            )
    for condition in conditions:
        if {each.passing for each in conditions if each.group == condition.group} != {condition.passing}:
            file.fail(("conditions",), f"either all conditions of the group {condition.group} are passing, or none")
            break
    file.check()
    return People(tuple(factors), tuple(conditions))


def load_measurements(path: Path, slugs: Mapping[str, Any], people: People) -> dict[str, Measurement]:
    """Read how biomarkers are measured, by slug. Raises :exc:`FixtureError` with every problem of the file."""
    file = YamlFile(path)
    measurements = {}
    for place, entry in file.entries(_MeasurementEntry, "biomarker"):
        file.refer((place, "biomarker"), [entry.biomarker], slugs, "biomarker")
        file.refer((place, "with"), entry.loadings, people.factors, "factor")
        if sum(loading**2 for loading in entry.loadings.values()) > 1:
            file.fail((place, "with"), "the squares must add up to at most 1")
        lab = _read(file, (place, "lab"), entry.lab, _range)
        if lab is None:
            continue
        measurements[entry.biomarker] = Measurement(
            decimals=entry.decimals,
            lab=lab,
            aniva=read_ranges(file, (place, "aniva"), entry.aniva) or lab,
            optimal=read_ranges(file, (place, "optimal"), entry.optimal),
            usual=read_ranges(file, (place, "usual"), entry.usual) or lab,
            other=_other(file, (place, "other"), entry.other),
            positive=None if entry.positive is None else _read(file, (place, "positive"), entry.positive, _chance),
            steps=entry.steps,
            limits=read_range(file, (place, "limits"), entry.limits) or OPEN,
            critical=read_range(file, (place, "critical"), entry.critical) or OPEN,
            slow=entry.slow,
            loadings=entry.loadings,
        )
    file.check()
    return measurements


def read_ranges(file: YamlFile, path: FieldPath, value: Any) -> ByPerson[Range] | None:
    """Ranges by sex and age; None for null, and None and a problem for anything else."""
    return None if value is None else _read(file, path, value, _range)


def read_range(file: YamlFile, path: FieldPath, value: Any) -> Range | None:
    """One range; None for null, and None and a problem for anything else."""
    try:
        return None if value is None else _range(value)
    except ValueError as error:
        file.fail(path, str(error))
        return None


def _other(file: YamlFile, path: FieldPath, entry: _OtherEntry | None) -> Other | None:
    if entry is None:
        return None
    chance = _read(file, (*path, "chance"), entry.chance, _chance)
    usual = _read(file, (*path, "usual"), entry.usual, _range)
    return Other(chance, usual) if chance and usual else None


def _read(file: YamlFile, path: FieldPath, value: Any, leaf: Callable[[Any], T]) -> ByPerson[T] | None:
    """The values by sex and age; None, and a problem, if they are malformed."""
    try:
        if isinstance(value, dict) and value.keys() & _SEXES.keys():
            if value.keys() != _SEXES.keys():
                raise ValueError("male and female must both be given")
            return ByPerson({number: _by_age(value[name], leaf) for name, number in _SEXES.items()})
        bands = _by_age(value, leaf)
        return ByPerson({1: bands, 2: bands})
    except ValueError as error:
        file.fail(path, str(error))
        return None


def _by_age(value: Any, leaf: Callable[[Any], T]) -> tuple[tuple[int, T], ...]:
    if not isinstance(value, dict):
        return ((0, leaf(value)),)
    if 0 not in value or any(type(age) is not int or age < 0 for age in value):
        raise ValueError("ages must be whole numbers, and start at 0")
    return tuple((age, leaf(value[age])) for age in sorted(value, reverse=True))


def _range(value: Any) -> Range:
    if not isinstance(value, list) or len(value) != 2 or not all(end is None or _is_number(end) for end in value):
        raise ValueError("must be [low, high], by sex or age if it depends on them; null is an open end")
    low, high = value
    if low is not None and high is not None and low > high:
        raise ValueError("low must not be above high")
    return Range(None if low is None else float(low), None if high is None else float(high))


def _chance(value: Any) -> float:
    if not _is_number(value) or not 0 <= value <= 1:
        raise ValueError("must be a number from 0 to 1, by sex or age if it depends on them")
    return float(value)


def _is_number(value: Any) -> bool:
    return isinstance(value, int | float) and not isinstance(value, bool) and isfinite(value)
