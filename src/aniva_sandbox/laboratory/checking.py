"""Whether a set of results is consistent in itself, and with the catalogue."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from math import inf
from typing import Any

import msgspec

from aniva_sandbox.engine.texts import listed
from aniva_sandbox.laboratory.biomarkers import Biomarker
from aniva_sandbox.laboratory.catalogue import Catalogue, get_catalogue
from aniva_sandbox.laboratory.findings import ClinicalFinding, GeneticFinding
from aniva_sandbox.laboratory.formulas import BOUNDS, FORMULAS, PARTS
from aniva_sandbox.laboratory.genes import Variant
from aniva_sandbox.laboratory.laboratories import Method
from aniva_sandbox.laboratory.measurements import OPEN, ByPerson, Measurement, Range, Sex

__all__ = ["Problem", "check_results", "check_values"]


class Problem(msgspec.Struct, frozen=True):
    """A problem, and where it is: a path into the results such as ``clinical_results[3].value``."""

    path: str
    message: str

    def __str__(self) -> str:
        return f"{self.path}: {self.message}"


def check_results(
    results: Mapping[str, Any], *, sex: Sex | None = None, age: int | None = None, catalogue: Catalogue | None = None
) -> list[Problem]:
    """Every problem of results as ``GET /api/v1/appointments/{id}/results`` returns them; empty if they are consistent.

    First, every field must be present and have its type. Then these are checked: names, categories, genes, units and
    ranges against the catalogue; values against what laboratories can measure; sums, ratios and indexes against their
    inputs (within 2 %); parts against the whole; genotypes against what is known about the gene, and about what is
    inherited together; the fields of planned results; and the order. With ``sex`` (1 or 2) and ``age`` (years) of the
    patient, ranges and filtration rates that depend on them are checked too. ``catalogue`` is the shipped one by
    default.
    """
    catalogue = catalogue or get_catalogue()
    problems = _check_shape(results)
    if problems:
        return problems
    clinical, genetic = results["clinical_results"], results["genetic_results"]
    for kind, entries, check in (("clinical", clinical, _check_clinical), ("genetic", genetic, _check_genetic)):
        ids = [entry["biomarker_id"] for entry in entries]
        if ids != sorted(set(ids)):
            problems.append(Problem(f"{kind}_results", "must have one entry for each biomarker, by id"))
        for place, entry in enumerate(entries):
            path = f"{kind}_results[{place}]"
            biomarker = catalogue.biomarkers.get(entry["biomarker_id"])
            if biomarker is None or biomarker.type != kind or biomarker.archived:
                problems.append(Problem(f"{path}.biomarker_id", f"there is no such {kind} biomarker"))
                continue
            check_entry: Callable[..., Iterator[tuple[str, str]]] = _check_planned
            if entry["status"] != "planned":
                check_entry = check
            found = [*_differences(entry, _names(catalogue, biomarker))]
            found += check_entry(catalogue, biomarker, entry, sex, age)
            problems += [Problem(f"{path}.{field}", message) for field, message in found]
    if results["status"] == "completed" and any(entry["status"] == "planned" for entry in [*clinical, *genetic]):
        problems.append(Problem("status", "is completed, although results are planned"))
    return [*problems, *_check_together(catalogue, clinical, genetic, sex, age)]


def _check_shape(results: Mapping[str, Any]) -> list[Problem]:
    """Fields that are missing or of another type, with which nothing else can be checked."""
    problems = []
    if results.get("status") not in ("in_progress", "completed"):
        problems.append(Problem("status", "must be in_progress or completed"))
    kinds: dict[str, type[ClinicalFinding | GeneticFinding]]
    kinds = {"clinical_results": ClinicalFinding, "genetic_results": GeneticFinding}
    for kind, shape in kinds.items():
        entries = results.get(kind)
        if not isinstance(entries, list):
            problems.append(Problem(kind, "must be a list"))
            continue
        for place, entry in enumerate(entries):
            try:
                result = msgspec.convert(entry, shape)
            except msgspec.ValidationError as error:
                message, _, where = str(error).partition(" - at `$")
                problems.append(Problem(f"{kind}[{place}]{where.rstrip('`')}", message))
                continue
            if result.status not in ("planned", "received", "corrected"):
                problems.append(Problem(f"{kind}[{place}].status", "must be planned, received or corrected"))
            elif result.status != "planned" and result.tested_at is None:
                problems.append(Problem(f"{kind}[{place}].tested_at", "is required with the result"))
    return problems


def _check_together(
    catalogue: Catalogue,
    clinical: Sequence[Mapping[str, Any]],
    genetic: Sequence[Mapping[str, Any]],
    sex: Sex | None,
    age: int | None,
) -> Iterator[Problem]:
    """Results that contradict one another."""
    measured = {
        biomarker.slug: (place, entry)
        for place, entry in enumerate(clinical)
        if (biomarker := catalogue.biomarkers.get(entry["biomarker_id"])) and biomarker.slug in catalogue.measurements
    }
    values = {
        slug: entry["value"]
        for slug, (_, entry) in measured.items()
        if entry["value_operator"] == "eq" and entry["value"] is not None
    }
    for slug, message in check_values(catalogue, values, set(measured), sex, age):
        yield Problem(f"clinical_results[{measured[slug][0]}].value", message)
    genotypes = {
        biomarker.slug: (place, entry["genotype"])
        for place, entry in enumerate(genetic)
        if (biomarker := catalogue.biomarkers.get(entry["biomarker_id"])) and entry["status"] != "planned"
    }
    for together in catalogue.haplotypes:
        found = [genotypes.get(slug, (0, None)) for slug in together.biomarkers]
        known = any(
            all(genotype in (None, its) for (_, genotype), its in zip(found, possible, strict=True))
            for possible, _ in together.genotypes
        )
        if not known and sum(genotype is not None for _, genotype in found) > 1:
            names = " and ".join(catalogue.slugs[slug].name for slug in together.biomarkers)
            yield Problem(f"genetic_results[{found[-1][0]}].genotype", f"{names} never occur in this combination")


def check_values(
    catalogue: Catalogue, values: Mapping[str, float], ordered: set[str], sex: Sex | None, age: int | None
) -> Iterator[tuple[str, str]]:
    """The values (by slug) that contradict others, and why. ``ordered`` are all biomarkers in the same set, including
    those without a value or with one outside the measurable range."""
    for slug, value in values.items():
        expected = _expected(slug, values, ordered, sex, age)
        if expected is not None:
            decimals = catalogue.measurements[slug].decimals
            leeway = max(1.001 * 10**-decimals, FORMULAS[slug].leeway * max(abs(value), abs(expected)))
            if abs(value - expected) > leeway:
                inputs = listed([catalogue.slugs[each].name for each in FORMULAS[slug].inputs])
                yield slug, f"is {value:g}, but {inputs} make it {round(expected, decimals):g}"
        if value < 0:
            yield slug, "would be negative"
        bounds = BOUNDS.get(slug)
        if bounds is not None and value not in bounds:
            yield slug, f"is {value:g}, which is impossible"
        whole = PARTS.get(slug, "")
        if whole in values and value > values[whole] * 1.02:
            yield slug, f"is {value:g}, more than {catalogue.slugs[whole].name}, of which it is a part"


def _check_clinical(
    catalogue: Catalogue, biomarker: Biomarker, entry: Mapping[str, Any], sex: Sex | None, age: int | None
) -> Iterator[tuple[str, str]]:
    unit = biomarker.unit
    yield from _differences(entry, {"unit_id": unit.id if unit else None, "unit": unit.title if unit else None})
    measurement = catalogue.measurements[biomarker.slug]
    methods = [laboratory.methods[biomarker.id] for laboratory in catalogue.laboratories.values()]
    lab = [_shown_range(range) for method in methods if method.lab for range in _possible(method.lab, sex, age)]
    if entry["reference_range_lab"] not in lab:
        yield "reference_range_lab", "is not the range of any laboratory"
    optimal = measurement.optimal
    aniva = [
        _shown_range(measurement.aniva.of(*person), optimal.of(*person) if optimal else OPEN)
        for person in _persons(measurement.aniva, optimal, sex, age)
    ]
    if entry["reference_range_aniva"] not in aniva:
        yield "reference_range_aniva", "is not a range of Aniva's"
    yield from _check_value(measurement, methods, entry)


def _check_value(
    measurement: Measurement, methods: Sequence[Method], entry: Mapping[str, Any]
) -> Iterator[tuple[str, str]]:
    """The problems of a single value."""
    value, operator = entry["value"], entry["value_operator"]
    if value is None and operator is None and entry["comment"]:
        return  # not calculated; the comment says why
    if value is None or not 0 <= value < inf:
        yield "value", "must be a number of at least 0, or null with a comment and no operator"
    elif operator not in ("eq", "lt", "gt"):
        yield "value_operator", "must be eq, lt or gt"
    elif operator == "eq" and not any(value in method.limits for method in methods):
        yield "value", "is outside the measurable range, and must be reported as the limit, with lt or gt"
    elif operator == "lt" and value not in [method.limits.low for method in methods]:
        yield "value", "is not the lowest value that a laboratory can measure"
    elif operator == "gt" and value not in [method.limits.high for method in methods]:
        yield "value", "is not the highest value that a laboratory can measure"
    elif measurement.positive is not None and value not in (0, 1):
        yield "value", "must be 0 or 1"
    elif measurement.steps and value not in measurement.steps:
        yield "value", f"must be one of {listed([f'{step:g}' for step in measurement.steps])}"


def _check_genetic(
    catalogue: Catalogue, biomarker: Biomarker, entry: Mapping[str, Any], _sex: Sex | None, _age: int | None
) -> Iterator[tuple[str, str]]:
    gene = catalogue.genes[biomarker.slug]
    genotype = gene.genotypes.get(entry["genotype"])
    if genotype is None:
        yield "genotype", f"must be one of {listed(gene.genotypes)}"
        return
    facts = {
        "clinical_significance": genotype.significance,
        "risk_description": genotype.risk,
        "variants": [_shown_variant(variant) for variant in gene.carried(genotype.genotype)],
    }
    yield from _differences(entry, facts)


def _check_planned(
    catalogue: Catalogue, biomarker: Biomarker, entry: Mapping[str, Any], _sex: Sex | None, _age: int | None
) -> Iterator[tuple[str, str]]:
    shown = {"status", "biomarker_id", *_names(catalogue, biomarker)}
    for field, value in entry.items():
        if field not in shown and value not in (None, []):
            yield field, "must be empty while the result is planned"


def _names(catalogue: Catalogue, biomarker: Biomarker) -> dict[str, str]:
    """The names in a result, also while it is planned."""
    if biomarker.type == "genetic":
        return {"gene": catalogue.genes[biomarker.slug].gene}
    return {"biomarker_name": biomarker.name, "category": biomarker.category}


def _differences(entry: Mapping[str, Any], facts: Mapping[str, Any]) -> Iterator[tuple[str, str]]:
    for field, value in facts.items():
        if entry[field] != value:
            yield field, f"must be {value!r}"


def _expected(
    slug: str, values: Mapping[str, float], ordered: set[str], sex: Sex | None, age: int | None
) -> float | None:
    """The value according to its formula; None if it has no formula, or if an input is not known."""
    formula = FORMULAS.get(slug)
    if formula is None or (formula.personal and (sex is None or age is None)):
        return None
    inputs = []
    for each in formula.inputs:
        value = values.get(each)
        if value is None and each not in ordered:
            value = _expected(each, values, ordered, sex, age)
        if value is None or value < 0:
            return None
        inputs.append(value)
    try:
        return formula.compute(sex, age, *inputs)
    except (ArithmeticError, ValueError):
        return None  # a reported 0 cannot be a divisor


def _possible(ranges: ByPerson[Range], sex: Sex | None, age: int | None) -> list[Range]:
    return [ranges.of(*person) for person in _persons(ranges, None, sex, age)]


def _persons(
    one: ByPerson[Range], other: ByPerson[Range] | None, sex: Sex | None, age: int | None
) -> list[tuple[Sex, int]]:
    """The sexes and ages that the ranges distinguish, as far as the patient's are not known."""
    sexes: tuple[Sex, ...] = (1, 2) if sex is None else (sex,)
    tables = [table for table in (one, other) if table is not None]
    return [
        (each, years)
        for each in sexes
        for years in ({since for table in tables for since, _ in table.bands[each]} if age is None else {age})
    ]


def _shown_range(normal: Range, optimal: Range = OPEN) -> dict[str, float | None]:
    """A range as in the JSON of results."""
    return {
        "normal_min": normal.low,
        "normal_max": normal.high,
        "optimal_min": optimal.low,
        "optimal_max": optimal.high,
    }


def _shown_variant(variant: Variant) -> dict[str, Any]:
    """A variant as in the JSON of results."""
    return {
        "name": variant.name,
        "clinical_significance": variant.significance,
        "description": variant.description,
        "hgvs_c": variant.hgvs_c,
        "hgvs_p": variant.hgvs_p,
        "conditions": [
            {"condition": each.condition, "association_description": each.association, "badge": each.badge}
            for each in variant.conditions
        ],
        "snvs": [msgspec.structs.asdict(snv) for snv in variant.snvs],
    }
