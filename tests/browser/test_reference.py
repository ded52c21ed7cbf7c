"""The reference at /docs, in a browser."""

import re
from collections.abc import Callable
from typing import Literal

import pytest
from playwright.sync_api import Locator, Page, expect

from tests.browser.conftest import Console, Watch
from tests.browser.servers import Served, Server
from tests.support import BERLIN, PROFILE

BOOKING = "/docs#/Appointments/create_appointment"


def opened(page: Page) -> Locator:
    """The operation that is open; there is one."""
    operation = page.locator(".opblock.is-open")
    operation.locator(".refusals").first.wait_for()
    return operation


def ids(page: Page) -> Locator:
    """The ids of the operations that are shown."""
    return page.locator(".opblock-summary-operation-id")


def send(operation: Locator, body: str | None = None) -> Locator:
    """Send the example of an operation, or another body; returns the response."""
    operation.get_by_role("button", name="Try it out").click()
    if body is not None:
        operation.get_by_role("textbox").fill(body)
    operation.get_by_role("button", name="Execute").click()
    return operation.locator(".responses-wrapper")


def look(page: Page, width: int, scheme: Literal["light", "dark"]) -> None:
    """Look at a page in a window of this width, with light or dark colours."""
    page.set_viewport_size({"width": width, "height": 900})
    page.emulate_media(color_scheme=scheme)
    assert page.evaluate("document.documentElement.scrollWidth") == width
    red, green, blue = page.evaluate("getComputedStyle(document.body).backgroundColor.match(/\\d+/g).map(Number)")
    assert (red + green + blue < 150) == (scheme == "dark")


@pytest.mark.parametrize("place", [BOOKING, "/docs/control#/Faults/create_fault"], ids=["api", "control"])
def test_an_open_operation_fits_and_is_accessible(
    console: Console, page: Page, check_axe: Callable[[Page], None], place: str
) -> None:
    """It is a page or two tall, nothing is wider than the window, and axe finds nothing wide and light, nor narrow and
    dark: with an example and the note open, too. What is dark elsewhere is dark here."""
    operation = opened(console(place))
    for width, height in ((390, 4000), (1280, 2500)):
        page.set_viewport_size({"width": width, "height": 900})
        box = operation.bounding_box()
        assert box is not None
        assert box["height"] < height
    operation.get_by_role("button", name="Example of body.json").click()
    operation.locator("details.folded > summary").click()
    look(page, 1280, "dark")
    look(page, 390, "light")
    look(page, 1280, "light")
    check_axe(page)
    look(page, 390, "dark")
    check_axe(page)


def test_refusals_are_listed_by_rule(console: Console, page: Page) -> None:
    """Each rule with what it says, its basis, a link to the console, and a real example; limits and defects are in one
    note."""
    operation = opened(console(BOOKING))
    statuses = operation.locator(".refusals").first.get_by_role("heading", level=5)
    expect(statuses).to_have_text(["400 Bad Request", "403 Forbidden", "404 Not Found", "409 Conflict"])
    rule = operation.get_by_role("listitem").filter(has=page.get_by_role("link", name="appointment.future", exact=True))
    expect(rule).to_contain_text("documented")
    expect(rule).to_contain_text("scheduled_at must be later than now.")
    expect(rule.get_by_role("link").first).to_have_attribute("href", "/_sandbox/#/rules/appointment.future")
    expect(rule.locator("pre")).to_have_count(0)
    rule.get_by_role("button", name="Example of appointment.future").click()
    expect(rule.get_by_label("Request")).to_contain_text("POST /api/v1/appointments")
    expect(rule.get_by_label("Response")).to_contain_text("X-Sandbox-Rule: appointment.future; basis=documented")
    expect(rule.get_by_label("Response")).to_contain_text('"error": "scheduled_at must be in the future"')
    note = operation.locator("details.folded")
    expect(note.get_by_text("world.full")).not_to_be_visible()
    note.locator("summary").click()
    expect(note.get_by_role("heading", level=5)).to_have_text(
        ["413 Content Too Large", "500 Internal Server Error", "507 Insufficient Storage"]
    )
    expect(note.get_by_text("X-Sandbox-Hint")).to_be_visible()


def test_a_rule_is_one_click_away(console: Console, page: Page) -> None:
    """Its page in the console opens."""
    opened(console(BOOKING)).get_by_role("link", name="appointment.future/outside-hours").click()
    expect(page).to_have_url(re.compile("/_sandbox/#"))
    expect(page.get_by_text("outside the location's open hours").first).to_be_visible()


def test_operations_are_found(console: Console, page: Page) -> None:
    """By id, path, words of the summary, group, and the rules that refuse them, in any case; several words narrow the
    search."""
    console("/docs")
    expect(ids(page)).to_have_count(35)
    search = page.get_by_role("searchbox", name="Search operations")
    for phrase, found in {
        "Create_App": ["create_appointment"],
        "pickup.weekday": ["create_shipment", "update_shipment"],
        "snapshot.panel/container": ["add_biomarkers"],
        "book": ["create_appointment"],
        "shipments delete": ["cancel_shipment", "detach_shipments", "detach_appointments"],
        "/units": ["list_units"],
    }.items():
        search.fill(phrase)
        expect(ids(page)).to_have_text(found)
    search.fill("nothing like it")
    expect(page.get_by_role("status")).to_have_text("No operation matches “nothing like it”.")
    search.fill("")
    expect(ids(page)).to_have_count(35)


def test_a_link_opens_an_operation(console: Console, page: Page) -> None:
    """At the start, and in a page that is there; opening an operation gives its link."""
    console("/docs#/Shipments/create_shipment")
    expect(page.locator(".opblock.is-open .opblock-summary-operation-id")).to_have_text("create_shipment")
    expect(page.locator(".opblock.is-open")).to_be_in_viewport()
    page.evaluate("location.hash = '#/Catalogue/list_units'")
    unit = page.locator("#operations-Catalogue-list_units")
    expect(unit).to_have_class("opblock opblock-get is-open")
    page.locator("#operations-Profiles-get_profile .opblock-summary-control").click()
    expect(page).to_have_url(re.compile("/docs#/Profiles/get_profile$"))


def test_the_example_books_with_a_running_clock(console: Console, server: Server) -> None:
    """Sent as it stands, it is taken by the world that the page is for."""
    world = server.make(f"{server.world}-now", clock="real")
    page = console(BOOKING.replace("#", f"?world={world}#"))
    response = send(opened(page))
    expect(response.locator(".live-responses-table .response-col_status").last).to_have_text("201")
    expect(response).to_contain_text(f"x-sandbox-world: {world}")
    expect(page.get_by_role("link", name="Control plane")).to_have_attribute("href", f"/docs/control?world={world}")


def test_a_refused_call_says_by_which_rule(console: Console) -> None:
    """With the rule's sentence, and its page one click away."""
    console.allow("status of 400")
    body = f'{{"profile_id": "{PROFILE}", "location_id": "{BERLIN}", "scheduled_at": "2020-01-01T10:00:00Z"}}'
    response = send(opened(console(BOOKING)), body)
    refused = response.get_by_role("status")
    expect(refused).to_have_text("Refused by appointment.futurescheduled_at must be later than now.")
    expect(refused.get_by_role("link")).to_have_attribute("href", "/_sandbox/#/rules/appointment.future")
    expect(response.get_by_text("Undocumented")).not_to_be_visible()


def test_a_token_is_given_once(serve: Callable[..., Served], page: Page, watch: Watch) -> None:
    """Where there is a token, the reference of the control plane is there, too: it is given once, and kept for the tab
    until it is taken back."""
    served = serve(token="open-sesame")
    watch.origins.append(f"{served.url}/")
    watch.allow("status of 401")
    page.goto(f"{served.url}/docs/control#/Worlds/list_worlds")
    refused = send(opened(page)).get_by_role("status")
    expect(refused).to_contain_text("Refused by control.token")
    page.get_by_role("button", name="Authorize", exact=True).click()
    dialog = page.locator(".modal-ux")
    dialog.get_by_role("textbox").fill("open-sesame")
    dialog.get_by_role("button", name="Apply credentials").click()
    dialog.locator(".btn-done").click()
    status = opened(page).locator(".live-responses-table .response-col_status").last
    opened(page).get_by_role("button", name="Execute").click()
    expect(status).to_have_text("200")
    page.reload()
    send(opened(page))
    expect(status).to_have_text("200")
    page.get_by_role("button", name="Authorize", exact=True).click()
    dialog.get_by_role("button", name="Remove authorization").click()
    page.reload()
    send(opened(page))
    expect(status).to_contain_text("401")


def test_the_parts_lead_to_each_other(console: Console, page: Page) -> None:
    """The two references, the console, the guide and the documents are linked."""
    console("/docs")
    references = page.get_by_role("navigation", name="References").get_by_role("link")
    expect(references).to_have_text(["Partner API", "Control plane"])
    expect(references.first).to_have_attribute("aria-current", "page")
    others = page.get_by_role("navigation", name="Sandbox").get_by_role("link")
    expect(others).to_have_text(["Console", "Guide", "OpenAPI"])
    references.last.click()
    expect(page.get_by_role("heading", level=1)).to_contain_text("control plane")
    expect(ids(page).first).to_have_text("list_fixtures")
    others.nth(1).click()
    expect(page.get_by_role("heading", level=1)).to_have_text("Guide")


def test_a_call_that_was_tried_is_accessible(console: Console, page: Page, check_axe: Callable[[Page], None]) -> None:
    """The form, the command and the response: axe finds nothing wide and light, nor narrow and dark, and nothing is
    wider than the window."""
    operation = opened(console(BOOKING))
    send(operation)
    expect(operation.locator(".curl")).to_be_visible()
    expect(operation.get_by_role("textbox", name="Request body")).to_be_visible()
    expect(operation.get_by_role("button", name="Download")).to_be_visible()
    look(page, 1280, "light")
    check_axe(page)
    look(page, 390, "dark")
    check_axe(page)


def test_the_dialog_for_keys_can_be_closed_by_name(console: Console, page: Page) -> None:
    """Its button with a cross has a name."""
    opened(console(BOOKING))
    page.get_by_role("button", name="Authorize", exact=True).click()
    dialog = page.locator(".modal-ux")
    expect(dialog).to_be_visible()
    dialog.locator(".modal-ux-header").get_by_role("button", name="Close").click()
    expect(dialog).to_have_count(0)
