"""The manual as a whole: its topics, its links, and that its tables are those of the code."""

import re
from pathlib import Path

import pytest

from aniva_sandbox import guide
from aniva_sandbox.api.domain import DOMAIN
from aniva_sandbox.api.events import EVENTS
from aniva_sandbox.api.settings import Settings
from aniva_sandbox.cli.operations import operation_rows, write_markdown
from aniva_sandbox.engine.control.metrics import METRICS, Family
from aniva_sandbox.engine.control.store_metrics import STORE_METRICS
from aniva_sandbox.engine.world.world_file_schema import world_file_schema, write_field_reference
from aniva_sandbox.laboratory.magic import MAGIC
from tests.guide.pages import PAGES, README, ROOT, marked
from tests.support import Client

FOLDER = Path(guide.__file__).parent
LINK = re.compile(r"\[[^\]]*\]\(([^)]*)\)")
MOST_LINES = 250
"""Lines of the README: whoever reads on reads the guide."""


def anchors(text: str) -> set[str]:
    """The anchors that GitHub gives to the headings of a page."""
    headings = re.findall(r"^#+ (.*)$", re.sub(r"^```.*?^```$", "", text, flags=re.MULTILINE | re.DOTALL), re.MULTILINE)
    return {re.sub(r"[^\w -]", "", heading.lower()).replace(" ", "-") for heading in headings}


# Topics


def test_every_page_is_a_topic() -> None:
    """Every file that has more than a heading is a topic, and every topic has a file."""
    written = {path.stem for path in FOLDER.glob("*.md") if len(path.read_text(encoding="utf-8").splitlines()) > 1}
    assert written == set(guide.NAMES)
    assert [topic.name for topic in guide.topics()] == list(guide.NAMES)


@pytest.mark.parametrize("topic", guide.topics(), ids=guide.NAMES)
def test_topics_begin_with_their_title_and_summary(topic: guide.Topic) -> None:
    """A topic is its heading, then one sentence that a list can show on a line."""
    assert guide.read(topic.name).startswith(f"# {topic.title}\n\n")
    assert re.fullmatch(r"[A-Z](?:[^.]|\.\d)*\.", topic.summary)
    assert len(topic.summary) <= 110


def test_unknown_topics_cannot_be_read() -> None:
    """Only the names of topics lead to a file."""
    for name in ("nothing", "../guide/faults", ""):
        with pytest.raises(KeyError):
            guide.read(name)


# Links


@pytest.mark.parametrize("topic", list(PAGES))
def test_links_lead_somewhere(topic: str) -> None:
    """Links inside the guide name a topic's file, and its anchor; those of the README name files of the repository."""
    for link in LINK.findall(PAGES[topic]):
        target, _, anchor = link.partition("#")
        name = Path(target).stem if target else topic
        if topic == "README":
            assert target.startswith("src/aniva_sandbox/guide/"), link
            assert (ROOT / target).is_file(), link
        else:
            assert target in ("", f"{name}.md"), link
        assert name in PAGES, link
        assert not anchor or anchor in anchors(PAGES[name]), link


def test_the_readme_lists_every_topic() -> None:
    """The README is short, and leads to every topic with its summary."""
    assert README.count("\n") <= MOST_LINES
    assert marked("topics", "README") == "| topic | |\n|---|---|\n" + "".join(
        f"| [{topic.title}](src/aniva_sandbox/guide/{topic.name}.md) | {topic.summary} |\n" for topic in guide.topics()
    )


# Tables


def test_the_default_world_is_described() -> None:
    """The README and the guide list each location, profile, appointment and shipment of the default world, with its
    state, and each persona with its permissions."""
    table = marked("world", "README")
    assert table == marked("world", "worlds-and-keys")
    client, outsider = Client(), Client(key="sbx_test.outsider")
    world = client.world
    rows = [f"| `{location.id}` | {location.name} |" for location in world.locations]
    rows += [f"| `{profile.id}` | {profile.first_name}" for profile in world.profiles]
    rows += [f"| `{appointment.id}` | `{appointment.status}` |" for appointment in world.appointments]
    shipments = client.get("/shipments").json + outsider.get("/shipments").json
    rows += [f"| `{shipment['id']}` | `{shipment['status']}` |" for shipment in shipments]
    assert [row for row in rows if row not in table] == []
    panels = {panel["id"]: panel["name"] for panel in client.get("/panels").json}
    for id, name in re.findall(r"^\| `([0-9a-f-]{36})` \| ([^|]*) \|$", table, re.MULTILINE):
        assert name.startswith(panels[id])
    for name, access in world.personas.items():
        key = "sbx_default" if name == "full" else f"sbx_default.{name}"
        (cell,) = re.findall(rf"^\| `{key}` \| ([^|]*) \|", table, re.MULTILINE)
        assert cell == "all" or set(re.findall(r"`(\w+)`", cell)) == set(access.permissions)


def test_every_magic_barcode_is_described() -> None:
    """The table of magic barcodes is the one that the laboratory goes by."""
    rows = "".join(f"| `{magic.prefix}` | {magic.description} |\n" for magic in MAGIC)
    assert marked("magic", "laboratory") == f"| barcode begins with | the draw ends with |\n|---|---|\n{rows}"


def test_every_setting_is_described() -> None:
    """The table of settings names every one that there is."""
    named = re.findall(r"^\| `(\w+)` \|", marked("settings", "worlds-and-keys"), re.MULTILINE)
    assert named == list(Settings.__struct_fields__)


def test_every_event_is_described() -> None:
    """The table of events names every type, and the id that says what it is about."""
    named = re.findall(r"^\| `([\w.]+)` \| `(\w+)` \|", marked("events", "time-and-events"), re.MULTILINE)
    assert named == [(type, event.target) for type, event in EVENTS.items()]


def test_every_operation_is_described() -> None:
    """The table of operations is what ``aniva-sandbox operations --markdown`` prints."""
    assert marked("operations", "operations") == write_markdown(operation_rows())


@pytest.mark.parametrize(("page", "metrics"), [("container", METRICS), ("shared-worlds", STORE_METRICS)])
def test_every_metric_is_described(page: str, metrics: tuple[Family, ...]) -> None:
    """The tables of metrics have each one, with its labels and its help."""
    rows = "".join(
        f"| `{metric.name}` | {', '.join(f'`{label}`' for label in metric.labels)} | {metric.help} |\n"
        for metric in metrics
    )
    assert marked("metrics", page) == f"| metric | labels | |\n|---|---|---|\n{rows}"


def test_every_field_of_world_files_is_described() -> None:
    """The reference of fields is what ``aniva-sandbox worlds schema --markdown`` prints."""
    assert marked("fields", "world-files") == write_field_reference(world_file_schema(DOMAIN))
