"""The agenda: what is due first comes first."""

from datetime import UTC, datetime, timedelta

import pytest

from aniva_sandbox.engine.world.agenda import Agenda, Event

NOON = datetime(2026, 4, 13, 12, tzinfo=UTC)
HOUR = timedelta(hours=1)


def filled(*hours: int) -> Agenda:
    """An agenda of events named by the order in which they were added, so many hours after noon."""
    agenda = Agenda()
    for place, hour in enumerate(hours):
        agenda.add(NOON + hour * HOUR, Event(str(place), "x"))
    return agenda


def popped(agenda: Agenda, now: datetime) -> list[str]:
    """The types of everything that is due, in the order in which it is taken out."""
    types = []
    while (entry := agenda.pop_due(now)) is not None:
        types.append(entry[1].type)
    return types


def test_soonest_first() -> None:
    """Events are taken out in the order of their due times, however they were added."""
    assert popped(filled(3, 1, 2), NOON + 9 * HOUR) == ["1", "2", "0"]


def test_equal_times_keep_their_order() -> None:
    """Events that are due at the same time are taken out in the order in which they were added."""
    assert popped(filled(*[1] * 20), NOON + HOUR) == [str(place) for place in range(20)]


def test_due_means_now_or_before() -> None:
    """What is due exactly now is taken out, what is due a second later stays."""
    agenda = filled(1)
    assert agenda.pop_due(NOON + HOUR - timedelta(seconds=1)) is None
    assert len(agenda) == 1
    assert agenda.pop_due(NOON + HOUR) == (NOON + HOUR, Event("0", "x"))
    assert len(agenda) == 0


def test_empty_agenda_has_nothing_due() -> None:
    """Nothing is due in an empty agenda."""
    assert Agenda().pop_due(NOON) is None


def test_listing_is_in_order_and_takes_nothing_out() -> None:
    """An agenda lists its events soonest first, equal times as added, as often as it is asked."""
    agenda = filled(2, 1, 2, 0)
    for _ in range(2):
        assert [(due, event.type) for due, event in agenda] == [
            (NOON, "3"),
            (NOON + HOUR, "1"),
            (NOON + 2 * HOUR, "0"),
            (NOON + 2 * HOUR, "2"),
        ]


def test_events_added_meanwhile_take_their_place() -> None:
    """An event that is added between two others is taken out between them."""
    agenda = filled(1, 3)
    assert agenda.pop_due(NOON + 9 * HOUR) == (NOON + HOUR, Event("0", "x"))
    agenda.add(NOON + 2 * HOUR, Event("late", "x"))
    assert popped(agenda, NOON + 9 * HOUR) == ["late", "1"]


# What is dropped, and what is held


def planned(*targets: str, automatic: bool = True) -> Agenda:
    """An agenda with an event an hour for each target, planned by the sandbox or not."""
    agenda = Agenda()
    for hour, target in enumerate(targets):
        agenda.add(NOON + hour * HOUR, Event("x", target, automatic=automatic))
    return agenda


def test_dropping_takes_out_one_target_only() -> None:
    """All events of one target go, wherever they stand; those of others stay in their order. Nothing is dropped of a
    target that has none."""
    agenda = planned("a", "b", "a", "c", "a")
    agenda.drop("a")
    assert [event.target for _, event in agenda] == ["b", "c"]
    assert len(agenda) == 2
    for target in ("a", "nobody"):
        agenda.drop(target)
    assert [agenda.pop_due(NOON + 9 * HOUR) for _ in range(3)] == [
        (NOON + HOUR, Event("x", "b", automatic=True)),
        (NOON + 3 * HOUR, Event("x", "c", automatic=True)),
        None,
    ]


def test_dropping_what_was_planned_keeps_what_was_asked_for() -> None:
    """Of what stands for a target, the sandbox's own plans can be taken out alone."""
    agenda = planned("a", "a")
    agenda.add(NOON, Event("asked", "a"))
    agenda.drop("a", automatic_only=True)
    assert list(agenda) == [(NOON, Event("asked", "a"))]
    agenda.drop("a")
    assert list(agenda) == []


def test_what_was_dropped_is_never_due() -> None:
    """The next due time is that of what still stands; without anything there is none."""
    agenda = planned("a", "b")
    assert agenda.next_due() == NOON
    agenda.drop("a")
    assert agenda.next_due() == NOON + HOUR
    assert agenda.pop_due(NOON + HOUR - timedelta(seconds=1)) is None
    agenda.drop("b")
    assert agenda.pop_due(NOON + 9 * HOUR) is None
    with pytest.raises(IndexError):
        agenda.next_due()


def test_agenda_knows_what_it_holds() -> None:
    """An agenda holds a type, and a type for a target, until it is taken out or dropped."""
    agenda = filled(1, 2)
    agenda.add(NOON, Event("0", "y"))
    assert [agenda.holds(*asked) for asked in (("0",), ("0", "x"), ("0", "y"), ("1", "x"))] == [True] * 4
    assert [agenda.holds(*asked) for asked in (("2",), ("1", "y"), ("0", "z"), ("x",))] == [False] * 4
    agenda.pop_due(NOON)
    assert [agenda.holds(*asked) for asked in (("0",), ("0", "x"), ("0", "y"))] == [True, True, False]
    agenda.drop("x")
    assert [agenda.holds(*asked) for asked in (("0",), ("0", "x"), ("1",))] == [False] * 3


def test_agenda_stays_in_order_however_often_it_is_planned_anew() -> None:
    """Dropped and added again many times, among others that stay, every event is taken out in its turn, and the agenda
    keeps no trace of what was dropped."""
    agenda = planned("kept", "kept", "kept", automatic=False)
    for turn in range(1000):
        agenda.drop("moved")
        agenda.add(NOON + HOUR, Event(str(turn), "moved"))
        agenda.add(NOON - HOUR, Event(str(turn), "moved"))
    assert len(agenda) == 5
    assert len(agenda._heap) < 200
    assert popped(agenda, NOON + 9 * HOUR) == ["999", "x", "x", "999", "x"]


# Numbers


def test_events_are_numbered_and_taken_out_by_number() -> None:
    """Numbers count from 1 as events are added; taking one out leaves the others in order."""
    agenda = filled(3, 1, 2)
    assert [(number, event.type) for number, _, event in agenda.numbered()] == [(2, "1"), (3, "2"), (1, "0")]
    assert agenda.take(3) == (NOON + 2 * HOUR, Event("2", "x"))
    assert agenda.take(3) is agenda.take(4) is agenda.take(0) is None
    assert (len(agenda), agenda.holds("2", "x"), agenda.holds("1", "x")) == (2, False, True)
    assert popped(agenda, NOON + 9 * HOUR) == ["1", "0"]


def test_what_is_put_back_takes_its_old_place() -> None:
    """Among events due at the same time it comes where it was, once."""
    agenda = filled(1, 1, 1)
    taken = agenda.take(2)
    assert taken is not None
    agenda.put_back(2, *taken)
    assert [number for number, *_ in agenda.numbered()] == [1, 2, 3]
    assert agenda.add(NOON, Event("new", "x")) == 4
    assert popped(agenda, NOON + HOUR) == ["new", "0", "1", "2"]
