"""The command that prints the table of operations."""

import json
from collections.abc import Iterator
from typing import Any, NamedTuple

import click

from aniva_sandbox.cli.streams import write_document

__all__ = ["OperationRow", "operation_rows", "operations", "write_markdown"]


class OperationRow(NamedTuple):
    """An operation of the partner API as a row of the table. A key needs one of the ``permissions``; ``rules`` are the
    rules that may refuse a request."""

    id: str
    method: str
    path: str
    summary: str
    permissions: tuple[str, ...]
    statuses: tuple[int, ...]
    rules: tuple[str, ...]
    deprecated: bool


@click.command()
@click.option("--json", "as_json", is_flag=True, help="Print JSON, with the rules that may refuse each operation.")
@click.option("--markdown", "as_markdown", is_flag=True, help="Print a Markdown table.")
def operations(as_json: bool, as_markdown: bool) -> None:
    """Print the operations of the partner API: id, method, path, permissions, statuses.

    Faults, journal queries and assertions refer to operations by these ids. A key needs one of the permissions.
    """
    rows = operation_rows()
    if as_json:
        write_document(f"{json.dumps([row._asdict() for row in rows], indent=2)}\n")
    elif as_markdown:
        write_document(write_markdown(rows))
    else:
        width = max(len(row.id) for row in rows)
        for row in rows:
            click.echo(f"{click.style(row.id.ljust(width), bold=True)}  {row.method:<6}  {row.path}")
            click.echo(f"    {' or '.join(row.permissions)}; {_statuses(row)}")


def operation_rows() -> list[OperationRow]:
    """Every operation of the partner API, in the order of the document."""
    # Lazy: the other commands do without it.
    from aniva_sandbox.api import partner
    from aniva_sandbox.engine.contract.document import build_document

    document = build_document(partner.CONTRACT)
    return [
        OperationRow(
            operation["operationId"],
            method.upper(),
            path,
            operation["summary"],
            tuple(operation["x-permissions"]),
            tuple(map(int, operation["responses"])),
            tuple(dict.fromkeys(_rules(document, operation))),
            operation.get("deprecated", False),
        )
        for path, methods in document["paths"].items()
        for method, operation in methods.items()
    ]


def write_markdown(rows: list[OperationRow]) -> str:
    """The table in Markdown."""
    lines = ["| operation | request | one of these permissions | statuses |", "|---|---|---|---|"]
    for row in rows:
        permissions = ", ".join(f"`{permission}`" for permission in row.permissions)
        lines.append(f"| `{row.id}` | `{row.method} {row.path}` | {permissions} | {_statuses(row)} |")
    return "\n".join(lines) + "\n"


def _statuses(row: OperationRow) -> str:
    return ", ".join(map(str, row.statuses)) + (" (deprecated)" if row.deprecated else "")


def _rules(document: dict[str, Any], operation: dict[str, Any]) -> Iterator[str]:
    for response in operation["responses"].values():
        shared = response.get("$ref", "").rpartition("/")[2]
        yield from (document["components"]["responses"][shared] if shared else response).get("x-rules", ())
