"""The command line."""

import gc
import json
import logging
import os
import signal
import sys
from collections import Counter
from pathlib import Path
from typing import Any, Literal

import click

from aniva_sandbox import VERSION
from aniva_sandbox.world.limits import Limits

__all__ = ["main"]

_KEY = "sbx_default"
_BEARER_FROM = "ANIVA_SANDBOX_TOKEN"
_CHECK_EXAMPLES = """
\b
A sandbox that runs here, and another server with two keys of different access contexts:
  aniva-sandbox check http://127.0.0.1:8000
  aniva-sandbox check https://staging.example.com --key KEY --outsider-key OTHER

\b
Exit codes: 0 nothing failed, 1 something did, 2 the check could not run.
"""
_PATIENCE = 60
"""Seconds that a running sandbox has to answer."""
_EXAMPLES = """
\b
Start it, and call it from another shell:
  aniva-sandbox serve
  curl -H 'x-api-key: sbx_default' http://127.0.0.1:8000/api/v1/locations

\b
In CI, one world for each job, a free port, one JSON line to read it from:
  aniva-sandbox serve --port 0 --json

\b
Why was a call refused? The header X-Sandbox-Rule names the rule:
  aniva-sandbox rules appointment.future
"""


@click.group(epilog=_EXAMPLES, context_settings={"help_option_names": ["-h", "--help"]})
@click.version_option(VERSION, prog_name="aniva-sandbox")
def main() -> None:
    """A stateful sandbox of the Aniva Partner API: no account, no network."""


@main.command()
@click.option("--host", default="127.0.0.1", show_default=True, help="Interface to listen on.")
@click.option("--port", default=8000, show_default=True, type=click.IntRange(0, 65535), help="0 picks a free one.")
@click.option("--world", default="default", show_default=True, metavar="FIXTURE", help="A name, or a world file.")
@click.option(
    "--clock", default="real", show_default=True, metavar="real|frozen|ISO", help="An instant freezes it there."
)
@click.option("--seed", type=click.IntRange(0, 2**53), help="Where ids come from.  [default: 0, or what an export has]")
@click.option("--spec", type=click.Path(exists=True, dir_okay=False, path_type=Path), help="Serve a proposed document.")
@click.option(
    "--link-answer",
    default="parent",
    show_default=True,
    type=click.Choice(["parent", "list"]),
    help="What changes of links answer with: the resource in the path, or the other side's.",
)
@click.option("--strict-worlds", is_flag=True, help="Make no world by the first use of its key.")
@click.option(
    "--max-worlds",
    default=Limits().worlds,
    show_default=True,
    type=click.IntRange(1),
    help="For a further one, the idle one goes that was not used for longest.",
)
@click.option(
    "--max-records",
    default=Limits().records,
    show_default=True,
    type=click.IntRange(1),
    help="Profiles, appointments, shipments, links, events and faults of a world.",
)
@click.option(
    "--max-journal",
    default=Limits().journal,
    show_default=True,
    type=click.IntRange(0),
    help="Exchanges that a world remembers.",
)
@click.option(
    "--allow-host",
    "allowed_hosts",
    multiple=True,
    metavar="NAME",
    help="A name or address, beside loopback's, by which the control plane may be called; may be given again.",
)
@click.option("--json", "as_json", is_flag=True, help="Print one JSON line instead of the banner.")
def serve(
    host: str,
    port: int,
    world: str,
    clock: str,
    seed: int | None,
    spec: Path | None,
    link_answer: Literal["parent", "list"],
    strict_worlds: bool,
    max_worlds: int,
    max_records: int,
    max_journal: int,
    allowed_hosts: tuple[str, ...],
    as_json: bool,
) -> None:
    """Serve the sandbox until Ctrl-C.

    The key sbx_default works at once; sbx_<name> opens a world of its own. The API reference is at /docs, the
    control plane at /_sandbox. Where other machines can reach it, the control plane needs a token: the one in
    ANIVA_SANDBOX_TOKEN, or else one that is printed at the start.
    """
    gc.disable()  # what is read from here on stays: looking through it for garbage costs a tenth of the start
    # Lazy: the other commands need no server.
    from aniva_sandbox.contract.document import DocumentError
    from aniva_sandbox.control.worlds import parse_clock
    from aniva_sandbox.serving.app import build_app, build_control_api, build_partner_api
    from aniva_sandbox.serving.guard import make_guard, parse_host
    from aniva_sandbox.serving.server import build_server, fixture_names, get_fixture, open_socket
    from aniva_sandbox.world.catalogue import get_catalogue
    from aniva_sandbox.world.world import World
    from aniva_sandbox.world.worlds import Worlds
    from aniva_sandbox.yaml_file import FixtureError

    logging.basicConfig(format="%(levelname)s: %(message)s")
    log = logging.getLogger("aniva_sandbox")
    log.setLevel(logging.INFO)

    def tell(made: World) -> None:
        log.info("the world %r was made by the first use of its key", made.name)

    def tell_of_eviction(gone: World) -> None:
        log.warning("the world %r had to go for a new one: --max-worlds is %d", gone.name, max_worlds)

    try:
        mode, start = parse_clock(clock)
    except ValueError as error:
        raise click.BadParameter(str(error), param_hint="--clock") from None
    for name in allowed_hosts:
        if parse_host(name) is None:
            raise click.BadParameter(
                f"{name!r} is no name or address of one host, without a port", param_hint="--allow-host"
            )
    try:
        guard = make_guard(host, allowed_hosts, os.environ.get(_BEARER_FROM))
    except ValueError as error:
        raise click.ClickException(f"{_BEARER_FROM} {error}") from None
    try:
        worlds = Worlds(
            get_catalogue(),
            get_fixture,
            fixture_names(),
            fixture=world,
            mode=mode,
            start=start,
            seed=seed,
            strict=strict_worlds,
            limits=Limits(max_worlds, max_records, max_journal),
            on_create=tell,
            on_evict=tell_of_eviction,
        )
        first = worlds.create("default")
        partner_api = build_partner_api(spec, link_answer)
        app = build_app(worlds, partner_api, build_control_api(), guard)
    except (FixtureError, DocumentError, ValueError) as error:
        raise click.ClickException(str(error)) from None
    try:
        listener = open_socket(host, port)
    except OSError as error:
        raise click.ClickException(f"cannot listen on {host}:{port}: {error.strerror}") from None

    for gap in partner_api.gaps:
        log.warning("proposal: %s", gap)
    gc.freeze()
    gc.enable()
    _announce(first, host, listener.getsockname()[1], guard.token, as_json=as_json)
    # The server ends with the signal that stopped it; both of these are a clean end.
    signal.signal(signal.SIGTERM, signal.default_int_handler)
    try:
        build_server(app).run(sockets=[listener])
    except KeyboardInterrupt:
        if not as_json:
            click.echo("Stopped.")


def _announce(world: Any, host: str, port: int, token: str | None, *, as_json: bool) -> None:
    """Print what a user needs to begin."""
    shown = "127.0.0.1" if host in ("0.0.0.0", "::", "") else host  # noqa: S104 (a comparison)
    url = f"http://[{shown}]:{port}" if ":" in shown else f"http://{shown}:{port}"
    access = world.personas["full"]
    group = next((g.slug for g in world.profile_groups.values() if g.id in access.profile_groups), None)
    location = next(
        (place.id for place in world.locations if place.active and place.group in access.location_groups), None
    )
    panel = next((p.id for p in world.catalogue.panels.values() if not p.is_custom and p.id in access.panels), None)
    facts = {
        "url": url,
        "api_key": _KEY,
        "profile_group": group,
        "location_id": location,
        "panel_id": panel,
        "docs": f"{url}/docs",
        "control": f"{url}/_sandbox",
        "token": token,
    }
    if as_json:
        click.echo(json.dumps(facts))
    else:
        click.echo(f"Aniva sandbox {VERSION}\n")
        for name, value in facts.items():
            if name == "control" and token is not None:
                value = f"{value}  (with Authorization: Bearer <token>)"
            if name != "token" or token is not None:
                click.echo(f"  {name.replace('_', ' '):<14}{value}")
        click.echo(f"\nTry:\n  curl -H 'x-api-key: {_KEY}' {url}/api/v1/locations\n\nCtrl-C stops it.")
    sys.stdout.flush()


@main.command()
@click.option("--write", is_flag=True, help="Write openapi.yaml of this checkout instead of printing it.")
def spec(write: bool) -> None:
    """Print the OpenAPI document, made anew from the code."""
    # Lazy, as above.
    from aniva_sandbox.contract.document import build_document, dump_document
    from aniva_sandbox.files import find_file
    from aniva_sandbox.resources import partner

    text = dump_document(build_document(partner.INFO, partner.OPERATIONS, partner.LEDGER))
    if write:
        path = find_file("openapi.yaml")
        if not path.with_name("pyproject.toml").exists():
            raise click.ClickException("there is no checkout to write into: install it with pip install -e")
        path.write_text(text, encoding="utf-8")
        click.echo(f"wrote {path}")
    else:
        click.echo(text, nl=False)


@main.command()
@click.argument("rule", required=False)
@click.option("--basis", type=click.Choice(["documented", "assumed", "conflict", "sandbox"]), help="Only these.")
@click.option("--json", "as_json", is_flag=True, help="As JSON.")
def rules(rule: str | None, basis: str | None, as_json: bool) -> None:
    """Print the ledger: every rule, what it is based on, and how it refuses.

    RULE is an id, or the beginning of one.
    """
    # Lazy, as above.
    import msgspec

    from aniva_sandbox.control import plane

    chosen = [
        entry for entry in plane.LEDGER if entry.id.startswith(rule or "") and (basis is None or entry.basis == basis)
    ]
    if not chosen:
        raise click.ClickException(f"there is no rule {rule or ''} of that kind; `aniva-sandbox rules` lists all")
    if as_json:
        click.echo(msgspec.json.format(msgspec.json.encode(chosen), indent=2))
        return
    for entry in chosen:
        statuses = " or ".join(map(str, entry.statuses)) or "-"
        click.echo(f"{click.style(entry.id, bold=True)}  {entry.basis}  {statuses}")
        click.echo(f"    {entry.sentence}")
        if entry.assumption:
            click.echo(f"    Assumed: {entry.assumption}")
        click.echo(f"    Source: {entry.source}")


@main.group(invoke_without_command=True)
@click.pass_context
def worlds(context: click.Context) -> None:
    """List the starting states that a world can have; check and write files of such."""
    if context.invoked_subcommand is not None:
        return
    # Lazy, as above.
    from aniva_sandbox.serving.server import fixture_names, get_fixture
    from aniva_sandbox.yaml_file import FixtureError

    try:
        for name in fixture_names():
            fixture = get_fixture(name)
            click.echo(f"{click.style(name, bold=True)}  {fixture.title}")
            click.echo(f"    Keys: {_KEY}, {', '.join(f'{_KEY}.{persona}' for persona in fixture.personas)}")
            click.echo(f"    A frozen clock starts at {fixture.start:%Y-%m-%dT%H:%M:%SZ}")
    except FixtureError as error:
        raise click.ClickException(str(error)) from None


@worlds.command("check")
@click.argument("files", nargs=-1, required=True, metavar="FILE...")
def check_worlds(files: tuple[str, ...]) -> None:
    """Check world files of your own; - reads standard input.

    Reports every problem with its line and field; the exit code is 1 if there is any.
    """
    # Lazy, as above.
    from aniva_sandbox.serving.server import get_fixture, load_world, world_path
    from aniva_sandbox.simulation.events import settle
    from aniva_sandbox.world.catalogue import get_catalogue
    from aniva_sandbox.world.world import World
    from aniva_sandbox.yaml_file import FixtureError, read_bounded

    sound = True
    for file in files:
        shown = "<stdin>" if file == "-" else file
        try:
            path = Path(shown) if file == "-" else world_path(file)
            content = (read_bounded(sys.stdin.buffer) if sys.stdin else b"") if file == "-" else None
            read = load_world(path, content) if path is not None else get_fixture(file)
            world = World("check", read, get_catalogue(), mode="frozen")
        except FixtureError as error:
            click.echo(error, err=True)
            sound = False
            continue
        settle(world)
        click.echo(
            f"{shown}: {len(world.locations)} locations, {len(world.profiles)} profiles, "
            f"{len(world.appointments)} appointments, {len(world.shipments)} shipments"
        )
    if not sound:
        raise SystemExit(1)


@worlds.command("export")
@click.argument("world", default="default")
@click.option("--url", default="http://127.0.0.1:8000", show_default=True, help="Where the sandbox runs.")
@click.option("--token", envvar=_BEARER_FROM, help="What serve printed, if it did.")
@click.option("-o", "--output", type=click.Path(dir_okay=False, path_type=Path), help="A file; else it is printed.")
def export_world(world: str, url: str, token: str | None, output: Path | None) -> None:
    """Write a running world as a world file.

    It holds everything but the journal: records, results, what will happen, the clock. Other worlds can begin from it:
    serve --world FILE, --aniva-world FILE, @pytest.mark.aniva(world="FILE").
    """
    # Lazy, as above.
    import urllib.error
    import urllib.request
    from http.client import HTTPException
    from urllib.parse import quote

    from aniva_sandbox.yaml_file import dump_yaml

    headers = {"Authorization": f"Bearer {token}"} if token else {}
    address = f"{url.rstrip('/')}/_sandbox/worlds/{quote(world, safe='')}/snapshot"
    try:
        request = urllib.request.Request(address, headers=headers)  # noqa: S310
        with urllib.request.urlopen(request, timeout=_PATIENCE) as answer:  # noqa: S310
            snapshot = json.load(answer)
    except urllib.error.HTTPError as error:
        raise click.ClickException(
            f"{address} answered {error.code}: {error.read().decode(errors='replace')}"
        ) from None
    except (OSError, ValueError, HTTPException) as error:
        raise click.ClickException(f"{address} cannot be read: {' '.join(str(error).split())}") from None
    as_json = output is not None and output.suffix.lower() == ".json"
    text = f"{json.dumps(snapshot, ensure_ascii=False, indent=1)}\n" if as_json else dump_yaml(snapshot)
    if output is None:
        click.echo(text, nl=False)
        return
    beside = output.with_name(f"{output.name}.new")  # so that a file is whole, or is not touched
    try:
        beside.write_text(text, encoding="utf-8")
        beside.replace(output)
    except OSError as error:
        beside.unlink(missing_ok=True)
        raise click.ClickException(f"{output} cannot be written: {error.strerror}") from None
    click.echo(f"wrote {output}")


class _CannotRun(click.ClickException):
    """A check that could not begin: neither passed nor failed."""

    exit_code = 2


def _parse_headers(_context: click.Context, _option: click.Parameter, lines: tuple[str, ...]) -> dict[str, str]:
    headers = {}
    for line in lines:
        name, colon, value = (part.strip() for part in line.partition(":"))
        if not (name and colon) or name.lower() == "x-api-key":
            raise click.BadParameter("write it 'Name: value'; the key goes into --key")
        headers[name] = value
    return headers


@main.command(epilog=_CHECK_EXAMPLES)
@click.argument("url")
@click.option("--key", help="The API key, with every permission. A sandbox needs none.")
@click.option("--outsider-key", help="Such a key of another access context, which must be refused what --key made.")
@click.option("--token", envvar=_BEARER_FROM, help="Of a sandbox's control plane: what serve printed, if it did.")
@click.option("--header", "headers", multiple=True, callback=_parse_headers, help="'Name: value' for every request.")
@click.option("--spec", type=click.Path(exists=True, dir_okay=False, path_type=Path), help="Another document.")
@click.option(
    "--examples", default=100, show_default=True, type=click.IntRange(1), help="Depth: per operation, and scenarios."
)
@click.option("--json", "as_json", is_flag=True, help="Print the report as JSON.")
def check(
    url: str,
    key: str | None,
    outsider_key: str | None,
    token: str | None,
    headers: dict[str, str],
    spec: Path | None,
    examples: int,
    as_json: bool,
) -> None:
    """Hold a server against the contract of the partner API.

    URL is a sandbox, another double of the API, or a system for tests. THE CHECK WRITES: it creates, changes and
    cancels profiles, appointments and shipments by the thousand. Never run it on a system that anybody counts on.

    In a sandbox it only touches the world `conformance`, and judges everything. With --key any server is judged by
    its answers alone: what they cannot tell, and what was not reached for want of known ids, is reported.
    """
    try:
        # Lazy: Schemathesis is slow to import, and an extra.
        from aniva_sandbox.conformance.server import CannotRun, check_server
    except ModuleNotFoundError as error:
        if (error.name or "").partition(".")[0] not in ("schemathesis", "hypothesis", "requests"):
            raise
        raise _CannotRun("Schemathesis is missing: pip install 'aniva-sandbox[check]'") from None
    if outsider_key is not None and key is None:
        raise click.BadParameter("goes with --key", param_hint="--outsider-key")
    try:
        if token and key is None:  # only a sandbox is to hear it
            headers = {"Authorization": f"Bearer {token}"} | headers
        report = check_server(url, key=key, outsider=outsider_key, headers=headers, spec=spec, examples=examples)
    except CannotRun as error:
        raise _CannotRun(str(error)) from None
    problems = report.problems()
    if as_json:
        click.echo(json.dumps({"url": url} | report.values(), indent=2))
    else:
        for problem in problems:
            click.echo(f"{problem}\n")
        click.echo(f"{url} against {report.document}\n{report.summary()}")
        for left_out in report.not_judged():
            click.echo(f"not judged: {left_out}")
        for name, count in sorted(Counter(check for check, _operation in report.failures).items()):
            click.echo(f"failed: {name} on {count} operations")
        click.echo(f"{len(problems)} problems")
    if problems:
        sys.exit(1)
