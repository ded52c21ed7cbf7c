"""Holding a server at an address against the contract: a sandbox as it serves itself, any other by its answers only."""

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
"""Seconds until a server that says nothing is given up."""


class CannotRun(Exception):
    """There is nothing to hold against the contract, or no contract: why, in one line."""


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

    Without a key the server must be a sandbox: its control plane makes a fresh world for every operation, and it is
    held against the document that it serves. With one, any server is held against our document by its answers alone.
    ``spec`` is another document for either; ``headers`` go with every request.
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
                f"{base} is no sandbox whose control plane answers: it takes the token of a sandbox (--token), "
                "or for any other server a key (--key)"
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
    """The document that a sandbox serves; None where the server is no sandbox, or does not let its control plane be
    used. Raises RequestException where there is no server."""
    control = session.get(f"{base}/_sandbox/worlds", timeout=PATIENCE)
    refused = session.get(f"{base}{partner.INFO.base}/", timeout=PATIENCE)
    if control.status_code != 200 or "x-sandbox-rule" not in refused.headers:
        return None
    document: dict[str, Any] = session.get(f"{base}/openapi.json", timeout=PATIENCE).json()
    return document


def _renew(session: requests.Session, base: str) -> None:
    """Make the world of the run anew, with a clock that stands still."""
    made = session.put(f"{base}/_sandbox/worlds/{WORLD}", json={"clock": "frozen"}, timeout=PATIENCE)
    if made.status_code != 200:
        raise CannotRun(f"the sandbox makes no world for the run: {made.status_code} {made.text}")


@contextmanager
def _no_proxy(host: str) -> Iterator[None]:
    """Let no proxy of the environment come between here and a loopback address, for Schemathesis' sessions either."""
    others = getproxies_environment().get("no", "")
    with set_environ("no_proxy", f"{others},{host}" if is_loopback(host) else None):
        yield


@contextmanager
def _no_leftovers() -> Iterator[None]:
    """Let Hypothesis keep what it writes in a folder that goes away, not in the working directory."""
    with TemporaryDirectory() as folder:
        set_hypothesis_home_dir(folder)
        try:
            yield
        finally:
            set_hypothesis_home_dir(None)


def _reason(error: BaseException) -> str:
    """What an error of the network comes from, without what the libraries wrap around it."""
    while (inner := error.__cause__ or error.__context__) is not None:
        error = inner
    return getattr(error, "strerror", None) or str(error)
