"""The console of a double of another API, which has no guide and says nothing of how its records are shown."""

import re
from collections.abc import Iterator

import pytest
from playwright.sync_api import Page, expect

from aniva_sandbox.testing.listening import Listening
from tests.browser.conftest import Watch
from tests.browser.servers import send
from tests.engine.toy import TODO

TASK = "0b5e3c1a-7c1f-4f7b-9d0e-1a2b3c4d5e6f"
DUE = "2030-01-02T09:00:00Z"


@pytest.fixture
def url(watch: Watch) -> Iterator[str]:
    """The address of a to-do list."""
    listening = Listening(TODO.app(mode="frozen"))
    watch.origins.append(f"{listening.url}/")
    yield listening.url
    listening.stop()


def test_every_page_shows_the_other_api(url: str, page: Page) -> None:
    """Each page of the console works with the nouns, the rules and the events of the to-do list."""
    key = {"x-api-key": "sbx_todo"}
    task = f"/api/v1/tasks/{TASK}"
    assert [send(url, "POST", f"{task}/finish", headers=key)[0] for _ in range(2)] == [200, 409]
    page.goto(f"{url}/_sandbox/")
    tabs = page.get_by_role("navigation", name="Pages of the world")
    main = page.get_by_role("main")
    page.get_by_role("link", name="todo").click()
    for name, shown in (
        ("time", "task.lapsed"),
        ("records", "Tasks 1"),
        ("journal", "finish_task"),
        ("faults", "finish_task"),
        ("rules", "A task is finished once."),
        ("coverage", "serve --coverage"),
    ):
        tabs.get_by_role("link", name=name).click()
        expect(page.get_by_role("heading", level=1)).to_have_text(name.capitalize())
        expect(main).to_contain_text(shown)
        expect(page.get_by_role("alert")).to_have_count(0)
    page.goto(f"{url}/_sandbox/#/worlds/todo/records/tasks/{TASK}")
    expect(main).to_contain_text("done")
    page.goto(f"{url}/_sandbox/#/rules/task.state")
    expect(main).to_contain_text("refused it")
    expect(page.get_by_role("region", name="In the guide")).to_have_count(0)
    expect(page.get_by_role("banner").get_by_role("link", name="Guide")).to_have_count(0)
    page.get_by_role("region", name="Operations it can refuse").get_by_role("link", name="finish_task").click()
    expect(page).to_have_url(re.compile(r"/docs\?world=todo#/Tasks/finish_task$"))
    expect(page.locator(".opblock.is-open")).to_contain_text("finish_task")


def test_an_event_of_the_other_api_happens(url: str, page: Page) -> None:
    """Time moves, and what was planned happens to the task."""
    assert send(url, "GET", f"/api/v1/tasks/{TASK}", headers={"x-api-key": "sbx_todo"})[0] == 200
    page.goto(f"{url}/_sandbox/#/worlds/todo/time")
    page.get_by_role("button", name="To the next event").click()
    expect(page.get_by_test_id("now")).to_contain_text("Wed 2 Jan 2030, 09:00:00")
    status, _, task = send(url, "GET", f"/api/v1/tasks/{TASK}", headers={"x-api-key": "sbx_todo"})
    assert (status, task["status"], task["due"]) == (200, "overdue", DUE)
