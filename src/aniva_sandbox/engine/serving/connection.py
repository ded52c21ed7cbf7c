"""The server's connection, with requests read by httptools."""

import asyncio
from typing import Final

import httptools

from aniva_sandbox.engine.contract.kept import Kept
from aniva_sandbox.engine.contract.rules import Refusal
from aniva_sandbox.engine.serving.incoming import Head, Incoming
from aniva_sandbox.engine.serving.protocol import NO_CONNECT, Bounded

__all__ = ["Connection"]

_END: Final = b"\r\n\r\n"
_KNOWN: Final[Kept[bytes, Head]] = Kept()
"""Heads by their bytes: clients send the same ones again and again.

Between requests, what a connection reads next depends on nothing but its bytes. So bytes that were once a head,
followed by a body of some length and nothing else, are that again if as many bytes follow.
"""


def _note(data: bytes, end: int, request: Incoming) -> None:
    """Note the head of the request that was all that these bytes brought, if it ends here and its body is the rest."""
    if request.is_whole and request.body == data[end:] and request.refusal is None and not request.awaits_word:
        request.head.length = len(data) - end
        _KNOWN.keep(data[:end], request.head, end)


class Connection(Bounded):
    """A connection of the server. httptools calls the methods ``on_...``."""

    _is_in_head = False
    _is_offer = False
    """Whether the last head offers another protocol."""
    _target = b""
    _headers: list[tuple[bytes, bytes]]

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        super().connection_made(transport)
        self._parser = self._new_parser()

    def on_message_begin(self) -> None:
        self._is_in_head = True
        self._target = b""
        self._headers = []

    def on_url(self, part: bytes) -> None:
        self._target += part

    def on_header(self, name: bytes, value: bytes) -> None:
        self._headers.append((name.lower(), value))

    def on_headers_complete(self) -> None:
        parser = self._parser
        self._is_offer = parser.should_upgrade()
        if self._is_offer:
            return  # this head is read again, or refused
        headers, keeps_alive = self._headers, parser.should_keep_alive()
        fields = dict(headers)
        version = "1.1"  # the only one that keeps a connection without a header that says so; to ask for it costs
        if not keeps_alive or b"connection" in fields:
            version = parser.get_http_version()
            keeps_alive = keeps_alive and version != "1.0"
        self._take_head(parser.get_method(), self._target, headers, fields, version, keeps_alive)
        self._is_in_head = False
        self._headers = []  # those that follow are trailers

    def on_body(self, body: bytes) -> None:
        self._take_body(body)

    def on_message_complete(self) -> None:
        if not self._is_offer:
            self._take_end()

    def _feed(self, data: bytes) -> None:
        if self._is_in_head or not (self._last is None or self._last.is_whole):
            self._parse(data)
            return
        end = data.find(_END) + len(_END)
        head = _KNOWN.get(data[:end])
        if head is not None and head.length == len(data) - end:
            self._take_known(head, data[end:])
            return
        waiting = len(self.pipeline)
        self._parse(data)
        if len(self.pipeline) == waiting + 1:
            _note(data, end, self.pipeline[-1])

    def _parse(self, data: bytes | memoryview) -> None:
        while not self._is_refused:
            try:
                self._parser.feed_data(data)
                return
            except httptools.HttpParserUpgrade as offer:
                data = memoryview(data)[offer.args[0] :]  # the parser takes it for the other protocol's
            except httptools.HttpParserError as error:
                refusal = error.__context__  # raised by one of the methods above
                if isinstance(refusal, Refusal):
                    self._refuse(refusal)
                else:
                    self._misread()
                return
            self._decline_offer()

    def _decline_offer(self) -> None:
        """Read the head again, without its offer of another protocol."""
        method, version = self._parser.get_method(), self._parser.get_http_version()
        if method == b"CONNECT":
            self._refuse(NO_CONNECT)
            return
        line = b"%s %s HTTP/%s" % (method, self._target, version.encode())
        fields = [b"%s: %s" % header for header in self._headers if header[0] != b"upgrade"]
        self._parser = self._new_parser()
        self._parse(b"\r\n".join([line, *fields, b"", b""]))

    def _new_parser(self) -> httptools.HttpRequestParser:
        parser = httptools.HttpRequestParser(self)
        parser.set_dangerous_leniencies(lenient_data_after_close=True)  # for what follows the last request
        return parser

    def _has_begun(self) -> bool:
        return self._is_in_head
