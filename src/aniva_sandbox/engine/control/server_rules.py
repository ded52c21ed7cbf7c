"""Who may call the control plane, and what the server takes for a request at all."""

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
]

_SERVER = "the sandbox's own server"

CONTROL_HOST = Rule(
    id="control.host",
    sentence="The control plane is called by a loopback name or address, or by a name that was allowed at the start: "
    "one Host header says which.",
    basis="sandbox",
    source=SOURCE,
    statuses=(403,),
)
CONTROL_ORIGIN = Rule(
    id="control.origin",
    sentence="No page of another origin calls the control plane: Origin, where it is sent, is that of the Host, and "
    "Sec-Fetch-Site is none or same-origin.",
    basis="sandbox",
    source=SOURCE,
    statuses=(403,),
)
CONTROL_TOKEN = Rule(
    id="control.token",
    sentence="Where the server was started with a token, the control plane is called with it, as "
    "Authorization: Bearer <token>.",
    basis="sandbox",
    source=SOURCE,
    statuses=(401,),
)
HTTP_HEAD = Rule(
    id="http.head",
    sentence="Request line and headers together may have at most 64 KiB.",
    basis="sandbox",
    source=_SERVER,
    statuses=(431,),
)
HTTP_HOST = Rule(
    id="http.host",
    sentence="A request has exactly one Host header, which HTTP/1.0 may leave out; where the request target is a whole "
    "URL, its authority counts instead. Other requests get 400, and their connection is closed.",
    basis="sandbox",
    source=_SERVER,
    statuses=(400,),
    kind="format",
)
HTTP_SHUTDOWN = Rule(
    id="http.shutdown",
    sentence="A request that is not answered within a second when the server shuts down gets 503, or its connection is "
    "closed.",
    basis="sandbox",
    source=_SERVER,
    statuses=(503,),
)
HTTP_SYNTAX = Rule(
    id="http.syntax",
    sentence="What is not HTTP/1.1 gets 400, after the responses to the requests before it, and its connection is "
    "closed.",
    basis="sandbox",
    source=_SERVER,
    statuses=(400,),
    kind="format",
)
HTTP_TIMEOUT = Rule(
    id="http.timeout",
    sentence="A request that was begun and does not end answers 408 after half a minute to a minute, and its "
    "connection is closed.",
    basis="sandbox",
    source=_SERVER,
    statuses=(408,),
)
HTTP_MEMORY = Rule(
    id="http.memory",
    sentence="A request for which no memory is left gets 507. What it had changed by then stays changed.",
    basis="sandbox",
    source=_SERVER,
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
