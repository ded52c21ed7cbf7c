"""The commands that print the OpenAPI document and the ledger."""

import click

from aniva_sandbox.cli.streams import write_document

__all__ = ["rules", "spec"]


@click.command()
@click.option("--write", is_flag=True, help="Update openapi.yaml in this checkout instead of printing.")
def spec(write: bool) -> None:
    """Print the OpenAPI document, generated from the code."""
    # Lazy: the other commands do without it.
    from aniva_sandbox.api import partner
    from aniva_sandbox.api.app import DIGEST
    from aniva_sandbox.engine.contract.api import Api
    from aniva_sandbox.engine.contract.document import DocumentError, build_document, dump_document
    from aniva_sandbox.engine.contract.known import digest_line
    from aniva_sandbox.files import find_file

    text = dump_document(build_document(partner.CONTRACT))
    if write:
        path = find_file("openapi.yaml")
        if not path.with_name("pyproject.toml").exists():
            raise click.ClickException("there is no checkout to write to: install the sandbox with pip install -e")
        try:
            Api.of(partner.CONTRACT)  # so that it is known when it is served
            path.write_text(text, encoding="utf-8", newline="\n")  # as it is committed, on every system
            DIGEST.write_text(digest_line(text), encoding="utf-8", newline="\n")
        except DocumentError as error:
            raise click.ClickException(str(error)) from None
        except OSError as error:
            raise click.ClickException(f"{path} cannot be written: {error.strerror}") from None
        click.echo(f"wrote {path}")
    else:
        write_document(text)


@click.command()
@click.argument("rule", required=False)
@click.option(
    "--basis", type=click.Choice(["documented", "assumed", "conflict", "sandbox"]), help="Only rules with this basis."
)
@click.option("--json", "as_json", is_flag=True, help="Print JSON.")
def rules(rule: str | None, basis: str | None, as_json: bool) -> None:
    """Print the ledger: every rule, its basis, its source, and the status of its refusals.

    RULE is an id or the start of one. Clauses are shown under their rule: the parts of it with another basis.
    """
    # Lazy, as above.
    import msgspec

    from aniva_sandbox.api import partner
    from aniva_sandbox.api.control import CONTROL
    from aniva_sandbox.engine.contract.concerned import Concerned
    from aniva_sandbox.engine.control.server import rule_view

    chosen = [
        entry for entry in CONTROL.ledger if entry.id.startswith(rule or "") and (basis is None or entry.basis == basis)
    ]
    if not chosen:
        raise click.ClickException(f"there is no rule {rule or ''} of that kind; `aniva-sandbox rules` lists all")
    if as_json:
        concerned = Concerned([partner.CONTRACT, CONTROL])
        views = [rule_view(entry, concerned.operations_of(entry)) for entry in chosen]
        write_document(msgspec.json.format(msgspec.json.encode(views), indent=2).decode() + "\n")
        return
    shown = {entry.id for entry in chosen}
    for entry in chosen:
        statuses = " or ".join(map(str, entry.statuses)) or "-"
        indent = "    " if entry.whole in shown else ""
        click.echo(f"{indent}{click.style(entry.id, bold=True)}  {entry.basis}  {statuses}")
        click.echo(f"{indent}    {entry.sentence}")
        click.echo(f"{indent}    Source: {entry.source}")
