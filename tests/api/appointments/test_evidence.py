"""What calls about appointments were weighed by, how near to a boundary they came, and what they lean on."""

from datetime import timedelta
from typing import Any

import pytest

from aniva_sandbox.api.settings import Settings
from tests.api.appointments.appointment_calls import NEW, PAST, TAKEN, put
from tests.api.evidence import distances, leaned, passed, tried, weighed
from tests.support import (
    APPOINTMENT,
    BERLIN,
    CANCELLED_APPOINTMENT,
    CUSTOM_PANEL,
    DRAWN_APPOINTMENT,
    EMPTY_APPOINTMENT,
    GENETICS_PANEL,
    HELSINKI,
    HOME_APPOINTMENT,
    HOURLESS_LOCATION,
    PANEL,
    PENDING_APPOINTMENT,
    PENDING_LOCATION,
    PROFILE,
    QUIET,
    UNDATED_APPOINTMENT,
    UNKNOWN,
    Client,
    new_worlds,
)

BARCODE = {"barcode": "4130075218"}
EDITABLE, FUTURE, HOME = "appointment.editable", "appointment.future", "appointment.update/home"
CANCEL, OVERLAP = "appointment.cancel", "appointment.overlap"
HOUR = 3600.0


def path(id: str, rest: str = "") -> str:
    return f"/appointments/{id}{rest}"


def snapshot(*ids: int, panel: str = CUSTOM_PANEL) -> dict[str, Any]:
    return {"panel_id": panel, "biomarker_ids": list(ids)}


WEIGHED: list[tuple[str, str, Any, int, list[str], list[str]]] = [
    # The rules that were passed, and those that refused.
    ("POST", "/appointments", NEW, 201, [FUTURE], []),
    ("POST", "/appointments", NEW | {"scheduled_at": PAST}, 400, [], [FUTURE]),
    ("PATCH", path(APPOINTMENT), {}, 200, [EDITABLE], []),
    ("PATCH", path(APPOINTMENT), {"scheduled_at": NEW["scheduled_at"]}, 200, [EDITABLE, FUTURE], []),
    ("PATCH", path(APPOINTMENT), {"scheduled_at": PAST}, 400, [EDITABLE], [FUTURE]),
    ("PATCH", path(APPOINTMENT), {"location_id": HELSINKI}, 200, [EDITABLE, HOME], []),
    ("PATCH", path(HOME_APPOINTMENT), {"location_id": HELSINKI}, 400, [EDITABLE], [HOME]),
    ("PATCH", path(CANCELLED_APPOINTMENT), {}, 409, [], [EDITABLE]),
    ("DELETE", path(APPOINTMENT), None, 200, [CANCEL, EDITABLE], []),
    ("DELETE", path(DRAWN_APPOINTMENT), None, 409, [CANCEL], [EDITABLE]),
    ("DELETE", path(CANCELLED_APPOINTMENT), None, 409, [], [CANCEL]),
    ("POST", path(APPOINTMENT, "/confirm"), BARCODE, 200, ["confirm.state"], []),
    ("POST", path(PENDING_APPOINTMENT, "/confirm"), BARCODE, 409, [], ["confirm.state"]),
    ("POST", path(APPOINTMENT, "/panels"), {"panel_ids": [GENETICS_PANEL]}, 200, [EDITABLE, "panels.custom"], []),
    ("POST", path(APPOINTMENT, "/panels"), {"panel_ids": [CUSTOM_PANEL]}, 400, [EDITABLE], ["panels.custom"]),
    ("POST", path(DRAWN_APPOINTMENT, "/panels"), {"panel_ids": [PANEL]}, 409, [], [EDITABLE]),
    (
        "DELETE",
        path(APPOINTMENT, "/panels"),
        {"panel_ids": [PANEL]},
        200,
        ["panels.remove", EDITABLE, "panels.custom"],
        [],
    ),
    ("DELETE", path(EMPTY_APPOINTMENT, "/panels"), {"panel_ids": [PANEL]}, 404, [], ["panels.remove"]),
    (
        "PATCH",
        path(EMPTY_APPOINTMENT, "/custom-snapshot"),
        snapshot(42),
        200,
        [EDITABLE, "snapshot.panel/container", "snapshot.coherent"],
        [],
    ),
    (
        "PATCH",
        path(EMPTY_APPOINTMENT, "/custom-snapshot"),
        snapshot(61),
        400,
        [EDITABLE, "snapshot.panel/container"],
        ["snapshot.coherent"],
    ),
    (
        "PATCH",
        path(EMPTY_APPOINTMENT, "/custom-snapshot"),
        snapshot(42, panel=PANEL),
        400,
        [EDITABLE],
        ["snapshot.panel/container"],
    ),
    ("DELETE", path(EMPTY_APPOINTMENT, "/custom-snapshot"), snapshot(42), 404, [], ["snapshot.remove"]),
    ("GET", path(APPOINTMENT), None, 200, [], []),
    ("GET", path(APPOINTMENT, "/preview"), None, 200, [], []),
]


@pytest.mark.parametrize(("method", "where", "body", "status", "through", "by"), WEIGHED)
def test_rules_are_noted_where_they_are_judged(
    opened: Client, method: str, where: str, body: Any, status: int, through: list[str], by: list[str]
) -> None:
    """A call notes each rule before it is judged, and none behind the one that refuses it."""
    reply = opened.request(method, where, body)
    assert (reply.status, reply.rules) == (status, by)
    assert (weighed(opened), passed(opened)) == ([*through, *by], through)


@pytest.mark.rule("appointment.future")
@pytest.mark.parametrize(
    ("sent", "distance"),
    [
        ("2026-04-13T07:59:59Z", -1.0),
        ("2026-04-13T08:00:00.9Z", 0.0),
        ("2026-04-13T08:00:01Z", 1.0),
        ("2026-04-13T11:00:00+02:00", HOUR),
    ],
)
def test_how_near_a_time_comes_to_now(opened: Client, sent: str, distance: float) -> None:
    """The distance is in seconds from now, below for the past, for a new booking as for an old one."""
    for method, where, body in (("POST", "/appointments", NEW), ("PATCH", path(APPOINTMENT), {})):
        assert opened.request(method, where, body | {"scheduled_at": sent}).status < 400 or distance <= 0
        assert distances(opened) == [("appointment.future", distance)]


@pytest.mark.rule("appointment.overlap")
@pytest.mark.parametrize(("sent", "status"), [(TAKEN, 409), (NEW["scheduled_at"], 201)])
def test_overlap_is_judged_where_worlds_refuse_it(sent: str, status: int) -> None:
    """Both sides of the rule can be met in a world that refuses taken slots; in others it judges nothing."""
    body = NEW | {"scheduled_at": sent}
    worlds = new_worlds()
    worlds.create("test", settings=Settings(taken_slots="refuse", courier_automation=False, lab_automation=False))
    worlds.create("other", settings=QUIET)
    refusing, allowing = Client(worlds), Client(worlds, key="sbx_other")
    assert (refusing.post("/appointments", body).status, OVERLAP in weighed(refusing)) == (status, True)
    assert (allowing.post("/appointments", body).status, OVERLAP in weighed(allowing)) == (201, False)


@pytest.mark.rule("appointment.cancel", "confirm.state")
@pytest.mark.parametrize(
    ("id", "state"),
    [
        (PENDING_APPOINTMENT, "pending"),
        (APPOINTMENT, "confirmed"),
        (DRAWN_APPOINTMENT, "blood_drawn"),
        (CANCELLED_APPOINTMENT, "cancelled"),
    ],
)
def test_moves_are_noted_with_the_state_before(opened: Client, id: str, state: str) -> None:
    """A cancellation and a draw are tried whatever the state; other changes are no moves."""
    opened.post(path(id, "/confirm"), BARCODE)
    assert tried(opened) == [("appointment", state, "confirm draw")]
    after = "blood_drawn" if state == "confirmed" else state
    opened.delete(path(id))
    assert tried(opened) == [("appointment", after, "cancel")]
    opened.patch(path(id), {})
    assert tried(opened) == []


# Reliance


@pytest.mark.rule("appointment.future/outside-hours")
@pytest.mark.parametrize(
    ("sent", "location", "leans"),
    [
        ("2026-04-19T03:07:00+02:00", BERLIN, True),  # a Sunday
        ("2026-04-15T07:59:59+02:00", BERLIN, True),
        ("2026-04-15T08:00:00+02:00", BERLIN, False),
        ("2026-04-15T06:00:00Z", BERLIN, False),
        ("2026-04-15T11:59:59+02:00", BERLIN, False),
        ("2026-04-15T12:00:00+02:00", BERLIN, True),
        ("2026-04-15T10:31:07+02:00", BERLIN, False),  # between two slots
        ("2026-12-24T09:00:00+01:00", BERLIN, True),  # a blocked date
        ("2026-04-15T10:00:00Z", HOURLESS_LOCATION, True),
    ],
)
def test_times_outside_open_hours_are_taken_by_a_clause(opened: Client, sent: str, location: str, leans: bool) -> None:
    """A booking, and another time or place, leans on the clause if the location is closed then."""
    clause = ["appointment.future/outside-hours"] if leans else []
    others = (OVERLAP, "appointment.slot")
    assert opened.post("/appointments", NEW | {"scheduled_at": sent, "location_id": location}).status == 201
    assert [id for id in leaned(opened, "appointment") if id not in others] == clause
    changes = {"scheduled_at": sent, "location_id": location}
    assert opened.patch(path(EMPTY_APPOINTMENT), changes).status == 200
    assert [id for id in leaned(opened, "appointment") if id not in others] == clause
    assert opened.patch(path(EMPTY_APPOINTMENT), {}).status == 200
    assert leaned(opened, "appointment") == []


@pytest.mark.rule("appointment.rendered/home", "snapshot.listed")
@pytest.mark.parametrize(
    ("id", "clauses"),
    [
        (HOME_APPOINTMENT, ["appointment.rendered/home"]),
        (UNDATED_APPOINTMENT, []),
        (APPOINTMENT, ["snapshot.listed"]),
        (EMPTY_APPOINTMENT, []),
    ],
)
def test_what_a_view_shows_by_a_clause(opened: Client, id: str, clauses: list[str]) -> None:
    """A response leans on the clauses on the time of home kits and on containers that it shows."""
    for method in ("GET", "PATCH", "DELETE"):
        assert opened.request(method, path(id), {} if method == "PATCH" else None).status == 200
        assert leaned(opened, "appointment", "snapshot") == clauses


@pytest.mark.rule("appointment.list/months", "appointment.list/ends")
@pytest.mark.parametrize(
    ("when", "clauses"),
    [
        ("2026-02-13T08:00:00Z", ["months", "ends"]),
        ("2026-05-13T08:00:00Z", ["months", "ends"]),
        ("2026-05-13T07:59:59Z", ["months"]),
        ("2026-05-13T08:00:01Z", ["months"]),  # left out, by this reading
        ("2026-02-08T08:00:00Z", []),  # more than 63 days ago
        ("2026-02-15T08:00:00Z", []),  # less than 58
        ("2026-05-10T07:59:59Z", []),  # less than 27 days ahead
        ("2026-05-15T08:00:01Z", []),  # more than 32
    ],
)
def test_what_a_window_has_by_a_clause(opened: Client, when: str, clauses: list[str]) -> None:
    """The list leans on the clause on months only if an appointment is where these can end, and on that on the ends
    only if one is there; by profile, or if the key does not see it, it leans on neither."""
    world = opened.world
    world.appointments.change_time(world.appointments[UNDATED_APPOINTMENT], world.now)
    opened.get("/appointments")
    assert in_list(opened) == []
    put(world, UNKNOWN, when)
    opened.get("/appointments")
    assert in_list(opened) == [f"appointment.list/{name}" for name in clauses]
    for where, persona in ((f"/appointments?profile_id={PROFILE}", ""), ("/appointments", ".outsider")):
        opened.get(where, key=f"sbx_test{persona}")
        assert in_list(opened) == []


@pytest.mark.rule("appointment.list/undated")
def test_undated_appointments_are_listed_by_a_clause(opened: Client) -> None:
    """A list leans on the clause if it has such an appointment; by profile, all are listed anyway."""
    opened.get("/appointments")
    assert in_list(opened) == ["appointment.list/undated"]
    owner = opened.world.appointments[UNDATED_APPOINTMENT].profile_id
    assert opened.get(f"/appointments?profile_id={owner}").json[-1]["scheduled_at"] is None
    assert in_list(opened) == []
    opened.get("/appointments", key="sbx_test.outsider")
    assert in_list(opened) == []


def in_list(client: Client) -> list[str]:
    """The clauses on the window that the last call leaned on."""
    return [id for id in leaned(client, "appointment") if id.startswith("appointment.list/")]


@pytest.mark.rule("appointment.update/instant")
def test_a_new_place_keeps_the_instant_by_a_clause(opened: Client) -> None:
    """The clause decides if the wall clock would be another one there, or if the time has passed."""
    old = put(opened.world, UNKNOWN, PAST)
    instant = ["appointment.update/instant"]
    munich = opened.world.appointments[EMPTY_APPOINTMENT].location_id
    cases = [
        (APPOINTMENT, {"location_id": HELSINKI}, instant),
        (APPOINTMENT, {"location_id": HELSINKI}, []),  # there already
        (APPOINTMENT, {"location_id": BERLIN, "scheduled_at": NEW["scheduled_at"]}, []),
        (APPOINTMENT, {"location_id": munich}, []),  # with the same clock
        (old, {"location_id": munich}, instant),
    ]
    for id, changes, clauses in cases:
        assert opened.patch(path(id), changes).status == 200
        assert [each for each in leaned(opened, "appointment") if "update" in each] == clauses, changes


@pytest.mark.rule("appointment.update/status")
@pytest.mark.parametrize(
    ("id", "changes", "leans"),
    [
        (APPOINTMENT, {"location_id": PENDING_LOCATION}, True),
        (APPOINTMENT, {"location_id": HELSINKI}, False),
        (APPOINTMENT, {"scheduled_at": NEW["scheduled_at"]}, False),
        (PENDING_APPOINTMENT, {"location_id": BERLIN}, True),
        (PENDING_APPOINTMENT, {"scheduled_at": NEW["scheduled_at"]}, False),
        (HOME_APPOINTMENT, {"scheduled_at": NEW["scheduled_at"]}, False),
    ],
)
def test_an_update_keeps_the_status_by_a_clause(opened: Client, id: str, changes: Any, leans: bool) -> None:
    """The clause decides if new appointments start in another status there."""
    assert opened.patch(path(id), changes).status == 200
    assert ("appointment.update/status" in leaned(opened, "appointment")) == leans


@pytest.mark.rule("preview.tubes/count", "pickup.deprecated/body")
def test_previews_and_pickups_lean_on_clauses(opened: Client) -> None:
    """A preview leans on the number of its tubes if it has any; a pickup always leans on its ignored body."""
    assert opened.get(path(APPOINTMENT, "/preview")).json["tubes"]
    assert leaned(opened, "preview") == ["preview.tubes/count"]
    assert opened.get(path(EMPTY_APPOINTMENT, "/preview")).json["tubes"] == []
    assert leaned(opened, "preview") == []
    assert opened.post("/appointments/pickup").status == 200
    assert leaned(opened, "pickup") == ["pickup.deprecated/body"]


@pytest.mark.rule("snapshot.coherent/body")
def test_only_the_explained_refusal_leans_on_its_body(opened: Client) -> None:
    """A refusal by another rule has no such body."""
    where = path(EMPTY_APPOINTMENT, "/custom-snapshot")
    assert opened.patch(where, snapshot(61)).rules == ["snapshot.coherent"]
    assert leaned(opened, "snapshot") == ["snapshot.coherent/body"]
    assert opened.patch(where, snapshot(42, panel=PANEL)).rules == ["snapshot.panel/container"]
    assert leaned(opened, "snapshot") == []


def test_refused_bookings_lean_on_nothing_of_theirs(opened: Client) -> None:
    """A booking outside the open hours that is refused took no effect."""
    opened.world.clock.move(opened.world.now + timedelta(days=30))
    assert opened.post("/appointments", NEW).rules == ["appointment.future"]
    assert leaned(opened, "appointment") == []
