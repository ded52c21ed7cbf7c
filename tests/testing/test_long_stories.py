"""The story of many calls: what is folded, what is left out and said to be, and what is always shown."""

from datetime import timedelta
from typing import Any

import msgspec
import pytest

from aniva_sandbox.testing import Aniva, Exchange, Exchanges
from aniva_sandbox.testing.story import EVENTS_SHOWN, MOST, SHOWN
from tests.support import APPOINTMENT, UNKNOWN

UNITS = "/api/v1/units"
NOW = "2026-04-13T08:00:00Z"
RULE = {"id": "http.method", "basis": "assumed", "sentence": "A sentence."}
EVENT = {"time": NOW, "type": "location.closed", "location_id": "7"}


def call(number: int, **changes: Any) -> Exchange:
    """A call of this number, which no other call is like."""
    fields = {
        "number": number,
        "time": NOW,
        "elapsed_ms": 1.0,
        "method": "GET",
        "path": f"/api/v1/profiles/{number}",
        "persona": "full",
        "operation": "get_profile",
        "request": {"type": None, "bytes": 0},
        "status": 200,
        "response": {"type": None, "bytes": 0},
        "rules": [],
        "relied_on": [],
        "error": None,
        "mismatch": None,
        "fault": None,
        "hints": [],
        "events": [],
    }
    return msgspec.convert(fields | changes, Exchange)


def calls(*numbers: int, **changes: Any) -> list[Exchange]:
    """Calls with these numbers."""
    return [call(number, **changes) for number in numbers]


def story(*told: Exchange, dropped: int = 0) -> list[str]:
    """The lines of a story that do not belong to the line before."""
    lines = Exchanges(told, dropped=dropped).story().splitlines()
    return [line.partition(f" at {NOW}")[0] for line in lines if not line.startswith("    ")]


def test_equal_calls_are_one_entry(aniva: Aniva) -> None:
    """Equal calls in a row are one entry, with their numbers and how many they were; another call between them, or
    another status, begins an entry."""
    for _ in range(12):
        aniva.client.get(UNITS)
    aniva.client.get("/api/v1/biomarkers")
    aniva.client.get(UNITS)
    with aniva.faults.add("list_units", status=503):
        aniva.client.get(UNITS)
    assert [line for line in aniva.calls().story().splitlines() if line.startswith("#")] == [
        f"#1 to #12 at {NOW}: list_units × 12  GET /api/v1/units  200",
        f"#13 at {NOW}: list_biomarkers  GET /api/v1/biomarkers  200",
        f"#14 at {NOW}: list_units  GET /api/v1/units  200",
        f"#15 at {NOW}: list_units  GET /api/v1/units  503",
    ]


def test_an_entry_says_from_when_to_when(aniva: Aniva) -> None:
    """Equal calls at several instants of the world say the first and the last."""
    aniva.client.get(UNITS)
    aniva.clock.advance(timedelta(minutes=1))
    aniva.client.get(UNITS)
    assert aniva.calls().story() == (
        "#1 to #2 from 2026-04-13T08:00:00Z to 2026-04-13T08:01:00Z: list_units × 2  GET /api/v1/units  200"
    )


def test_calls_that_sent_other_things_are_not_equal(aniva: Aniva) -> None:
    """What is shown of a call is shown for each: calls with other bodies are entries by themselves."""
    for barcode in ("a", "a", "b"):
        aniva.client.post(f"/api/v1/appointments/{UNKNOWN}/confirm", json={"barcode": barcode})
    told = aniva.calls().story().splitlines()
    assert [line.partition(" ")[0] for line in told if line.startswith("#")] == ["#1", "#3"]
    sent = [line for line in told if line.startswith("    sent: ")]
    assert sent == ['    sent: {"barcode":"a"}', '    sent: {"barcode":"b"}']


@pytest.mark.parametrize(
    "mark",
    [
        {"rules": [RULE]},
        {"relied_on": [RULE]},
        {"hints": ["The field x is not read"]},
        {"fault": "fault-1: latency_ms=1"},
        {"events": [EVENT]},
        {"mismatch": "raised RuntimeError"},
        {"status": None},
    ],
    ids=lambda mark: next(iter(mark)),
)
def test_what_may_explain_a_failure_is_always_shown(mark: dict[str, Any]) -> None:
    """A call with a rule, a clause, a hint, a fault, an event or a defect is shown however many came after it; what
    is left out around it is counted where it was."""
    told = story(*calls(1, 2), call(3, **mark), *calls(*range(4, 31)))
    assert told == ["... 2 earlier", "#3", "... 17 more calls", *(f"#{number}" for number in range(21, 31))]
    assert story(*calls(*range(1, 31)))[:2] == ["... 20 earlier", "#21"]


def test_the_last_entries_are_shown() -> None:
    """Ten entries at the end are shown whatever they are, and nothing is said to be left out if nothing is."""
    assert story(*calls(*range(1, SHOWN + 1))) == [f"#{number}" for number in range(1, SHOWN + 1)]
    assert story(*calls(*range(1, SHOWN + 2)))[:2] == ["... 1 earlier", "#2"]
    folded = [call(number, path="/same") for number in range(1, 50)]
    assert story(*folded, *calls(*range(50, 59)))[0] == "#1 to #49"


def test_what_the_journal_dropped_is_added() -> None:
    """Older calls that the journal had no room for are counted with those that are left out before the first entry."""
    assert story(*calls(5, 6), dropped=4)[0] == "... 4 earlier"
    assert story(*calls(*range(5, 17)), dropped=4)[0] == "... 6 earlier"
    assert story(call(5, fault="x"), *calls(*range(6, 18)), dropped=4)[:3] == [
        "... 4 earlier",
        "#5",
        "... 2 more calls",
    ]
    assert story(call(5, fault="x"), *calls(*range(6, 17)), dropped=0)[:2] == ["#5", "... 1 more call"]


def test_a_story_is_bounded() -> None:
    """Of very many refused calls the last are shown, and the number of the others is said."""
    told = story(*calls(*range(1, 201), rules=[RULE]), *calls(*range(201, 301)))
    entries = [line for line in told if line.startswith("#")]
    assert len(entries) == MOST
    assert told[0] == "... 150 earlier, 150 of them with a rule, a hint, a fault or an event"
    assert told[1:3] == ["#151", "#152"]
    assert told[51:53] == ["... 90 more calls", "#291"]


def test_the_events_of_a_call_are_bounded() -> None:
    """A call during which very much happened shows the first events, and the number of the others."""
    lines = Exchanges([call(1, events=[EVENT] * (EVENTS_SHOWN + 3))]).story().splitlines()
    assert [line.split(":")[0].strip() for line in lines[1:]] == ["event"] * EVENTS_SHOWN + ["... 3 more events"]


def test_assertions_show_the_call_that_they_are_about(aniva: Aniva) -> None:
    """A failed assertion on calls shows the refused one, however many calls came after it."""
    aniva.client.get(f"/api/v1/profiles/{APPOINTMENT}")
    for number in range(30):
        aniva.client.get(f"/api/v1/profiles?limit={number + 1}")
    with pytest.raises(AssertionError) as failed:
        aniva.assert_called("get_profile", status=200)
    assert str(failed.value).splitlines()[1].startswith(f"#1 at {NOW}: get_profile  GET /api/v1/profiles/{APPOINTMENT}")
    assert "... 20 more calls" in str(failed.value).splitlines()
