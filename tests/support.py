"""What the tests share: known ids, calling operations without HTTP, and requests without a socket."""

from functools import partial
from typing import TYPE_CHECKING, Any, NamedTuple

import msgspec

from aniva_sandbox.api.app import build_control_api, build_partner_api
from aniva_sandbox.api.beginnings import fixture_names, get_fixture
from aniva_sandbox.api.domain import DOMAIN
from aniva_sandbox.api.settings import Settings
from aniva_sandbox.api.world import World
from aniva_sandbox.engine.contract.api import Api
from aniva_sandbox.engine.contract.operations import Call, Operation
from aniva_sandbox.engine.contract.rules import Refusal
from aniva_sandbox.engine.contract.trace import Hint, Trace
from aniva_sandbox.engine.serving.pipeline import Request, Response, respond, respond_to_control
from aniva_sandbox.engine.store.memory import Worlds
from aniva_sandbox.engine.world.agenda import Event
from aniva_sandbox.engine.world.events import happen, settle
from aniva_sandbox.engine.world.snapshot import write_state

if TYPE_CHECKING:
    from tests.with_store import InStore

PARTNER = build_partner_api()
CONTROL = build_control_api()
STORES: list["InStore"] = []
"""Where the worlds of clients are, if tests run with ``--store``."""

UNKNOWN = "11111111-2222-4333-8444-555555555555"
"""A well-formed id of nothing."""

UNKNOWN_SHIPMENT = "P0000000000"

PROFILE = "a3f1c2d4-8b7e-4f2a-9c1d-2e3f4a5b6c7d"
RIVAL_PROFILE = "1936092e-63a0-4d2b-89fd-e500966ee37a"
BERLIN = "b7e2d1f5-3c4a-4e8b-a2f1-9d0c1e2f3a4b"
HELSINKI = "f1a2b3c4-d5e6-4f7a-8b9c-0d1e2f3a4b5c"
PENDING_LOCATION = "f2b7e6e2-6afc-4e2e-8a9e-cc7625c9ff4e"
HOURLESS_LOCATION = "23a6e91a-0634-4002-b2a3-639ed26b57ad"
ZONELESS_LOCATION = "3d646c39-2523-4d34-bd04-6082bbe0fa70"
INACTIVE_LOCATION = "8d0dd7ed-aab1-4f34-baba-0808cd399e81"
RIVAL_LOCATION = "8268b2e3-6963-4ab4-9bed-6b701f80cb44"
RIVAL_SHIPMENT = "P2601295120"
SHIPMENT = "P2604154821"
"""Pending, an hour old."""
LOCKED_SHIPMENT = "P2604148873"
"""Pending, older than a day."""
MOVING_SHIPMENT = "P2604136631"
DELIVERED_SHIPMENT = "P2604102258"
LOST_SHIPMENT = "P2603049984"
CANCELLED_SHIPMENT = "P2604170047"
APPOINTMENT = "c9f3e2a1-7d6b-4c5e-b3a2-1f0e9d8c7b6a"
PENDING_APPOINTMENT = "76aaf46a-d193-483d-a45b-9ce4e3388287"
DRAWN_APPOINTMENT = "384c87ee-390f-4b77-ad26-365f12df51f8"
CANCELLED_APPOINTMENT = "76bd8145-de55-4800-ad73-2e952aa6867b"
RIVAL_APPOINTMENT = "7c458c47-49fb-4c2d-9f5f-7a6c37e6e6da"
HOME_APPOINTMENT = "cd3f6307-32f5-410d-a586-d8102fbfbe99"
EMPTY_APPOINTMENT = "638ccc3e-5e5e-4acf-a151-6d97600b34e9"
"""Confirmed, with nothing ordered."""
UNDATED_APPOINTMENT = "877a1c0e-5b94-4d67-9e23-0c6f8be1d752"
PANEL = "f1c2d4a3-7b8e-4f2a-9c1d-2e3f4a5b6c7d"
GENETICS_PANEL = "91d38730-e6bc-4d12-80e3-4497f8e848a1"
OTHER_PANEL = "d4e5f6a7-b8c9-4d1e-a2f3-b4c5d6e7f8a9"
CUSTOM_PANEL = "00000000-0000-0000-0000-000000000aff"
DOCUMENT = "8cb844b4-45fb-4557-aa8f-dacf21bb64d2"
"""The clinical report of the oldest draw that the default world begins with, where its seed is 0."""
OTHER_CUSTOM_PANEL = "00000000-0000-0000-0000-000000000bff"


def new_world(*, seed: int = 0, settings: Settings | None = None, fixture: str = "default") -> World:
    """A world from a fixture, with a frozen clock, whose agenda is planned."""
    world = World("test", get_fixture(fixture), DOMAIN, mode="frozen", seed=seed, settings=settings)
    settle(world)
    return world


def snapshot_of(world: World) -> dict[str, Any]:
    """The whole of a world as plain values."""
    return write_state(world.state, world.domain)


def new_worlds(**options: Any) -> Worlds:
    """Worlds by key, with frozen clocks."""
    return Worlds(DOMAIN, get_fixture, fixture_names(), **({"mode": "frozen"} | options))


def run(
    world: World,
    operation: Operation[Any],
    id: str = "",
    body: dict[str, Any] | None = None,
    *,
    query: dict[str, Any] | None = None,
    persona: str = "full",
) -> Any:
    """Run an operation as a persona, below HTTP: no key, no permission, no format check. Returns plain values.

    Raises the operation's refusal.
    """
    call = Call(
        world.personas[persona],
        id,
        msgspec.convert(query or {}, operation.query),
        msgspec.convert(body or {}, operation.body),
        Trace(),
    )
    return msgspec.json.decode(msgspec.json.encode(operation.run(world, call)))


def refusal_of(world: World, what: Operation[Any] | Event, *args: Any, syncs: bool = False, **options: Any) -> Refusal:
    """The refusal of an event, or of an operation that is run as :func:`run` does.

    Fails where there is none, and where it changes anything; what ``syncs`` may bring a shipment up to date first.
    """
    before = snapshot_of(world)
    try:
        happen(world, what) if isinstance(what, Event) else run(world, what, *args, **options)
    except Refusal as refusal:
        assert syncs or snapshot_of(world) == before, "a refusal changed the world"
        return refusal
    raise AssertionError("nothing was refused")


def verdict_of(*args: Any, **options: Any) -> tuple[str, int]:
    """The only rule, and the status, of :func:`refusal_of`."""
    refusal = refusal_of(*args, **options)
    (rule,) = refusal.rules
    return rule.id, refusal.status


class Reply(NamedTuple):
    """A response, decoded; where it is no JSON, ``json`` is its bytes."""

    status: int
    json: Any
    headers: dict[str, str]

    @property
    def rules(self) -> list[str]:
        """The ids of the rules in X-Sandbox-Rule."""
        named = self.headers.get("x-sandbox-rule", "")
        return [rule.partition(";")[0] for rule in named.split(", ") if rule]

    @property
    def details(self) -> dict[str, str]:
        """The path of every fault with its message."""
        return {detail["path"]: detail["message"] for detail in self.json.get("details", [])}


def refused(reply: Reply, rule: str, status: int) -> str:
    """The message of a refusal through the pipeline; fails where another rule, or another status, refuses."""
    assert (reply.status, reply.rules) == (status, [rule]), reply.json
    assert reply.json["error"]
    return str(reply.json["error"])


QUIET = Settings(courier_automation=False, lab_automation=False)
"""With these, nothing happens in a world by itself."""


class Client:
    """Sends requests through the pipeline, without a socket. Every answer of a sound sandbox agrees with its
    document, so one that does not is an error here."""

    def __init__(self, worlds: Worlds | None = None, key: str | None = "sbx_test", api: Api = PARTNER) -> None:
        self.worlds = worlds or new_worlds()
        self.key = key
        self.api = api
        self.worlds.send = partial(respond, api, self.worlds)

    @property
    def world(self) -> World:
        """The world of the key, with everything done that is due."""
        assert self.key is not None
        found = self.worlds.find(self.key)
        assert found is not None
        settle(found[0])
        return found[0]

    def request(
        self,
        method: str,
        path: str,
        json: Any = None,
        *,
        body: bytes | None = None,
        content_type: str | None = "application/json",
        key: str | None = "",
    ) -> Reply:
        """Send a request; ``path`` follows /api/v1 and may have a query, ``key`` replaces the client's own."""
        content = body if json is None else msgspec.json.encode(json)
        return self.send(
            Request(
                method,
                f"/api/v1{path}".partition("?")[0],
                path.partition("?")[2].encode(),
                self.key if key == "" else key,
                content_type,
                content if content is not None else b"",
            )
        )

    def send(self, request: Request) -> Reply:
        """Send a request as it is."""
        return _decoded(self.respond(request))

    def respond(self, request: Request) -> Response:
        """The response to a request to the API, as it goes out."""
        if STORES:
            return STORES[-1].respond(self.worlds, self.api, CONTROL, request, to_control=False)
        return respond(self.api, self.worlds, request)

    def raw(self, method: str, path: str) -> Response:
        """The response to a request without a body, as it goes out."""
        return self.respond(Request(method, f"/api/v1{path}", b"", self.key))

    def control(self, method: str, path: str, json: Any = None) -> Reply:
        """Call the control plane; ``path`` follows /_sandbox and may have a query."""
        content = b"" if json is None else msgspec.json.encode(json)
        path, _, query = path.partition("?")
        request = Request(method, f"/_sandbox{path}", query.encode(), None, "application/json", content)
        if STORES:
            return _decoded(STORES[-1].respond(self.worlds, self.api, CONTROL, request, to_control=True))
        return _decoded(respond_to_control(CONTROL, self.worlds, request))

    def get(self, path: str, **options: Any) -> Reply:
        return self.request("GET", path, **options)

    def post(self, path: str, json: Any = None, **options: Any) -> Reply:
        return self.request("POST", path, json, **options)

    def patch(self, path: str, json: Any = None, **options: Any) -> Reply:
        return self.request("PATCH", path, json, **options)

    def delete(self, path: str, json: Any = None, **options: Any) -> Reply:
        return self.request("DELETE", path, json, **options)


NO_LABORATORY = Settings(lab_automation=False)
"""With these, only the courier does anything by itself."""


def quiet_client(settings: Settings = QUIET, **options: Any) -> Client:
    """A client of a world in which nothing happens by itself, or only some things; the options are those of the
    worlds."""
    worlds = new_worlds(**options)
    worlds.create("test", settings=settings)
    return Client(worlds)


def relied_on(client: Client) -> list[str]:
    """The ids of the undocumented rules that the last exchange leaned on."""
    return [rule.id for rule in client.world.journal[-1].trace.leaned_on]


def hints_of(client: Client) -> list[Hint]:
    """The hints on the last exchange."""
    return list(client.world.journal[-1].trace.hints)


def null_rule(value: object, rule: str) -> str:
    """The id of what refuses a value of an optional field: ``rule``, but for null."""
    return "body.schema/null" if value is None else rule


def _decoded(response: Response) -> Reply:
    headers = {name.decode(): value.decode() for name, value in response.headers}
    assert "x-sandbox-mismatch" not in headers, headers["x-sandbox-mismatch"]
    is_json = headers["content-type"] == "application/json" and response.body != b""  # HEAD has none
    return Reply(response.status, msgspec.json.decode(response.body) if is_json else response.body, headers)
