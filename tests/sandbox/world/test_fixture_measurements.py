"""A catalogue's measurements, ranges and genes: how each problem in them is told."""

from pathlib import Path
from typing import Any

import pytest

from aniva_sandbox.laboratory.catalogue import get_catalogue
from aniva_sandbox.laboratory.genes import Gene, Variant
from aniva_sandbox.laboratory.measurements import Range
from tests.sandbox.world.fixture_files import archived_slug, broken_catalogue, changed_catalogue

FAULTS: list[tuple[dict[Any, Any], str]] = [
    ({"biomarker": "nothing"}, ".biomarker: there is no biomarker nothing"),
    ({"biomarker": archived_slug()}, f".biomarker: there is no biomarker {archived_slug()}"),
    ({"biomarker": "leukocytes"}, ".biomarker: another entry has the biomarker leukocytes"),
    ({"lab": [5, 1]}, ".lab: low must not be above high"),
    ({"lab": 5}, ".lab: must be [low, high]"),
    ({"lab": [1, "two"]}, ".lab: must be [low, high]"),
    ({"lab": {"male": [1, 2]}}, ".lab: male and female must both be given"),
    ({"usual": {18: [1, 2]}}, ".usual: ages must be whole numbers, and start at 0"),
    ({"aniva": {0: [1, 2], "old": [1, 2]}}, ".aniva: ages must be whole numbers"),
    ({"limits": [3]}, ".limits: must be [low, high]"),
    ({"positive": 2}, ".positive: must be a number from 0 to 1"),
    ({"other": {"chance": -1, "usual": [1, 2]}}, ".other.chance: must be a number from 0 to 1"),
    ({"with": {"luck": 0.5}}, ".with: there is no factor luck"),
    ({"with": {"muscle": 0.9, "fish": 0.9}}, ".with: the squares must add up to at most 1"),
    ({"colour": "red"}, ".colour: is not known"),
    ({"lab": {0: [1, 2], -1: [1, 2]}}, ".lab: ages must be whole numbers, and start at 0"),
    ({"lab": {0: [1, 2], 18.5: [1, 2]}}, ".lab: ages must be whole numbers, and start at 0"),
    ({"lab": {0: [1, 2], True: [1, 2]}}, ".lab: ages must be whole numbers, and start at 0"),
    ({"lab": [1]}, ".lab: must be [low, high]"),
    ({"lab": [1, 2, 3]}, ".lab: must be [low, high]"),
    ({"lab": [False, 2]}, ".lab: must be [low, high]"),
    ({"optimal": [2, 1]}, ".optimal: low must not be above high"),
    ({"critical": 5}, ".critical: must be [low, high]"),
    ({"positive": -0.1}, ".positive: must be a number from 0 to 1"),
    ({"positive": True}, ".positive: must be a number from 0 to 1"),
    ({"other": {"chance": 0.1, "usual": 5}}, ".other.usual: must be [low, high]"),
    ({"decimals": 5}, ".decimals: must be at most 4"),
]
"""What is changed in an entry, and what is told of it."""


def test_faults_of_measurements(tmp_path: Path) -> None:
    """Ranges, chances and factors that are none are told with their place, all at once."""

    def change(entries: list[Any]) -> None:
        for place, (fault, _) in enumerate(FAULTS, 1):
            entries[place].update(fault)

    found = [fault.split(":", 2)[2].strip() for fault in broken_catalogue(tmp_path, "measurements", change)]
    for place, (_, told) in enumerate(FAULTS, 1):
        (fault,) = [each for each in found if each.startswith(f"[{place}]")]
        assert fault.startswith(f"[{place}]{told}")
    assert len(found) == len(FAULTS)


@pytest.mark.parametrize(
    ("change", "told"),
    [
        ({"lab": [1, float("inf")]}, "[1].lab[1]: '.inf' is not a finite number"),
        ({"positive": float("nan")}, "[1].positive: '.nan' is not a finite number"),
    ],
)
def test_numbers_of_measurements_are_finite(tmp_path: Path, change: dict[str, Any], told: str) -> None:
    """A number that is not finite is told by itself, before anything else is looked at."""
    (fault,) = broken_catalogue(tmp_path, "measurements", lambda entries: entries[1].update(change))
    assert fault.split(":", 2)[2].strip().startswith(told)


@pytest.mark.parametrize(
    ("name", "section", "place", "change", "told"),
    [
        ("genes", "genes", 0, {"variants": "unknown allele"}, "genes[0].variants: there is no allele"),
        ("genes", "genes", 1, {"genotypes": "twice"}, "genes[1].genotypes: must be C/C, C/T, T/T, each once"),
        (
            "genes",
            "haplotypes",
            0,
            {"biomarkers": ["apoe", "apoe"]},
            "haplotypes: must name every gene's biomarker once",
        ),
        ("genes", "haplotypes", 0, None, "haplotypes: must name every gene's biomarker once"),
        (
            "genes",
            "haplotypes",
            0,
            {"of": [{"alleles": ["ε2"], "frequency": 0.9}]},
            "haplotypes[0].of: the frequencies must",
        ),
        (
            "genes",
            "haplotypes",
            0,
            {"of": [{"alleles": ["ε2"], "frequency": 1.1}]},
            "haplotypes[0].of: the frequencies must",
        ),
        (
            "genes",
            "haplotypes",
            0,
            {"of": [{"alleles": ["ε2", "ε3"], "frequency": 1}]},
            "haplotypes[0].of[0].alleles: must name",
        ),
        ("genes", "haplotypes", 0, {"of": [{"alleles": [], "frequency": 1}]}, "haplotypes[0].of[0].alleles: must name"),
        (
            "genes",
            "haplotypes",
            0,
            {"of": [{"alleles": ["ε9"], "frequency": 1}]},
            "haplotypes[0].of[0].alleles: must name",
        ),
    ],
)
def test_more_faults_of_genes(
    tmp_path: Path, name: str, section: str, place: int, change: dict[str, Any] | None, told: str
) -> None:
    """Alleles that a gene does not have, and genes that are inherited twice or never, are told, and nothing else."""

    def spoil(data: dict[str, Any]) -> None:
        entry = data[section][place]
        if change is None:
            data[section].remove(entry)
        elif change.get("variants"):
            entry["variants"][0]["allele"] = "ε9"
        elif change.get("genotypes"):
            entry["genotypes"].append(entry["genotypes"][0])
        else:
            entry.update(change)
            if change.get("biomarkers"):
                for each in entry["of"]:
                    each["alleles"] *= 2

    (fault,) = broken_catalogue(tmp_path, name, spoil)
    assert fault.split(":", 2)[2].strip().startswith(told)


def test_limits_of_the_grammar(tmp_path: Path) -> None:
    """Ends may be equal, chances 0 or 1, and all of a score may be shared; ages come in any order."""

    def change(entries: list[dict[str, Any]]) -> None:
        entries[1].update(
            {
                "lab": {18: [5, 5], 0: [None, 4], 60: [6, None]},
                "with": {"muscle": 1},
                "other": {"chance": {0: 0, 50: 1}, "usual": [1, 2]},
            }
        )

    catalogue = changed_catalogue(tmp_path, "measurements", change)
    slug = list(catalogue.measurements)[1]
    measurement = catalogue.measurements[slug]
    assert [(measurement.lab.of(2, age).low, measurement.lab.of(2, age).high) for age in (0, 17, 18, 59, 60, 99)] == [
        *((None, 4), (None, 4), (5, 5), (5, 5), (6, None), (6, None))
    ]
    assert measurement.loadings == {"muscle": 1}
    assert [measurement.other.chance.of(1, age) for age in (49, 50)] == [0, 1]


def test_ends_belong_to_a_range() -> None:
    """A value at an end is inside."""
    assert [value in Range(1, 2) for value in (0.9, 1, 2, 2.1)] == [False, True, True, False]
    assert 5 in Range(None, None)


def test_groups_of_conditions() -> None:
    """A condition without a group is its own; the shipped ones of one subject are in one group."""
    groups = {each.name: each.group for each in get_catalogue().people.conditions}
    assert groups["hypothyroidism"] == groups["hyperthyroidism"] == "thyroid"
    assert groups["fatty-liver"] == "fatty-liver"


def test_alleles_are_told_apart() -> None:
    """A genotype carries the variants of its two alleles, each once, and not of those whose name begins alike."""
    variants = tuple(Variant(name, name, "neutral", "Any.", None, None, (), ()) for name in ("*1", "*17"))
    gene = Gene("G", ("*1", "*17"), {}, variants)
    assert [variant.name for variant in gene.carried("*17/*17")] == ["*17"]
    assert [variant.name for variant in gene.carried("*1/*17")] == ["*1", "*17"]
    assert gene.written(("*17", "*1")) == "*1/*17"


def test_a_measurement_without_a_range_is_a_fault(tmp_path: Path) -> None:
    """A biomarker whose lab is null would silently not be measured."""
    (fault,) = broken_catalogue(tmp_path, "measurements", lambda entries: entries[1].update({"lab": None}))
    assert "[1].lab" in fault


def test_a_group_passes_as_a_whole() -> None:
    """Conditions of a group share one chance, which passes or stays."""
    assert all(
        len({each.passing for each in get_catalogue().people.conditions if each.group == group}) == 1
        for group in {each.group for each in get_catalogue().people.conditions}
    )
