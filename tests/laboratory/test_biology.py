"""What is found in people's blood: the same for the same person, coherent, and mostly normal."""

from statistics import median

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from aniva_sandbox.laboratory.biology import Blood, Visit
from aniva_sandbox.laboratory.checking import check_values
from aniva_sandbox.laboratory.formulas import FORMULAS, PARTS
from aniva_sandbox.world.catalogue import get_catalogue
from aniva_sandbox.world.measurements import Sex

CATALOGUE = get_catalogue()
SLUGS = sorted(CATALOGUE.measurements)
PEOPLE = [
    Visit(seed=3, person=f"person {number}", visit="a", sex=1 if number % 2 else 2, age=18 + number % 70)
    for number in range(400)
]
BLOODS = [(person, Blood(CATALOGUE, person)) for person in PEOPLE]

visits = st.builds(
    Visit,
    seed=st.integers(0, 2**53),
    person=st.uuids().map(str),
    visit=st.uuids().map(str),
    sex=st.sampled_from((1, 2)),
    age=st.integers(0, 110),
    normal=st.booleans(),
)


@given(visits)
@settings(max_examples=150)
def test_values_of_anybody_hold_together(visit: Visit) -> None:
    """Whoever it is, every value is a number from 0 on, and no sum, ratio or part contradicts another."""
    blood = Blood(CATALOGUE, visit)
    values = {slug: blood.value(slug) for slug in SLUGS}
    assert all(0 <= value < 1e7 for value in values.values())
    assert list(check_values(CATALOGUE, values, set(values), visit.sex, visit.age)) == []


@given(visits, st.permutations(SLUGS))
@settings(max_examples=20)
def test_what_is_asked_for_first_does_not_matter(visit: Visit, order: list[str]) -> None:
    """A value does not depend on what else is asked for, or when."""
    one, other = Blood(CATALOGUE, visit), Blood(CATALOGUE, visit)
    assert {slug: one.value(slug) for slug in order} == {slug: other.value(slug) for slug in SLUGS}


def test_people_differ_and_stay_themselves() -> None:
    """Other seeds and people have other values; at the next visit a person has similar ones."""
    first = Visit(1, "someone", "a", 2, 40)
    ferritin = {
        visit: Blood(CATALOGUE, visit).value("ferritin")
        for visit in (first, Visit(2, "someone", "a", 2, 40), Visit(1, "somebody", "a", 2, 40))
    }
    assert len(set(ferritin.values())) == 3
    pairs = []
    for number in range(200):
        here, there = (Blood(CATALOGUE, Visit(1, f"person {number}", visit, 2, 40)) for visit in "ab")
        pairs.append((here.value("ferritin"), there.value("ferritin"), BLOODS[number][1].value("ferritin")))
    assert sum(here != there for here, there, _ in pairs) > 150
    changed = median(abs(here / there - 1) for here, there, _ in pairs)
    foreign = median(abs(here / other - 1) for here, _, other in pairs)
    assert changed < foreign / 2


@pytest.mark.parametrize("sex", [1, 2])
def test_most_people_are_mostly_normal(sex: Sex) -> None:
    """Between 1 and 15 % of the values lie outside the laboratory's range, in both directions; nobody is all wrong."""
    shares, low, high = [], 0, 0
    for visit, blood in BLOODS:
        if visit.sex != sex:
            continue
        outside = 0
        for slug, measurement in CATALOGUE.measurements.items():
            range, value = measurement.lab.of(sex, visit.age), blood.value(slug)
            outside += value not in range
            low += range.low is not None and value < range.low
            high += range.high is not None and value > range.high
        shares.append(outside / len(CATALOGUE.measurements))
    assert 0.01 < median(shares) < 0.15
    assert max(shares) < 0.4
    assert low > 100 < high


@pytest.mark.parametrize("slug", SLUGS)
def test_no_biomarker_is_abnormal_in_most(slug: str) -> None:
    """Most people of either sex are inside the laboratory's range, but some are outside of nearly every range."""
    measurement = CATALOGUE.measurements[slug]
    inside = [blood.value(slug) in measurement.lab.of(visit.sex, visit.age) for visit, blood in BLOODS]
    assert sum(inside) > len(inside) * 0.55, f"{sum(inside)} of {len(inside)}"


@given(visits.map(lambda visit: Visit(visit.seed, visit.person, visit.visit, visit.sex, visit.age % 62 + 18, True)))
@settings(max_examples=60)
def test_nothing_is_remarkable_where_all_is_to_be_normal(visit: Visit) -> None:
    """With ``normal``, every value of an adult lies inside the ranges that the laboratories print."""
    blood = Blood(CATALOGUE, visit)
    outside = {
        (laboratory.slug, slug): blood.value(slug)
        for laboratory in CATALOGUE.laboratories.values()
        for slug in SLUGS
        if (lab := laboratory.methods[CATALOGUE.slugs[slug].id].lab) and blood.value(slug) not in lab.of(visit.sex, 0)
    }
    assert outside == {}


def correlation(one: str, other: str) -> float:
    """How far two biomarkers go together (Spearman's rank correlation)."""

    def ranks(slug: str) -> list[int]:
        values = [blood.value(slug) for _, blood in BLOODS]
        return [sorted(values).index(value) for value in values]

    a, b = ranks(one), ranks(other)
    mean_a, mean_b = sum(a) / len(a), sum(b) / len(b)
    covariance = sum((x - mean_a) * (y - mean_b) for x, y in zip(a, b, strict=True))
    spread = (sum((x - mean_a) ** 2 for x in a) * sum((y - mean_b) ** 2 for y in b)) ** 0.5
    return float(covariance / spread)


@pytest.mark.parametrize(
    ("one", "other", "least", "most"),
    [
        ("glucose-fasting", "hba1c", 0.5, 1),
        ("haemoglobin", "haematocrit", 0.8, 1),
        ("haemoglobin", "erythrocytes", 0.5, 1),
        ("ferritin", "transferrin", -1, -0.2),
        ("alt", "ast", 0.3, 1),
        ("triglycerides", "hdl-cholesterol", -1, -0.2),
        ("non-hdl-cholesterol", "apolipoprotein-b", 0.7, 1),
        ("creatinine", "egfr-creatinine", -1, -0.3),
        ("hs-crp", "esr", 0.2, 1),
        ("tsh", "free-t4", -1, -0.1),
        ("prothrombin-time-quick", "inr", -1, -0.8),
        ("sodium", "ferritin", -0.25, 0.25),
    ],
)
def test_what_belongs_together_goes_together(one: str, other: str, least: float, most: float) -> None:
    """What biology ties is correlated, and in the right direction; what it does not tie is not."""
    assert least <= correlation(one, other) <= most


def test_sex_and_age_matter() -> None:
    """Men have more haemoglobin and creatinine, women after the menopause more FSH, the old less DHEA-S."""

    def middle(slug: str, sex: Sex, ages: range) -> float:
        return median(
            Blood(CATALOGUE, Visit(1, f"p{number}", "v", sex, ages[number % len(ages)])).value(slug)
            for number in range(150)
        )

    adults, young, old = range(20, 50), range(20, 40), range(60, 80)
    for slug in ("haemoglobin", "testosterone-total", "creatinine", "ferritin"):
        assert middle(slug, 1, adults) > middle(slug, 2, adults)
    assert middle("fsh", 2, old) > 3 * middle("fsh", 2, young)
    assert middle("estradiol", 2, old) < middle("estradiol", 2, young)
    for sex in (1, 2):
        assert middle("dhea-s", 1 if sex == 1 else 2, old) < middle("dhea-s", 1 if sex == 1 else 2, young)
    assert middle("psa-total", 1, old) > middle("psa-total", 1, young)


def test_differential_counts_add_up_exactly() -> None:
    """The five kinds of leukocytes make 100 %, and their counts the leukocytes."""
    kinds = ("neutrophils", "lymphocytes", "monocytes", "eosinophils", "basophils")
    for _, blood in BLOODS:
        assert sum(blood.value(f"{kind}-percent") for kind in kinds) == pytest.approx(100, abs=0.01)
        assert sum(blood.value(kind) for kind in kinds) == pytest.approx(blood.value("leukocytes"), abs=0.04)


def test_given_values_take_their_place() -> None:
    """What is given is found, what is computed from it follows, the rest stays as it was."""
    visit = Visit(1, "someone", "a", 2, 40)
    before, after = Blood(CATALOGUE, visit), Blood(CATALOGUE, visit, {"ldl-cholesterol": 9.0, "apoe": "ε4/ε4"})
    assert after.value("ldl-cholesterol") == 9.0
    assert after.value("ldl-hdl-ratio") == round(9.0 / before.value("hdl-cholesterol"), 2)
    assert after.value("hdl-cholesterol") == before.value("hdl-cholesterol")
    assert after.genotype("apoe") == "ε4/ε4"
    assert after.genotype("cyp2d6") == before.genotype("cyp2d6")


# Genes


def test_genotypes_come_as_often_as_their_alleles_say() -> None:
    """Each genotype is one of the catalogue's, and the most frequent allele of each gene is the one that should be."""
    for together in CATALOGUE.haplotypes:
        for index, slug in enumerate(together.biomarkers):
            found = [blood.genotype(slug) for _, blood in BLOODS]
            assert set(found) <= CATALOGUE.genes[slug].genotypes.keys()
            alleles = [allele for genotype in found for allele in genotype.split("/")]
            for allele in CATALOGUE.genes[slug].alleles:
                frequency = sum(share for each, share in together.of if each[index] == allele)
                assert alleles.count(allele) / len(alleles) == pytest.approx(frequency, abs=0.08)


def test_what_is_inherited_together_stays_together() -> None:
    """No chromosome carries both risk alleles of MTHFR or of HFE, so nobody has more of them than chromosomes."""
    for _, blood in BLOODS:
        for one, its, other, its_own in (
            ("mthfr-c677t", "T", "mthfr-a1298c", "C"),
            ("hfe-c282y", "A", "hfe-h63d", "G"),
        ):
            assert blood.genotype(one).count(its) + blood.genotype(other).count(its_own) <= 2


# The catalogue behind it


def test_everything_that_is_drawn_has_a_place() -> None:
    """Each clinical biomarker is measured; what is neither computed nor near to others is drawn from two known ends."""
    clinical = {slug for slug, biomarker in CATALOGUE.slugs.items() if biomarker.type == "clinical"}
    assert CATALOGUE.measurements.keys() == clinical
    assert FORMULAS.keys() <= clinical
    assert PARTS.keys() | set(PARTS.values()) <= clinical
    for slug in clinical:
        blood = Blood(CATALOGUE, Visit(1, "someone", "a", 1, 40))
        assert blood.value(slug) >= 0


def test_ranges_are_nested() -> None:
    """What is optimal lies inside what is normal for Aniva, whatever age and sex; what is printed can be measured."""
    for slug, measurement in CATALOGUE.measurements.items():
        for sex in (1, 2):
            for age in range(100):
                normal = measurement.aniva.of(1 if sex == 1 else 2, age)
                optimal = measurement.optimal.of(1 if sex == 1 else 2, age) if measurement.optimal else normal
                for end in (optimal.low, optimal.high):
                    assert end is None or end in normal, (slug, sex, age)
        for laboratory in CATALOGUE.laboratories.values():
            method = laboratory.methods[CATALOGUE.slugs[slug].id]
            for printed in method.lab.all() if method.lab else ():
                for end in (printed.low, printed.high):
                    assert end is None or end in method.limits or end == 0, (laboratory.slug, slug)
