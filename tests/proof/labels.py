"""What each test of the suite meets, labelled by hand: item for item, from the contract, the ledger, the document and the
default world. Nothing here is computed from them.

A label is the id of an item. What several tests meet alike stands in a group with a name, so that the entry of a test
shows what is special about it.
"""

__all__ = ["BY", "CLOSEST", "LABELS", "NOT_CALLED"]


def passed(*rules: str) -> frozenset[str]:
    return frozenset(f"{rule} passed" for rule in rules)


def refused(*rules: str) -> frozenset[str]:
    return frozenset(f"{rule} refused" for rule in rules)


def items(*ids: str) -> frozenset[str]:
    return frozenset(ids)


# On the way to the operation

KNOWN = passed("http.not-found", "http.method", "auth.key")
"""A known path with one of its methods, and a known key."""
ALLOWED = KNOWN | passed("auth.permission")
"""With a permission that the documentation names for the operation, or would have to name."""
ASSUMED = ALLOWED | passed("auth.permission/unnamed")
"""For an operation for which the documentation names none."""
JSON = passed("http.too-large", "body.json")
"""A small body that is a JSON object."""
FIELDS = JSON | passed("body.schema/null")
"""A body with fields, none of them null where that is not allowed."""
TEXTS = FIELDS | passed("body.schema/nul")
"""A body with strings, without NUL."""
TYPED = TEXTS | passed("body.schema")
"""A body with fields whose type, or presence, no rule but the general one judges."""
FOUND = passed("id.format", "path.unknown", "auth.context")
"""A record in the path that exists in the context of the key."""
SENTENCE = items("error.body/sentence")
"""A refusal other than 403: no page shows its body."""
DETAILS = SENTENCE | items("body.schema/details")
"""A refusal of a format: it lists every offending field, too."""

# What a response shows

MARIA = items("Profile.sex 2", "Profile.language de")
SOEREN = items("Profile.sex 1", "Profile.language de")
EVERYBODY = items("Profile.sex 1", "Profile.sex 2", "Profile.language en", "Profile.language de", "Profile.language fi")
"""The profiles of the three groups of the key: of either sex, in all three languages."""
JANE = items("Profile.sex 2", "Profile.language en")
"""English by default."""
PRACTITIONER = items("Appointment.test_method practitioner")
CONFIRMED = PRACTITIONER | items("Appointment.status confirmed")
DRAWN = PRACTITIONER | items("Appointment.status blood_drawn")
CANCELLED = PRACTITIONER | items("Appointment.status cancelled")

# Profiles

GROUP = passed("profile.group") | items("profile.group profile_group 1 above")
FIRST_NAME = passed("profile.name") | items("profile.name first_name 1 above", "profile.name first_name 100 below")
LAST_NAME = passed("profile.name") | items("profile.name last_name 1 above", "profile.name last_name 100 below")
FORM_OF_JANE = (
    ALLOWED | TEXTS | GROUP | FIRST_NAME | LAST_NAME | passed("profile.required", "profile.sex")
)
"""The formats of what creation requires, with a last name."""
GROUP_OF_OURS = passed("profile.group-unknown", "profile.group-context")
CREATED = FORM_OF_JANE | GROUP_OF_OURS | passed("profile.birth-date") | items("create_profile 201", "profile.birth-date below")
PLACEHOLDER = items("profile.email/placeholder")
UPDATED = ALLOWED | JSON | FOUND | MARIA | items("update_profile 200")

# Appointments

FORM_OF_BOOKING = ALLOWED | TYPED | passed("id.format", "appointment.create")
"""The formats of a booking but that of its time."""
INSTANT = passed("appointment.zone", "time.input")
RECORDS_OF_BOOKING = passed("appointment.profile", "appointment.location", "location.active", "auth.context")
BOOKING = FORM_OF_BOOKING | INSTANT | RECORDS_OF_BOOKING
"""A booking up to the question whether its time is in the future."""
BOOKED = BOOKING | CONFIRMED | MARIA | passed("appointment.future") | items("create_appointment 201", "appointment.future above")
SHOWN = ALLOWED | FOUND | items("get_appointment 200")

# The draw

BARCODE = passed("confirm.barcode") | items("confirm.barcode/length barcode 1 above")
FORM_OF_DRAW = ALLOWED | TEXTS | BARCODE | passed("id.format")
TEN_DIGITS = FORM_OF_DRAW | passed("confirm.barcode/length") | items("confirm.barcode/length barcode 64 below")
DRAWS = passed("confirm.state") | items("confirm_blood_draw 200", "appointment confirmed: confirm draw")

# Shipments

TIMES = passed("pickup.range") | items(
    "pickup.range pickup_time_from 09:00 above",
    "pickup.range pickup_time_from 19:00 below",
    "pickup.range pickup_time_till 09:00 above",
)
BEFORE_SEVEN = items("pickup.range pickup_time_till 19:00 below")
FORM_OF_PICKUP = ALLOWED | TYPED | TIMES | passed("id.format", "shipment.create")
ORIGIN = passed("shipment.location", "auth.context")
LATER_DAY = passed("pickup.weekday", "pickup.past") | items("pickup.past above")
SHIPPED = (
    FORM_OF_PICKUP
    | ORIGIN
    | LATER_DAY
    | passed("pickup.width", "shipment.courier-refuses/change")
    | items("create_shipment 201", "Shipment.status pending", "Shipment.logistics_provider go")
)
REPORTS = items("time.instants/reports")
"""A shipment with status updates: their times are in UTC."""
EVERY_SHIPMENT = items(
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

FORM_OF_LINK = ASSUMED | TYPED | FOUND | items("body.schema shipment_ids 1 at")
LINK = FORM_OF_LINK | passed("link.unknown", "link.context")

# By itself

FIVE_PAST_TEN = items("shipment pending: booked")
"""The courier accepts the order of P2604148873."""
NINE_IN_THE_EVENING = FIVE_PAST_TEN | items("shipment in_transit: scanned")
"""P2604136631 passes a hub."""
TEN_ON_TUESDAY = NINE_IN_THE_EVENING | items("shipment in_transit: delivered")
"""P2604136631 arrives."""

LABELS: dict[str, frozenset[str]] = {
    # Profiles
    "creates_a_profile": CREATED | JANE | PLACEHOLDER,
    "creates_a_profile_with_everything": CREATED
    | items("Profile.sex 2", "Profile.language de")
    | passed("profile.email", "profile.email/form", "profile.phone", "profile.measures", "profile.language")
    | items("profile.measures height 0 above", "profile.measures weight 0 above"),
    "a_profile_needs_a_name": ALLOWED
    | TEXTS
    | GROUP
    | LAST_NAME
    | DETAILS
    | passed("profile.sex")
    | refused("profile.required")
    | items("create_profile 400"),
    "a_profile_cannot_be_born_today": FORM_OF_JANE
    | GROUP_OF_OURS
    | SENTENCE
    | refused("profile.birth-date")
    | items("create_profile 400", "profile.birth-date at"),
    "a_profile_can_be_born_yesterday": CREATED | JANE | PLACEHOLDER,
    "a_group_must_exist": FORM_OF_JANE | SENTENCE | refused("profile.group-unknown") | items("create_profile 404"),
    "a_group_must_be_ours": FORM_OF_JANE
    | passed("profile.group-unknown")
    | refused("profile.group-context")
    | items("create_profile 403"),
    "gets_a_profile": ALLOWED | FOUND | MARIA | items("get_profile 200"),
    "a_profile_may_not_exist": ALLOWED
    | SENTENCE
    | passed("id.format")
    | refused("path.unknown")
    | items("get_profile 404"),
    "a_profile_may_be_a_rivals": ALLOWED
    | passed("id.format", "path.unknown")
    | refused("auth.context")
    | items("get_profile 403"),
    "clears_a_phone": UPDATED | FIELDS | passed("profile.phone") | items("profile.update/null"),
    "changes_nothing": UPDATED | items("update.empty"),
    "a_password_is_long": UPDATED
    | TEXTS
    | DETAILS
    | refused("profile.update")
    | passed("profile.update")
    | items("update_profile 400")
    | items(
        "profile.update password 8 below",
        "profile.update password 8 at",
        "profile.update password 128 below",
    ),
    "lists_a_page": ALLOWED
    | EVERYBODY
    | DETAILS
    | passed("profile.list-page", "profile.list-page/range")
    | refused("profile.list-page/range")
    | items("profile.list-page/range")
    | items("list_profiles 200", "list_profiles 400")
    | items(
        "profile.list-page/range limit 1 above",
        "profile.list-page/range limit 500 at",
        "profile.list-page/range limit 500 above",
    ),
    "finds_by_email": ALLOWED | MARIA | items("list_profiles 200"),
    # Keys
    "a_reader_does_not_book": KNOWN | refused("auth.permission") | items("create_appointment 403"),
    "a_scheduler_sees_no_results": KNOWN | refused("auth.permission") | items("get_results 403"),
    # Appointments
    "books": BOOKED,
    "books_at_night": BOOKED | items("appointment.future/outside-hours"),
    "books_in_the_past": BOOKING
    | SENTENCE
    | refused("appointment.future")
    | items("create_appointment 400", "appointment.future below"),
    "books_now": BOOKING
    | SENTENCE
    | refused("appointment.future")
    | items("create_appointment 400", "appointment.future at"),
    "books_without_a_zone": FORM_OF_BOOKING
    | DETAILS
    | refused("appointment.zone")
    | items("create_appointment 400"),
    "cancels": ASSUMED
    | SHOWN
    | CANCELLED
    | MARIA
    | passed("appointment.editable", "appointment.cancel")
    | items("cancel_appointment 200", "appointment confirmed: cancel"),
    "cancels_twice": ASSUMED
    | FOUND
    | SENTENCE
    | refused("appointment.cancel")
    | items("cancel_appointment 409", "appointment cancelled: cancel"),
    "the_practice_confirms": SHOWN
    | CONFIRMED
    | SOEREN
    | items("appointment pending: practice confirms", "practice.confirmed read"),
    "a_lost_response_is_looked_up": ALLOWED
    | CONFIRMED
    | DRAWN
    | MARIA
    | passed("appointment.list-profile")
    | items("create_appointment drop=after", "list_appointments 200")
    | items("auth.context/inline"),  # her draw of January is linked to a shipment of the rival, too
    "retries_after_429": SHOWN
    | CONFIRMED
    | MARIA
    | items("get_appointment status", "get_appointment retry_after"),
    # The draw
    "draws": TEN_DIGITS | FOUND | DRAWS,
    "draws_what_is_pending": TEN_DIGITS
    | FOUND
    | SENTENCE
    | refused("confirm.state")
    | items("confirm.state")
    | items("confirm_blood_draw 409", "appointment pending: confirm draw"),
    "a_barcode_has_64_digits": FORM_OF_DRAW
    | FOUND
    | DRAWS
    | DETAILS
    | refused("confirm.barcode/length")
    | passed("confirm.barcode/length")
    | items("confirm.barcode/length", "confirm.empty")
    | items("confirm_blood_draw 400")
    | items("confirm.barcode/length barcode 64 at", "confirm.barcode/length barcode 64 above"),
    "orders_a_panel": ASSUMED
    | TYPED
    | FOUND
    | passed("appointment.editable", "panels.unknown", "panels.unknown/unreachable", "panels.custom")
    | items("add_panels 200", "body.schema panel_ids 1 at")
    | items("preview_tubes 200", "preview.tubes/count"),
    "orders_biomarkers": ASSUMED
    | TYPED
    | FOUND
    | passed("snapshot.panel", "snapshot.panel/unknown", "snapshot.panel/container")
    | passed("appointment.editable", "snapshot.biomarkers", "snapshot.coherent")
    | items("add_biomarkers 200", "body.schema biomarker_ids 1 above", "id.format biomarker_ids[] 0 above"),
    # Results
    "reads_results_as_they_come": TEN_DIGITS
    | FOUND
    | DRAWS
    | TEN_ON_TUESDAY
    | items("get_results 200", "lab.results_arrived read")
    | items("Results.status in_progress", "ClinicalResult.status planned", "ClinicalResult.status received")
    | items("ClinicalResult.value_operator eq"),
    "reads_a_report": ALLOWED
    | passed("id.format", "path.unknown", "documents.context")
    | items("get_document 200", "documents.bytes/file-name"),
    # Shipments
    "ships": SHIPPED
    | BEFORE_SEVEN
    | items("pickup.width above")
    | items("list_shipments 200")
    | EVERY_SHIPMENT
    | REPORTS
    | items("link.cancelled"),  # P2604170047 was cancelled, and is listed with its link
    "ships_at_the_edges": SHIPPED
    | BEFORE_SEVEN
    | SENTENCE
    | refused("pickup.width", "pickup.weekday")
    | items("create_shipment 400")
    | items("pickup.range pickup_time_till 19:00 at", "pickup.width at", "pickup.width below")
    | items("pickup.range"),  # older pages say 17:00
    "ships_after_the_cutoff": FORM_OF_PICKUP
    | BEFORE_SEVEN
    | ORIGIN
    | SENTENCE
    | FIVE_PAST_TEN
    | passed("pickup.weekday", "pickup.past")
    | refused("pickup.cutoff")
    | items("create_shipment 400", "pickup.past at", "pickup.cutoff above"),
    "cancels_what_moves": ALLOWED
    | FOUND
    | SENTENCE
    | refused("shipment.cancel")
    | items("cancel_shipment 409", "shipment in_transit: cancel"),
    "follows_a_delivery": ALLOWED
    | FOUND
    | REPORTS
    | items("get_shipment 200", "Shipment.status delivered", "Shipment.logistics_provider go")
    | items("shipment in_transit: delivered", "courier.delivered read"),
    "links_in_time": LINK
    | CONFIRMED
    | MARIA
    | passed("link.window")
    | items("attach_shipments 200", "link.window below", "link.answer"),
    "links_too_late": LINK
    | SENTENCE
    | NINE_IN_THE_EVENING
    | refused("link.window")
    | items("attach_shipments 409", "link.window at", "link.window-ids/names"),
    # The catalogue
    "lists_panels": ASSUMED | items("list_panels 200"),
    "gets_a_biomarker": ALLOWED
    | DETAILS
    | passed("id.format", "path.unknown", "catalogue.archived")
    | refused("id.format")
    | items("get_biomarker 200", "get_biomarker 400", "id.format id 0 above", "Biomarker.type clinical"),
}
"""The items that each test meets, by its name."""
