"""A connection to the store."""

import asyncio
from collections.abc import Awaitable, Callable, Sequence
from functools import lru_cache
from ssl import SSLError
from typing import Any, Final, Protocol
from urllib.parse import parse_qsl, urlsplit

from aniva_sandbox.engine.contract.rules import Rule
from aniva_sandbox.engine.store.problems import STORE_AWAY, STORE_REFUSED, STORE_UNCONFIRMED, StoreError, rule_of
from aniva_sandbox.extras import how_to_install

try:
    from valkey.asyncio.connection import ConnectionPool
    from valkey.exceptions import (
        AuthenticationError,
        AuthorizationError,
        BusyLoadingError,
        NoPermissionError,
        NoScriptError,
        OutOfMemoryError,
        ReadOnlyError,
        ResponseError,
        ValkeyError,
    )
except ImportError as _missing:
    raise ImportError(f"Shared worlds need valkey: {how_to_install('shared')}") from _missing

__all__ = ["Line", "Place", "find_place", "is_unknown_script"]

Command = Sequence[bytes | str | int]

_SCHEMES: Final = {"valkey": "valkey", "valkeys": "valkeys", "redis": "valkey", "rediss": "valkeys", "unix": "unix"}
_OPTIONS: Final = frozenset(
    {
        *("db", "username", "password", "socket_timeout"),
        *(f"ssl_{each}" for each in ("ca_certs", "certfile", "keyfile", "cert_reqs", "check_hostname")),
    }
)
_LONGEST: Final = 3600
"""Seconds that a timeout must be below."""
_RULES: Final[dict[type[Exception], Rule]] = {
    OutOfMemoryError: rule_of("OOM"),
    ReadOnlyError: rule_of("READONLY"),
    BusyLoadingError: rule_of("LOADING"),
    **dict.fromkeys((AuthenticationError, AuthorizationError, NoPermissionError), STORE_REFUSED),
}
"""Errors from whose messages the library removes the code."""
_SAID: Final = (ResponseError, AuthenticationError, AuthorizationError, BusyLoadingError)
"""Errors that are responses of the store; others mean that there was no response."""


_PING: Final = b"*1\r\n$4\r\nPING\r\n"
_LARGE: Final = 16 * 1024
"""An argument of more bytes is not copied."""


class Connection(Protocol):
    """What is used of the library's connections, which are not typed throughout."""

    @property
    def is_connected(self) -> bool:
        """Whether it was connected, and not disconnected since."""

    def connect(self) -> Awaitable[None]:
        """Connect, authenticate and select the database."""

    def disconnect(self, nowait: bool = False) -> Awaitable[None]:
        """Disconnect, if it is connected."""

    def can_read_destructive(self) -> Awaitable[bool]:
        """Whether there is anything to read; where no response is due, only the end."""

    def send_packed_command(self, command: list[bytes], check_health: bool = True) -> Awaitable[None]:
        """Send bytes."""

    def read_response(self, *, disconnect_on_error: bool = True) -> Awaitable[Any]:
        """The next response; some errors are raised, others returned."""


class Place:
    """Where a store is, and how to connect to it."""

    def __init__(self, name: str, connection: Callable[[], Connection], timeout: float) -> None:
        self.name = name
        """Its URL without user, password and options."""
        self.timeout = timeout
        """Seconds in which it connects, and in which each response comes."""
        self.connection = connection
        """Makes a connection that is not yet connected."""


def find_place(url: str, timeout: float) -> Place:
    """The place of a URL. No message shows its password. Raises ValueError."""
    scheme, separator, rest = url.partition("://")
    if not separator or scheme.lower() not in _SCHEMES:
        raise ValueError(f"the URL of a store begins with {', '.join(f'{each}://' for each in _SCHEMES)}")
    translated = f"{_SCHEMES[scheme.lower()]}://{rest}"
    try:
        parts = urlsplit(translated)
        port, host = parts.port, parts.hostname or ""
    except ValueError:
        raise ValueError("the URL of a store has no valid host and port; escape special characters") from None
    if parts.fragment:
        raise ValueError("the URL of a store has no fragment; escape #, ? and / in a password")
    is_socket = parts.scheme == "unix"
    database = parts.path.strip("/")
    if is_socket and not parts.path:
        raise ValueError("unix:// is followed by the path of a socket")
    if not is_socket and (not host or (database and not database.isdecimal())):
        raise ValueError("the URL of a store is valkey://HOST:PORT/DB, with a number as DB")
    shown = f"[{host}]" if ":" in host else host
    name = f"unix://{parts.path}" if is_socket else f"{parts.scheme}://{shown}:{port or 6379}/{database or 0}"
    asked = {option for option, _ in parse_qsl(parts.query)}
    if not asked <= _OPTIONS:
        raise ValueError(f"the URL of a store has an unknown option; there are {', '.join(sorted(_OPTIONS))}")
    secure = {"ssl_check_hostname": True} if parts.scheme == "valkeys" and "ssl_cert_reqs" not in asked else {}
    try:
        pool = ConnectionPool.from_url(translated, **secure)
        options = pool.connection_kwargs
        timeout = options.get("socket_timeout", timeout)
        if not 0 < timeout < _LONGEST:
            raise ValueError
        options.update(
            socket_timeout=None,  # see Line: one limit for all that goes out together
            socket_connect_timeout=None,
            health_check_interval=0,
            retry_on_timeout=False,
            lib_name=None,
            lib_version=None,
        )
        make: Callable[[], Connection] = pool.make_connection
        make()
    except (ValueError, TypeError, ValkeyError):
        raise ValueError("the URL of a store has an option that is not valid") from None
    return Place(name, make, timeout)


class Line:
    """A connection that several tasks use at once.

    What they ask while it waits for responses goes out together, next. Whatever happens to the connection, the next to
    ask connects anew. Nothing is asked twice.
    """

    def __init__(self, place: Place, timeout: float) -> None:
        """``timeout`` is the most seconds until it is connected, and until each response."""
        self._place = place
        self._timeout = timeout
        self._connection = place.connection()
        self._waiting: list[_Asked] = []
        self._task: asyncio.Task[None] | None = None

    async def ask(self, *commands: Command, confirms: bool = False) -> list[Any]:
        """The responses to commands that go out one after the other; an error is returned, too.

        ``confirms`` says that without a response it matters whether the commands were sent. Raises StoreError.
        """
        loop = asyncio.get_running_loop()
        asked = _Asked(commands, confirms, loop.create_future())
        self._waiting.append(asked)
        if self._task is None:
            self._task = loop.create_task(self._work())
        return await asked.responses

    def refusal(self, error: Exception) -> StoreError:
        """The refusal for an error that is a response of the store."""
        known = next((rule for type, rule in _RULES.items() if isinstance(error, type)), None)
        code, _, _ = str(error).partition(" ")
        rule = known or rule_of(code)
        return StoreError(rule, f"The store at {self._place.name} refuses: {error}")

    async def close(self) -> None:
        """Disconnect; who still waits for responses gets none."""
        if self._task is not None:
            self._task.cancel()
            await asyncio.gather(self._task, return_exceptions=True)
        await self._connection.disconnect(nowait=True)

    async def _work(self) -> None:
        sent: list[_Asked] = []
        try:
            while self._waiting:
                sent, self._waiting = self._waiting, []
                await self._exchange(sent)
        finally:
            self._task = None
            for asked in (*sent, *self._waiting):
                asked.responses.cancel()  # no effect on those that have responses
            self._waiting.clear()

    async def _exchange(self, sent: list["_Asked"]) -> None:
        loop = asyncio.get_running_loop()
        connection = self._connection
        is_sent = False
        try:
            async with asyncio.timeout(self._timeout) as limit:
                if connection.is_connected and await connection.can_read_destructive():
                    await connection.disconnect(nowait=True)  # the store has closed it in the meantime
                if not connection.is_connected:
                    await self._connect()
                packed: list[bytes] = []
                for asked in sent:
                    for command in asked.commands:
                        _pack(command, packed)
                is_sent = True
                await connection.send_packed_command(packed, check_health=False)
                is_first = True
                for asked in sent:
                    responses = []
                    for _ in asked.commands:
                        if not is_first:
                            limit.reschedule(loop.time() + self._timeout)
                        is_first = False
                        responses.append(await self._response())
                    if not asked.responses.done():
                        asked.responses.set_result(responses)
        except (ValkeyError, OSError, TimeoutError) as error:
            await connection.disconnect(nowait=True)
            for asked in sent:
                if not asked.responses.done():
                    asked.responses.set_exception(self._lost(error, is_unconfirmed=is_sent and asked.confirms))

    async def _connect(self) -> None:
        """Connect, and see that the store lets us in: what it says to one command is what it would say to all."""
        await self._connection.connect()
        await self._connection.send_packed_command([_PING], check_health=False)
        if isinstance(response := await self._response(), Exception):
            raise response

    async def _response(self) -> Any:
        try:
            return await self._connection.read_response(disconnect_on_error=False)
        except _SAID as error:
            return error

    def _lost(self, error: BaseException, *, is_unconfirmed: bool) -> StoreError:
        """The refusal where there was no response."""
        cause: BaseException | None = error
        while cause is not None:
            if isinstance(cause, _SAID):  # said while connecting
                return self.refusal(cause)
            cause = cause.__cause__
        where = self._place.name
        if is_unconfirmed:
            return StoreError(
                STORE_UNCONFIRMED, f"The store at {where} did not confirm the call, which may have taken effect"
            )
        if isinstance(error, TimeoutError):
            why = f"did not respond within {self._timeout:g} s"
        else:
            why = f"cannot be reached{_of_tls(error)}"
        return StoreError(STORE_AWAY, f"The store at {where} {why}")


def _of_tls(error: BaseException | None) -> str:
    """The reason that TLS gives, as a clause, if TLS caused an error."""
    while error is not None:
        if isinstance(error, SSLError):
            return f" by TLS: {getattr(error, 'verify_message', None) or error}"
        error = error.__cause__ or error.__context__
    return ""


class _Asked:
    """Commands, and who waits for the responses."""

    __slots__ = ("commands", "confirms", "responses")

    def __init__(self, commands: Sequence[Command], confirms: bool, responses: asyncio.Future[list[Any]]) -> None:
        self.commands = commands
        self.confirms = confirms
        self.responses = responses


def _pack(command: Command, packed: list[bytes]) -> None:
    """Add a command as the protocol has it: the number of its parts, then each part with its length.

    The bytes are those of the library's ``pack_command``, in a fraction of the time: each append has many small parts.
    """
    parts = [b"*%d\r\n" % len(command)]
    for part in command:
        if not isinstance(part, bytes):
            parts.append(_pack_text(part))
        elif len(part) > _LARGE:
            packed += b"".join((*parts, b"$%d\r\n" % len(part))), part
            parts = [b"\r\n"]
        else:
            parts.append(b"$%d\r\n%b\r\n" % (len(part), part))
    packed.append(b"".join(parts))


@lru_cache(maxsize=1024)
def _pack_text(part: str | int) -> bytes:
    """A part that is short, and mostly the same again: a name, a limit."""
    data = str(part).encode()
    return b"$%d\r\n%b\r\n" % (len(data), data)


def is_unknown_script(response: Any) -> bool:
    """Whether a response says that the store does not have a script, and ran nothing."""
    return isinstance(response, NoScriptError)
