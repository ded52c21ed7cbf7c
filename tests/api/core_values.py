"""What random tests draw from: ids, bodies, times, and values that may be of any kind."""

from datetime import timedelta, timezone

import hypothesis.strategies as st

from aniva_sandbox.api import partner
from aniva_sandbox.api.world import World
from tests.support import (
    BERLIN,
    CUSTOM_PANEL,
    HELSINKI,
    HOURLESS_LOCATION,
    INACTIVE_LOCATION,
    OTHER_PANEL,
    PANEL,
    PENDING_LOCATION,
    RIVAL_LOCATION,
    UNKNOWN,
    ZONELESS_LOCATION,
    new_world,
)

LOCATIONS = (BERLIN, HELSINKI, PENDING_LOCATION, HOURLESS_LOCATION, ZONELESS_LOCATION)
PANELS = (PANEL, OTHER_PANEL, "e5f6a7b8-c9d0-4e2f-b3a4-c5d6e7f8a9b0", CUSTOM_PANEL)
KNOWN = new_world()

personas = st.one_of(*[st.just("full")] * 4, st.sampled_from(sorted(KNOWN.personas)))
location_ids = st.one_of(
    st.sampled_from(LOCATIONS),
    st.sampled_from((*LOCATIONS, BERLIN.upper(), INACTIVE_LOCATION, RIVAL_LOCATION, UNKNOWN)),
)
panel_ids = st.one_of(
    st.sampled_from(([PANEL], [OTHER_PANEL], [PANEL, OTHER_PANEL])),
    st.lists(st.sampled_from((*PANELS, PANEL.upper(), UNKNOWN)), min_size=1, max_size=3),
)
barcodes = st.sampled_from(("4130075218", "007"))
dates = st.dates(KNOWN.now.date() - timedelta(days=3), KNOWN.now.date() + timedelta(days=99)).map(str)
texts = st.sampled_from(("Zoë", "O'Brien", "Anne-Sophie"))
emails = st.sampled_from(("zoe@example.com", "ZOE@example.com", "lukas.brandt@example.com", "new@example.com"))
profile_changes = st.fixed_dictionaries(
    {},
    optional={
        "first_name": texts,
        "last_name": st.none() | texts,
        "email": emails,
        "phone": st.none() | st.just("+4917112345"),
        "date_of_birth": st.sampled_from(("1990-01-02", "2026-04-13", "2126-01-01")),
        "height": st.none() | st.sampled_from((1, 180.5)),
        "password": st.just("correct horse"),
    },
)
new_profiles = st.fixed_dictionaries(
    {
        "first_name": texts,
        "sex": st.sampled_from((1, 2)),
        "date_of_birth": st.sampled_from(("1990-01-02", "1990-01-02", "1990-01-02", "2126-01-01")),
        "profile_group": st.sampled_from((*("acme-clinic-berlin",) * 3, "my-clinic-group", "rival-clinic", "no-such")),
    },
    optional={"email": emails, "language": st.sampled_from(("en", "de", "fi"))},
)
windows = st.fixed_dictionaries(
    {},
    optional={
        "start_date": dates,
        "end_date": dates,
        "timezone": st.sampled_from(("Asia/Tokyo", "UTC", "Europe/Nowhere")),
    },
)

pickup_times = st.sampled_from((("09:00", "19:00"), ("11:00", "14:00"), ("11:00", "13:00"), ("10:30", "12:29")))
pickup_days = st.one_of(st.integers(1, 9), st.integers(-1, 1))
further_orders = st.fixed_dictionaries(
    {},
    optional={
        "package_count": st.integers(1, 3),
        "weight": st.sampled_from((1, 2.5)),
        "notes": st.sampled_from(("", "Cold", "courier-refuses-update", "courier-refuses-cancel")),
    },
)
courier_events = st.sampled_from(
    [
        *((what, {}) for what in ("booked", "picked_up", "picked_up", "delivered", "delivered", "lost")),
        *(("booked", {"tracking_number": "GO1"}), ("scanned", {"status": "Seen"}), ("lost", {"status": "Gone"})),
    ]
)

# Values that may be of any kind
anything = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False, allow_infinity=False) | st.text(max_size=8),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=4), inner, max_size=3),
    max_leaves=4,
)
odd_instants = st.sampled_from(
    ("", "2026-05-01T09:00:00", "9999-12-31T23:59:59-12:00", "0001-01-01T00:00:00+12:00", "2026-05-01T09:00:60Z")
)
odd_ids = st.sampled_from(
    (
        "x",
        UNKNOWN[:-1],
        f"{UNKNOWN} ",
        "%2F",
        "٣",
        "12",
        "0",
        "99999999999999999999",
        "P٣604154821",
        "p2604154821",
        "P1",
    )
)
fields = sorted(
    {
        field
        for operation in partner.OPERATIONS
        for struct in (operation.body, operation.query)
        for field in struct.__struct_fields__
    }
)
oddities = odd_instants | odd_ids | anything
malformed_bodies = anything | st.dictionaries(st.sampled_from((*fields, "unknown")), oddities, max_size=4)
body_fields = [(operation, field) for operation in partner.OPERATIONS for field in operation.body.__struct_fields__]


def instant_text(world: World, minutes: int, offset: int) -> str:
    """So many minutes from now, written with an offset in hours."""
    return (world.now + timedelta(minutes=minutes)).astimezone(timezone(timedelta(hours=offset))).isoformat()


minutes = st.one_of(st.integers(1, 60 * 24 * 40), st.sampled_from((-60 * 24, 0, 60, 60, 75)))
offsets = st.integers(-11, 14)
spans = st.one_of(st.integers(1, 60 * 60 * 24 * 3), st.sampled_from((1, 60 * 60 * 24 * 40)))
