"""Which sets of biomarkers a laboratory can be given as an order, against an oracle that tries every choice."""

from collections.abc import Iterable
from itertools import chain, combinations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from aniva_sandbox.laboratory.catalogue import get_catalogue
from aniva_sandbox.laboratory.coherence import find_stranded
from aniva_sandbox.laboratory.laboratories import Orderable, sellers

IDS = st.integers(1, 8)
ORDERABLES = st.lists(st.frozensets(IDS, min_size=1, max_size=5), max_size=8).map(
    lambda yields: [Orderable(f"orderable {number}", each) for number, each in enumerate(yields)]
)
SETS = st.frozensets(IDS)


def orderable_by_choice(wanted: frozenset[int], orderables: list[Orderable]) -> bool:
    """Whether some choice of orderables yields exactly the set: all choices are tried."""
    choices = chain.from_iterable(combinations(orderables, size) for size in range(len(orderables) + 1))
    return any(frozenset().union(*(each.yields for each in choice)) == wanted for choice in choices)


@pytest.mark.rule("snapshot.coherent")
@given(SETS, ORDERABLES)
def test_verdict_is_that_of_trying_everything(wanted: frozenset[int], orderables: list[Orderable]) -> None:
    """Nothing is stranded exactly where some choice of orderables yields just that set."""
    assert (find_stranded(wanted, sellers(orderables)) == []) == orderable_by_choice(wanted, orderables)


@pytest.mark.rule("snapshot.coherent")
@given(SETS, ORDERABLES)
def test_stranded_is_what_nothing_inside_yields(wanted: frozenset[int], orderables: list[Orderable]) -> None:
    """The stranded biomarkers, by id, are those that no orderable inside the set yields; their candidates are all
    orderables that yield them, with what these yield beyond the set."""
    inside = frozenset().union(*(each.yields for each in orderables if each.yields <= wanted))
    found = find_stranded(wanted, sellers(orderables))
    assert [each.biomarker_id for each in found] == sorted(wanted - inside)
    for each in found:
        expected = {one.name: sorted(one.yields - wanted) for one in orderables if each.biomarker_id in one.yields}
        assert {one.orderable.name: list(one.missing) for one in each.candidates} == expected
        assert all(one.missing for one in each.candidates)
        order = [(len(one.missing), one.orderable.name) for one in each.candidates]
        assert order == sorted(order)


@pytest.mark.rule("snapshot.coherent")
@given(SETS, ORDERABLES, st.data())
def test_following_any_candidates_mends_the_set(
    wanted: frozenset[int], orderables: list[Orderable], data: st.DataObject
) -> None:
    """Adding what any one candidate of every stranded biomarker misses, and leaving out what is not sold, is enough."""
    mended = set(wanted)
    for each in find_stranded(wanted, sellers(orderables)):
        if each.candidates:
            mended |= set(data.draw(st.sampled_from(each.candidates)).missing)
        else:
            mended.remove(each.biomarker_id)
    assert find_stranded(frozenset(mended), sellers(orderables)) == []


def names(ids: Iterable[int]) -> list[str]:
    return [get_catalogue().biomarkers[id].slug for id in ids]


@pytest.mark.rule("snapshot.coherent")
def test_documented_example() -> None:
    """LDL and HDL are sold alone, their ratio only with them: without LDL it is stranded, and its one candidate misses
    LDL."""
    catalogue = get_catalogue()
    ids = {slug: catalogue.slugs[slug].id for slug in ("ldl-cholesterol", "hdl-cholesterol", "ldl-hdl-ratio")}
    selling = catalogue.laboratories["zotzklimas"].sellers
    assert find_stranded(frozenset(ids.values()), selling) == []
    assert find_stranded({ids["ldl-cholesterol"]}, selling) == []
    (stranded,) = find_stranded({ids["hdl-cholesterol"], ids["ldl-hdl-ratio"]}, selling)
    (candidate,) = stranded.candidates
    assert names([stranded.biomarker_id]) == ["ldl-hdl-ratio"]
    assert (candidate.orderable.name, names(candidate.missing)) == ("Lipid ratio", ["ldl-cholesterol"])


def test_the_shipped_laboratories_are_rich_and_differ() -> None:
    """Each sells at least 60 orderables, 12 of them bundles, some overlapping; each sells something that the other does
    not, and takes orders that the other refuses."""
    one, other = get_catalogue().laboratories.values()
    for mine, theirs in ((one, other), (other, one)):
        bundles = [each.yields for each in mine.orderables if len(each.yields) > 1]
        assert len(mine.orderables) >= 60
        assert len(bundles) >= 12
        assert any(a & b and a != b for a, b in combinations(bundles, 2))
        assert len(mine.sellers.keys() - theirs.sellers.keys()) >= 10
        sold_by_both = [each for each in bundles if each <= theirs.sellers.keys()]
        assert any(find_stranded(each, theirs.sellers) for each in sold_by_both)


def test_everything_is_sold_somewhere() -> None:
    """Every biomarker that is not archived can be ordered at one laboratory at least."""
    catalogue = get_catalogue()
    sold = {id for laboratory in catalogue.laboratories.values() for id in laboratory.sellers}
    assert sold == {biomarker.id for biomarker in catalogue.slugs.values()}


@pytest.mark.rule("snapshot.coherent")
def test_candidates_come_by_name() -> None:
    """Of candidates that miss equally many, the one whose name comes first stands first."""
    orderables = [Orderable(name, frozenset({1, other})) for name, other in (("c", 2), ("a", 3), ("b", 4))]
    (stranded,) = find_stranded({1}, sellers(orderables))
    assert [each.orderable.name for each in stranded.candidates] == ["a", "b", "c"]
