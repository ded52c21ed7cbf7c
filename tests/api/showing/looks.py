"""Looking at records through the control plane."""

from collections.abc import Iterator
from typing import Any

from aniva_sandbox.api.domain import DOMAIN
from tests.support import Client

SECTIONS = tuple(DOMAIN.shown)


def look(client: Client, section: str, id: str) -> dict[str, Any]:
    """A record as people see it."""
    reply = client.control("GET", f"/worlds/test/record?section={section}&id={id}")
    assert reply.status == 200, reply.json
    return dict(reply.json)


def table(client: Client, section: str, query: str = "") -> dict[str, Any]:
    """A page of a table as people see it."""
    reply = client.control("GET", f"/worlds/test/records?section={section}{query}")
    assert reply.status == 200, reply.json
    return dict(reply.json)


def ids(client: Client, section: str) -> list[str]:
    """The ids in a table."""
    return [each["id"] for each in table(client, section, "&limit=200")["records"]]


def everything(client: Client) -> Iterator[tuple[str, str, dict[str, Any]]]:
    """All records: section, id, and what is shown."""
    for section in SECTIONS:
        for id in ids(client, section):
            yield section, id, look(client, section, id)


def facts(record: dict[str, Any]) -> dict[str, str]:
    """The values of the facts of a record by label; of several with the same one, the last."""
    return {each["label"]: each["value"] for each in record["facts"]}


def notes(record: dict[str, Any]) -> dict[str, str]:
    """The notes of the facts of a record by label."""
    return {each["label"]: each["note"] for each in record["facts"]}


def related(record: dict[str, Any]) -> dict[str, str]:
    """The notes of the related records by id; a draw and its order have the same id, the first counts."""
    return {each["id"]: each["note"] for each in reversed(record["related"])}
