"""The server's connection without httptools, based on h11."""

import re
from typing import Any

import h11
from uvicorn.protocols.http.h11_impl import H11Protocol

from aniva_sandbox.engine.contract.rules import Refusal
from aniva_sandbox.engine.serving.protocol import MAX_HEAD, NO_CONNECT, Bounded, refuse_hosts, split_target

__all__ = ["H11Connection"]

_LONGEST_METHOD = 32
_METHOD = re.compile(rb"[A-Za-z][A-Za-z_-]*(?: |\Z)")
"""The start of a request, as far as it has arrived."""


class H11Connection(Bounded, H11Protocol):
    """A connection of the server. Unlike the other, it leaves the bounds of a head to h11, and reads a request only
    after the responses to earlier ones."""

    pipeline = ()

    def __init__(self, *args: Any, **options: Any) -> None:
        super().__init__(*args, **options)
        self.conn = _Heads(h11.SERVER, MAX_HEAD)

    def handle_events(self) -> None:
        try:
            super().handle_events()
        except Refusal as refusal:
            self._refuse(refusal)
        if self.cycle is not None and self.conn.their_state is h11.IDLE:
            self.cycle.more_body = False  # uvicorn leaves it unset if the response came before the request's end

    def _begun(self) -> bool:
        return self.conn.their_state is h11.IDLE and bool(self.conn.trailing_data[0])


class _Heads(h11.Connection):
    """Reads like h11, but does not wait for the end of a line that does not start like a request. Raises :exc:`Refusal`
    for the target and the hosts of a request."""

    _begun = False

    def next_event(self) -> Any:
        try:
            event = super().next_event()
        except h11.RemoteProtocolError as error:
            if "Host: header" in str(error):
                refuse_hosts()
            raise
        if event is h11.NEED_DATA and self.their_state is h11.IDLE and not self._begun:
            begin = self.trailing_data[0][: _LONGEST_METHOD + 1]
            self._begun = b" " in begin
            if begin and not (_METHOD.match(begin) and (self._begun or len(begin) <= _LONGEST_METHOD)):
                raise h11.RemoteProtocolError("no method begins like this")
        if not isinstance(event, h11.Request):
            return event
        self._begun = False
        if event.method == b"CONNECT":
            raise NO_CONNECT.rule.refusal(NO_CONNECT.message)
        if event.target.startswith(b"/"):
            return event
        authority, target = split_target(event.target)
        headers = [(b"host", authority), *(each for each in event.headers if each[0] != b"host")]
        return h11.Request(method=event.method, headers=headers, target=target, http_version=event.http_version)
