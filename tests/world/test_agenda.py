"""The agenda: what is due first comes first."""

from datetime import UTC, datetime, timedelta

from aniva_sandbox.world.agenda import Agenda, Event

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
