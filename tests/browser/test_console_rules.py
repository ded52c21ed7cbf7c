"""The console's page of rules: the ledger with its filters, and one rule with what it concerns and the calls it met."""

import re
from collections.abc import Callable

import pytest
from playwright.sync_api import Locator, Page, expect

from tests.browser.conftest import Console
from tests.browser.servers import Server
from tests.support import CANCELLED_APPOINTMENT

LEDGER = "rules"


def rows(page: Page) -> Locator:
    """The rules that are listed."""
    return page.locator("table.ledger tbody tr")


def count_of(page: Page) -> Locator:
    """The line that counts what is listed."""
    return page.get_by_role("main").get_by_role("status")


def ledger_of(server: Server) -> dict[str, list[str]]:
    """The ids of the ledger by basis."""
    found: dict[str, list[str]] = {}
    for rule in server.control("GET", "/rules"):
        found.setdefault(rule["basis"], []).append(rule["id"])
    return found


def test_the_ledger_is_listed_by_basis(console: Console, server: Server, check_axe: Callable[[Page], None]) -> None:
    """Every rule and clause is listed once, under its basis, with counts."""
    ledger = ledger_of(server)
    page = console(LEDGER)
    total = sum(map(len, ledger.values()))
    expect(count_of(page)).to_have_text(f"{total} rules")
    for basis, ids in ledger.items():
        section = page.get_by_role("region", name=re.compile(rf"^{basis} {len(ids)}$", re.IGNORECASE))
        expect(section.locator("tbody tr")).to_have_count(len(ids))
        assert section.locator("tbody th").all_inner_texts() == ids
    page.get_by_role("link", name=re.compile("^conflict ")).click()
    expect(rows(page)).to_have_count(len(ledger["conflict"]))
    check_axe(page)


def test_filters_are_part_of_the_address(console: Console, server: Server) -> None:
    """Basis, search, status and operation narrow the list together; the address alone shows the same."""
    page = console(LEDGER)
    page.get_by_role("link", name=re.compile("^assumed ")).click()
    expect(rows(page)).to_have_count(len(ledger_of(server)["assumed"]))
    page.get_by_role("searchbox", name="Search").fill("blocked dates")
    expect(rows(page)).to_have_count(1)
    expect(rows(page)).to_contain_text("appointment.future/outside-hours")
    expect(page).to_have_url(re.compile("basis=assumed.*q=blocked"))
    page.reload()
    expect(rows(page)).to_have_count(1)
    expect(page.get_by_role("searchbox", name="Search")).to_have_value("blocked dates")
    page.get_by_role("link", name="Clear filters").click()
    page.get_by_label("Status").select_option("409")
    page.get_by_label("Operation").select_option("cancel_appointment")
    expect(rows(page).get_by_role("rowheader")).to_have_text(["appointment.editable", "appointment.cancel"])
    page.get_by_label("Status").select_option("Never refuses")
    expect(rows(page).get_by_role("rowheader").first).to_be_visible()
    expect(rows(page).locator(".status")).to_have_count(0)


def test_nothing_is_found(console: Console) -> None:
    """A search without a result says so by its count."""
    page = console(f"{LEDGER}?q=no+such+words")
    expect(count_of(page)).to_have_text(re.compile("^0 of "))
    expect(rows(page)).to_have_count(0)


def test_a_rule_is_opened_and_left(console: Console, check_axe: Callable[[Page], None]) -> None:
    """A rule has its sentence, basis, source, statuses and clauses; back leads to the list as it was filtered."""
    page = console(f"{LEDGER}?q=schema")
    page.get_by_role("link", name="body.schema", exact=True).click()
    expect(page.get_by_role("heading", level=1)).to_have_text("body.schema")
    main = page.get_by_role("main")
    expect(main).to_contain_text("Required fields must be present")
    facts = main.locator("dl.rule-facts")
    expect(facts).to_contain_text("documented")
    expect(facts).to_contain_text("API documentation, the 400 on each reference page")
    expect(facts.locator(".status")).to_have_text("400")
    clauses = page.get_by_role("region", name="Clauses")
    expect(clauses).to_contain_text("Duplicate ids in an array count once.")
    check_axe(page)
    clauses.get_by_role("link", name="body.schema/null").click()
    expect(page.get_by_role("heading", level=1)).to_have_text("body.schema/null")
    page.locator("dl.rule-facts").get_by_role("link", name="body.schema").click()
    expect(page.get_by_role("heading", level=1)).to_have_text("body.schema")
    page.go_back()
    page.go_back()
    expect(page.get_by_role("heading", level=1)).to_have_text("body.schema")
    page.get_by_role("link", name="All rules").click()
    expect(page.get_by_role("searchbox", name="Search")).to_have_value("schema")


@pytest.mark.parametrize(("operation", "path"), [("create_appointment", "/docs?"), ("put_world", "/docs/control?")])
def test_operations_lead_to_the_reference(console: Console, server: Server, operation: str, path: str) -> None:
    """The operations that a rule can refuse lead to their places in the reference, for the world that is looked at."""
    page = console(f"{LEDGER}/body.schema")
    page.get_by_role("region", name="Operations it can refuse").get_by_role("link", name=operation).click()
    expect(page).to_have_url(re.compile(re.escape(f"{server.url}{path}world={server.world}#/")))
    expect(page.locator(".opblock.is-open")).to_contain_text(operation)


def test_the_guide_mentions_a_rule(console: Console) -> None:
    """The topics of the guide that mention a rule are linked, and only those that mean this rule."""
    page = console(f"{LEDGER}/link.window")
    guide = page.get_by_role("region", name="In the guide")
    guide.get_by_role("link", name=re.compile("^Shipments")).click()
    expect(page).to_have_url(re.compile("/guide/shipments"))
    expect(page.get_by_role("main")).to_contain_text("link.window")


def test_calls_that_a_rule_refused(console: Console, server: Server) -> None:
    """Calls appear as they are refused, without a reload, and lead to the journal."""
    page = console(f"{LEDGER}/appointment.cancel")
    calls = page.get_by_role("region", name="Calls of this world")
    expect(calls).to_contain_text("It has refused no call yet")
    assert server.api("GET", "/appointments")[0] == 200
    assert server.api("DELETE", f"/appointments/{CANCELLED_APPOINTMENT}")[0] == 409
    expect(calls.get_by_role("row")).to_have_count(2)
    expect(calls.get_by_role("row").last).to_contain_text("refused it")
    calls.get_by_role("link", name="Call 2").click()
    expect(page).to_have_url(re.compile(f"#/worlds/{server.world}/journal/2$"))


def test_calls_that_relied_on_a_clause(console: Console, server: Server) -> None:
    """Calls that were not refused by a clause, but leaned on it, are listed as such; the newest 20, then a link."""
    for _ in range(21):
        assert server.api("DELETE", f"/appointments/{CANCELLED_APPOINTMENT}")[0] == 409
    page = console(f"{LEDGER}/error.body%2Fsentence")
    calls = page.get_by_role("region", name="Calls of this world")
    expect(calls.get_by_role("row").nth(1)).to_contain_text("was relied on")
    expect(calls.get_by_role("row")).to_have_count(21)
    expect(calls.get_by_role("rowheader").first).to_have_text("21")
    calls.get_by_role("link", name="All such calls in the journal").click()
    expect(page).to_have_url(re.compile("journal\\?rule=error.body%2Fsentence$"))


def test_an_unknown_rule(console: Console) -> None:
    """A rule that does not exist is told calmly, with the way back."""
    page = console(f"{LEDGER}/no.such-rule")
    expect(page.get_by_role("main")).to_contain_text("There is no such rule.")
    expect(page.get_by_role("link", name="All rules")).to_be_visible()


def test_a_link_without_a_world(console: Console, server: Server) -> None:
    """The address of a rule without a world leads to the world that was looked at last."""
    page = console("time")
    expect(page.get_by_role("heading", level=1)).to_have_text("Time")
    console("#/rules/link.window")
    expect(page).to_have_url(re.compile(f"#/worlds/{server.world}/rules/link.window$"))
    expect(page.get_by_role("heading", level=1)).to_have_text("link.window")
