"""Checking a server against the contract: a sandbox against its own document, any other server by its responses."""

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from copy import deepcopy
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any
from urllib.request import getproxies_environment

import requests
import schemathesis
from hypothesis.configuration import set_hypothesis_home_dir
from requests.utils import set_environ
from schemathesis.errors import InvalidSchema, LoaderError

from aniva_sandbox.api import partner
from aniva_sandbox.conformance.report import Report
from aniva_sandbox.conformance.run import run_schemathesis
from aniva_sandbox.conformance.subject import FULL_KEY, OUTSIDER_KEY, WORLD, Subject
from aniva_sandbox.engine.address import is_loopback, parse_url
from aniva_sandbox.engine.contract.document import DocumentError, load_document
from aniva_sandbox.files import find_file

__all__ = ["CannotRun", "check_server"]

PATIENCE = 30
"""The timeout of a request, in seconds."""


class CannotRun(Exception):
    """There is no server to check, or no contract; the message says why, in one line."""


def check_server(
    url: str,
    *,
    key: str | None = None,
    outsider: str | None = None,
    headers: Mapping[str, str] | None = None,
    spec: Path | None = None,
    examples: int,
) -> Report:
    """Run all checks on the server at this address. Raises :exc:`CannotRun`.

    Without a key, the server must be a sandbox: its control plane creates a fresh world for every operation, and it is
    checked against the document that it serves. With a key, any server is checked against our document, by its
    responses alone. ``spec`` replaces the document; ``headers`` are sent with every request.
    """
    try:
        base, host = parse_url(url, partner.INFO.base)
    except ValueError as error:
        raise CannotRun(str(error)) from None
    with _no_proxy(host), requests.Session() as session:
        session.headers.update(headers or {})
        try:
            served = _served_by_sandbox(session, base)
        except requests.RequestException as error:
            raise CannotRun(f"{base} cannot be reached: {_reason(error)}") from None
        if key is not None:
            subject = Subject(key=key, outsider=outsider, headers=headers or {})
        elif served is None:
            raise CannotRun(
                f"{base} is not a sandbox with an accessible control plane: give the token of a sandbox (--token), "
                "or, for any other server, a key (--key)"
            )
        else:
            subject = Subject(
                key=FULL_KEY,
                outsider=OUTSIDER_KEY,
                ledger=partner.LEDGER,
                renew=lambda: _renew(session, base),
                headers=headers or {},
            )
            try:
                subject.renew()
            except requests.RequestException as error:
                raise CannotRun(f"{base} cannot be reached: {_reason(error)}") from None
        source = str(spec or find_file("openapi.yaml"))
        try:
            if key is not None or served is None or spec is not None:
                served = load_document(Path(source))
            else:
                source = f"{base}/openapi.json"
            document = served
            with _no_leftovers():
                report = run_schemathesis(
                    lambda config: schemathesis.openapi.from_dict(deepcopy(document), config=config),
                    subject,
                    examples=examples,
                    base_url=base,
                    headers=headers,
                )
        except DocumentError as error:
            raise CannotRun(str(error)) from None
        except (LoaderError, InvalidSchema) as error:
            raise CannotRun(f"{source} cannot be used: {' '.join(str(error).split())}") from None
    report.document = source
    return report


def _served_by_sandbox(session: requests.Session, base: str) -> dict[str, Any] | None:
    """The document that a sandbox serves; None if the server is not a sandbox, or refuses access to its control plane.
    Raises RequestException if there is no server."""
    control = session.get(f"{base}/_sandbox/worlds", timeout=PATIENCE)
    refused = session.get(f"{base}{partner.INFO.base}/", timeout=PATIENCE)
    if control.status_code != 200 or "x-sandbox-rule" not in refused.headers:
        return None
    document: dict[str, Any] = session.get(f"{base}/openapi.json", timeout=PATIENCE).json()
    return document


def _renew(session: requests.Session, base: str) -> None:
    """Create the world of the run again, with a frozen clock."""
    made = session.put(f"{base}/_sandbox/worlds/{WORLD}", json={"clock": "frozen"}, timeout=PATIENCE)
    if made.status_code != 200:
        raise CannotRun(f"the sandbox did not create a world for the run: {made.status_code} {made.text}")


@contextmanager
def _no_proxy(host: str) -> Iterator[None]:
    """Bypass proxies of the environment for a loopback address, in Schemathesis' sessions too."""
    others = getproxies_environment().get("no", "")
    with set_environ("no_proxy", f"{others},{host}" if is_loopback(host) else None):
        yield


@contextmanager
def _no_leftovers() -> Iterator[None]:
    """Let Hypothesis write to a temporary folder, not to the working directory."""
    with TemporaryDirectory() as folder:
        set_hypothesis_home_dir(folder)
        try:
            yield
        finally:
            set_hypothesis_home_dir(None)


def _reason(error: BaseException) -> str:
    """The cause of a network error, without the wrappers of the libraries."""
    while (inner := error.__cause__ or error.__context__) is not None:
        error = inner
    return getattr(error, "strerror", None) or str(error)
