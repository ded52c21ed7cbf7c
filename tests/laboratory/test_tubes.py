"""How many tubes a draw takes."""

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from aniva_sandbox.laboratory.catalogue import get_catalogue
from aniva_sandbox.laboratory.laboratories import Laboratory
from aniva_sandbox.laboratory.tubes import count_tubes

LABORATORIES = list(get_catalogue().laboratories.values())
IDS = sorted(biomarker.id for biomarker in get_catalogue().slugs.values())
laboratories = pytest.mark.parametrize("laboratory", LABORATORIES, ids=lambda each: each.slug)


@pytest.mark.rule("preview.tubes")
@given(st.sampled_from(LABORATORIES), st.lists(st.sampled_from(IDS)))
def test_tubes_hold_what_is_needed_and_no_tube_too_many(laboratory: Laboratory, ids: list[int]) -> None:
    """Of each kind there are as many tubes as hold the blood that the biomarkers take, each counted once."""
    counts = {each.tube.type: each.count for each in count_tubes(laboratory, ids)}
    for tube in laboratory.tubes:
        methods = [laboratory.methods[id] for id in set(ids)]
        blood = sum(method.blood for method in methods if method.tube == tube)
        count = counts.get(tube.type, 0)
        assert count * tube.fill >= blood - 1e-6
        assert (count - 1) * tube.fill < blood or count == 0
        assert (count == 0) == (blood == 0)


@laboratories
def test_tubes_come_in_order_of_draw(laboratory: Laboratory) -> None:
    """The order is the laboratory's, whatever the order of the biomarkers."""
    counts = count_tubes(laboratory, reversed(IDS))
    order = [tube.type for tube in laboratory.tubes]
    assert [each.tube.type for each in counts] == [type for type in order if type in {e.tube.type for e in counts}]
    assert counts == count_tubes(laboratory, IDS)
    assert count_tubes(laboratory, []) == []


@laboratories
def test_a_check_up_takes_three_tubes(laboratory: Laboratory) -> None:
    """The basic panel needs one tube each of serum, EDTA and fluoride blood."""
    (panel,) = (each for each in get_catalogue().panels.values() if each.name == "Basic Check-up")
    counts = {each.tube.type: each.count for each in count_tubes(laboratory, panel.biomarker_ids)}
    assert counts == {"serum": 1, "edta": 1, "fluoride": 1}


@laboratories
def test_every_material_has_a_tube(laboratory: Laboratory) -> None:
    """Serum, EDTA, fluoride (glucose), citrate and heparin are there, with cap colours and fills."""
    assert {"serum", "edta", "fluoride", "citrate", "heparin"} <= {tube.type for tube in laboratory.tubes}
    assert laboratory.methods.keys() == set(IDS)


@laboratories
def test_what_is_wanted_often_is_drawn_once(laboratory: Laboratory) -> None:
    """A biomarker takes its blood once, however often it is named."""
    assert count_tubes(laboratory, IDS * 50) == count_tubes(laboratory, IDS)


def test_a_full_tube_is_enough() -> None:
    """Where the blood fills a tube exactly, no second one is drawn for what arithmetic leaves over."""
    laboratory = LABORATORIES[0]
    tube = msgspec.structs.replace(laboratory.tubes[0], fill=22)
    method = laboratory.methods[IDS[0]]
    methods = {
        id: msgspec.structs.replace(method, tube=tube, blood=blood) for id, blood in ((1, 6.4), (2, 9.8), (3, 5.8))
    }
    small = msgspec.structs.replace(laboratory, tubes=(tube,), methods=methods)
    assert 6.4 + 9.8 + 5.8 > 22
    assert [each.count for each in count_tubes(small, methods)] == [1]
