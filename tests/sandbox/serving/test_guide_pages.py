"""The manual as pages: every topic, rendered, offline, and under a strict policy."""

import re
import subprocess
import sys
from collections.abc import Iterator

import pytest
from starlette.testclient import TestClient

from aniva_sandbox import guide
from aniva_sandbox.api.app import build_app
from tests.support import CONTROL, PARTNER, new_worlds


@pytest.fixture(scope="module")
def http() -> Iterator[TestClient]:
    """A client of the app, without a key."""
    with TestClient(build_app(new_worlds(), PARTNER, CONTROL), "http://localhost:8000") as client:
        yield client


def test_the_list_of_topics(http: TestClient) -> None:
    """The guide begins with its topics, each with its summary."""
    page = http.get("/guide").text
    for topic in guide.topics():
        assert f'<dt><a href="/guide/{topic.name}">{topic.title}</a></dt>' in page


@pytest.mark.parametrize("topic", guide.topics(), ids=guide.NAMES)
def test_a_topic(http: TestClient, topic: guide.Topic) -> None:
    """A topic is a page with its title, the list of topics with this one marked, and no comment of its source."""
    reply = http.get(f"/guide/{topic.name}")
    assert reply.status_code == 200
    assert f"<title>{topic.title} – Aniva sandbox guide</title>" in reply.text
    assert f">{topic.title}</h1>" in reply.text
    assert f'<a href="/guide/{topic.name}" aria-current="page">{topic.title}</a>' in reply.text
    assert "&lt;!--" not in reply.text


@pytest.mark.parametrize("path", ["/guide", *(f"/guide/{name}" for name in guide.NAMES)])
def test_links_lead_to_pages(http: TestClient, path: str) -> None:
    """Every link of a page leads to a page of the sandbox, and to a place that is there. The console and the reference
    find their places with a script."""
    page = http.get(path).text
    for link in set(re.findall(r'href="([^"]*)"', page)) - {"data:,"}:
        target, _, anchor = link.partition("#")
        reply = http.get(target) if target else http.get(path)
        assert reply.status_code == 200, link
        assert not anchor or anchor.startswith("/") or f'id="{anchor}"' in reply.text, link


@pytest.mark.parametrize("path", ["", "/pytest", "/guide.css", "/guide.js", "/search.json"])
def test_pages_are_strict(http: TestClient, path: str) -> None:
    """Pages load nothing but their own files, and contain neither inline script nor inline style."""
    reply = http.get(f"/guide{path}")
    policy = reply.headers["content-security-policy"]
    assert "default-src 'none'" in policy
    assert "style-src 'self'" in policy
    assert "unsafe" not in policy
    assert reply.headers["x-content-type-options"] == "nosniff"
    if reply.headers["content-type"].startswith("text/html"):
        assert not re.search(r"<script(?! type=\"module\" src=)|<style|<img|<[^>]*\s(style|on\w+)=", reply.text)
        loaded = re.findall(r'<(?:link|script) [^>]*(?:href|src)="([^"]*)"', reply.text)
        assert loaded == ["/guide/base.css", "/guide/guide.css", "data:,", "/guide/guide.js"]
        assert [http.get(each).status_code for each in loaded if each != "data:,"] == [200] * 3


def test_rules_and_operations_are_links(http: TestClient) -> None:
    """The id of a rule leads to its entry in the console, that of an operation to the reference; other code and code
    in a link stay as they are."""
    page = http.get("/guide/hints").text
    assert '<a href="/_sandbox/#/rules/appointment.slot"><code>appointment.slot</code></a>' in page
    page = http.get("/guide/operations").text
    assert '<a href="/docs#/Appointments/create_appointment"><code>create_appointment</code></a>' in page
    assert '<a href="/guide/journal"><a ' not in page


def test_addresses_of_pages_are_links(http: TestClient) -> None:
    """An address in the console or the reference leads there, on the server that serves the guide; an address of a call
    stays as it is."""
    page = http.get("/guide/console").text
    console = "/_sandbox/#/worlds/default/time"
    assert f'<a href="{console}"><code>{console}</code></a>' in page
    assert '<a href="/_sandbox/"><code>http://127.0.0.1:8000/_sandbox/</code></a>' in page
    walk = "/_sandbox/#/worlds/quick-start/journal"
    assert f'<a href="{walk}"><code>http://127.0.0.1:8000{walk}</code></a>' in http.get("/guide/quick-start").text
    page = http.get("/guide/generating-a-client").text + http.get("/guide/safety").text
    assert "<code>/_sandbox/health</code>" in page
    assert '<a href="/_sandbox/health' not in page
    assert "<code>/_sandbox/openapi.json</code>" in page
    assert '<a href="/_sandbox/openapi' not in page


def test_the_search_looks_through_every_heading(http: TestClient) -> None:
    """Each heading of each topic is found with its text, and its address is that of a place that is there."""
    sections = http.get("/guide/search.json").json()
    assert {each["topic"] for each in sections} == {topic.title for topic in guide.topics()}
    for each in sections:
        page, _, anchor = each["address"].partition("#")
        assert not anchor or f'id="{anchor}"' in http.get(page).text, each
    (about,) = (each for each in sections if each["heading"] == "Unmatched calls")
    assert about["address"] == "/guide/journal#unmatched-calls"
    assert "_sandbox/unmatched" in about["text"]


def test_tables_and_code(http: TestClient) -> None:
    """Tables can be scrolled by themselves, and code keeps its characters."""
    page = http.get("/guide/faults").text
    assert page.count('<div class="table" tabindex="0">\n<table>') == page.count("</table>\n</div>") == 1
    assert '<pre><code class="language-console">$ API=http://127.0.0.1:8000/api/v1\n' in page
    assert "Authorization: Bearer &lt;token&gt;" in http.get("/guide/safety").text


@pytest.mark.rule("http.not-found")
@pytest.mark.parametrize(
    "path", ["/guide/", "/guide/nothing", "/guide/faults.md", "/guide/faults/", "/guide/__init__.py"]
)
def test_unknown_topics_are_not_found(http: TestClient, path: str) -> None:
    """An unknown topic is 404 with the plain error body, like any other unknown path."""
    reply = http.get(path)
    assert (reply.status_code, list(reply.json())) == (404, ["error"])


@pytest.mark.rule("http.method")
def test_pages_cannot_be_written(http: TestClient) -> None:
    """Another method is 405 with the error body; HEAD is GET without the body."""
    reply = http.post("/guide/faults")
    assert (reply.status_code, list(reply.json())) == (405, ["error"])
    head = http.head("/guide/faults")
    assert (head.status_code, head.content) == (200, b"")
    assert head.headers["content-length"] == http.get("/guide/faults").headers["content-length"]


def test_the_start_does_not_wait_for_the_renderer() -> None:
    """Markdown's renderer is imported with the first page, not with the app, which reads no topic either."""
    program = """
import sys
from pathlib import Path
from aniva_sandbox import guide
from aniva_sandbox.engine.pages.guide import guide_routes
Path.read_text = None
guide_routes(guide, "Guide")
assert not any(name.startswith("markdown_it") for name in sys.modules)
"""
    subprocess.run([sys.executable, "-c", program], check=True)
