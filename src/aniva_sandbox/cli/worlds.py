"""The commands for worlds: starting states and world files."""

import json
import os
import sys
from pathlib import Path

import click

from aniva_sandbox.api.domain import DOMAIN
from aniva_sandbox.cli.common import BEARER_FROM, KEY
from aniva_sandbox.cli.remote import read_json, write_whole
from aniva_sandbox.cli.streams import write_document
from aniva_sandbox.engine.texts import counted
from aniva_sandbox.files import find_file

__all__ = ["worlds"]


@click.group(invoke_without_command=True)
@click.pass_context
def worlds(context: click.Context) -> None:
    """List starting states; check and export world files."""
    if context.invoked_subcommand is not None:
        return
    # Lazy: the other commands do without it.
    from aniva_sandbox.api.beginnings import fixture_names, get_fixture
    from aniva_sandbox.engine.yaml_file import FixtureError

    try:
        for name in fixture_names():
            fixture = get_fixture(name)
            click.echo(f"{click.style(name, bold=True)}  {fixture.title}")
            click.echo(f"    Keys: {KEY}, {', '.join(f'{KEY}.{persona}' for persona in fixture.personas)}")
            click.echo(f"    A frozen clock starts at {fixture.start:%Y-%m-%dT%H:%M:%SZ}")
    except FixtureError as error:
        raise click.ClickException(str(error)) from None


@worlds.command("check")
@click.argument("files", nargs=-1, required=True, metavar="FILE...")
def check_worlds(files: tuple[str, ...]) -> None:
    """Check world files; - reads standard input.

    Reports every problem with its line and field. The exit code is 1 if there are problems.
    """
    # Lazy, as above.
    from aniva_sandbox.api.beginnings import get_fixture, load_world, world_path
    from aniva_sandbox.api.world import World
    from aniva_sandbox.engine.world.events import settle
    from aniva_sandbox.engine.yaml_file import FixtureError, read_bounded

    sound = True
    for file in files:
        shown = "<stdin>" if file == "-" else file
        try:
            path = Path(shown) if file == "-" else world_path(file)
            content = read_bounded(sys.stdin.buffer) if file == "-" else None
            read = load_world(path, content) if path is not None else get_fixture(file)
            world = World("check", read, DOMAIN, mode="frozen")
        except FixtureError as error:
            click.echo(error, err=True)
            sound = False
            continue
        except OSError as error:  # from standard input; files raise FixtureError
            raise click.ClickException(f"{shown} cannot be read: {error.strerror}") from None
        settle(world)
        click.echo(
            f"{shown}: {counted(world.locations, 'location')}, {counted(world.profiles, 'profile')}, "
            f"{counted(world.appointments, 'appointment')}, {counted(world.shipments, 'shipment')}"
        )
    if not sound:
        raise SystemExit(1)


@worlds.command("export")
@click.argument("world", default="default")
@click.option("--url", default="http://127.0.0.1:8000", show_default=True, help="The address of the running sandbox.")
@click.option("--token", envvar=BEARER_FROM, help="The token of its control plane, if serve printed one.")
@click.option(
    "-o",
    "--output",
    type=click.Path(dir_okay=False, path_type=Path),
    help="The file to write; without it, or with -, prints.",
)
def export_world(world: str, url: str, token: str | None, output: Path | None) -> None:
    """Write a running world as a world file.

    The file holds everything but the journal: records, results, agenda, clock. To start other worlds from it, use
    serve --world FILE, --aniva-world FILE or @pytest.mark.aniva(world="FILE").
    """
    # Lazy, as above.
    from urllib.parse import quote

    from aniva_sandbox.api import partner
    from aniva_sandbox.engine.address import parse_url
    from aniva_sandbox.engine.yaml_file import dump_yaml

    try:
        base, host = parse_url(url, partner.INFO.base)
    except ValueError as error:
        raise click.BadParameter(str(error), param_hint="--url") from None
    if output == Path("-"):
        output = None
    snapshot = read_json(f"{base}/_sandbox/worlds/{quote(world, safe='')}/snapshot", host, token)
    as_json = output is not None and output.suffix.lower() == ".json"
    text = f"{json.dumps(snapshot, ensure_ascii=False, indent=1)}\n" if as_json else dump_yaml(snapshot)
    if output is None:
        write_document(text)
        return
    write_whole(output, text)
    click.echo(f"wrote {output}")


@worlds.command("schema")
@click.option("--markdown", "as_markdown", is_flag=True, help="The reference of all fields, in Markdown.")
def print_schema(as_markdown: bool) -> None:
    """Print the JSON Schema of world files.

    Editors complete and check world files with it. Put this on top of a file:
    # yaml-language-server: $schema=world.schema.json
    """
    # Lazy, as above.
    from aniva_sandbox.engine.world.world_file_schema import world_file_schema, write_field_reference

    schema = world_file_schema(DOMAIN)
    write_document(
        write_field_reference(schema) if as_markdown else f"{json.dumps(schema, ensure_ascii=False, indent=2)}\n"
    )


@worlds.command("new")
@click.argument("file", type=click.Path(dir_okay=False, path_type=Path))
@click.option("--force", is_flag=True, help="Overwrite the file.")
def write_new(file: Path, force: bool) -> None:
    """Write a small world file to build on; - prints it.

    It has comments, one patient, one location, one appointment and one shipment.
    """
    text = find_file("fixtures/new-world.yaml").read_text(encoding="utf-8")
    if file == Path("-"):
        write_document(text)
        return
    if not file.name:
        raise click.BadParameter("is empty", param_hint="FILE")
    if not force and os.path.lexists(file):
        raise click.ClickException(f"{file} exists; --force overwrites it")
    write_whole(file, text)
    click.echo(f"wrote {file}")
