"""What a laboratory finds in a person's blood: derived from a seed, and always the same for the same person, visit and
seed."""

from collections.abc import Callable, Mapping, Sequence
from functools import lru_cache
from math import exp, isfinite, log, sqrt
from statistics import NormalDist
from typing import Final, TypeVar

import msgspec

from aniva_sandbox.engine.world.ids import fraction
from aniva_sandbox.laboratory.catalogue import Catalogue
from aniva_sandbox.laboratory.formulas import FORMULAS
from aniva_sandbox.laboratory.measurements import ByPerson, Measurement, Range, Sex

__all__ = ["Blood", "IncomputableError", "Visit"]

T = TypeVar("T")

_NORMAL: Final = NormalDist()
_HALF: Final = _NORMAL.inv_cdf(0.975)
"""The number of standard deviations that the central 95 % extend to either side."""

_LASTING: Final = 0.9
_PASSING: Final = sqrt(1 - _LASTING**2)
"""The parts of a person's own score that stay from visit to visit, and that change."""

_QUIET: Final = 0.15
"""The factor on the scores if everything should be normal."""


class Visit(msgspec.Struct, frozen=True):
    """One draw of one person. With ``normal``, all values are unremarkable."""

    seed: int
    person: str
    visit: str
    sex: Sex
    age: int
    normal: bool = False


class IncomputableError(ValueError):
    """A value cannot be computed from the given ones; ``slug`` is its biomarker."""

    def __init__(self, slug: str) -> None:
        super().__init__(slug)
        self.slug = slug


class Blood:
    """Everything that can be found in the blood of one draw, computed on request.

    Values and genotypes that are ``given`` (by slug) replace those that would be drawn; computed values follow from
    them.
    """

    def __init__(self, catalogue: Catalogue, visit: Visit, given: Mapping[str, float | str] | None = None) -> None:
        self._measurements = catalogue.measurements
        self._haplotypes = catalogue.haplotypes
        self._visit = visit
        self._nature = _nature(catalogue, visit)
        self._values: dict[str, float] = {}
        self._genotypes: dict[str, str] = {}
        for slug, value in (given or {}).items():
            if isinstance(value, str):
                self._genotypes[slug] = value
            else:
                self._values[slug] = value

    def value(self, slug: str) -> float:
        """The value of a clinical biomarker in its unit, rounded as it is reported, without the limits of
        measurement."""
        if slug not in self._values:
            self._values[slug] = _rounded(self._measurements[slug], self._found(slug))
        return self._values[slug]

    def genotype(self, slug: str) -> str:
        """The genotype of a genetic biomarker; genes that are inherited together match."""
        (together,) = (each for each in self._haplotypes if slug in each.biomarkers)
        possible = [
            (genotypes, frequency)
            for genotypes, frequency in together.genotypes
            if all(
                self._genotypes.get(each, its) == its for each, its in zip(together.biomarkers, genotypes, strict=True)
            )
        ]
        if not possible:
            raise IncomputableError(slug)
        genotypes = _chosen(possible, self._nature.chance(together.biomarkers[0]))
        return genotypes[together.biomarkers.index(slug)]

    def _found(self, slug: str) -> float:
        if slug in FORMULAS:
            formula = FORMULAS[slug]
            return self._computed(slug, formula.compute, (self._visit.sex, self._visit.age), formula.inputs)
        if slug in _AROUND:
            inputs, compute = _AROUND[slug]
            return self._computed(slug, compute, (self._nature.score(_SCORED_AS.get(slug, slug)),), inputs)
        return self._nature.value(slug)

    def _computed(
        self, slug: str, compute: Callable[..., float], first: tuple[float, ...], inputs: tuple[str, ...]
    ) -> float:
        values = [self.value(each) for each in inputs]
        try:
            value = compute(*first, *values)
        except (ArithmeticError, ValueError):
            raise IncomputableError(slug) from None
        if not isfinite(value):
            raise IncomputableError(slug)
        return value


class _Nature:
    """The nature of a person at a visit, without given values."""

    def __init__(self, catalogue: Catalogue, visit: Visit) -> None:
        self._catalogue = catalogue
        self._visit = visit
        self._factors = {name: _NORMAL.inv_cdf(self.chance(f"factor/{name}")) for name in catalogue.people.factors}
        self._shifts = {} if visit.normal else self._have_conditions()
        self._values: dict[str, float] = {}

    def value(self, slug: str) -> float:
        """A value drawn from the usual values of such people."""
        if slug not in self._values:
            self._values[slug] = self._drawn(slug, self._catalogue.measurements[slug])
        return self._values[slug]

    def score(self, slug: str) -> float:
        """The distance of a person's biomarker from the median, in standard deviations."""
        loadings = self._catalogue.measurements[slug].loadings
        shared = sum(loading * self._factors[name] for name, loading in loadings.items())
        own = _LASTING * _NORMAL.inv_cdf(self.chance(slug)) + _PASSING * _NORMAL.inv_cdf(self._passing_chance(slug))
        score = shared + sqrt(1 - sum(loading**2 for loading in loadings.values())) * own
        return score * _QUIET if self._visit.normal else score + self._shifts.get(slug, 0.0)

    def _drawn(self, slug: str, measurement: Measurement) -> float:
        if measurement.positive is not None:
            return float(self.chance(slug) < self._of(measurement.positive) and not self._visit.normal)
        usual = self._of(measurement.usual)
        other = measurement.other
        if other is not None and not self._visit.normal and self.chance(f"{slug}/other") < self._of(other.chance):
            usual = self._of(other.usual)
        value = _spread(usual, self.score(slug))
        if self._visit.normal:
            value = _well_inside(value, self._normal_range(slug))
        return min(value, _CEILINGS.get(slug, value))

    def chance(self, what: str) -> float:
        """A number between 0 and 1 that is constant for the person."""
        return fraction(f"{self._visit.seed}/{self._visit.person}/{what}")

    def _normal_range(self, slug: str) -> Range:
        """The range that every laboratory calls normal; if there is none, the common one."""
        id = self._catalogue.slugs[slug].id
        ranges = [self._of(self._catalogue.measurements[slug].lab)]
        for laboratory in self._catalogue.laboratories.values():
            method = laboratory.methods[id]
            ranges += [self._of(method.lab)] if method.lab else []
        low = max((range.low for range in ranges if range.low is not None), default=None)
        high = min((range.high for range in ranges if range.high is not None), default=None)
        return ranges[0] if low is not None and high is not None and low > high else Range(low, high)

    def _passing_chance(self, what: str) -> float:
        """A number between 0 and 1 that differs at the next visit."""
        return fraction(f"{self._visit.seed}/{self._visit.person}/{self._visit.visit}/{what}")

    def _of(self, by: ByPerson[T]) -> T:
        return by.of(self._visit.sex, self._visit.age)

    def _have_conditions(self) -> dict[str, float]:
        """The shifts of the scores by the person's conditions."""
        shifts: dict[str, float] = {}
        left: dict[str, float] = {}
        for condition in self._catalogue.people.conditions:
            group = f"condition/{condition.group}"
            if group not in left:
                left[group] = self._passing_chance(group) if condition.passing else self.chance(group)
            if 0 <= left[group] < self._of(condition.chance):
                for slug, shift in condition.shifts.items():
                    shifts[slug] = shifts.get(slug, 0.0) + shift
            left[group] -= self._of(condition.chance)
        return shifts


@lru_cache(maxsize=256)  # results arrive in parts, and new worlds start with the same people
def _nature(catalogue: Catalogue, visit: Visit) -> _Nature:
    return _Nature(catalogue, visit)


def _rounded(measurement: Measurement, value: float) -> float:
    if measurement.steps and value >= measurement.steps[0]:
        return min(measurement.steps, key=lambda step: abs(log(step / value)))
    return round(value, measurement.decimals) + 0.0  # no minus zero


def _spread(usual: Range, score: float) -> float:
    """The value at a score if the central 95 % of people are in ``usual``, evenly on a logarithmic scale."""
    if usual.low is None or usual.high is None:
        raise ValueError("values can be drawn only if both ends are known")
    middle, half = (log(usual.low) + log(usual.high)) / 2, (log(usual.high) - log(usual.low)) / 2
    return exp(middle + half * score / _HALF)


def _well_inside(value: float, range: Range) -> float:
    """The value, kept away from the ends of a range."""
    low, high = range.low, range.high
    margin = (high - low) * 0.25 if low is not None and high is not None else 0.15 * (low or high or 0)
    if high is not None:
        value = min(value, high - margin)
    if low is not None:
        value = max(value, low + margin)
    return value


def _chosen(options: Sequence[tuple[T, float]], chance: float) -> T:
    """One of the options, each as often as its relative frequency."""
    chance *= sum(frequency for _, frequency in options)
    for option, frequency in options:
        chance -= frequency
        if chance < 0:
            return option
    return options[-1][0]


_CEILINGS: Final = {
    "lymphocytes-percent": 70.0,
    "monocytes-percent": 14.0,
    "eosinophils-percent": 10.0,
    "basophils-percent": 2.0,
    "electrophoresis-alpha-1": 8.0,
    "electrophoresis-alpha-2": 14.0,
    "electrophoresis-beta": 15.0,
}
"""Keeps the remainder to 100 % positive."""

_AROUND: Final[dict[str, tuple[tuple[str, ...], Callable[..., float]]]] = {
    "haematocrit": (("haemoglobin",), lambda z, haemoglobin: haemoglobin / (337 * exp(0.022 * z))),
    "erythrocytes": (("haematocrit",), lambda z, haematocrit: haematocrit * 1000 / (90 * exp(0.04 * z))),
    "apolipoprotein-b": (("non-hdl-cholesterol",), lambda z, non_hdl: (0.26 * non_hdl + 0.1) * exp(0.08 * z)),
    "apolipoprotein-a1": (("hdl-cholesterol",), lambda z, hdl: (0.75 + 0.52 * hdl) * exp(0.07 * z)),
    "small-dense-ldl": (
        ("ldl-cholesterol", "triglycerides"),
        lambda z, ldl, triglycerides: ldl * min(0.12 + 0.08 * triglycerides, 0.5) * exp(0.15 * z),
    ),
    "direct-bilirubin": (("total-bilirubin",), lambda z, total: total * min(0.25 * exp(0.2 * z), 0.9)),
    "hba1c": (("glucose-fasting",), lambda z, glucose: (0.62 * glucose + 0.18 * z) / 0.09148),
    "c-peptide": (("insulin-fasting",), lambda z, insulin: 0.6 * (insulin / 7) ** 0.6 * exp(0.15 * z)),
    "proinsulin": (("insulin-fasting",), lambda z, insulin: 3.5 * (insulin / 7) ** 0.7 * exp(0.35 * z)),
    "electrophoresis-albumin": (
        ("albumin", "total-protein", "electrophoresis-alpha-1", "electrophoresis-alpha-2", "electrophoresis-beta"),
        lambda z, albumin, protein, *others: min(100 * albumin / protein * exp(0.02 * z), 94 - sum(others)),
    ),
    "osmolality": (("sodium", "glucose-fasting", "urea"), lambda z, na, glucose, urea: 2 * na + glucose + urea + 3 * z),
    "psa-free": (("psa-total",), lambda z, total: total * min(0.28 * exp(0.3 * z), 0.9)),
    "dihydrotestosterone": (
        ("testosterone-total",),
        lambda z, total: min(0.3 * total**0.56 * exp(0.3 * z), 0.9 * total),
    ),
    "ck-mb": (("creatine-kinase",), lambda z, kinase: min(8 + 0.04 * kinase * exp(0.3 * z), kinase)),
}
"""Values close to what others suggest: the inputs, and the value computed from a score and them."""

_SCORED_AS: Final = {"haematocrit": "mchc", "erythrocytes": "mcv"}
"""Biomarkers that are scored by another one: the size of the red cells, and how full they are."""
