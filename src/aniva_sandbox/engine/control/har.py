"""The journal as an HTTP archive (HAR 1.2), which the developer tools of browsers open.

Source: http://www.softwareishard.com/blog/har-12-spec/. Names with an underscore are additions, which readers ignore.
"""

from collections.abc import Iterable
from http import HTTPStatus
from typing import Annotated, Any, Final, Literal
from urllib.parse import quote

import msgspec
from msgspec import UNSET, UnsetType

from aniva_sandbox import VERSION
from aniva_sandbox.engine.contract.ground_rules import KEY_HEADER
from aniva_sandbox.engine.contract.schemas import Timestamp, field
from aniva_sandbox.engine.evidence.headers import name_rules, write_hints, write_time
from aniva_sandbox.engine.evidence.journal import Exchange
from aniva_sandbox.engine.evidence.secrets import HIDDEN, hide_in_query
from aniva_sandbox.engine.texts import counted

__all__ = ["HAR", "Har", "write_har"]

HAR: Final = "application/har+json"
"""The media type."""

_UNKNOWN: Final = -1
"""A size that is not known."""
_NO_TYPE: Final = "x-unknown"
"""The media type of what has none, as browsers write it."""


class HarPair(msgspec.Struct, frozen=True):
    """A header or a query parameter."""

    name: str
    value: str


class HarNothing(msgspec.Struct, frozen=True):
    """An object that is empty."""


class HarCreator(msgspec.Struct, frozen=True):
    """What wrote the archive."""

    name: str
    version: str


class HarPostData(msgspec.Struct, frozen=True):
    """The body of a request, as the journal shows it."""

    mimeType: str  # noqa: N815 (a name of the format, like the following ones)
    text: str


class HarRequest(msgspec.Struct, frozen=True, omit_defaults=True):
    """A request."""

    method: str
    url: str
    httpVersion: str  # noqa: N815
    cookies: list[HarPair]
    headers: Annotated[list[HarPair], field("Only what the journal keeps: the media type, and that there was a key.")]
    queryString: list[HarPair]  # noqa: N815
    headersSize: int  # noqa: N815
    bodySize: int  # noqa: N815
    postData: HarPostData | UnsetType = UNSET  # noqa: N815


class HarContent(msgspec.Struct, frozen=True, omit_defaults=True):
    """The body of a response, as the journal shows it."""

    size: int
    mimeType: str  # noqa: N815
    text: str | UnsetType = UNSET


class HarResponse(msgspec.Struct, frozen=True, omit_defaults=True):
    """A response."""

    status: Annotated[int, field("0 if the connection was dropped.")]
    statusText: str  # noqa: N815
    httpVersion: str  # noqa: N815
    cookies: list[HarPair]
    headers: Annotated[list[HarPair], field("Only what the journal keeps: the media type, and the sandbox's own.")]
    content: HarContent
    redirectURL: str  # noqa: N815
    headersSize: int  # noqa: N815
    bodySize: int  # noqa: N815
    error: Annotated[str, field("Why there is no response.")] | UnsetType = msgspec.field(default=UNSET, name="_error")


class HarTimings(msgspec.Struct, frozen=True):
    """Milliseconds of the phases of an exchange."""

    send: float
    wait: float
    receive: float


class HarEntry(msgspec.Struct, frozen=True):
    """An exchange."""

    startedDateTime: Annotated[Timestamp, field("The world's time.")]  # noqa: N815
    time: Annotated[float, field("Milliseconds, by the machine's clock, without injected latency.")]
    request: HarRequest
    response: HarResponse
    cache: HarNothing
    timings: HarTimings
    resource_type: Annotated[Literal["fetch"], field("Where browsers list it.")] = msgspec.field(name="_resourceType")
    number: Annotated[int, field("The number in the journal.")] = msgspec.field(name="_number")
    world: str = msgspec.field(name="_world")
    operation: str | None = msgspec.field(name="_operation")
    rules: Annotated[list[str], field("The rules that refused the call.")] = msgspec.field(name="_rules")
    relied_on: Annotated[list[str], field("Undocumented rules that a successful call relied on.")] = msgspec.field(
        name="_relied_on"
    )
    fault: Annotated[str | None, field("The injected fault.")] = msgspec.field(name="_fault")
    hints: Annotated[list[str], field("Possible mistakes.")] = msgspec.field(name="_hints")


class HarLog(msgspec.Struct, frozen=True, omit_defaults=True):
    """The exchanges of a world, oldest first."""

    version: Literal["1.2"]
    creator: HarCreator
    entries: list[HarEntry]
    comment: str | UnsetType = UNSET


class Har(msgspec.Struct, frozen=True):
    """An HTTP archive."""

    log: HarLog


def write_har(world: str, address: str, exchanges: Iterable[tuple[Exchange, Any]], dropped: int) -> Har:
    """The archive of exchanges of a world with their views, in which secrets are hidden. ``address`` is the URL of the
    server, ``dropped`` the number of older exchanges that are missing."""
    entries = [_entry(world, address, exchange, view) for exchange, view in exchanges]
    comment = f"The journal is limited and no longer has {counted(dropped, 'older exchange')}" if dropped else UNSET
    return Har(HarLog("1.2", HarCreator("aniva-sandbox", VERSION), entries, comment))


def _entry(world: str, address: str, exchange: Exchange, view: Any) -> HarEntry:
    query = [HarPair(name, value) for name, value in hide_in_query(exchange.request.query)]
    return HarEntry(
        startedDateTime=view.time,
        time=view.elapsed_ms,
        request=_request(address + quote(view.path, safe=_IN_URLS), query, view),
        response=_response(world, view),
        cache=HarNothing(),
        timings=HarTimings(0, view.elapsed_ms, 0),
        resource_type="fetch",
        number=view.number,
        world=world,
        operation=view.operation,
        rules=[rule.id for rule in view.rules],
        relied_on=[rule.id for rule in view.relied_on],
        fault=view.fault,
        hints=view.hints,
    )


_IN_URLS: Final = "/?&=%:@!$'()*+,;~"
"""Characters of a path and a query that stay as they are."""


def _request(url: str, query: list[HarPair], view: Any) -> HarRequest:
    body = view.request
    text = _text(body)
    return HarRequest(
        method=view.method,
        url=url,
        httpVersion="HTTP/1.1",
        cookies=[],
        headers=[*_content_type(body), HarPair(KEY_HEADER, HIDDEN)],
        queryString=query,
        headersSize=_UNKNOWN,
        bodySize=body.bytes,
        postData=UNSET if text is UNSET else HarPostData(body.type or "", text),
    )


def _response(world: str, view: Any) -> HarResponse:
    body, dropped = view.response, _dropped(view)
    if dropped:
        return HarResponse(0, "", "HTTP/1.1", [], [], HarContent(0, _NO_TYPE), "", _UNKNOWN, 0, dropped)
    return HarResponse(
        status=view.status,
        statusText=_phrase(view.status),
        httpVersion="HTTP/1.1",
        cookies=[],
        headers=[*_content_type(body), *_own_headers(world, view)],
        content=HarContent(body.bytes, body.type or _NO_TYPE, _text(body)),
        redirectURL="",
        headersSize=_UNKNOWN,
        bodySize=body.bytes,
    )


def _dropped(view: Any) -> str:
    """Why the client got no response; empty if it got one."""
    if view.status is None:
        return "The connection was dropped before the call took effect"
    if view.fault is not None and "drop=after" in view.fault.partition(": ")[2].split("; "):
        return f"The connection was dropped after the call took effect with status {view.status}"
    return ""


def _own_headers(world: str, view: Any) -> list[HarPair]:
    headers = [HarPair("x-sandbox-world", world), HarPair("x-sandbox-time", write_time(view.time))]
    if view.rules:
        headers.append(HarPair("x-sandbox-rule", name_rules(view.rules)))
    if view.hints:
        headers.append(HarPair("x-sandbox-hint", write_hints(view.hints)))
    return headers


def _content_type(body: Any) -> list[HarPair]:
    return [HarPair("content-type", body.type)] if body.type else []


def _text(body: Any) -> str | UnsetType:
    if body.json is not UNSET:
        return msgspec.json.encode(body.json).decode()
    text: str | UnsetType = body.text
    return text


def _phrase(status: int) -> str:
    try:
        return HTTPStatus(status).phrase
    except ValueError:
        return ""
