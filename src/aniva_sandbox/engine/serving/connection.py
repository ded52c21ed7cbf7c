"""The server's connection, based on httptools."""

import httptools
from uvicorn.protocols.http.httptools_impl import HttpToolsProtocol

from aniva_sandbox.engine.contract.rules import Refusal
from aniva_sandbox.engine.serving.protocol import (
    CLOSE,
    MAX_HEAD,
    NO_CONNECT,
    TOO_LONG,
    Bounded,
    refuse_hosts,
    refusing,
    split_target,
)

__all__ = ["Connection"]

_STAND_IN = b"GET / HTTP/1.1\r\nhost: localhost\r\nconnection: close\r\n\r\n"
"""A request that replaces unreadable input, so that its refusal is sent in turn."""


class Connection(Bounded, HttpToolsProtocol):
    """A connection of the server."""

    _body_came = False
    _silence = 0
    """Bytes of those reads since the last part of a body: of a head, of empty lines before it, or of chunk headers and
    trailers."""

    def on_headers_complete(self) -> None:
        offers = self.parser.should_upgrade()  # this head is read again, or refused
        if not offers:
            hosts = 0
            for name, _ in self.headers:
                if name == b"host":
                    hosts += 1
            if hosts != 1 and (hosts or self.parser.get_http_version() != "1.0"):
                refuse_hosts()
            if self.url[:1] != b"/":
                authority, self.url = split_target(self.url)
                self.headers[:] = [(b"host", authority), *(each for each in self.headers if each[0] != b"host")]
        HttpToolsProtocol.on_headers_complete(self)
        if not offers:
            self.headers = []  # the scope has those of the head, without trailers

    def on_body(self, body: bytes) -> None:
        self._body_came = True
        HttpToolsProtocol.on_body(self, body)

    def on_message_complete(self) -> None:
        if not self.parser.should_upgrade():
            self.cycle.more_body = False  # uvicorn leaves it unset if the response came before the request's end
            self.cycle.message_event.set()

    def _should_upgrade(self) -> bool:
        """Called by uvicorn if a request offers another protocol: it is read again without the offer."""
        return True

    def _parse(self, data: bytes | memoryview) -> None:
        self._unset_keepalive_if_required()
        while not self._refused:
            try:
                self.parser.feed_data(data)
                return
            except httptools.HttpParserUpgrade as offer:
                data = memoryview(data)[offer.args[0] :]  # the parser takes it for the other protocol's
            except httptools.HttpParserError as error:
                refusal = error.__context__  # raised by one of the methods above
                self._refuse(refusal if isinstance(refusal, Refusal) else self._misread())
                return
            self._decline_offer()

    def _decline_offer(self) -> None:
        """Read the head again, without its offer of another protocol."""
        if self.scope["method"] == "CONNECT":
            self._refuse(NO_CONNECT)
            return
        line = b"%s %s HTTP/%s" % (self.scope["method"].encode(), self.url, self.scope["http_version"].encode())
        fields = [b"%s: %s" % header for header in self.headers if header[0] != b"upgrade"]
        self._renew_parser()
        self._parse(b"\r\n".join([line, *fields, b"", b""]))

    def _renew_parser(self) -> None:
        self.parser = httptools.HttpRequestParser(self)
        self.parser.set_dangerous_leniencies(lenient_data_after_close=True)  # as uvicorn does

    def _begun(self) -> bool:
        return self.scope is not (self.cycle and self.cycle.scope)

    def _start_again(self) -> None:
        self._silence = 0
        super()._start_again()

    def _go_on(self, size: int) -> None:
        self._silence = 0 if self._body_came else self._silence + size
        self._body_came = False
        if self._silence > MAX_HEAD:
            self._refuse(TOO_LONG)
        super()._go_on(size)

    def _refuse_in_turn(self, refusal: Refusal) -> bool:
        cycle, refuse = self.cycle, refusing(refusal, CLOSE)
        if not cycle.more_body:
            self.app = refuse
            self._renew_parser()
            self.parser.feed_data(_STAND_IN)
        elif self.pipeline and self.pipeline[0][0] is cycle:
            self.pipeline[0] = cycle, refuse
        else:
            return False
        return True
