"""Who may call the control plane, and which requests the server accepts at all."""

from aniva_sandbox.engine.contract.rules import SOURCE, Rule

__all__ = [
    "CONTROL_HOST",
    "CONTROL_ORIGIN",
    "CONTROL_TOKEN",
    "HTTP_HEAD",
    "HTTP_HOST",
    "HTTP_MEMORY",
    "HTTP_SHUTDOWN",
    "HTTP_SYNTAX",
    "HTTP_TIMEOUT",
    "RULES",
    "WORLD_LIMIT",
]

_SERVER = "the sandbox's own server"

CONTROL_HOST = Rule(
    id="control.host",
    sentence="The one Host header of a call to the control plane is a loopback name or address, or a name that was "
    "allowed at the start.",
    basis="sandbox",
    source=SOURCE,
    statuses=(403,),
)
CONTROL_ORIGIN = Rule(
    id="control.origin",
    sentence="Pages of other origins cannot call the control plane: Origin, if sent, must match the Host, and "
    "Sec-Fetch-Site must be none or same-origin. A link from anywhere may lead to the console.",
    basis="sandbox",
    source=SOURCE,
    statuses=(403,),
)
CONTROL_TOKEN = Rule(
    id="control.token",
    sentence="If the server was started with a token, calls to the control plane require the header "
    "Authorization: Bearer <token>.",
    basis="sandbox",
    source=SOURCE,
    statuses=(401,),
)
HTTP_HEAD = Rule(
    id="http.head",
    sentence="Request line and headers together are limited to 64 KiB.",
    basis="sandbox",
    source=_SERVER,
    statuses=(431,),
)
HTTP_HOST = Rule(
    id="http.host",
    sentence="A request has exactly one Host header, which is optional in HTTP/1.0; if the request target is an "
    "absolute URL, its authority is used instead. Other requests get 400, and their connection is closed.",
    basis="sandbox",
    source=_SERVER,
    statuses=(400,),
    kind="format",
)
HTTP_SHUTDOWN = Rule(
    id="http.shutdown",
    sentence="A request that is still in flight one second after the server began to shut down gets 503, or its "
    "connection is closed.",
    basis="sandbox",
    source=_SERVER,
    statuses=(503,),
)
HTTP_SYNTAX = Rule(
    id="http.syntax",
    sentence="Input that is not valid HTTP/1.1 gets 400, after the responses to earlier requests, and the "
    "connection is closed.",
    basis="sandbox",
    source=_SERVER,
    statuses=(400,),
    kind="format",
)
HTTP_TIMEOUT = Rule(
    id="http.timeout",
    sentence="An incomplete request gets 408 after 30 to 60 seconds, and its connection is closed.",
    basis="sandbox",
    source=_SERVER,
    statuses=(408,),
)
HTTP_MEMORY = Rule(
    id="http.memory",
    sentence="A request that runs out of memory gets 507. Changes it had made by then remain.",
    basis="sandbox",
    source=_SERVER,
    statuses=(507,),
)

WORLD_LIMIT = Rule(
    id="world.limit",
    sentence="The number of worlds is limited. When exceeded, the least recently used idle world is dropped, and the "
    "next call with its key gets 507. If every world has a request in flight, a new world is refused.",
    basis="sandbox",
    source=SOURCE,
    statuses=(507,),
)

RULES = (
    CONTROL_HOST,
    CONTROL_ORIGIN,
    CONTROL_TOKEN,
    HTTP_HEAD,
    HTTP_HOST,
    HTTP_MEMORY,
    HTTP_SHUTDOWN,
    HTTP_SYNTAX,
    HTTP_TIMEOUT,
)
