"""The clock: real or frozen, whole seconds, never backwards."""

from collections.abc import Callable
from datetime import UTC, datetime, timedelta, timezone
from typing import Any

import hypothesis.strategies as st
import pytest
import time_machine
from hypothesis import given

from aniva_sandbox.engine.world import clock as clock_module
from aniva_sandbox.engine.world.clock import EARLIEST, LATEST, Clock, Mode

START = datetime(2026, 4, 13, 8, tzinfo=UTC)
MACHINE = datetime(2030, 1, 1, tzinfo=UTC)

SetMachine = Callable[[float], None]


@pytest.fixture
def machine(monkeypatch: pytest.MonkeyPatch) -> SetMachine:
    """Sets the machine's time to so many seconds after 2030-01-01; it stands there at first."""
    seconds = [0.0]
    monkeypatch.setattr(clock_module, "time", lambda: MACHINE.timestamp() + seconds[0])
    return lambda value: seconds.__setitem__(0, value)


@pytest.mark.usefixtures("machine")
@pytest.mark.parametrize("mode", ["real", "frozen"])
def test_starts_at_the_machines_time(mode: Mode) -> None:
    """A clock without a start begins at the machine's time."""
    assert Clock(mode).now == MACHINE


def test_starts_at_the_machines_time_whatever_python_says() -> None:
    """A clock begins at the machine's time also where time-machine has Python say another."""
    with time_machine.travel(LATEST - timedelta(days=1)):
        assert datetime.now(UTC).year == LATEST.year - 1
        assert Clock("real").now.year < 2200


def test_real_clock_runs(machine: SetMachine) -> None:
    """A real clock goes on with the machine's, from its own start."""
    clock = Clock("real", START)
    machine(90)
    assert clock.tick() == START + timedelta(seconds=90)


STEPS = st.one_of(
    st.tuples(st.just("machine"), st.sampled_from([-5.0, -0.5, 0.0, 0.25, 0.5, 1.0, 90.0])),
    st.tuples(st.just("move"), st.integers(0, 100)),
    st.tuples(st.just("mode"), st.sampled_from(["real", "frozen"])),
    st.tuples(st.just("event"), st.integers(-100, 0)),
    st.tuples(st.just("tick"), st.none()),
)


@given(st.lists(STEPS, max_size=20), st.sampled_from(["real", "frozen"]))
def test_a_clock_that_reads_each_time_shows_the_same(steps: list[tuple[str, Any]], mode: Mode) -> None:
    """That it reads the machine's time once a second changes nothing, whatever happens to clock and machine."""
    seconds = MACHINE.timestamp()
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(clock_module, "time", lambda: seconds)
        quick, slow = Clock(mode, START), Clock(mode, START)
        for step, value in steps:
            if step == "machine":
                seconds += value
            for clock in (quick, slow):
                if step == "move":
                    clock.move(clock.now + timedelta(seconds=value))
                elif step == "mode":
                    clock.set_mode(value)
                elif step == "event":
                    clock.now += timedelta(seconds=value)
            slow._caught_up = None
            if step != "machine":
                assert quick.tick() == slow.tick()
            assert (quick.now, quick.read(), quick._lead) == (slow.now, slow.read(), slow._lead)


def test_frozen_clock_stands(machine: SetMachine) -> None:
    """A frozen clock does not care for the machine's time."""
    clock = Clock("frozen", START)
    machine(90)
    assert clock.tick() == START


@pytest.mark.rule("time.instants")
@pytest.mark.parametrize("mode", ["real", "frozen"])
def test_whole_seconds(machine: SetMachine, mode: Mode) -> None:
    """Now is in UTC and cut to whole seconds: a fraction is never seen, and never rounded up."""
    machine(0.999)
    clock = Clock(mode)
    assert clock.tick() == MACHINE
    clock.move(datetime(2031, 1, 1, 0, 0, 0, 999999, tzinfo=UTC))
    assert clock.tick() == datetime(2031, 1, 1, tzinfo=UTC)
    assert clock.tick().tzinfo is UTC


def test_real_clock_waits_for_a_machine_that_goes_back(machine: SetMachine) -> None:
    """Where the machine's time is set back, a real clock stands until it is reached again."""
    clock = Clock("real", START)
    machine(60)
    assert clock.tick() == START + timedelta(seconds=60)
    machine(10)
    assert clock.tick() == START + timedelta(seconds=60)
    machine(61)
    assert clock.tick() == START + timedelta(seconds=61)


@pytest.mark.parametrize("mode", ["real", "frozen"])
def test_moves_forward(machine: SetMachine, mode: Mode) -> None:
    """A moved clock stands at the new instant; only a real one goes on from there."""
    clock = Clock(mode, START)
    clock.move(START + timedelta(days=1))
    assert clock.tick() == START + timedelta(days=1)
    machine(5)
    assert clock.tick() == START + timedelta(days=1, seconds=5 if mode == "real" else 0)


@pytest.mark.usefixtures("machine")
def test_never_backwards() -> None:
    """An instant before now is refused and moves nothing; now itself is taken."""
    clock = Clock("frozen", START)
    with pytest.raises(ValueError, match="backwards"):
        clock.move(START - timedelta(seconds=1))
    assert clock.tick() == START
    clock.move(START)
    assert clock.tick() == START


@pytest.mark.usefixtures("machine")
def test_moves_by_instant_and_not_by_wall_clock() -> None:
    """An instant with another offset is read as what it is in UTC."""
    clock = Clock("frozen", START)
    clock.move(datetime(2026, 4, 13, 10, 30, tzinfo=timezone(timedelta(hours=2))))
    assert clock.tick() == START + timedelta(minutes=30)


def test_ends_in_the_year_9000(machine: SetMachine) -> None:
    """No clock goes past its last instant, neither moved nor running; the instant itself can be reached."""
    clock = Clock("real", START)
    with pytest.raises(ValueError, match="9000"):
        clock.move(LATEST + timedelta(seconds=1))
    assert clock.tick() == START
    clock.move(LATEST)
    machine(1000)
    assert clock.tick() == LATEST


def test_freezing_keeps_the_time(machine: SetMachine) -> None:
    """A real clock that is frozen stands where it was; let run again, it goes on from there without a jump."""
    clock = Clock("real", START)
    machine(30)
    clock.tick()
    clock.set_mode("frozen")
    machine(1000)
    assert (clock.mode, clock.tick()) == ("frozen", START + timedelta(seconds=30))
    clock.set_mode("real")
    assert clock.tick() == START + timedelta(seconds=30)
    machine(1007)
    assert (clock.mode, clock.tick()) == ("real", START + timedelta(seconds=37))


def test_now_stands_between_ticks(machine: SetMachine) -> None:
    """What asks a real clock twice gets the same instant, until it is told to catch up."""
    clock = Clock("real", START)
    machine(30)
    assert clock.now == START
    assert clock.tick() == clock.now == START + timedelta(seconds=30)


@pytest.mark.parametrize("mode", ["real", "frozen"])
def test_setting_the_mode_is_no_tick(machine: SetMachine, mode: Mode) -> None:
    """A clock that is frozen or let run without catching up first goes on from what it showed."""
    clock = Clock("real", START)
    machine(30)
    clock.set_mode(mode)
    assert clock.now == START
    assert clock.tick() == START


def test_moving_shows_at_once(machine: SetMachine) -> None:
    """A clock that is moved shows the new instant without being told to catch up, and catches up from there."""
    clock = Clock("real", START)
    machine(30)
    clock.move(START + timedelta(seconds=10))
    assert clock.now == START + timedelta(seconds=10)
    machine(31)
    assert clock.tick() == START + timedelta(seconds=11)


@pytest.mark.usefixtures("machine")
@pytest.mark.parametrize("mode", ["real", "frozen"])
@pytest.mark.parametrize("end", [EARLIEST, LATEST])
def test_starts_between_1900_and_9000(mode: Mode, end: datetime) -> None:
    """A clock may start at either end of its time, and not a second beyond."""
    assert Clock(mode, end).now == end
    beyond = end + timedelta(seconds=1 if end == LATEST else -1)
    with pytest.raises(ValueError, match="between the years 1900 and 9000"):
        Clock(mode, beyond)
