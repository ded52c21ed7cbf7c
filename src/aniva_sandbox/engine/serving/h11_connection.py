"""The connection of the sandbox where httptools is not there, on h11."""

import re
from typing import Any

import h11
from uvicorn.protocols.http.h11_impl import H11Protocol

from aniva_sandbox.engine.contract.rules import Refusal
from aniva_sandbox.engine.serving.protocol import MAX_HEAD, NO_CONNECT, Bounded, refuse_hosts, split_target

__all__ = ["H11Connection"]

_LONGEST_METHOD = 32
_METHOD = re.compile(rb"[A-Za-z][A-Za-z_-]*(?: |\Z)")
"""How a request begins, as far as it has come."""


class H11Connection(Bounded, H11Protocol):
    """A connection of the sandbox. Unlike the other, this one has an end to what is no body from h11, and reads a
    request only when those before it were answered."""

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
            self.cycle.more_body = False  # uvicorn leaves it where the request was answered before its end

    def _begun(self) -> bool:
        return self.conn.their_state is h11.IDLE and bool(self.conn.trailing_data[0])


class _Heads(h11.Connection):
    """Reads as h11 does, but does not wait for the end of a line that begins as no request does; for the target and
    the hosts of a request raises :exc:`Refusal`."""

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
