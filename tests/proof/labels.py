"""What each test of the suite meets, labelled by hand, item for item: from the rules, the document and the default
world. Nothing here is computed from them.

A label is the id of an item. What several tests meet alike stands in a group with a name, so that the entry of a test
shows what is special about it.
"""

from typing import Final

__all__ = ["CLOSEST", "LABELS", "NOT_CALLED", "SIZES", "TRIED_BY_THE_API", "TRIED_BY_THE_CLIENT"]


def passed(*rules: str) -> frozenset[str]:
    return frozenset(f"{rule} passed" for rule in rules)


def refused(*rules: str) -> frozenset[str]:
    return frozenset(f"{rule} refused" for rule in rules)


def met(*parts: str | frozenset[str]) -> frozenset[str]:
    """Items and groups of items."""
    return frozenset().union(*({part} if isinstance(part, str) else part for part in parts))


# On the way to the operation

KNOWN = passed("http.not-found", "http.method", "auth.key")
"""A known path with one of its methods, and a known key."""
ALLOWED = met(KNOWN, passed("auth.permission"))
"""With one of the permissions that the documentation names for the operation."""
ASSUMED = met(KNOWN, passed("auth.permission/unnamed"))
"""Where the documentation names none: the clause decides, not the rule."""
JSON = passed("http.too-large", "body.json")
"""A small body that is a JSON object."""
FIELDS = met(JSON, passed("body.schema/null"))
"""A body with fields, none of them null where that is not allowed."""
TEXTS = met(FIELDS, passed("body.schema/nul"))
"""A body with strings, without NUL."""
QUERY = passed("body.schema/nul")
"""A string in the query, without NUL."""
TYPED = met(TEXTS, passed("body.schema"))
"""A body with fields whose type, or presence, no rule but the general one judges."""
FOUND = passed("id.format", "path.unknown", "auth.context")
"""A record in the path that exists in the context of the key."""
SENTENCE = met("error.body/sentence")
"""A refusal other than 403: no page shows its body."""
DETAILS = met(SENTENCE, "body.schema/details")
"""A refusal of a format: it lists every offending field, too."""

# What a response shows

MARIA = met("Profile.sex 2", "Profile.language de")
SOEREN = met("Profile.sex 1", "Profile.language de")
EVERYBODY = met("Profile.sex 1", "Profile.sex 2", "Profile.language en", "Profile.language de", "Profile.language fi")
"""The profiles of the three groups of the key: of either sex, in all three languages."""
JANE = met("Profile.sex 2", "Profile.language en")
"""English by default."""
PRACTITIONER = met("Appointment.test_method practitioner")
CONFIRMED = met(PRACTITIONER, "Appointment.status confirmed")
DRAWN = met(PRACTITIONER, "Appointment.status blood_drawn")
CANCELLED = met(PRACTITIONER, "Appointment.status cancelled")
CONTAINER = met("snapshot.listed")
"""Maria's next appointment: among its panels is the container of her single biomarkers."""

# Profiles

GROUP = met(passed("profile.group"), "profile.group profile_group 1 above")
FIRST_NAME = met(passed("profile.name"), "profile.name first_name 1 above", "profile.name first_name 100 below")
LAST_NAME = met(passed("profile.name"), "profile.name last_name 1 above", "profile.name last_name 100 below")
FORM_OF_JANE = met(ALLOWED, TEXTS, GROUP, FIRST_NAME, LAST_NAME, passed("profile.required", "profile.sex"))
"""The formats of what creation requires, with a last name."""
GROUP_OF_OURS = passed("profile.group-unknown", "profile.group-context")
CREATED = met(
    FORM_OF_JANE, GROUP_OF_OURS, passed("profile.birth-date"), "create_profile 201", "profile.birth-date below"
)
PLACEHOLDER = met("profile.email/placeholder")
UPDATED = met(ALLOWED, JSON, FOUND, MARIA, "update_profile 200")

# Appointments

FORM_OF_BOOKING = met(ALLOWED, TYPED, passed("id.format", "appointment.create"))
"""The formats of a booking but that of its time."""
INSTANT = passed("appointment.zone", "time.input")
RECORDS_OF_BOOKING = passed("appointment.profile", "appointment.location", "location.active", "auth.context")
BOOKING = met(FORM_OF_BOOKING, INSTANT, RECORDS_OF_BOOKING)
"""A booking up to the question whether its time is in the future."""
BOOKED = met(
    BOOKING, CONFIRMED, MARIA, passed("appointment.future"), "create_appointment 201", "appointment.future above"
)
SHOWN = met(ALLOWED, FOUND, "get_appointment 200")

# The draw

BARCODE = met(passed("confirm.barcode"), "confirm.barcode/length barcode 1 above")
FORM_OF_DRAW = met(ALLOWED, TEXTS, BARCODE, passed("id.format"))
TEN_DIGITS = met(FORM_OF_DRAW, passed("confirm.barcode/length"), "confirm.barcode/length barcode 64 below")
DRAWS = met(passed("confirm.state"), "confirm_blood_draw 200", "appointment confirmed: confirm draw")

# Shipments

TIMES = met(
    passed("pickup.range"),
    "pickup.range pickup_time_from 09:00 above",
    "pickup.range pickup_time_from 19:00 below",
    "pickup.range pickup_time_till 09:00 above",
)
BEFORE_SEVEN = met("pickup.range pickup_time_till 19:00 below")
FORM_OF_PICKUP = met(ALLOWED, TYPED, TIMES, passed("id.format", "shipment.create"))
ORIGIN = passed("shipment.location", "auth.context")
LATER_DAY = met(passed("pickup.weekday", "pickup.past"), "pickup.past above")
TAKEN = met(
    passed("pickup.width", "shipment.courier-refuses/change", "shipment.id/exhausted"),
    "create_shipment 201",
    "Shipment.status pending",
    "Shipment.logistics_provider go",
)
"""The courier of Berlin takes the order."""
SHIPPED = met(FORM_OF_PICKUP, ORIGIN, LATER_DAY, TAKEN)
REPORTS = met("time.instants/reports")
"""A shipment with status updates: their times are in UTC."""
EVERY_SHIPMENT = met(
    "Shipment.status pending",
    "Shipment.status in_transit",
    "Shipment.status delivered",
    "Shipment.status fault",
    "Shipment.status cancelled",
    "Shipment.logistics_provider go",
    "Shipment.logistics_provider dhl",
    "Shipment.logistics_provider tof",
)

# Links

FORM_OF_LINK = met(ASSUMED, TYPED, FOUND, "body.schema shipment_ids 1 at")
LINK = met(FORM_OF_LINK, passed("link.unknown", "link.context"))

# By itself

FIVE_PAST_TEN = met("shipment pending: booked")
"""The courier accepts the order of P2604148873."""
NINE_IN_THE_EVENING = met(FIVE_PAST_TEN, "shipment in_transit: scanned")
"""P2604136631 passes a hub."""
TEN_ON_TUESDAY = met(NINE_IN_THE_EVENING, "shipment in_transit: delivered")
"""P2604136631 arrives."""

LABELS: Final[dict[str, frozenset[str]]] = {
    # Profiles
    "creates_a_profile": met(CREATED, JANE, PLACEHOLDER),
    "creates_a_profile_with_everything": met(
        CREATED,
        "Profile.sex 2",
        "Profile.language de",
        passed("profile.email", "profile.email/form", "profile.phone", "profile.measures", "profile.language"),
        "profile.measures height 0 above",
        "profile.measures weight 0 above",
    ),
    "a_profile_needs_a_name": met(
        ALLOWED,
        TEXTS,
        GROUP,
        LAST_NAME,
        DETAILS,
        passed("profile.sex"),
        refused("profile.required"),
        "create_profile 400",
    ),
    "a_profile_cannot_be_born_today": met(
        FORM_OF_JANE,
        GROUP_OF_OURS,
        SENTENCE,
        refused("profile.birth-date"),
        "create_profile 400",
        "profile.birth-date at",
    ),
    "a_profile_can_be_born_yesterday": met(CREATED, JANE, PLACEHOLDER),
    "a_group_must_exist": met(FORM_OF_JANE, SENTENCE, refused("profile.group-unknown"), "create_profile 404"),
    "a_group_must_be_ours": met(
        FORM_OF_JANE, passed("profile.group-unknown"), refused("profile.group-context"), "create_profile 403"
    ),
    "gets_a_profile": met(ALLOWED, FOUND, MARIA, "get_profile 200"),
    "a_profile_may_not_exist": met(ALLOWED, SENTENCE, passed("id.format"), refused("path.unknown"), "get_profile 404"),
    "a_profile_may_be_a_rivals": met(
        ALLOWED, passed("id.format", "path.unknown"), refused("auth.context"), "get_profile 403"
    ),
    "clears_a_phone": met(UPDATED, FIELDS, "profile.update/null"),
    "changes_nothing": met(UPDATED, "update.empty"),
    "a_password_is_long": met(
        UPDATED,
        TEXTS,
        DETAILS,
        refused("profile.update"),
        passed("profile.update"),
        "update_profile 400",
        "profile.update password 8 below",
        "profile.update password 8 at",
        "profile.update password 128 below",
    ),
    "lists_a_page": met(
        ALLOWED,
        EVERYBODY,
        DETAILS,
        passed("profile.list-page", "profile.list-page/range"),
        refused("profile.list-page/range"),
        "profile.list-page/range",
        "list_profiles 200",
        "list_profiles 400",
        "profile.list-page/range limit 1 above",
        "profile.list-page/range limit 500 at",
        "profile.list-page/range limit 500 above",
    ),
    "finds_by_email": met(ALLOWED, QUERY, MARIA, "list_profiles 200"),
    "looks_whether_a_profile_exists": met(
        ALLOWED, FOUND, "get_profile 200", "http.method"
    ),  # without being shown anything
    # Keys, paths and methods
    "a_key_may_be_unknown": met(passed("http.not-found", "http.method"), refused("auth.key"), "list_profiles 403"),
    "a_path_may_be_wrong": met(
        SENTENCE,
        passed("http.not-found"),
        refused("http.not-found", "http.method"),
        "http.not-found",
        "http.method",
    ),
    "a_reader_does_not_book": met(KNOWN, refused("auth.permission"), "create_appointment 403"),
    "a_scheduler_sees_no_results": met(KNOWN, refused("auth.permission"), "get_results 403"),
    # Appointments
    "books": BOOKED,
    "books_at_night": met(BOOKED, "appointment.future/outside-hours", "appointment.slot"),
    "books_in_the_past": met(
        BOOKING, SENTENCE, refused("appointment.future"), "create_appointment 400", "appointment.future below"
    ),
    "books_now": met(
        BOOKING, SENTENCE, refused("appointment.future"), "create_appointment 400", "appointment.future at"
    ),
    "books_without_a_zone": met(FORM_OF_BOOKING, DETAILS, refused("appointment.zone"), "create_appointment 400"),
    "cancels": met(
        ASSUMED,
        SHOWN,
        CANCELLED,
        MARIA,
        CONTAINER,
        passed("appointment.editable", "appointment.cancel"),
        "cancel_appointment 200",
        "appointment confirmed: cancel",
    ),
    "cancels_twice": met(
        ASSUMED,
        FOUND,
        SENTENCE,
        refused("appointment.cancel"),
        "cancel_appointment 409",
        "appointment cancelled: cancel",
    ),
    "the_practice_confirms": met(
        SHOWN, CONFIRMED, SOEREN, "appointment pending: practice confirms", "practice.confirmed read"
    ),
    "the_practice_cannot_confirm_again": met("appointment confirmed: practice confirms"),
    "a_lost_response_is_looked_up": met(
        ALLOWED,
        QUERY,
        CONFIRMED,
        DRAWN,
        MARIA,
        CONTAINER,
        passed("appointment.list-profile"),
        "create_appointment drop=after",
        "list_appointments 200",
        "auth.context/inline",  # her draw of January is linked to a shipment of the rival, too
    ),
    "retries_after_429": met(
        SHOWN, CONFIRMED, MARIA, CONTAINER, "get_appointment status", "get_appointment retry_after"
    ),
    "meets_faults_of_many_kinds": met(
        "get_profile drop=before",
        "get_profile truncate",
        "get_profile malformed",
        "get_profile status",
        "get_profile latency_ms",
        "get_profile trickle_ms",
    ),
    # The draw
    "draws": met(TEN_DIGITS, FOUND, DRAWS),
    "draws_what_is_pending": met(
        TEN_DIGITS,
        FOUND,
        SENTENCE,
        refused("confirm.state"),
        "confirm.state",
        "confirm_blood_draw 409",
        "appointment pending: confirm draw",
    ),
    "a_barcode_has_64_digits": met(
        FORM_OF_DRAW,
        FOUND,
        DRAWS,
        DETAILS,
        refused("confirm.barcode/length"),
        passed("confirm.barcode/length"),
        "confirm.barcode/length",
        "confirm.empty",
        "confirm_blood_draw 400",
        "confirm.barcode/length barcode 64 at",
        "confirm.barcode/length barcode 64 above",
    ),
    "orders_a_panel": met(
        ALLOWED,
        ASSUMED,
        TYPED,
        FOUND,
        passed("appointment.editable", "panels.unknown", "panels.unknown/unreachable", "panels.custom"),
        "add_panels 200",
        "body.schema panel_ids 1 at",
        "preview_tubes 200",
        "preview.tubes/count",
    ),
    "orders_biomarkers": met(
        ASSUMED,
        TYPED,
        FOUND,
        passed("snapshot.panel", "snapshot.panel/unknown", "snapshot.panel/container"),
        passed("appointment.editable", "snapshot.biomarkers", "snapshot.coherent"),
        "add_biomarkers 200",
        "body.schema biomarker_ids 1 above",
        "id.format biomarker_ids[] 0 above",
    ),
    # Results
    "reads_results_as_they_come": met(
        TEN_DIGITS,
        FOUND,
        DRAWS,
        TEN_ON_TUESDAY,
        "get_results 200",
        "lab.results_arrived read",
        "Results.status in_progress",
        "ClinicalResult.status planned",
        "ClinicalResult.status received",
        "ClinicalResult.value_operator eq",
    ),
    "reads_a_report": met(
        ALLOWED,
        passed("id.format", "path.unknown", "documents.context"),
        "get_document 200",
        "documents.bytes/file-name",
    ),
    # Shipments
    "ships": met(SHIPPED, BEFORE_SEVEN, "pickup.width above", "list_shipments 200", EVERY_SHIPMENT, REPORTS),
    "ships_at_the_edges": met(
        SHIPPED,
        BEFORE_SEVEN,
        SENTENCE,
        refused("pickup.width", "pickup.weekday"),
        "create_shipment 400",
        "pickup.range pickup_time_till 19:00 at",
        "pickup.width at",
        "pickup.width below",
        "pickup.range",
    ),  # older pages say 17:00
    "ships_after_the_cutoff": met(
        FORM_OF_PICKUP,
        BEFORE_SEVEN,
        ORIGIN,
        SENTENCE,
        FIVE_PAST_TEN,
        passed("pickup.weekday", "pickup.past"),
        refused("pickup.cutoff"),
        "create_shipment 400",
        "pickup.past at",
        "pickup.cutoff above",
    ),
    "ships_at_the_cutoff": met(
        FORM_OF_PICKUP,
        ORIGIN,
        TAKEN,
        FIVE_PAST_TEN,
        passed("pickup.weekday", "pickup.past", "pickup.cutoff"),
        "pickup.past at",
        "pickup.cutoff at",
        "pickup.cutoff/exactly",
        "pickup.range pickup_time_till 19:00 at",
        "pickup.range",
        "pickup.width at",
    ),
    "the_courier_refuses": met(
        FORM_OF_PICKUP,
        BEFORE_SEVEN,
        ORIGIN,
        LATER_DAY,
        SENTENCE,
        passed("pickup.width"),
        refused("shipment.courier-refuses/change"),
        "shipment.courier-refuses/change",
        "create_shipment 502",
        "shipment.create notes 128 below",
        "pickup.width above",
    ),
    "cancels_what_moves": met(
        ALLOWED,
        FOUND,
        SENTENCE,
        passed("shipment.cancel/fault"),
        refused("shipment.cancel"),
        "cancel_shipment 409",
        "shipment in_transit: cancel",
    ),
    "follows_a_delivery": met(
        ALLOWED,
        FOUND,
        REPORTS,
        "get_shipment 200",
        "Shipment.status delivered",
        "Shipment.logistics_provider go",
        "shipment in_transit: delivered",
        "courier.delivered read",
    ),
    "looks_too_late_for_the_scan": met(
        ALLOWED,
        FOUND,
        REPORTS,
        "get_shipment 200",
        "Shipment.status delivered",
        "Shipment.logistics_provider go",
        "shipment in_transit: scanned",
        "shipment in_transit: delivered",
        "courier.delivered read",
    ),
    "looks_too_early_for_the_delivery": met(
        ALLOWED,
        FOUND,
        REPORTS,
        "get_shipment 200",
        "Shipment.status in_transit",
        "Shipment.logistics_provider go",
        "shipment in_transit: delivered",
    ),
    "links_in_time": met(
        LINK,
        CONFIRMED,
        MARIA,
        CONTAINER,
        passed("link.window"),
        "attach_shipments 200",
        "link.window below",
        "link.answer",
    ),
    "links_too_late": met(
        LINK,
        SENTENCE,
        NINE_IN_THE_EVENING,
        refused("link.window"),
        "attach_shipments 409",
        "link.window at",
        "link.window-ids/names",
    ),
    # The catalogue
    "lists_panels": met(ASSUMED, "list_panels 200", "catalogue.fields"),
    "gets_a_biomarker": met(
        ALLOWED,
        DETAILS,
        passed("id.format", "path.unknown", "catalogue.archived"),
        refused("id.format"),
        "get_biomarker 200",
        "get_biomarker 400",
        "catalogue.fields",
        "id.format id 0 above",
        "Biomarker.type clinical",
    ),
}
"""The items that each test meets, by its name."""

CLOSEST: Final[dict[str, float]] = {
    "body.schema panel_ids 1 at": 0,
    "body.schema biomarker_ids 1 above": 1,
    "body.schema shipment_ids 1 at": 0,
    "id.format biomarker_ids[] 0 above": 42,
    "id.format id 0 above": 42,
    "profile.group profile_group 1 above": 11,  # rival-clinic
    "profile.name first_name 1 above": 3,  # Jane
    "profile.name first_name 100 below": -96,
    "profile.name last_name 1 above": 2,  # Doe
    "profile.name last_name 100 below": -97,
    "profile.birth-date below": -1,
    "profile.birth-date at": 0,
    "profile.measures height 0 above": 170,
    "profile.measures weight 0 above": 60.5,
    "profile.update password 8 below": -1,
    "profile.update password 8 at": 0,
    "profile.update password 128 below": -120,
    "profile.list-page/range limit 1 above": 499,
    "profile.list-page/range limit 500 at": 0,
    "profile.list-page/range limit 500 above": 1,
    "appointment.future below": -1,
    "appointment.future at": 0,
    "appointment.future above": 5 * 86_400 + 17 * 3600 + 7 * 60,  # until Sunday, 01:07 in UTC
    "confirm.barcode/length barcode 1 above": 9,
    "confirm.barcode/length barcode 64 below": -54,
    "confirm.barcode/length barcode 64 at": 0,
    "confirm.barcode/length barcode 64 above": 1,
    "shipment.create notes 128 below": -106,
    "pickup.past at": 0,
    "pickup.past above": 2,
    "pickup.cutoff at": 0,
    "pickup.cutoff above": 1,
    "pickup.range pickup_time_from 09:00 above": 120,
    "pickup.range pickup_time_from 19:00 below": -119,
    "pickup.range pickup_time_till 09:00 above": 300,
    "pickup.range pickup_time_till 19:00 below": -300,
    "pickup.range pickup_time_till 19:00 at": 0,
    "pickup.width below": -1,
    "pickup.width at": 0,
    "pickup.width above": 60,
    "link.window below": -23 * 3600,
    "link.window at": 0,
}
"""How near the whole suite comes to each boundary, on each side where it comes at all."""

TRIED_BY_THE_CLIENT: Final = {
    "appointment pending: confirm draw",
    "appointment confirmed: cancel",
    "appointment confirmed: confirm draw",
    "appointment cancelled: cancel",
    "shipment in_transit: cancel",
}
TRIED_BY_THE_API: Final = {
    "appointment pending: practice confirms",
    "appointment confirmed: practice confirms",
    "shipment pending: booked",
    "shipment in_transit: scanned",
    "shipment in_transit: delivered",
}

NOT_CALLED: Final = {
    "list_locations",
    "get_availability",
    "update_appointment",
    "remove_panels",
    "remove_biomarkers",
    "confirm_shipment_pickup",
    "update_shipment",
    "list_appointment_shipments",
    "attach_appointments",
    "detach_appointments",
    "detach_shipments",
    "list_shipment_appointments",
    "list_units",
    "list_biomarkers",
}
"""The other operations, of which the report says no more than this."""

SIZES: Final = {
    "responses": 95,  # as the document lists them for the 21 operations that are called, without 500 and 507
    "transitions": 4 * 4 + 5 * 7,  # of appointments, and of shipments
    "time": 14 - 3,  # without those of locations, which none of these operations shows
    "faults": 21 * 8,
}
"""The number of items of the axes where that is easily said."""
