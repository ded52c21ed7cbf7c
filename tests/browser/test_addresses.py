"""Addresses that nobody would write by hand: pages show what they can, and never fail."""

from collections.abc import Callable

import pytest
from playwright.sync_api import BrowserContext, Page, expect

from tests.browser.conftest import Console, Watch
from tests.browser.servers import Server


@pytest.mark.parametrize("page_name", ["constructor", "__proto__", "toString", "hasOwnProperty"])
def test_names_of_javascript_are_no_pages(console: Console, page_name: str) -> None:
    """A page has a name of the console's own."""
    expect(console(page_name).get_by_role("main")).to_have_text("There is no such page.")


@pytest.mark.parametrize("only", ["constructor", "__proto__", "isPrototypeOf"])
def test_names_of_javascript_are_no_filters(console: Console, server: Server, only: str) -> None:
    """A filter that does not exist chooses everything."""
    assert server.api("GET", "/units")[0] == 200
    page = console(f"journal?only={only}")
    expect(page.get_by_role("table").get_by_role("row")).to_have_count(2)
    expect(page.get_by_role("combobox", name="Only")).to_have_value(only)


@pytest.mark.parametrize("name", [".", "..", "%2e%2e", "%2E"])
def test_dots_are_no_worlds(console: Console, name: str) -> None:
    """In a path of the control plane, they would name something else."""
    page = console(f"#/worlds/{name}/time")
    expect(page.get_by_role("heading", name="Worlds")).to_be_visible()
    expect(page.get_by_role("alert")).to_have_count(0)


@pytest.mark.parametrize(
    ("document", "fragment"),
    [("/docs", "#/%"), ("/docs/control", "#/%E0%A4%A/list_units"), ("/docs", "#/Catalogue/%zz")],
)
def test_the_reference_takes_any_fragment(console: Console, page: Page, document: str, fragment: str) -> None:
    """What cannot be decoded names no operation, whether the page is opened with it or comes to it."""
    console(document + fragment)
    expect(page.locator(".opblock").first).to_be_visible()
    page.evaluate("location.hash = '#/nothing'")
    page.evaluate("(fragment) => { location.hash = fragment; }", fragment)
    expect(page.locator(".opblock").first).to_be_visible()


@pytest.mark.parametrize("path", ["/_sandbox/", "/_sandbox"])
def test_a_link_from_another_site_leads_to_the_console(
    server: Server, context: BrowserContext, watch: Watch, path: str
) -> None:
    """A link that was sent is followed from wherever it was read."""
    elsewhere = "http://elsewhere.test/"
    watch.origins += [f"{server.url}/", elsewhere]
    text = f'<a href="{server.url}{path}#/worlds/{server.world}/faults">The world</a>'
    page = context.new_page()
    page.route(elsewhere, lambda route: route.fulfill(body=text, content_type="text/html"))
    page.goto(elsewhere)
    page.get_by_role("link").click()
    expect(page.get_by_role("heading", name="Faults")).to_be_visible()


def test_a_world_that_is_not_there_has_a_heading(console: Console, check_axe: Callable[[Page], None]) -> None:
    """As every page, it begins with one."""
    console.allow("status of 404")
    page = console("time", world="nobody")
    expect(page.get_by_role("heading", level=1)).to_have_text("nobody")
    expect(page.get_by_role("link", name="Choose a world")).to_be_visible()
    check_axe(page)
