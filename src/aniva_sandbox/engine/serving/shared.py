"""Calls to worlds that processes share: each is in the log of its world before its response is sent."""

import asyncio
import logging
import re
from collections.abc import Awaitable
from functools import partial
from typing import Final, Protocol

import msgspec

from aniva_sandbox.engine.contract.api import Api
from aniva_sandbox.engine.contract.requests import Request
from aniva_sandbox.engine.contract.rules import Refusal
from aniva_sandbox.engine.control.store_metrics import read_store_metrics
from aniva_sandbox.engine.evidence.coverage.collector import HEADER
from aniva_sandbox.engine.evidence.headers import write_hints
from aniva_sandbox.engine.evidence.unmatched import Cause, UnmatchedCall, UnmatchedCalls
from aniva_sandbox.engine.serving.pipeline import respond, respond_to_control
from aniva_sandbox.engine.serving.responses import Done, Response, respond_with_refusal
from aniva_sandbox.engine.store.entries import Absent, Entry, Kind
from aniva_sandbox.engine.store.memory import Worlds
from aniva_sandbox.engine.store.problems import StoreError
from aniva_sandbox.engine.store.replicas import Applied, Logs, Replicas, settle_future
from aniva_sandbox.engine.world.events import is_due
from aniva_sandbox.engine.world.keys import BLANKS, WORLD_NAME, parse_key
from aniva_sandbox.engine.world.state import World

__all__ = ["ServerLog", "Shared"]

_NAME: Final = re.compile(WORLD_NAME)
_LOST: Final = "the store no longer had this world, so it began anew: the store was flushed, or the world expired"
_TEST: Final = HEADER.lower().encode()
_LOG: Final = logging.getLogger("aniva_sandbox")
_READ: Final = frozenset({"GET", "HEAD"})


class _Note(msgspec.Struct, frozen=True, array_like=True):
    """An unmatched call, as the store has it."""

    method: str
    path: str
    status: int
    rules: list[str]
    world: str | None
    causes: tuple[Cause, ...]


_read_note: Final = msgspec.msgpack.Decoder(_Note).decode


class ServerLog(Logs, Protocol):
    """The logs of worlds, and what belongs to none of them."""

    async def names(self) -> list[str]:
        """The worlds that have a log."""

    async def forget(self, name: str, epoch: str, number: int) -> None:
        """Drop a log if it still ends with this number."""

    async def note_unmatched(self, note: bytes) -> int:
        """Note an unmatched call; returns its number."""

    async def unmatched(self) -> list[tuple[int, bytes]]:
        """The notes of the newest unmatched calls with their numbers, oldest first."""

    async def clear_unmatched(self) -> None:
        """Drop the unmatched calls."""

    async def ping(self) -> float:
        """How long the store takes to respond, in seconds."""


class Shared:
    """The pipelines of worlds that processes share."""

    def __init__(
        self,
        worlds: Worlds,
        logs: ServerLog,
        client_api: Api,
        control_api: Api,
    ) -> None:
        """``worlds`` hold the copies of this process."""
        self._worlds = worlds
        self._logs = logs
        self._control_api = control_api
        self._respond = partial(respond, client_api, worlds)
        self._respond_to_control = partial(respond_to_control, control_api, worlds)
        self._tasks: set[asyncio.Task[None]] = set()
        self.replicas = Replicas(worlds, logs, control_api.ledger, self._apply)
        worlds.collectors.append(partial(read_store_metrics, self.replicas))

    async def call(self, request: Request) -> Response:
        """Respond to a request to the API."""
        response: asyncio.Future[Response] = asyncio.get_running_loop().create_future()
        self.begin(request, partial(settle_future, response))
        return await response

    def begin(self, request: Request, done: Done) -> None:
        """Respond to a request to the API, later. ``done``, which must not raise, gets the response, or the error
        because of which there is none."""
        named = parse_key((request.key or "").strip(BLANKS))
        if named is None:
            self._end_later(self._unshared(request), done)
            return
        name, persona = named
        worlds = self._worlds
        opens = not worlds.strict and persona in worlds.fixtures(worlds.fixture).personas
        self.replicas.begin(name, Entry("call", request), partial(self._end, request, name, done), opens=opens)

    def _end(self, request: Request, name: str, done: Done, found: Applied | Absent | Exception) -> None:
        """Respond to a call with what its entry came to."""
        if isinstance(found, Applied):
            if found.lost or found.unmatched:
                self._end_later(self._response_of(found), done)
            else:
                done(found.value)
        elif isinstance(found, Absent):
            if found.reason == "dropped":
                self._worlds.note_dropped(name)
            self._end_later(self._unshared(request), done)
        else:
            done(self._refuse(found) if isinstance(found, StoreError) else found)

    def _end_later(self, response: Awaitable[Response], done: Done) -> None:
        """Respond when the response is there."""
        task = asyncio.create_task(_pass_on(response, done))
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)

    async def control(self, request: Request) -> Response:
        """Respond to a request to the control plane."""
        try:
            endpoint, values = self._control_api.route(request.method, request.path)
        except Refusal:
            return self._respond_to_control(request)
        is_read = request.method in _READ
        try:
            if "{world}" in endpoint.path and _NAME.fullmatch(values[0]):
                return await self._control_world(request, values[0], endpoint.id)
            match endpoint.id:
                case "get_health":
                    await self._look_at_store()
                case "list_worlds":
                    await self._settle_all()
                case "list_unmatched" | "clear_unmatched":
                    if not is_read:
                        await self._logs.clear_unmatched()
                    await self._read_unmatched()
                case "get_coverage" | "clear_coverage" if self._worlds.coverage is not None:
                    await self.replicas.ask_all(await self._logs.names(), None if is_read else Entry("forget"))
        except StoreError as error:
            return self._refuse(error)
        response = self._respond_to_control(request)
        if endpoint.id == "get_health" and response.status == 503:
            response.headers.append((b"retry-after", b"1"))
        return response

    async def open(self, name: str) -> World | None:
        """Create a world if it does not exist. Raises StoreError."""
        await self.replicas.ask(name, Entry("open"), opens=True)
        return self._worlds.get(name)

    async def _control_world(self, request: Request, name: str, operation: str) -> Response:
        if operation == "get_world" and not self._names_test(request):  # nothing happens in a world that is looked at
            await self.replicas.ask(name, None)
            return self._respond_to_control(request)
        found = await self.replicas.ask(name, Entry("control", request), opens=operation == "put_world")
        if isinstance(found, Absent):
            # Without headers, as a test that they name would be known to this process only.
            return self._respond_to_control(msgspec.structs.replace(request, headers=()))
        if operation in ("put_world", "delete_world"):
            try:
                await self.replicas.forget(name)  # if it is not there now
            except StoreError as error:
                _LOG.warning("the world %r may be listed although it was dropped: %s", name, error)
        return await self._response_of(found)

    def _names_test(self, request: Request) -> bool:
        """Whether a request to the control plane names a test for later calls, which all processes must know."""
        return self._worlds.coverage is not None and any(name == _TEST for name, _ in request.headers)

    def _apply(self, kind: Kind, request: Request) -> Response:
        return (self._respond if kind == "call" else self._respond_to_control)(request)

    def _refuse(self, error: StoreError) -> Response:
        self.replicas.meter.refusals[error.rule.id] += 1
        wait = [] if error.retry_after is None else [(b"retry-after", b"%d" % error.retry_after)]
        return respond_with_refusal(error.rule.refusal(str(error)), *wait)

    async def _unshared(self, request: Request) -> Response:
        """Respond to a request that reaches no world."""
        worlds = self._worlds
        before, worlds.unmatched = worlds.unmatched, UnmatchedCalls()
        try:
            response = self._respond(request)
            calls = [*worlds.unmatched]
        finally:
            worlds.unmatched = before
        try:
            await self._note_unmatched(calls)
        except StoreError as error:
            return self._refuse(error)
        return response

    async def _response_of(self, applied: Applied) -> Response:
        """The response that an entry came to. It was done, so it is the response whatever else the store says."""
        response: Response = applied.value
        if applied.lost:
            response.headers.append((b"x-sandbox-hint", write_hints([_LOST]).encode()))
        if applied.unmatched:
            try:
                await self._note_unmatched(applied.unmatched)
            except StoreError as error:
                _LOG.warning("an unmatched call could not be listed: %s", error)
        return response

    async def _note_unmatched(self, calls: list[UnmatchedCall]) -> None:
        for call in calls:
            rules = [rule.id for rule in call.rules]
            note = _Note(call.method, call.path, call.status, rules, call.world, call.causes)
            number = await self._logs.note_unmatched(msgspec.msgpack.encode(note))
            self._worlds.unmatched.report(msgspec.structs.replace(call, number=number))

    async def _read_unmatched(self) -> None:
        calls, ledger = [], self._control_api.ledger
        for number, note in await self._logs.unmatched():
            read = _read_note(note)
            rules = tuple(ledger[id] for id in read.rules)
            calls.append(UnmatchedCall(number, read.method, read.path, read.status, rules, read.world, read.causes))
        self._worlds.unmatched.restore(calls)

    async def _look_at_store(self) -> None:
        try:
            await self._logs.ping()
            self._worlds.store = "ok"
        except StoreError as error:
            self._worlds.store = error.rule.id

    async def _settle_all(self) -> None:
        """Let what is due happen in all worlds, so that they can be listed."""
        worlds = self._worlds
        names = await self._logs.names()
        await self.replicas.ask_all({*names, *(world.name for world in worlds)}, None)  # also those that are gone
        await self.replicas.ask_all([world.name for world in worlds if is_due(world)], Entry("settle"))
        worlds.sort(names)


async def _pass_on(response: Awaitable[Response], done: Done) -> None:
    """Give a response that has to be waited for, or the error, to a function."""
    found: Response | Exception
    try:
        found = await response
    except Exception as error:
        found = error
    done(found)
