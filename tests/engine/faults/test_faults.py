"""Which fault meets which call."""

from typing import Any

import hypothesis.strategies as st
import msgspec
import pytest
from hypothesis import given, settings

from aniva_sandbox.engine.faults.faults import Fault, Faults
from aniva_sandbox.engine.faults.record import Effects

LOST = Effects(drop="after")
TEMPLATE = "/api/v1/appointments/{id}"
PATH = "/api/v1/appointments/abc"


def fault(id: str = "a", operation: str | None = "get_appointment", **options: Any) -> Fault:
    """A fault on an operation."""
    return Fault(id, LOST, operation, **options)


def met(*faults: Fault, calls: int = 5) -> list[str]:
    """The ids of the faults that so many calls of one operation meet; a hyphen where there is none."""
    table = Faults(faults)
    found = [table.fire("get_appointment", "GET", TEMPLATE, PATH) for _ in range(calls)]
    return [one.id if one is not None else "-" for one in found]


@pytest.mark.parametrize(
    ("options", "calls"),
    [
        ({}, "a----"),
        ({"times": 2}, "aa---"),
        ({"times": None}, "aaaaa"),
        ({"after": 2}, "--a--"),
        ({"after": 2, "times": 2}, "--aa-"),
        ({"after": 1, "times": None}, "-aaaa"),
        ({"after": 5}, "-----"),
    ],
)
def test_a_fault_fires_on_so_many_calls_after_so_many(options: dict[str, Any], calls: str) -> None:
    """A fault spares the first calls, fires on the next ones (null: on all), and is then spent; it counts both."""
    one = fault(**options)
    assert "".join(met(one)) == calls
    assert one.fired == calls.count("a")
    assert one.seen == (5 if calls[-1] == "a" or one.fired == 0 else calls.rindex("a") + 1)


def test_faults_stand_in_a_queue() -> None:
    """A call meets the first fault that is due. Those behind it do not see the call, so they come one after another."""
    assert "".join(met(fault("a"), fault("b"), fault("c", times=None))) == "abccc"
    first, second = fault("a", times=2), fault("b", after=1)
    assert "".join(met(first, second)) == "aa-b-"
    assert (first.seen, second.seen) == (2, 2)


def test_a_fault_that_spares_a_call_lets_the_next_one_see_it() -> None:
    """What is not due yet counts the call, and the fault behind it may fire on the same call."""
    first, second = fault("a", after=1), fault("b")
    assert "".join(met(first, second)) == "ba---"
    assert (first.seen, second.seen) == (2, 1)


def test_an_endless_fault_hides_those_behind_it() -> None:
    """Behind a fault on every call, nothing is ever met."""
    hidden = fault("b", times=None)
    assert "".join(met(fault("a", times=None), hidden)) == "aaaaa"
    assert (hidden.seen, hidden.fired) == (0, 0)


def test_without_faults_there_is_none() -> None:
    """No fault, no effect."""
    assert met(calls=1) == ["-"]


@pytest.mark.parametrize(
    ("target", "does"),
    [
        ({"operation": "get_appointment"}, True),
        ({"operation": "update_appointment"}, False),
        ({"method": "GET"}, True),
        ({"method": "PATCH"}, False),
        ({"path": TEMPLATE}, True),
        ({"path": PATH}, True),
        ({"path": "/api/v1/appointments/abd"}, False),
        ({"path": "/api/v1/appointments"}, False),
        ({"method": "GET", "path": PATH}, True),
        ({"method": "GET", "path": TEMPLATE}, True),
        ({"method": "PATCH", "path": PATH}, False),
        ({"method": "GET", "path": "/api/v1/profiles/{id}"}, False),
    ],
)
def test_a_fault_is_for_an_operation_a_method_a_path_or_both(target: dict[str, str], does: bool) -> None:
    """The operation, the method and the path (as the document has it, or as it is called) must all be those of the
    call; a call that is none of them is not even counted."""
    one = fault(**({"operation": None} | target))  # type: ignore[arg-type]
    assert met(one, calls=1) == ["a" if does else "-"]
    assert one.seen == int(does)


def test_an_effect_says_only_what_it_does() -> None:
    """Written out, an effect holds what differs from doing nothing; nothing else can be in one."""
    assert msgspec.to_builtins(Effects(status=429, retry_after=0)) == {"status": 429, "retry_after": 0}
    assert msgspec.to_builtins(Effects()) == {}
    with pytest.raises(msgspec.ValidationError):
        msgspec.convert({"delay": 1}, Effects)


OPERATIONS = {
    "get_appointment": ("GET", TEMPLATE, PATH),
    "update_appointment": ("PATCH", TEMPLATE, PATH),
    "list_profiles": ("GET", "/api/v1/profiles", "/api/v1/profiles"),
}
"""Each with its method, its path in the document, and the path of a call."""
TARGETS = st.tuples(
    st.sampled_from([None, *OPERATIONS]),
    st.sampled_from([None, "GET", "PATCH"]),
    st.sampled_from([None, TEMPLATE, PATH, "/api/v1/profiles"]),
)
STEPS = st.one_of(
    st.tuples(st.just("add"), TARGETS, st.sampled_from([None, 1, 2]), st.integers(0, 2)),
    st.tuples(st.just("call"), st.sampled_from(sorted(OPERATIONS))),
    st.tuples(st.just("remove"), st.integers(0, 9)),
    st.just(("clear",)),
    st.just(("restore",)),
)


def tried_in_turn(faults: list[Fault], operation: str, method: str, template: str, path: str) -> Fault | None:
    """What a call meets where each fault is tried in turn."""
    for one in faults:
        if (
            (one.times is None or one.fired < one.times)
            and one.operation in (None, operation)
            and one.method in (None, method)
            and one.path in (None, template, path)
        ):
            one.seen += 1
            if one.seen > one.after:
                one.fired += 1
                return one
    return None


@settings(max_examples=100, deadline=None, derandomize=True, database=None)
@given(st.lists(STEPS, max_size=40))
def test_a_call_meets_what_it_would_meet_if_each_fault_were_tried_in_turn(steps: list[tuple[Any, ...]]) -> None:
    """Whatever was added, removed and restored before: the fault, and the counts of all faults, are the same."""
    table, plain = Faults(), []
    for number, step in enumerate(steps):
        match step:
            case ("add", (operation, method, path), times, after):
                one = Fault(str(number), LOST, operation, method, path, times, after)
                table.add(one)
                plain.append(msgspec.structs.replace(one))
            case ("call", operation):
                assert table.fire(operation, *OPERATIONS[operation]) == tried_in_turn(
                    plain, operation, *OPERATIONS[operation]
                )
            case ("remove", place) if place < len(plain):
                table.remove(plain.pop(place).id)
            case ("clear",):
                table.clear()
                plain.clear()
            case ("restore",):
                table = Faults(list(table))
        assert list(table) == plain
