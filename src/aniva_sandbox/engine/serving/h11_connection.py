"""The server's connection, with requests read by h11: for Pythons without httptools."""

import re
from typing import Any

import h11

from aniva_sandbox.engine.contract.rules import Refusal
from aniva_sandbox.engine.serving.protocol import MAX_HEAD, NO_CONNECT, Bounded
from aniva_sandbox.engine.serving.wire import refuse_hosts

__all__ = ["H11Connection"]

_LONGEST_METHOD = 32
_METHOD = re.compile(rb"[A-Za-z][A-Za-z_-]*(?: |\Z)")
"""The start of a request, as far as it has arrived."""


class H11Connection(Bounded):
    """A connection of the server. h11 bounds heads itself."""

    def __init__(self, *args: Any, **options: Any) -> None:
        super().__init__(*args, **options)
        self._reader = _new_reader()

    def _feed(self, data: bytes) -> None:
        try:
            self._read(data)
        except Refusal as refusal:
            self._refuse(refusal)
        except h11.RemoteProtocolError:
            self._misread()

    def _read(self, data: bytes) -> None:
        try:
            self._reader.receive_data(data)
            while not self._is_refused:
                match self._reader.next_event():
                    case h11.Request() as request:
                        self._take_request(request)
                    case h11.Data(data=part):
                        self._take_body(bytes(part))
                    case h11.EndOfMessage():
                        self._take_end()
                        rest, _ = self._reader.trailing_data
                        self._reader = _new_reader()  # h11's own would wait for the response
                        if rest:
                            self._reader.receive_data(rest)
                    case _:
                        self._require_method()
                        return
        except h11.RemoteProtocolError as error:
            if "Host: header" in str(error):
                refuse_hosts()
            raise

    def _take_request(self, request: h11.Request) -> None:
        if request.method == b"CONNECT":
            self._refuse(NO_CONNECT)
            return
        headers, version = list(request.headers), request.http_version.decode()
        closes = any(name == b"connection" and b"close" in _tokens(value) for name, value in headers)
        keeps_alive = version != "1.0" and not closes
        self._take_head(request.method, request.target, headers, dict(headers), version, keeps_alive)

    def _require_method(self) -> None:
        """Do not wait for the end of a line that does not start like a request."""
        if self._has_begun():
            begin = self._reader.trailing_data[0][: _LONGEST_METHOD + 1]
            if not _METHOD.match(begin) or (len(begin) > _LONGEST_METHOD and b" " not in begin):
                self._misread()

    def _has_begun(self) -> bool:
        return self._reader.their_state is h11.IDLE and bool(self._reader.trailing_data[0])


def _new_reader() -> h11.Connection:
    return h11.Connection(h11.SERVER, MAX_HEAD)


def _tokens(value: bytes) -> list[bytes]:
    return [token.strip() for token in value.lower().split(b",")]
