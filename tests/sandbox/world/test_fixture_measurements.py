"""A catalogue's measurements, ranges and genes: how each problem in them is told."""

from pathlib import Path
from typing import Any

import pytest

from aniva_sandbox.laboratory.catalogue import get_catalogue
from aniva_sandbox.laboratory.genes import Gene, Variant
from aniva_sandbox.laboratory.measurements import Range
from tests.sandbox.world.fixture_files import archived_slug, broken_catalogue, changed_catalogue


@pytest.mark.parametrize(
    ("name", "change", "told"),
    [
        ("measurements", {"biomarker": "nothing"}, "[1].biomarker: there is no biomarker nothing"),
        ("measurements", {"biomarker": archived_slug()}, f"[1].biomarker: there is no biomarker {archived_slug()}"),
        ("measurements", {"biomarker": "leukocytes"}, "[1].biomarker: another entry has the biomarker leukocytes"),
        ("measurements", {"lab": [5, 1]}, "[1].lab: low must not be above high"),
        ("measurements", {"lab": 5}, "[1].lab: must be [low, high]"),
        ("measurements", {"lab": [1, "two"]}, "[1].lab: must be [low, high]"),
        ("measurements", {"lab": {"male": [1, 2]}}, "[1].lab: male and female must both be given"),
        ("measurements", {"usual": {18: [1, 2]}}, "[1].usual: ages must be whole numbers, and start at 0"),
        ("measurements", {"aniva": {0: [1, 2], "old": [1, 2]}}, "[1].aniva: ages must be whole numbers"),
        ("measurements", {"limits": [3]}, "[1].limits: must be [low, high]"),
        ("measurements", {"positive": 2}, "[1].positive: must be a number from 0 to 1"),
        ("measurements", {"other": {"chance": -1, "usual": [1, 2]}}, "[1].other.chance: must be a number from 0 to 1"),
        ("measurements", {"with": {"luck": 0.5}}, "[1].with: there is no factor luck"),
        ("measurements", {"with": {"muscle": 0.9, "fish": 0.9}}, "[1].with: the squares must add up to at most 1"),
        ("measurements", {"colour": "red"}, "[1].colour: is not known"),
    ],
)
def test_faults_of_measurements(tmp_path: Path, name: str, change: dict[str, Any], told: str) -> None:
    """Ranges, chances and factors that are none are told with their place."""
    (fault,) = broken_catalogue(tmp_path, name, lambda entries: entries[1].update(change))
    assert fault.split(":", 2)[2].strip().startswith(told)


@pytest.mark.parametrize(
    ("name", "change", "told"),
    [
        ("measurements", {"lab": {0: [1, 2], -1: [1, 2]}}, "[1].lab: ages must be whole numbers, and start at 0"),
        ("measurements", {"lab": {0: [1, 2], 18.5: [1, 2]}}, "[1].lab: ages must be whole numbers, and start at 0"),
        ("measurements", {"lab": {0: [1, 2], True: [1, 2]}}, "[1].lab: ages must be whole numbers, and start at 0"),
        ("measurements", {"lab": [1]}, "[1].lab: must be [low, high]"),
        ("measurements", {"lab": [1, 2, 3]}, "[1].lab: must be [low, high]"),
        ("measurements", {"lab": [False, 2]}, "[1].lab: must be [low, high]"),
        ("measurements", {"lab": [1, float("inf")]}, "[1].lab[1]: '.inf' is not a finite number"),
        ("measurements", {"optimal": [2, 1]}, "[1].optimal: low must not be above high"),
        ("measurements", {"critical": 5}, "[1].critical: must be [low, high]"),
        ("measurements", {"positive": -0.1}, "[1].positive: must be a number from 0 to 1"),
        ("measurements", {"positive": True}, "[1].positive: must be a number from 0 to 1"),
        ("measurements", {"positive": float("nan")}, "[1].positive: '.nan' is not a finite number"),
        ("measurements", {"other": {"chance": 0.1, "usual": 5}}, "[1].other.usual: must be [low, high]"),
        ("measurements", {"decimals": 5}, "[1].decimals: must be at most 4"),
    ],
)
def test_more_faults_of_measurements(tmp_path: Path, name: str, change: dict[str, Any], told: str) -> None:
    """Ranges, chances and factors that are none are told with their place."""
    (fault,) = broken_catalogue(tmp_path, name, lambda entries: entries[1].update(change))
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
