"""Genes: alleles, genotypes, and what they mean."""

from collections.abc import Mapping, Sequence
from itertools import combinations_with_replacement
from pathlib import Path
from typing import Any, Literal

import msgspec

from aniva_sandbox.engine.contract.values import Slug, Text
from aniva_sandbox.engine.texts import listed
from aniva_sandbox.engine.yaml_file import Entry, YamlFile

__all__ = ["Association", "Gene", "Genotype", "Haplotypes", "Significance", "Snv", "Variant", "load_genes"]

Significance = Literal[
    "pathogenic",
    "likely_pathogenic",
    "uncertain_significance",
    "likely_benign",
    "benign",
    "high_risk",
    "moderate_risk",
    "low_risk",
    "protective",
    "neutral",
]


class Association(Entry, frozen=True):
    """A condition that a variant is associated with."""

    condition: Text
    association: Text
    badge: Text


class Snv(Entry, frozen=True):
    """A single nucleotide that differs."""

    rs_id: Text
    allele: Text
    reference_allele: Text
    hgvs_c: Text | None
    hgvs_p: Text | None


class Variant(Entry, frozen=True):
    """What it means to carry an allele."""

    allele: Text
    name: Text
    significance: Significance
    description: Text
    hgvs_c: Text | None
    hgvs_p: Text | None
    conditions: tuple[Association, ...]
    snvs: tuple[Snv, ...]


class Genotype(Entry, frozen=True):
    """A pair of alleles, written with a slash between them, and what it means."""

    genotype: Text
    significance: Significance
    risk: Text


class Gene(msgspec.Struct, frozen=True):
    """A genetic biomarker. Genotypes are keyed by how they are written."""

    gene: str
    alleles: tuple[str, ...]
    genotypes: Mapping[str, Genotype]
    variants: tuple[Variant, ...]

    def written(self, alleles: tuple[str, str]) -> str:
        """The genotype of two alleles, in the order of the gene's list."""
        return "/".join(sorted(alleles, key=self.alleles.index))

    def carried(self, genotype: str) -> list[Variant]:
        """The variants of the alleles in a genotype, each once."""
        return [variant for variant in self.variants if variant.allele in genotype.split("/")]


class _HaplotypeEntry(Entry, frozen=True):
    alleles: tuple[Text, ...]
    frequency: float


class _HaplotypesEntry(Entry, frozen=True):
    biomarkers: tuple[Slug, ...]
    of: tuple[_HaplotypeEntry, ...]


class Haplotypes(msgspec.Struct, frozen=True):
    """Biomarkers (slugs) that are inherited together: which alleles are on one chromosome, and how often; and which
    genotypes people have as a result, and how often."""

    biomarkers: tuple[str, ...]
    of: tuple[tuple[tuple[str, ...], float], ...]
    genotypes: tuple[tuple[tuple[str, ...], float], ...]


class _GeneEntry(Entry, frozen=True):
    biomarker: Slug
    gene: Text
    alleles: tuple[Text, ...]
    genotypes: tuple[Genotype, ...]
    variants: tuple[Variant, ...]


def _pairs(
    genes: Sequence[Gene], of: tuple[tuple[tuple[str, ...], float], ...]
) -> tuple[tuple[tuple[str, ...], float], ...]:
    """The genotypes that two chromosomes form, each with its frequency."""
    found: dict[tuple[str, ...], float] = {}
    for one, frequency in of:
        for other, other_frequency in of:
            pair = tuple(
                gene.written(alleles) for gene, alleles in zip(genes, zip(one, other, strict=True), strict=True)
            )
            found[pair] = found.get(pair, 0.0) + frequency * other_frequency
    return tuple(found.items())


def load_genes(path: Path, slugs: Mapping[str, Any]) -> tuple[dict[str, Gene], tuple[Haplotypes, ...]]:
    """Read the genes by slug of their biomarker, and what is inherited together. Raises :exc:`FixtureError`."""
    file = YamlFile(path)
    genes = {}
    for place, entry in file.entries(_GeneEntry, "biomarker", section="genes"):
        at = ("genes", place)
        file.refer((*at, "biomarker"), [entry.biomarker], slugs, "biomarker")
        file.refer((*at, "variants"), [variant.allele for variant in entry.variants], entry.alleles, "allele")
        pairs = ["/".join(pair) for pair in combinations_with_replacement(entry.alleles, 2)]
        if sorted(genotype.genotype for genotype in entry.genotypes) != sorted(pairs):
            file.fail((*at, "genotypes"), f"must be {listed(pairs)}, each once")
        genes[entry.biomarker] = Gene(
            entry.gene, entry.alleles, {genotype.genotype: genotype for genotype in entry.genotypes}, entry.variants
        )
    inherited: list[str] = []
    haplotypes = []
    for place, together in file.entries(_HaplotypesEntry, section="haplotypes"):
        at = ("haplotypes", place)
        file.refer((*at, "biomarkers"), together.biomarkers, genes, "gene of the biomarker")
        if not 0.999999 < sum(each.frequency for each in together.of) < 1.000001:
            file.fail((*at, "of"), "the frequencies must add up to 1")
        for index, each in enumerate(together.of):
            known = [genes[slug].alleles for slug in together.biomarkers if slug in genes]
            if len(each.alleles) != len(known) or any(
                allele not in alleles for allele, alleles in zip(each.alleles, known, strict=True)
            ):
                file.fail((*at, "of", index, "alleles"), "must name an allele of each of the biomarkers")
        inherited += together.biomarkers
        if not file.problems:
            of = tuple((each.alleles, each.frequency) for each in together.of)
            known_genes = [genes[slug] for slug in together.biomarkers]
            haplotypes.append(Haplotypes(together.biomarkers, of, _pairs(known_genes, of)))
    if sorted(inherited) != sorted(genes):
        file.fail(("haplotypes",), "must name every gene's biomarker once")
    file.check()
    return genes, tuple(haplotypes)
