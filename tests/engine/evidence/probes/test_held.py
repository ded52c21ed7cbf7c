"""What worlds hold at the end of runs: made alike, compared, and in words."""

import copy
import random
from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from typing import Any

import msgspec
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from aniva_sandbox.engine import double
from aniva_sandbox.engine.contract.api import Api
from aniva_sandbox.engine.contract.requests import Request
from aniva_sandbox.engine.contract.trace import Trace
from aniva_sandbox.engine.evidence.probes.change import Context
from aniva_sandbox.engine.evidence.probes.held import Altered, Difference, difference, difference_of_runs
from aniva_sandbox.engine.evidence.probes.run import Run, SeenCall
from aniva_sandbox.engine.world.domain import Probing
from tests.engine import toy

START = datetime(2030, 1, 1, 9, tzinfo=UTC)
NOW = "2030-01-01T09:00:00Z"
LATER = "2030-02-03T10:00:00Z"
ADA = "aaaaaaaa-0000-4000-8000-000000000001"
"""A person of the beginning."""


class Person(msgspec.Struct, forbid_unknown_fields=True):
    """Somebody who knows others."""

    id: double.UuidText
    name: str
    created_at: datetime
    birthday: datetime | None = None
    best: str | None = None
    friends: list[str] = []
    circle: set[str] = set()
    marks: dict[str, int] = {}
    photo: str = ""
    number: int = 0


class Tie(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Two people are tied."""

    one: str
    other: str


class World(double.World):
    """People."""

    people: double.Table[Any]
    ties: list[Tie]


PEOPLE = double.Double(
    toy.TODO.contract.info,
    operations=(),
    world=World,
    sections=[
        double.Section(name="people", record=Person, noun="person", written=double.Written()),
        double.Section(name="ties", record=Tie, key="", unique=(("one", "other"),), table=list),
    ],
    events={
        "person.moved": double.EventType(
            section="people", target="person_id", target_type=str, happen=lambda _world, _person, details: details
        )
    },
    probing=lambda: Probing(
        nouns={"people": ("person", "people")},
        describe={"people": lambda person, _records: person["name"]},
        stamps={"people": frozenset({"$.created_at"})},
        derived={"people": frozenset({"$.number"})},
    ),
    fixture={"title": "Nobody", "start": NOW, "personas": {"full": {"permissions": ["read"]}}, "people": []},
)
CONTEXT = Context(api=Api.of(toy.TODO.contract), domain=PEOPLE.domain)


def person(id: str, name: str, **fields: Any) -> dict[str, Any]:
    """A person as a written state has it."""
    plain: dict[str, Any] = msgspec.to_builtins(Person(id, name, START))
    return plain | fields


def state(
    *people: Mapping[str, Any], ties: list[Any] | None = None, mode: str = "frozen", **parts: Any
) -> dict[str, Any]:
    """A written state."""
    return {
        "clock": {"mode": mode, "now": NOW},
        "personas": [],
        "people": list(people),
        "ties": [{"one": one, "other": other} for one, other in ties or []],
        "agenda": [],
        "history": [],
    } | parts


BEGAN = state(person(ADA, "Ada"))


def run(held: Mapping[str, Any] | None, *, began: Any = BEGAN, seconds: float = 0, calls: Any = ()) -> Run:
    """A run that left a state behind."""
    return Run(
        outcome="passed",
        calls=tuple(calls),
        start=START,
        end=START + timedelta(seconds=seconds),
        began_with=began,
        state=None if held is None else dict(held),
        seconds=0.1,
    )


def differ(clean: Mapping[str, Any], changed: Mapping[str, Any], **options: Any) -> Difference:
    """How a state differs from that of the clean run."""
    return difference(run(clean, **options), run(changed, **options), CONTEXT)


def id_of(number: int) -> str:
    """The id of a new person."""
    return f"bbbbbbbb-0000-4000-8000-{number:012}"


# Properties


@st.composite
def societies(draw: st.DrawFn) -> dict[str, Any]:
    """States with new people who refer to each other, in circles too, and to Ada."""
    count = draw(st.integers(0, 5))
    anybody = st.sampled_from([ADA, *(id_of(number) for number in range(count))])
    people = [
        person(
            id_of(number),
            draw(st.sampled_from(["Bob", "Cleo", "Dan"])),
            birthday=draw(st.sampled_from([None, LATER, NOW])),
            best=draw(st.none() | anybody),
            friends=draw(st.lists(anybody, max_size=3)),
            circle=sorted(draw(st.sets(anybody, max_size=3))),
            marks=draw(st.dictionaries(anybody, st.integers(0, 2), max_size=3)),
            photo=f"photo-of-{draw(anybody)}.png",
        )
        for number in range(count)
    ]
    ties = draw(st.lists(st.tuples(anybody, anybody), max_size=3, unique=True))
    targets = draw(st.lists(anybody, max_size=2))
    history = [
        {"time": NOW, "event": {"type": "person.moved", "target": id, "details": {"to": id}, "automatic": False}}
        for id in targets
    ]
    return state(person(ADA, "Ada", friends=draw(st.lists(anybody, max_size=2))), *people, ties=ties, history=history)


def renamed(society: dict[str, Any], seed: int) -> dict[str, Any]:
    """The same with other ids, in another order, with other stamps."""
    chance = random.Random(seed)
    ids = {each["id"] for each in society["people"]} - {ADA}
    fresh = [f"cccccccc-0000-4000-8000-{number:012}" for number in range(len(ids))]
    chance.shuffle(fresh)
    text = msgspec.json.encode(society).decode()
    for id, other in zip(sorted(ids), fresh, strict=True):
        text = text.replace(id, other)
    made: dict[str, Any] = msgspec.json.decode(text)
    for part in ("people", "ties", "history"):
        chance.shuffle(made[part])
    for place, each in enumerate(made["people"]):
        each["circle"].sort()
        each["created_at"] = f"2030-01-0{1 + place}T00:00:00Z"
        each["number"] = place
    return made


@given(societies(), st.integers(0, 1000))
@settings(max_examples=70, deadline=None)
def test_ids_order_and_stamps_make_no_difference(society: dict[str, Any], seed: int) -> None:
    """What has other ids, another order of creation, or other stamps, is alike."""
    found = differ(society, renamed(society, seed))
    assert not found, found


@given(societies(), st.integers(0, 1000), st.data())
@settings(max_examples=70, deadline=None)
def test_what_is_added_removed_or_altered_makes_a_difference(
    society: dict[str, Any], seed: int, data: st.DataObject
) -> None:
    """One record more, one less, or one that is otherwise, is always found."""
    other = renamed(society, seed)
    people = other["people"]
    match data.draw(st.sampled_from(["add", "remove", "alter", "tie", "untie"])):
        case "add":
            people.append(person(id_of(99), data.draw(st.sampled_from(["Bob", "Eve"]))))
        case "remove":
            people.pop(data.draw(st.integers(0, len(people) - 1)))
        case "alter":
            people[data.draw(st.integers(0, len(people) - 1))] |= {"name": "Eve"}
        case "tie":
            other["ties"].append({"one": "x", "other": ADA})
        case "untie":
            if not other["ties"]:
                return
            other["ties"].pop()
    assert differ(society, other)
    assert differ(other, society)


# Words


def test_equal_states_do_not_differ() -> None:
    """The same state, or none at all."""
    held = state(person(ADA, "Ada"), person(id_of(1), "Bob"))
    assert differ(held, copy.deepcopy(held)) == Difference()
    assert difference(run(held), run(None), CONTEXT) == difference(run(None), run(held), CONTEXT) == Difference()


def test_records_are_counted() -> None:
    """Records that are the same in words are counted, with those that were there from the beginning."""
    clean = state(person(ADA, "Ada"), person(id_of(1), "Bob"))
    found = differ(clean, state(person(ADA, "Ada"), person(id_of(1), "Bob"), person(id_of(2), "Bob")))
    (surplus,) = found.surplus
    assert (surplus.clean, surplus.changed, surplus.is_made) == (1, 2, True)
    assert (found.before, found.after) == (("1 person for Bob",), ("2 people for Bob",))
    found = differ(clean, state(person(ADA, "Ada")))
    assert (found.before, found.after, found.surplus) == (("1 person for Bob",), (), ())
    found = differ(clean, state(*clean["people"], person(id_of(2), "Ada")))
    assert found.after == ("2 people for Ada",)


def test_a_difference_between_twins_is_found_among_them() -> None:
    """A surplus record that is not quite like the other still counts as one more."""
    clean = state(person(ADA, "Ada"), person(id_of(1), "Bob", best=ADA))
    changed = state(person(ADA, "Ada"), person(id_of(1), "Bob"), person(id_of(2), "Bob", best=ADA))
    assert differ(clean, changed).after == ("2 people for Bob",)
    assert differ(clean, changed).altered == ()


def test_fields_that_differ_are_named() -> None:
    """A record that both have is shown with the fields that differ; people in them by their name."""
    clean = state(person(ADA, "Ada"), person(id_of(1), "Bob", best=ADA, birthday=None))
    found = differ(clean, state(person(ADA, "Ada"), person(id_of(1), "Bob", birthday=LATER)))
    assert found.altered == (Altered("person for Bob", "birthday null, best Ada", f"birthday {LATER}, best null"),)
    assert found.before == ("person for Bob: birthday null, best Ada",)
    marked, otherwise = (state(person(ADA, "Ada", marks={"a": number})) for number in (1, 2))
    assert differ(marked, otherwise).altered == (Altered("person for Ada", 'marks {"a":1}', 'marks {"a":2}'),)
    found = differ(state(person(ADA, "Ada")), state(person(ADA, "Ada", friends=[ADA])))
    assert found.altered == (Altered("person for Ada", "0 friends", "1 friends"),)


def test_what_follows_from_a_difference_is_not_repeated() -> None:
    """A tie to somebody who differs is no second difference; a tie to another person is one."""
    bob, cleo = person(id_of(1), "Bob"), person(id_of(2), "Cleo")
    clean = state(person(ADA, "Ada"), bob, ties=[(ADA, id_of(1))])
    assert len(differ(clean, state(person(ADA, "Ada"), bob | {"best": ADA}, ties=[(ADA, id_of(1))])).altered) == 1
    clean = state(person(ADA, "Ada"), bob, cleo, ties=[(ADA, id_of(1))])
    (altered,) = differ(clean, state(person(ADA, "Ada"), bob, cleo, ties=[(ADA, id_of(2))])).altered
    assert altered == ("tie with one Ada, other Cleo", "other Bob", "other Cleo")


def test_what_is_removed_is_missing_and_what_stays_is_surplus() -> None:
    """Records of the beginning count too, but no run made them."""
    began = state(person(ADA, "Ada"), ties=[(ADA, ADA)])
    kept, gone = began, state(person(ADA, "Ada"))
    (surplus,) = differ(gone, kept, began=began).surplus
    assert (surplus.write(surplus.changed), surplus.is_made) == ("1 tie with one Ada, other Ada", False)
    assert differ(kept, gone, began=began).missing
    assert not differ(gone, gone, began=began)


def test_what_stays_may_mean_something_else() -> None:
    """A record that is equal to the letter is not the same if it is about another one."""
    bob, cleo = person(id_of(1), "Bob"), person(id_of(1), "Cleo")
    clean = state(person(ADA, "Ada", best=id_of(1)), bob, person(id_of(2), "Cleo"))
    changed = state(person(ADA, "Ada", best=id_of(1)), cleo, person(id_of(2), "Bob"))
    assert differ(clean, changed)


def test_times_of_the_run_do_not_count() -> None:
    """Instants between start and end are when something happened; others are what somebody wrote."""
    clean = state(person(ADA, "Ada", birthday=NOW))
    assert not differ(clean, state(person(ADA, "Ada", birthday="2030-01-01T10:00:05+01:00")), seconds=5)
    assert differ(clean, state(person(ADA, "Ada", birthday="2030-01-01T09:00:06Z")), seconds=5)
    assert differ(clean, state(person(ADA, "Ada", birthday="2030-01-01T08:59:59Z")), seconds=5)


def test_times_that_are_computed_during_the_run_do_not_count() -> None:
    """If one run waited for longer, a time from now may be that much later; another time is a difference."""
    clean = run(state(person(ADA, "Ada", birthday=LATER)))

    def later(birthday: str, *, seconds: float) -> Difference:
        return difference(clean, run(state(person(ADA, "Ada", birthday=birthday)), seconds=seconds), CONTEXT)

    assert not later("2030-02-03T10:00:10Z", seconds=10)
    assert not later("2030-02-03T10:00:04Z", seconds=10)
    assert later("2030-02-03T10:00:11Z", seconds=10)
    assert later("2030-02-03T10:00:10Z", seconds=0)


def test_a_clock_that_runs_shifts_the_times_of_a_run() -> None:
    """Where the clock runs, times are as much apart as the runs, but for a rounding."""
    clean = run(state(person(ADA, "Ada", birthday=LATER), mode="real"))

    def shifted(birthday: str) -> Difference:
        changed = run(state(person(ADA, "Ada", birthday=birthday), mode="real"))
        start = START + timedelta(hours=2)
        return difference(clean, msgspec.structs.replace(changed, start=start, end=start), CONTEXT)

    assert not shifted(LATER)
    assert not shifted("2030-02-03T12:00:00Z")
    assert not shifted("2030-02-03T12:01:00Z")
    assert shifted("2030-02-03T12:01:01Z")


EVENT = {"type": "person.moved", "target": ADA, "details": {}, "automatic": False}


def test_events_count() -> None:
    """Events of agenda and history count, without their times; those that records explain do not."""
    clean = state(person(ADA, "Ada"))
    moved = [{"time": NOW, "event": EVENT}]
    (surplus,) = differ(clean, clean | {"history": moved}).surplus
    assert (surplus.write(1), surplus.is_made) == ("1 event: person.moved for Ada", True)
    assert not differ(clean | {"history": moved}, clean | {"history": [{"time": LATER, "event": EVENT}]})
    assert differ(clean, clean | {"agenda": [{"due": LATER, "event": EVENT}]}).after == (
        "1 planned event: person.moved for Ada",
    )
    automatic = EVENT | {"automatic": True}
    (surplus,) = differ(clean, clean | {"history": [{"time": NOW, "event": automatic}]}).surplus
    assert not surplus.is_made
    more = state(person(ADA, "Ada"), person(id_of(1), "Bob"))
    about_bob = [{"time": NOW, "event": EVENT | {"target": id_of(1)}}, {"time": NOW, "event": automatic}]
    assert differ(clean, more | {"history": about_bob}).after == ("1 person for Bob",)
    both = differ(clean, more | {"history": [*about_bob, *moved]}).after
    assert both == ("1 person for Bob", "1 event: person.moved for Ada")


def test_events_of_records_that_are_gone_are_alike() -> None:
    """An event about a record that no world has any more has no id to compare."""
    clean = state(person(ADA, "Ada"), history=[{"time": NOW, "event": EVENT | {"target": id_of(1)}}])
    assert not differ(clean, clean | {"history": [{"time": NOW, "event": EVENT | {"target": id_of(2)}}]})


def test_parts_without_words_are_shown_by_their_fields() -> None:
    """Without a description, the first fields identify a record."""
    plain = Context(api=CONTEXT.api, domain=toy.TODO.domain)
    task = {"id": "a" * 36, "title": "Read", "due": LATER, "status": "open"}
    base: dict[str, Any] = {"clock": {"mode": "frozen"}, "personas": [], "agenda": [], "history": []}
    found = difference(run(base | {"tasks": []}, began=base), run(base | {"tasks": [task]}, began=base), plain)
    assert found.after == (f"1 task with title Read, due {LATER}, status open",)


# Runs that repeat


def call(
    method: str = "GET", path: str = "/people", *, query: bytes = b"", body: bytes = b"", status: int = 200
) -> SeenCall:
    """A call of a run."""
    return SeenCall(
        operation="list_people",
        ordinal=1,
        request=Request(method, path, query, body=body),
        values=(),
        status=status,
        value=None,
        trace=Trace(),
        at=0,
        time=START,
    )


@pytest.mark.parametrize(
    ("second", "words"),
    [
        ([call(), call()], ""),
        ([call()], "it made 2 calls, then 1"),
        ([call(), call("POST")], "call 2 was GET /people, then POST /people"),
        ([call(path="/people/1"), call()], "call 1 was GET /people, then GET /people/1"),
        ([call(query=b"a=1"), call()], "call 1 (GET /people) had another query the second time"),
        ([call(), call(body=b"{}")], "call 2 (GET /people) had another body the second time"),
        ([call(), call(status=404)], "call 2 (GET /people) got 200, then 404"),
    ],
)
def test_runs_differ_first_in_a_call(second: list[SeenCall], words: str) -> None:
    """The first difference is said."""
    assert difference_of_runs(run(BEGAN, calls=[call(), call()]), run(BEGAN, calls=second)) == words


def test_runs_differ_in_what_they_leave_behind() -> None:
    """The same calls must leave the same world, down to its ids; numbers given out and the clock do not count."""
    clean = run(state(person(ADA, "Ada"), ids={"seed": 0, "counts": {}}))
    assert difference_of_runs(clean, run(state(person(ADA, "Ada"), ids={"seed": 0, "counts": {"x": 1}}))) == ""
    assert difference_of_runs(clean, run(state(person(id_of(1), "Ada")))) == "its world ended with different people"
    history = [{"time": NOW, "event": EVENT}]
    assert difference_of_runs(clean, run(state(person(ADA, "Ada"), history=history))) == (
        "its world ended with different history"
    )


def test_runs_may_leave_alike_worlds_behind() -> None:
    """With what is known of the API, ids and stamps need not be the same."""
    ada = person(ADA, "Ada")
    clean = run(state(ada, person(id_of(1), "Bob")))
    other = run(state(ada, person(id_of(2), "Bob") | {"created_at": LATER}))
    assert difference_of_runs(clean, other) != ""
    assert difference_of_runs(clean, other, CONTEXT) == ""
    more = run(state(ada, person(id_of(1), "Bob"), person(id_of(2), "Bob")))
    assert difference_of_runs(clean, more, CONTEXT) == "it left 1 person for Bob behind, then 2 people for Bob"
    assert difference_of_runs(clean, run(state(ada)), CONTEXT) == "it left 1 person for Bob behind, then none"
    altered = run(state(ada, person(id_of(1), "Bob", best=ADA)))
    assert difference_of_runs(clean, altered, CONTEXT) == (
        "it left person for Bob: best null behind, then person for Bob: best Ada"
    )


@pytest.mark.parametrize("mode", ["real", "frozen"])
def test_with_a_clock_that_runs_instants_do_not_count(mode: str) -> None:
    """Bodies, queries and states may have times from the machine's clock, if the world's runs with it."""

    def at(second: int) -> Run:
        time = f"2031-01-01T00:00:{second:02}"
        calls = [
            call(query=f"from={time}.123%2B00%3A00".replace(":", "%3A").encode(), body=f'{{"due": "{time}Z"}}'.encode())
        ]
        return run(state(person(ADA, "Ada", birthday=f"{time}Z"), mode=mode), calls=calls)

    assert (difference_of_runs(at(1), at(2)) == "") is (mode == "real")
    assert difference_of_runs(at(1), at(1)) == ""


def test_a_large_world_is_compared() -> None:
    """What is as it was in the beginning is not looked at: there may be much of it."""
    many = [person(f"dddddddd-0000-4000-8000-{number:012}", "Dan") for number in range(2000)]
    began = state(*many)
    clean, changed = (
        state(*many, person(id_of(1), "Bob")),
        state(*many, person(id_of(2), "Bob"), person(id_of(3), "Bob")),
    )
    found = difference(run(clean, began=began), run(changed, began=began), CONTEXT)
    assert found.after == ("2 people for Bob",)
