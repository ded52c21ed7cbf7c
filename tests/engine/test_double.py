"""What the author of a double imports, what is there by default, and the page that walks through the toy."""

import asyncio
import subprocess
import sys
from pathlib import Path
from typing import Any

import httpx2
import msgspec
import pytest

from aniva_sandbox.engine import double
from aniva_sandbox.engine.problems import FixtureError
from aniva_sandbox.engine.world.sections import by_key
from tests.engine import toy
from tests.guide.pages import blocks

PERSONAS: dict[str, Any] = {"full": {"permissions": []}}
PAGE = "double-of-your-own-api"


class Settings(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """How a world behaves."""

    loud: bool = False


class Caller(double.Access, frozen=True, forbid_unknown_fields=True):
    """A persona with a team."""

    team: double.Label


def make(**given: Any) -> double.Double:
    """A double of an API without records."""
    info = double.ApiInfo("Nothing", "1", "Nothing.", "/api", keyed=True, tags={"Nothing": "Nothing."})
    parts: dict[str, Any] = {"operations": [ping], "world": double.World, "sections": []}
    fixture = {"title": "Nothing", "start": "2030-01-01T09:00:00Z", "personas": PERSONAS}
    return double.Double(info, **{"fixture": fixture} | parts | given)


class Pong(msgspec.Struct, frozen=True):
    """A response."""

    team: str


@double.operation("GET", "/ping", tag="Nothing")
def ping(_world: double.World, call: double.Call[double.NoQuery, double.NoBody]) -> Pong:
    """Ping"""
    return Pong(getattr(call.access, "team", ""))


def request(app: Any, method: str, path: str, json: Any = None) -> Any:
    """The JSON of a response."""

    async def send() -> Any:
        transport = httpx2.ASGITransport(app)
        async with httpx2.AsyncClient(transport=transport, base_url="http://127.0.0.1") as client:
            return (await client.request(method, path, json=json, headers={"x-api-key": "sbx_mine"})).json()

    return asyncio.run(send())


def test_one_module_offers_what_an_author_needs() -> None:
    """The names are these, and no more; all but the operations of the toy come from there."""
    assert sorted(double.__all__) == sorted(
        [
            "Access",
            "Ahead",
            "ApiInfo",
            "Attachment",
            "Call",
            "Column",
            "Domain",
            "Double",
            "EVENT_STATE",
            "Email",
            "Event",
            "EventType",
            "Instant",
            "Label",
            "Measurement",
            "NextSteps",
            "NoBody",
            "NoQuery",
            "Occurrence",
            "Operation",
            "Page",
            "Probing",
            "RecordFact",
            "RecordFile",
            "Refusal",
            "RefusedCall",
            "RelatedRecord",
            "Rule",
            "Section",
            "SectionShowing",
            "Showing",
            "SpecialInstant",
            "Table",
            "Timestamp",
            "UuidText",
            "Variation",
            "WORLD_FULL",
            "World",
            "Written",
            "field",
            "operation",
            "parse_instant",
            "require_room",
        ]
    )
    lines = Path(toy.__file__).read_text(encoding="utf-8").splitlines()
    imported = [line for line in lines if line.startswith(("import ", "from "))]
    assert [line for line in imported if "aniva_sandbox" in line and ".double" not in line] == [
        "from aniva_sandbox.engine import double"
    ]


def test_settings_and_personas_have_defaults() -> None:
    """Worlds have no settings and personas with permissions alone, until the API declares its own."""
    app = make().app()
    assert request(app, "GET", "/api/ping") == {"team": ""}
    assert request(app, "GET", "/_sandbox/worlds/mine/settings") == {}
    callers = double.Section(
        name="personas",
        record=Caller,
        key="persona",
        unique=("persona",),
        table=by_key("persona"),
        fixed=True,
        written=double.Written(left_out=frozenset({"persona"}), keyed=True),
    )
    fixture = {"title": "x", "start": "2030-01-01T09:00:00Z", "personas": {"full": {"permissions": [], "team": "red"}}}
    app = make(settings=Settings, sections=[callers], fixture=fixture).app()
    assert request(app, "GET", "/api/ping") == {"team": "red"}
    assert request(app, "PATCH", "/_sandbox/worlds/mine/settings", {"loud": True}) == {"loud": True}
    assert request(app, "GET", "/_sandbox/worlds/mine/settings") == {"loud": True}


def test_a_fixture_is_validated() -> None:
    """A fixture that no world can begin from is refused with its field."""
    with pytest.raises(FixtureError, match=r"personas\.full\.permissions: is required"):
        make(fixture={"title": "Nothing", "start": "2030-01-01T09:00:00Z", "personas": {"full": {}}})


def test_the_start_loads_only_what_it_needs() -> None:
    """The sandbox itself starts without this module, and without those of what few servers are asked for."""
    program = (
        "import sys\n"
        "from aniva_sandbox import cli\n"
        "from aniva_sandbox.cli.serve import serve\n"
        "from aniva_sandbox.api.app import build_app\n"
        "print(*sys.modules)"
    )
    ran = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True)
    loaded = set(ran.stdout.split())
    for name in ("double", "evidence.as_test.module", "pages.guide_text", "pages.reference_document"):
        assert f"aniva_sandbox.engine.{name}" not in loaded
    assert not loaded & {"yaml", "importlib.metadata", "aniva_sandbox.api.control", "aniva_sandbox.cli.coverage"}


def test_the_page_is_the_toy() -> None:
    """The Python of the page is the file that these tests run, whole and in order."""
    file = Path(toy.__file__).read_text(encoding="utf-8")
    parts = [block.strip("\n") for block in blocks("python", PAGE)]
    assert "\n".join(line for part in parts for line in part.splitlines() if line) == "\n".join(
        line for line in file.splitlines() if line
    )
    assert all(part in file for part in parts)
