"""Reading from the control plane of a running sandbox, and writing what was read into a file."""

import json
from pathlib import Path
from typing import Any, Final

import click

from aniva_sandbox.cli.common import BEARER_FROM
from aniva_sandbox.engine import whole_file

__all__ = ["ServerError", "read_bytes", "read_json", "write_whole"]

_PATIENCE = 60
"""Seconds that a running sandbox has to respond."""
_LONG_ENOUGH = 500
"""Bytes of an error response to show."""

_ENDINGS: Final = {401: f"; pass the token with --token or {BEARER_FROM}"}
"""What to do about an error response, by status."""


class ServerError(click.ClickException):
    """A server could not be reached, or refused. ``rule`` is the header X-Sandbox-Rule of its response."""

    def __init__(self, message: str, rule: str = "") -> None:
        super().__init__(message)
        self.rule = rule


def read_json(address: str, host: str, token: str | None) -> Any:
    """The JSON at a URL of a control plane. Raises :exc:`ServerError`."""
    try:
        return json.loads(read_bytes(address, host, token))
    except ValueError as error:
        raise ServerError(f"{address} cannot be read: {_one_line(str(error))}") from None


def read_bytes(address: str, host: str, token: str | None) -> bytes:
    """The content of a URL of a control plane. Raises :exc:`ServerError`."""
    # Lazy: most commands reach no server.
    import urllib.error
    import urllib.request
    from http.client import HTTPException

    from aniva_sandbox.engine.address import is_loopback

    request = urllib.request.Request(address, headers={"Authorization": f"Bearer {token}"} if token else {})  # noqa: S310
    # A proxy cannot reach this machine's loopback interface, whatever the environment says.
    open_url = urllib.request.build_opener(*[urllib.request.ProxyHandler({})] * is_loopback(host)).open
    try:
        try:
            with open_url(request, timeout=_PATIENCE) as response:
                content: bytes = response.read()
                return content
        except urllib.error.HTTPError as error:
            with error:
                said = _one_line(error.read(_LONG_ENOUGH).decode(errors="replace")) + _ENDINGS.get(error.code, "")
            rule = error.headers.get("X-Sandbox-Rule") or ""
            raise ServerError(f"{address} returned {error.code}: {said}", rule) from None
    except (OSError, ValueError, HTTPException) as error:
        reason = error.reason if isinstance(error, urllib.error.URLError) else error
        said = getattr(reason, "strerror", None) or _one_line(str(reason))
        raise ServerError(f"{address} cannot be read: {said}") from None


def write_whole(file: Path, text: str) -> None:
    """Write a text as a whole file. Raises a ClickException if that is not possible."""
    try:
        whole_file.write_whole(file, text.encode())
    except OSError as error:
        raise click.ClickException(f"{file} cannot be written: {error.strerror}") from None


def _one_line(text: str) -> str:
    return " ".join(text.split())
