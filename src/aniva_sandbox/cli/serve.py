"""The command that runs the server."""

import gc
import logging
import os
import signal
import sys
from collections.abc import Callable
from functools import partial
from pathlib import Path
from types import FrameType
from typing import TYPE_CHECKING, Any, Final, Literal, Self

import click
from click.core import ParameterSource

from aniva_sandbox.cli.common import BEARER_FROM, STORE_FROM
from aniva_sandbox.cli.durations import parse_duration
from aniva_sandbox.cli.streams import finish_streams, queue_streams
from aniva_sandbox.engine.world.limits import MAX_NUMBER, Limits

if TYPE_CHECKING:
    import uvicorn

    from aniva_sandbox.cli.own_valkey import OwnValkey
    from aniva_sandbox.cli.store import Store

__all__ = ["serve"]

_LOG_FORMAT: Final = "%(levelname)s: %(message)s"
_NO_WORKERS: Final = (
    "--workers needs a system whose processes can fork, such as Linux; here, start servers on several ports with one "
    "--store"
)


class _Stop:
    """Ends this process with exit code 0 on a signal. After the first signal, a running server finishes the requests in
    flight; a second signal, or one before the server runs, ends the process at once.

    SIGINT works even if it was ignored at the start, as in a shell's background jobs.
    """

    def __init__(self) -> None:
        self.server: uvicorn.Server | None = None
        self._came = False
        self._before: dict[int, Any] = {}

    def __enter__(self) -> Self:
        for name in ("SIGINT", "SIGTERM", "SIGBREAK"):  # the last is Windows'
            if (number := getattr(signal, name, None)) is not None:
                self._before[number] = signal.signal(number, self._stop)
        return self

    def __exit__(self, *_exc: object) -> None:
        if not self._came:  # else the process is ending
            for number, before in self._before.items():
                signal.signal(number, before or signal.SIG_DFL)

    def end(self) -> None:
        """End as after a first signal."""
        if self.server is None:
            finish_streams()
            os._exit(0)
        self.server.should_exit = True

    def _stop(self, _number: int, _frame: FrameType | None) -> None:
        if self._came:
            finish_streams()
            os._exit(0)
        self.end()
        self._came = True


@click.command()
@click.option("--host", default="127.0.0.1", show_default=True, help="Interface to listen on.")
@click.option(
    "--port",
    default=8000,
    show_default=True,
    type=click.IntRange(0, 65535),
    help="Port to listen on; 0 picks a free one.",
)
@click.option(
    "--world",
    default="default",
    show_default=True,
    metavar="FIXTURE",
    help="Starting state of new worlds: a name or a world file.",
)
@click.option(
    "--clock",
    default="real",
    show_default=True,
    metavar="real|frozen|ISO",
    help="Running or frozen; an instant freezes it there.",
)
@click.option(
    "--seed", type=click.IntRange(0, MAX_NUMBER), help="Seed of the ids.  [default: 0, or the seed of the export]"
)
@click.option(
    "--spec", type=click.Path(exists=True, dir_okay=False, path_type=Path), help="Serve this proposed OpenAPI document."
)
@click.option(
    "--link-answer",
    default="parent",
    show_default=True,
    type=click.Choice(["parent", "list"]),
    help="What changing links returns: the resource in the path, or the list of the other side.",
)
@click.option("--strict-worlds", is_flag=True, help="Refuse keys of worlds that do not exist yet.")
@click.option(
    "--max-worlds",
    default=Limits().worlds,
    show_default=True,
    type=click.IntRange(1),
    help="Worlds at a time; when exceeded, the least recently used idle world is dropped.",
)
@click.option(
    "--max-records",
    default=Limits().records,
    show_default=True,
    type=click.IntRange(1),
    help="Profiles, appointments, shipments, links, events and faults in a world.",
)
@click.option(
    "--max-journal",
    default=Limits().journal,
    show_default=True,
    type=click.IntRange(0),
    help="Exchanges in the journal of a world.",
)
@click.option(
    "--allow-host",
    "allowed_hosts",
    multiple=True,
    metavar="NAME",
    help="A host name or address, besides loopback, that may reach the control plane; repeatable.",
)
@click.option(
    "--cors-origin",
    "cors_origins",
    multiple=True,
    metavar="ORIGIN",
    help="An origin whose pages may call the partner API, such as http://localhost:5173; repeatable.",
)
@click.option(
    "--store",
    metavar="URL",
    envvar=STORE_FROM,
    help="Keep worlds in this Valkey or Redis, shared with all servers that do: valkey://HOST:PORT/DB, valkeys:// with "
    f"TLS, or unix://PATH. A URL with a password belongs in {STORE_FROM}.",
)
@click.option(
    "--idle",
    default="24h",
    show_default=True,
    metavar="DURATION",
    callback=parse_duration,
    help="How long a world that nobody uses is kept in the store, such as 90m, 24h or 7d.",
)
@click.option(
    "--workers",
    default=1,
    show_default=True,
    type=click.IntRange(1, 64),
    help="Processes that serve the same worlds; without --store, they bring their own Valkey.",
)
@click.option("--coverage", is_flag=True, help="Collect what calls meet, for /_sandbox/coverage.")
@click.option("--open", "opens", is_flag=True, help="Open the console in the browser.")
@click.option("--json", "as_json", is_flag=True, help="Print one JSON line instead of the banner.")
@click.option("-q", "--quiet", is_flag=True, help="Print no line for each call.")
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
    cors_origins: tuple[str, ...],
    store: str | None,
    idle: int,
    workers: int,
    coverage: bool,
    opens: bool,
    as_json: bool,
    quiet: bool,
) -> None:
    """Serve the sandbox until Ctrl-C.

    The key sbx_default works at once; sbx_<name> opens its own world. The console is at /_sandbox/, the API reference
    at /docs, the guide at /guide. If other machines can reach the server, the console and the control plane behind it
    need a token: that in ANIVA_SANDBOX_TOKEN, or one that is printed at the start.

    Worlds are in memory, unless --store or --workers says that processes share them: see the guide's topic
    shared-worlds.

    On a terminal, each call to the partner API is a line: the world's time, the status, the operation, the world, the
    rules that refused the call, and hints. If standard output is not a terminal, and with --quiet or --json, there are
    no such lines; aniva-sandbox journal --follow shows them for any server.
    """
    context = click.get_current_context()
    stop = context.with_resource(_Stop())
    if workers == 1:
        queue_streams()  # which starts threads: a process that has some cannot start workers
    elif not hasattr(os, "fork"):
        raise click.UsageError(_NO_WORKERS)
    context.call_on_close(gc.enable)  # also where the start fails
    gc.disable()  # what is loaded from here on stays: collecting garbage would cost a tenth of the start
    if store is None and workers == 1 and context.get_parameter_source("idle") != ParameterSource.DEFAULT:
        raise click.UsageError("--idle is about worlds in a store: add --store or --workers")
    logging.basicConfig(format=_LOG_FORMAT)
    own: OwnValkey | None = None
    if store is None and workers > 1:
        from aniva_sandbox.cli import own_valkey  # lazy: most servers have none

        own = context.with_resource(own_valkey.OwnValkey())
        store = own.url
    # Lazy: the other commands need no server.
    from aniva_sandbox.api.app import build_app, build_control_api, build_partner_api
    from aniva_sandbox.api.beginnings import fixture_names, get_fixture
    from aniva_sandbox.api.domain import DOMAIN
    from aniva_sandbox.cli.listening import Address, listen, listen_together
    from aniva_sandbox.cli.welcome import announce, console_url
    from aniva_sandbox.engine.contract.document import DocumentError
    from aniva_sandbox.engine.evidence.unmatched import UnmatchedCall
    from aniva_sandbox.engine.serving.cors import parse_origin
    from aniva_sandbox.engine.serving.guard import make_guard, parse_host
    from aniva_sandbox.engine.serving.memory import Reserve
    from aniva_sandbox.engine.serving.server import Server, build_server
    from aniva_sandbox.engine.store.memory import Worlds
    from aniva_sandbox.engine.world.clock import parse_clock
    from aniva_sandbox.engine.world.state import World
    from aniva_sandbox.engine.yaml_file import FixtureError

    log = logging.getLogger("aniva_sandbox")
    log.setLevel(logging.INFO)

    def log_created(made: World) -> None:
        log.info("created the world %r at the first use of its key", made.name)

    def log_evicted(gone: World) -> None:
        log.warning("dropped the idle world %r to make room for a new one: --max-worlds is %d", gone.name, max_worlds)

    shows_lines = sys.stdout.isatty() and not (quiet or as_json)

    def log_unmatched(call: UnmatchedCall) -> None:
        if not shows_lines:  # else its line says why
            log.warning("%s (logged once; GET /_sandbox/unmatched lists all such calls)", call)

    try:
        mode, start = parse_clock(clock)
    except ValueError as error:
        raise click.BadParameter(str(error), param_hint="--clock") from None
    for name in allowed_hosts:
        if parse_host(name) is None:
            raise click.BadParameter(
                f"{name!r} is not the name or address of a single host, without a port", param_hint="--allow-host"
            )
    try:
        origins = [parse_origin(origin) for origin in cors_origins]
    except ValueError as error:
        raise click.BadParameter(str(error), param_hint="--cors-origin") from None
    reserve = Reserve(end=lambda: os._exit(1))
    try:
        worlds = Worlds(
            DOMAIN,
            get_fixture,
            fixture_names(),
            fixture=world,
            mode=mode,
            start=start,
            seed=seed,
            strict=strict_worlds,
            limits=Limits(max_worlds, max_records, max_journal),
            on_create=log_created,
            on_evict=log_evicted,
            on_unmatched=log_unmatched,
            on_no_memory=reserve.use,
        )
        partner_api = build_partner_api(spec, link_answer)
        if coverage:
            from aniva_sandbox.engine.evidence.coverage.collector import Coverage  # lazy, as above

            worlds.coverage = Coverage(partner_api, DOMAIN)
        first = worlds.create("default")
    except (FixtureError, DocumentError, ValueError) as error:
        raise click.ClickException(str(error)) from None
    kept: Store | None = None
    if store is not None:
        try:
            from aniva_sandbox.cli import store as stores  # lazy: it needs valkey, which may be missing
        except ImportError as error:
            raise click.UsageError(str(error)) from None
        kept = stores.Store(store, idle, worlds, spec, {"--link-answer": link_answer})
        worlds.drop(first.name)  # the store is to have it
        if own is not None:
            own.wait()
    listeners = listen_together(host, port, workers) if workers > 1 else [listen(host, port)]
    for each in listeners:
        context.with_resource(each)
    address = Address(host, listeners[0].getsockname())
    try:
        guard = make_guard(address.ip, (*address.names, *allowed_hosts), os.environ.get(BEARER_FROM))
    except ValueError as error:
        raise click.ClickException(f"{BEARER_FROM} {error}") from None
    for gap in partner_api.gaps:
        log.warning("proposal: %s", gap)
    worlds.address = address.url
    if shows_lines:
        from aniva_sandbox.cli.lines import line_of_call

        worlds.on_exchange = lambda *call: click.echo(str(line_of_call(*call)))
    gc.freeze()
    announced = partial(
        announce, first, address.url, guard.token, kept.place if kept is not None else None, as_json=as_json
    )
    listener, is_first = listeners[0], True
    if workers > 1:
        from aniva_sandbox.cli.workers import start_workers  # lazy, as above

        announced()
        worker = start_workers(listeners, stop.end)
        queue_streams()
        if worker is None:  # all have ended
            _say_stopped(as_json)
            return
        logging.basicConfig(format=_LOG_FORMAT, force=True)  # to the new streams
        if worker.replaces:
            log.error("a worker %s; another one replaces it", worker.replaces)
        listener, is_first = worker.listener, worker.is_first
    control_api = build_control_api()
    server: Callable[..., Server] = Server
    shared = None
    if kept is not None:
        shared, server = kept.open(worlds, partner_api, control_api)
    app = build_app(worlds, partner_api, control_api, guard, cors_origins=origins, shared=shared)
    server = partial(server, on_start=reserve.watch)
    if opens and is_first:
        from aniva_sandbox.cli.browser import open_console  # lazy, as above

        server = partial(server, on_ready=partial(open_console, console_url(address.url)))
    gc.freeze()
    gc.enable()
    stop.server = build_server(app, server=server)
    if workers == 1:
        announced()
    stop.server.run(sockets=[listener])
    if workers == 1:
        _say_stopped(as_json)


def _say_stopped(as_json: bool) -> None:
    if not as_json:
        click.echo("Stopped.")
