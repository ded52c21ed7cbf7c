"""What a test is told of what it asked: calls, faults, snapshots, the story of a failure, undocumented rules."""

from pathlib import Path
from typing import Any

import httpx2
import pytest

from aniva_sandbox.testing import Aniva, ControlError, Exchange, Exchanges
from tests.support import APPOINTMENT, BERLIN, EMPTY_APPOINTMENT, PROFILE, UNKNOWN
from tests.testing.common import QUIET

pytest_plugins = ["pytester"]

DRAW = f"/api/v1/appointments/{APPOINTMENT}"
BOOKING = {"profile_id": PROFILE, "location_id": BERLIN, "scheduled_at": "2026-04-20T10:00:00+02:00"}


def book(aniva: Aniva, **changes: str) -> httpx2.Response:
    """Book an appointment."""
    return aniva.client.post("/api/v1/appointments", json=BOOKING | changes)


# Calls


def test_calls(aniva: Aniva) -> None:
    """Every exchange is there in order, with what was sent, what came back, and why it was refused."""
    booked = book(aniva).json()
    book(aniva, scheduled_at="2026-04-01T10:00:00+02:00")
    aniva.client.get("/api/v1/units?x=1")
    calls = aniva.calls()
    assert [call.operation for call in calls] == ["create_appointment", "create_appointment", "list_units"]
    assert [call.number for call in calls] == [1, 2, 3]
    taken, refused = aniva.calls("create_appointment")
    assert (taken.json, taken.status, taken.response.json) == (BOOKING, 201, booked)
    assert (taken.method, taken.path, taken.persona) == ("POST", "/api/v1/appointments", "full")
    assert taken.time == aniva.clock.now
    assert taken.elapsed_ms > 0
    (rule,) = refused.rules
    assert (rule.id, rule.basis) == ("appointment.future", "documented")
    assert refused.error == refused.response.json["error"]
    assert calls.last.hints == ["the query parameter 'x' is not read by list_units; known names: none"]
    assert str(refused) == "create_appointment  POST /api/v1/appointments  400 appointment.future (documented)"


def test_calls_are_selected(aniva: Aniva) -> None:
    """Calls can be asked for by operation, status, rule and time, alone or together."""
    book(aniva)
    aniva.clock.advance(hours=1)
    later = aniva.clock.now
    book(aniva, scheduled_at="2026-04-01T10:00:00+02:00")
    assert len(aniva.calls(status=201)) == 1
    assert len(aniva.calls(rule="appointment.future")) == 1
    assert [call.status for call in aniva.calls(since=later)] == [400]
    assert len(aniva.calls("create_appointment", status=201, since=later)) == 0
    with pytest.raises(ControlError, match=r"did you mean create_appointment\? \(journal\.query, 400\)"):
        aniva.calls("create_apointment")  # type: ignore[arg-type]
    with pytest.raises(ControlError, match=r"no such rule \(journal\.query, 400\)"):
        aniva.calls(rule="appointment.futur")


def test_calls_are_a_sequence(aniva: Aniva) -> None:
    """They have a first and a last, can be cut, and say what is missing where there is none."""
    for _ in range(3):
        aniva.client.get("/api/v1/units")
    calls = aniva.calls("list_units")
    assert isinstance(calls.first, Exchange)
    assert (calls.first.number, calls.last.number, calls[1].number) == (1, 3, 2)
    assert [call.number for call in calls[1:]] == [2, 3]
    assert [call.number for call in calls.that(lambda call: call.number > 2)] == [3]
    assert repr(calls) == "<3 exchanges with operation list_units>"
    with pytest.raises(IndexError, match="there are 0 exchanges with operation get_profile"):
        aniva.calls("get_profile").last  # noqa: B018


def test_parts_of_calls_tell_what_is_missing(aniva: Aniva) -> None:
    """What the journal had no room for is told of every part of the calls."""
    aniva.client.get("/api/v1/units")
    calls = Exchanges(list(aniva.calls()), " of many", dropped=4)
    for part in (calls[:1], calls.that(lambda call: call.status == 200)):
        assert part.dropped == 4
        assert part.story().startswith("... 4 earlier\n#1 at ")
        assert repr(part).startswith("<1 exchanges of many")


def test_asserting_calls(aniva: Aniva) -> None:
    """A call that was made as it should be is returned; one that was not fails, and shows what was called instead."""
    book(aniva)
    aniva.client.get(f"{DRAW}?x=1")
    (call,) = aniva.assert_called("create_appointment", times=1, status=201, json={"profile_id": PROFILE})
    assert call.response.json["status"] == "confirmed"
    assert len(aniva.assert_called("get_appointment")) == 1
    aniva.assert_not_called("cancel_appointment")
    with pytest.raises(AssertionError) as never:
        aniva.assert_called("cancel_appointment")
    assert str(never.value).splitlines()[:2] == [
        "cancel_appointment was called never. What was called:",
        "#1 at 2026-04-13T08:00:00Z: create_appointment  POST /api/v1/appointments  201",
    ]
    assert "    hint: the query parameter 'x' is not read by get_appointment" in str(never.value)
    with pytest.raises(AssertionError, match="create_appointment was called once, not twice"):
        aniva.assert_called("create_appointment", times=2)
    with pytest.raises(AssertionError, match="create_appointment, status 400 was called never"):
        aniva.assert_called("create_appointment", status=400)
    with pytest.raises(AssertionError, match=r"create_appointment, json \{'profile_id': '1'\} was called never"):
        aniva.assert_called("create_appointment", json={"profile_id": "1"})
    with pytest.raises(AssertionError, match="create_appointment was called once, not never"):
        aniva.assert_not_called("create_appointment")


# Faults


def test_a_fault_in_a_block(aniva: Aniva) -> None:
    """Inside its block a fault meets as many calls as it should, after it none; it tells how many it met."""
    with aniva.faults.add("get_appointment", status=503, retry_after=2, times=2, after=1) as fault:
        assert [aniva.client.get(DRAW).status_code for _ in range(3)] == [200, 503, 503]
        assert aniva.calls("get_appointment").last.fault == f"{fault.id}: status=503; retry_after=2"
        assert fault.fired == 2
        assert len(aniva.faults) == 1
    assert fault.fired == 2
    assert len(aniva.faults) == 0
    assert aniva.client.get(DRAW).status_code == 200


def test_a_lost_answer(aniva: Aniva) -> None:
    """A connection that drops after the call took effect leaves the client without an answer; the draw is confirmed."""
    with aniva.faults.add("confirm_blood_draw", drop="after"), pytest.raises(httpx2.TransportError):
        aniva.client.post(f"{DRAW}/confirm", json={"barcode": "4130075218"})
    assert aniva.client.get(DRAW).json()["status"] == "blood_drawn"


def test_a_call_that_never_arrived(aniva: Aniva) -> None:
    """One that drops before leaves the draw as it was; in process, too, where it is a ConnectionResetError."""
    with aniva.faults.add(path="/api/v1/appointments/{id}/confirm", drop="before", times=None):
        with pytest.raises(httpx2.TransportError):
            aniva.client.post(f"{DRAW}/confirm", json={"barcode": "4130075218"})
        with (
            httpx2.Client(
                transport=httpx2.WSGITransport(app=aniva.wsgi),
                base_url="http://sandbox",
                headers={"x-api-key": aniva.api_key},
            ) as client,
            pytest.raises(ConnectionResetError),
        ):
            client.post(f"{DRAW}/confirm", json={"barcode": "4130075218"})
    assert aniva.client.get(DRAW).json()["status"] == "confirmed"


def test_spoilt_bodies(aniva: Aniva) -> None:
    """A body can be cut off, be no JSON, or come slowly; a client in process gets the same."""
    aniva.faults.add("get_appointment", truncate=True)
    with pytest.raises(httpx2.TransportError):
        aniva.client.get(DRAW)
    aniva.faults.add("get_appointment", malformed=True)
    with pytest.raises(ValueError, match="Expecting value"):
        aniva.client.get(DRAW).json()
    aniva.faults.add(method="GET", latency_ms=1, trickle_ms=1, times=2)
    assert aniva.client.get(DRAW).json()["id"] == APPOINTMENT
    with httpx2.Client(
        transport=httpx2.WSGITransport(app=aniva.wsgi), base_url="http://sandbox", headers={"x-api-key": aniva.api_key}
    ) as client:
        assert client.get(DRAW).json()["id"] == APPOINTMENT
    assert len(aniva.faults) == 3
    aniva.faults.clear()
    assert len(aniva.faults) == 0


def test_wrong_faults(aniva: Aniva) -> None:
    """A fault for no operation, or with effects that do not go together, is refused by its rule."""
    with pytest.raises(ControlError, match=r"did you mean get_appointment\? \(fault\.target, 400\)"):
        aniva.faults.add("get_apointment", status=503)  # type: ignore[arg-type]
    with pytest.raises(ControlError, match=r"\(fault\.effect, 400\)"):
        aniva.faults.add("get_appointment")
    assert len(aniva.faults) == 0


def test_removing_a_fault_twice(aniva: Aniva) -> None:
    """A fault that is gone already can be removed."""
    fault = aniva.faults.add("get_appointment", status=503)
    aniva.faults.clear()
    fault.remove()
    assert fault.fired == 0


def test_a_fault_of_before_a_reset(aniva: Aniva) -> None:
    """After a reset ids begin anew: what is left of a fault of before does not take out another that has its id."""
    old = aniva.faults.add("get_appointment", status=503)
    aniva.reset()
    new = aniva.faults.add("get_profile", status=500)
    assert old.id == new.id
    old.remove()
    assert len(aniva.faults) == 1
    new.remove()
    assert len(aniva.faults) == 0


@pytest.mark.anyio
@pytest.mark.parametrize("effect", [{"drop": "before"}, {"truncate": True}])
async def test_a_dropped_connection_in_process(aniva: Aniva, effect: dict[str, Any]) -> None:
    """The async client tells of it as the one over a socket does."""
    aniva.faults.add("get_appointment", **effect)
    with pytest.raises(httpx2.RemoteProtocolError):
        await aniva.async_client.get(DRAW)
    assert (await aniva.async_client.get(DRAW)).status_code == 200


@pytest.fixture
def anyio_backend() -> str:
    """The event loop of the tests above."""
    return "asyncio"


# Snapshots


def test_a_snapshot_in_a_block(aniva: Aniva) -> None:
    """At the end of its block the world is as it was; what was asked meanwhile stays in the journal."""
    with aniva.snapshot() as before:
        assert book(aniva).status_code == 201
        aniva.clock.advance(days=30)
    assert aniva.snapshot() == before
    assert aniva.clock.now.isoformat() == "2026-04-13T08:00:00+00:00"
    assert len(aniva.calls()) == 1


def test_restoring(aniva: Aniva) -> None:
    """A snapshot can be gone back to as often as one likes, for good or for a block only."""
    empty = aniva.snapshot()
    book(aniva)
    booked = aniva.snapshot()
    assert (empty != booked, hash(empty) != hash(booked)) == (True, True)
    with aniva.restore(empty):
        assert aniva.snapshot() == empty
    assert aniva.snapshot() == booked
    aniva.restore(empty)
    assert aniva.snapshot() == empty
    assert len(booked.json["appointments"]) == len(empty.json["appointments"]) + 1


def test_resetting_in_a_block(aniva: Aniva) -> None:
    """Inside the block the world is as at its start, after it as before."""
    start = aniva.snapshot()
    book(aniva)
    booked = aniva.snapshot()
    with aniva.reset():
        assert aniva.snapshot() == start
    assert aniva.snapshot() == booked


def test_restoring_from_a_file(aniva: Aniva, tmp_path: Path) -> None:
    """A saved snapshot is restored from its path."""
    start = aniva.snapshot()
    start.save(tmp_path / "start.json")
    book(aniva)
    aniva.restore(tmp_path / "start.json")
    assert aniva.snapshot() == start


def test_a_bad_snapshot(aniva: Aniva) -> None:
    """What is no snapshot is refused with the path to its fault, and the world stays as it was."""
    before = aniva.snapshot()
    bad = aniva.snapshot()
    bad.content = bad.content.replace(b'"status":"confirmed"', b'"status":"maybe"', 1)
    with pytest.raises(ControlError, match=r"appointments\[\d+\]\.status: must be one of .*snapshot\.valid"):
        aniva.restore(bad)
    assert aniva.snapshot() == before


def test_saved_snapshots_are_world_files(aniva: Aniva, tmp_path: Path, pytester: pytest.Pytester) -> None:
    """A saved snapshot is a world file, named from where the test stands."""
    book(aniva)
    pytester.mkdir("worlds")
    aniva.snapshot().save(pytester.path / "worlds" / "booked.json")
    pytester.makepyfile(
        f"""
        import pathlib, pytest

        @pytest.mark.aniva(world="worlds/booked.json")
        def test_named_from_here(aniva):
            found = aniva.client.get("/api/v1/appointments?profile_id={PROFILE}").json()
            assert "2026-04-20T10:00:00+02:00" in [each["scheduled_at"] for each in found]

        @pytest.mark.aniva(world=pathlib.Path("worlds/none.json"))
        def test_missing(aniva):
            pass
        """
    )
    result = pytester.runpytest_inprocess(*QUIET, "--rootdir", str(tmp_path))
    result.assert_outcomes(passed=1, errors=1)
    result.stdout.fnmatch_lines(["*aniva: */worlds/none.json: cannot be read*"])


# Failures and undocumented rules


FAILING = f"""
import pytest

@pytest.fixture
def drawn(aniva):
    aniva.client.post("/api/v1/appointments/{EMPTY_APPOINTMENT}/confirm", json={{"barcode": "1"}})

def test_failing(aniva, drawn):
    aniva.faults.add("list_units", status=503)
    aniva.client.get("/api/v1/units")
    aniva.client.post("/api/v1/appointments", json={{"profile_id": "{PROFILE}", "location": "{BERLIN}"}})
    for _ in range(8):
        aniva.client.get("/api/v1/profiles/{APPOINTMENT}")
    assert False
"""


def test_a_failure_tells_the_story(pytester: pytest.Pytester) -> None:
    """The report of a failed test shows the last calls, each refusal with rule, basis and sentence, and the hints."""
    pytester.makepyfile(FAILING)
    result = pytester.runpytest_inprocess(*QUIET)
    result.assert_outcomes(failed=1)
    result.stdout.fnmatch_lines(
        [
            "*- Aniva sandbox -*",
            "world test-*, now 2026-04-13T08:00:00Z",
            "#1 at 2026-04-13T08:00:00Z: confirm_blood_draw  POST *",
            "    relied on: confirm.empty (assumed): *",
            "#2 at 2026-04-13T08:00:00Z: list_units  GET /api/v1/units  503",
            "    injected: fault-1: status=503",
            "#3 at *: create_appointment  POST /api/v1/appointments  400 appointment.create (documented)*",
            "    said: *",
            "    rule: appointment.create (documented): *",
            "    hint: the field 'location' is not read by create_appointment; did you mean location_id?",
            "#4 to #11 at *: get_profile × 8  GET /api/v1/profiles/*  404 path.unknown (documented)",
            f"    hint: the path: {APPOINTMENT} is the id of an appointment; the id of a profile was expected",
        ]
    )


MISSHAPEN = (
    "the key begins with sbx_, but the rest of it is not valid; keys look like sbx_<world> or sbx_<world>.<persona>, "
    "where a world's name is 1 to 64 characters from a-z, 0-9 and hyphen, such as sbx_default"
)


def test_a_wrong_key_is_in_the_story(aniva: Aniva) -> None:
    """Calls with a key that opens no world, or another one, are told, as no journal of this world has them; so is what
    was wrong."""
    aniva.client.get("/api/v1/units", headers={"x-api-key": "sbx_Wrong"})
    aniva.client.get("/api/v1/units", headers={"x-api-key": "sbx_another"})
    assert aniva.story().splitlines()[1:] == [
        "nothing was called",
        f"unmatched: GET /api/v1/units 403: {MISSHAPEN}",
        "another key created the world another",
    ]


def test_a_wrong_path_is_in_the_story(aniva: Aniva) -> None:
    """A call whose key is right and whose path is not is told once, with the path that would be right."""
    aniva.client.get("/v1/units")
    story = aniva.story().splitlines()
    assert story[1].startswith("#1 at 2026-04-13T08:00:00Z: no operation  GET /v1/units  404 http.not-found")
    assert story[-1] == "    hint: the path begins with /v1 instead of /api/v1; it should be /api/v1/units"
    assert aniva.story().count("it should be") == 1


def test_many_unmatched_calls_are_cut_short(aniva: Aniva) -> None:
    """The last ten are told; each test begins without those of others."""
    for each in range(13):
        aniva.client.get(f"/api/v1/panels/{each}", headers={"x-api-key": ""})
    told = [line for line in aniva.story().splitlines() if "unmatched" in line]
    assert told[0] == "... 3 unmatched earlier"
    assert [line.split()[2] for line in told[1:]] == [f"/api/v1/panels/{each}" for each in range(3, 13)]


def test_a_failed_assertion_shows_what_was_sent(aniva: Aniva) -> None:
    """Where the JSON was another, it is shown."""
    aniva.client.post(f"{DRAW}/confirm", json={"barcode": "4130075218"})
    with pytest.raises(AssertionError, match=r'sent: \{"barcode":"4130075218"\}'):
        aniva.assert_called("confirm_blood_draw", json={"barcode": "999"})


RELYING = f"""
import pytest

@pytest.mark.aniva(MARK)
def test_empty_draw(aniva):
    aniva.client.post("/api/v1/appointments/{EMPTY_APPOINTMENT}/confirm", json={{"barcode": "1"}})

def test_refused_by_an_assumption(aniva):
    assert aniva.client.get("/api/v1/nothing").status_code == 404

def test_documented(aniva):
    assert aniva.client.get("/api/v1/profiles/{UNKNOWN}", headers={{"x-api-key": "unknown"}}).status_code == 403
"""
NOTHING_MARKED = RELYING.replace("MARK", "")
MARKED = RELYING.replace("MARK", 'relies_on=["confirm.empty"]')


@pytest.mark.parametrize("workers", [(), ("-n", "2")], ids=["alone", "xdist"])
def test_undocumented_rules_are_listed(pytester: pytest.Pytester, workers: tuple[str, ...]) -> None:
    """Without the option all tests pass, and the summary names the rules that no page settles; under xdist, too."""
    pytester.makepyfile(NOTHING_MARKED)
    run = pytester.runpytest_subprocess if workers else pytester.runpytest_inprocess
    result = run(*QUIET, *workers)
    result.assert_outcomes(passed=3)
    result.stdout.fnmatch_lines(
        [
            "*Aniva sandbox: undocumented rules*",
            "confirm.empty (assumed): * [[]1 test[]]",
            "error.body/sentence (assumed): * [[]1 test[]]",
            "http.not-found (assumed): * [[]1 test[]]",
            "--aniva-strict fails the tests that rely on them, and names the rules.",
        ]
    )
    result.stdout.no_fnmatch_line("path.unknown*")


def test_strict_fails_them(pytester: pytest.Pytester) -> None:
    """With the option such a test fails, naming the rule; one that says that it relies on it passes."""
    pytester.makepyfile(NOTHING_MARKED)
    result = pytester.runpytest_inprocess(*QUIET, "--aniva-strict")
    result.assert_outcomes(passed=1, failed=2)
    result.stdout.fnmatch_lines(
        [
            "--aniva-strict: the test relied on confirm.empty (assumed): *",
            "*error.body/sentence (assumed): *",
            "*http.not-found (assumed): *",
        ]
    )
    pytester.makepyfile(MARKED)
    pytester.runpytest_inprocess(*QUIET, "--aniva-strict").assert_outcomes(passed=2, failed=1)


def test_strict_sees_what_a_reset_hides(pytester: pytest.Pytester) -> None:
    """A test that resets its world, or that turns on a rule while it is taken down, fails all the same."""
    pytester.makepyfile(
        f"""
        import pytest

        def draw(aniva):
            aniva.client.post("/api/v1/appointments/{EMPTY_APPOINTMENT}/confirm", json={{"barcode": "1"}})

        def test_reset(aniva):
            draw(aniva)
            aniva.reset()

        @pytest.fixture
        def late(aniva):
            yield
            draw(aniva)

        def test_late(aniva, late):
            pass
        """
    )
    pytester.runpytest_inprocess(*QUIET, "--aniva-strict").assert_outcomes(passed=1, failed=1, errors=1)


def test_strict_leaves_expected_failures_alone(pytester: pytest.Pytester) -> None:
    """A test that is expected to fail, and does, is told once, whatever it turned on."""
    pytester.makepyfile(
        """
        import pytest

        @pytest.mark.xfail(strict=True)
        def test_it(aniva):
            assert aniva.client.get("/api/v1/nothing").status_code == 200
        """
    )
    pytester.runpytest_inprocess(*QUIET, "--aniva-strict").assert_outcomes(xfailed=1)


def test_unknown_rules_in_the_marker(pytester: pytest.Pytester) -> None:
    """A marker that names no rule of the ledger is a clear error."""
    pytester.makepyfile(RELYING.replace("MARK", 'relies_on=["confirm.emty"]'))
    result = pytester.runpytest_inprocess(*QUIET, "-k", "empty")
    result.assert_outcomes(errors=1)
    result.stdout.fnmatch_lines(["*aniva: there is no rule confirm.emty*"])


def test_what_was_relied_on(aniva: Aniva) -> None:
    """A test can ask which undocumented rules it turned on."""
    assert aniva.relied_on == []
    aniva.client.post(f"/api/v1/appointments/{EMPTY_APPOINTMENT}/confirm", json={"barcode": "1"})
    assert [rule.id for rule in aniva.relied_on] == ["confirm.empty"]
    assert aniva.calls().last.relied_on == aniva.relied_on
