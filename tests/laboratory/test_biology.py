"""What is found in people's blood: the same for the same person, coherent, and mostly normal."""

from statistics import median
from typing import Any

import msgspec
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from aniva_sandbox.laboratory.biology import Blood, IncomputableError, Visit
from aniva_sandbox.laboratory.catalogue import Catalogue, get_catalogue
from aniva_sandbox.laboratory.checking import check_values
from aniva_sandbox.laboratory.formulas import FORMULAS, PARTS
from aniva_sandbox.laboratory.measurements import ByPerson, Condition, People, Range, Sex

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
@settings(max_examples=50, deadline=None)
def test_values_of_anybody_hold_together(visit: Visit) -> None:
    """Whoever it is, every value is a number from 0 on, and no sum, ratio or part contradicts another."""
    blood = Blood(CATALOGUE, visit)
    values = {slug: blood.value(slug) for slug in SLUGS}
    assert all(0 <= value < 1e7 for value in values.values())
    assert list(check_values(CATALOGUE, values, set(values), visit.sex, visit.age)) == []


@given(visits, st.permutations(SLUGS))
@settings(max_examples=8, deadline=None)
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
@settings(max_examples=20, deadline=None)
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


def always(value: Any) -> ByPerson[Any]:
    """The same for everybody."""
    return ByPerson({1: ((0, value),), 2: ((0, value),)})


def afflicted(*conditions: Condition) -> Catalogue:
    """The catalogue with these conditions alone."""
    return msgspec.structs.replace(CATALOGUE, people=People(CATALOGUE.people.factors, conditions))


@pytest.mark.parametrize("group", ["salt", "water"])
def test_of_a_group_of_conditions_a_person_has_one(group: str) -> None:
    """Where two conditions of a group share all people among them, everybody has just one; of two groups, some have
    both and some none."""
    catalogue = afflicted(
        Condition("high", "salt", always(0.5), {"sodium": 40}, False),
        Condition("low", group, always(0.5), {"sodium": -40}, False),
    )
    sodium = [Blood(catalogue, Visit(1, f"p{number}", "a", 1, 40)).value("sodium") for number in range(100)]
    ordinary = [value for value in sodium if 120 < value < 160]
    assert min(sodium) < 120 < 160 < max(sodium)
    assert bool(ordinary) is (group == "water")


@pytest.mark.parametrize("passing", [True, False])
def test_only_passing_conditions_pass(passing: bool) -> None:
    """A condition is there at every visit or at none, unless it may pass."""
    catalogue = afflicted(Condition("high", "salt", always(0.5), {"sodium": 40}, passing))
    kept = [
        [Blood(catalogue, Visit(1, f"p{number}", visit, 1, 40)).value("sodium") > 160 for visit in "ab"]
        for number in range(50)
    ]
    assert any(here != there for here, there in kept) is passing
    assert len({here for here, _ in kept}) == 2


def test_there_is_always_a_rest() -> None:
    """However many there are of the other cells and fractions, neutrophils and gamma globulins are left."""
    rests = {
        "neutrophils-percent": ("lymphocytes-percent", "monocytes-percent", "eosinophils-percent", "basophils-percent"),
        "electrophoresis-gamma": (
            "electrophoresis-alpha-1",
            "electrophoresis-alpha-2",
            "electrophoresis-beta",
            "albumin",
        ),
    }
    shifts = {slug: 20.0 for parts in rests.values() for slug in parts}
    blood = Blood(afflicted(Condition("all", "all", always(1.0), shifts, False)), Visit(1, "someone", "a", 1, 40))
    for rest in rests:
        assert blood.value(rest) > 0, rest


@pytest.mark.parametrize(
    ("part", "whole"),
    [
        ("direct-bilirubin", "total-bilirubin"),
        ("psa-free", "psa-total"),
        ("ck-mb", "creatine-kinase"),
        ("dihydrotestosterone", "testosterone-total"),
    ],
)
def test_parts_are_never_more_than_the_whole(part: str, whole: str) -> None:
    """However high a part is, the whole is not less."""
    blood = Blood(afflicted(Condition("all", "all", always(1.0), {part: 40.0}, False)), Visit(1, "someone", "a", 1, 40))
    assert 0 < blood.value(part) <= blood.value(whole)


def test_what_is_near_to_extremes() -> None:
    """Whatever values are given, fractions leave a rest, and small particles are not more than all of them."""
    visit = Visit(1, "someone", "a", 1, 40)
    assert Blood(CATALOGUE, visit, {"albumin": 60.0, "total-protein": 40.0}).value("electrophoresis-gamma") > 0
    fat = Blood(CATALOGUE, visit, {"triglycerides": 50.0, "ldl-cholesterol": 4.0})
    assert fat.value("small-dense-ldl") < 4.0


@pytest.mark.parametrize(
    ("slug", "usual"),
    [
        ("sodium", (160, 170)),
        ("sodium", (100, 110)),
        ("ldl-cholesterol", (9, 10)),
        ("hdl-cholesterol", (0.1, 0.2)),
    ],
)
def test_what_is_to_be_normal_is_pulled_inside(slug: str, usual: tuple[float, float]) -> None:
    """With ``normal``, a value that would be outside the laboratory's range is inside, and not at its end."""
    measurement = msgspec.structs.replace(CATALOGUE.measurements[slug], usual=always(Range(*usual)))
    catalogue = msgspec.structs.replace(CATALOGUE, measurements=CATALOGUE.measurements | {slug: measurement})
    lab = measurement.lab.of(2, 40)
    assert Blood(catalogue, Visit(1, "someone", "a", 2, 40)).value(slug) not in lab
    value = Blood(catalogue, Visit(1, "someone", "a", 2, 40, normal=True)).value(slug)
    assert value in lab
    assert value not in (lab.low, lab.high)


def test_most_are_where_95_percent_are() -> None:
    """Without conditions, about 1 in 20 lies outside of where the central 95 % of people are, whatever is shared."""
    catalogue = afflicted()
    for slug in ("ldl-cholesterol", "sodium", "ferritin", "hdl-cholesterol"):
        usual = CATALOGUE.measurements[slug].usual
        outside = sum(Blood(catalogue, visit).value(slug) not in usual.of(visit.sex, visit.age) for visit, _ in BLOODS)
        assert 0.02 < outside / len(BLOODS) < 0.085, slug


def test_titres_come_in_steps() -> None:
    """A titre is one of its steps, or below all of them."""
    for slug in ("ana", "parietal-cell-antibodies"):
        steps = CATALOGUE.measurements[slug].steps
        found = {blood.value(slug) for _, blood in BLOODS}
        assert {value for value in found if value >= steps[0]} <= set(steps)
        assert len(found & set(steps)) > 1
        assert min(found) < steps[0]


def test_nothing_is_less_than_nothing() -> None:
    """A difference that rounds to 0 is 0, without a sign."""
    given = {"total-cholesterol": 1.0, "hdl-cholesterol": 1.004}
    assert str(Blood(CATALOGUE, Visit(1, "someone", "a", 2, 40), given).value("non-hdl-cholesterol")) == "0.0"


def test_what_is_near_to_others_varies() -> None:
    """Of the same glucose not everybody has the same HbA1c, nor of the same haemoglobin the same haematocrit."""
    visits = [Visit(1, f"p{number}", "a", 1, 40) for number in range(20)]
    for slug, value, near in (("glucose-fasting", 5.0, "hba1c"), ("haemoglobin", 140.0, "haematocrit")):
        assert len({Blood(CATALOGUE, visit, {slug: value}).value(near) for visit in visits}) > 5


@pytest.mark.parametrize("slug", ["mcv", "mchc"])
def test_stores_of_iron_show_in_the_red_cells(slug: str) -> None:
    """Who has less ferritin has smaller and paler cells."""
    assert 0.15 < correlation("ferritin", slug) < 0.6


def test_a_person_has_two_chromosomes() -> None:
    """The two alleles of a gene are drawn apart: there are people with two different ones, as often as chance says."""
    for slug, share in (("apoe", 0.37), ("mthfr-c677t", 0.44), ("lct-13910", 0.48)):
        mixed = [len(set(blood.genotype(slug).split("/"))) == 2 for _, blood in BLOODS]
        assert sum(mixed) / len(mixed) == pytest.approx(share, abs=0.08)


@pytest.mark.parametrize(
    ("given", "slug"), [("prothrombin-time-quick", "inr"), ("total-protein", "electrophoresis-albumin")]
)
def test_what_is_near_to_nothing(given: str, slug: str) -> None:
    """What is measured near to a value that is 0 cannot be computed, as what is computed cannot."""
    with pytest.raises(IncomputableError):
        Blood(CATALOGUE, Visit(1, "someone", "a", 2, 40), {given: 0.0}).value(slug)
