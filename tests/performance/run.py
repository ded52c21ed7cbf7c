"""Measures the sandbox against a bare Starlette app, in one run, in turn, the servers on one core, the load on another.

``python -m tests.performance.run`` prints the table; ``--write`` also puts it into the guide's page on performance and
the figures into ``tests/performance/last.json``; ``--seconds`` and ``--rounds`` set how long it takes. Needs Linux and
two cores.
"""

import argparse
import json
import os
import re
import statistics
import subprocess
import sys
import time
import timeit
from collections import Counter
from collections.abc import Callable, Mapping
from datetime import timedelta
from functools import partial
from pathlib import Path
from typing import Any

import msgspec
from msgspec.structs import replace

from aniva_sandbox.api.appointments.draw import confirm_blood_draw
from aniva_sandbox.api.decoding import decode_files
from aniva_sandbox.api.domain import DOMAIN
from aniva_sandbox.api.results.operations import report_content
from aniva_sandbox.api.world import World
from aniva_sandbox.engine.decoded import DECODED
from aniva_sandbox.engine.evidence.coverage.collector import Coverage
from aniva_sandbox.engine.faults.faults import Fault
from aniva_sandbox.engine.faults.record import Effects
from aniva_sandbox.engine.whole_file import write_whole
from aniva_sandbox.engine.world.agenda import Event
from aniva_sandbox.engine.world.events import happen
from aniva_sandbox.laboratory.coherence import find_stranded
from aniva_sandbox.laboratory.laboratories import Orderable, sellers
from aniva_sandbox.laboratory.report import render_report
from tests.laboratory.common import PLAIN, book
from tests.performance.filled import PER_PROFILE, fill, ship
from tests.performance.load import LOADER, TURN, Load, measure_rate, write_body
from tests.performance.plugin import measure_plugin
from tests.performance.probes import PROBED, measure_probes
from tests.performance.servers import LOAD_CORE, ROOT, SERVER_CORE, bare, filled, resident, sandbox, serving
from tests.performance.shared import measure_shared
from tests.support import (
    APPOINTMENT,
    BERLIN,
    CONTROL,
    CUSTOM_PANEL,
    PARTNER,
    PROFILE,
    SHIPMENT,
    UNKNOWN,
    Client,
    new_world,
    new_worlds,
    quiet_client,
    respond,
    respond_to_control,
    run,
)
from tests.support import Request as PipelineRequest

BOOKING = msgspec.json.encode(
    {"profile_id": PROFILE, "location_id": BERLIN, "scheduled_at": "2026-04-15T10:30:00+02:00"}
)
LINK = msgspec.json.encode({"shipment_ids": [SHIPMENT]})
LOADS = {
    "GET one appointment": Load("GET", f"/api/v1/appointments/{APPOINTMENT}"),
    "POST appointment": Load("POST", "/api/v1/appointments", BOOKING),
    "GET profiles by email": Load("GET", "/api/v1/profiles?email=maria.schmidt@example.com"),
    "GET appointments by profile": Load("GET", f"/api/v1/appointments?profile_id={PROFILE}"),
    "POST attach a shipment (linked already)": Load("POST", f"/api/v1/appointments/{APPOINTMENT}/shipments", LINK),
    "refused call (404)": Load("GET", f"/api/v1/appointments/{UNKNOWN}", succeeds=False),
}
TURNS = 5_000
"""Requests that differ, of a load whose requests do."""


def main() -> None:
    """Measure everything and print it."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--seconds", type=float, default=2, help="for each rate")
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--write", action="store_true", help="into the guide and last.json")
    options = parser.parse_args()
    os.environ.pop("PYTHONDONTWRITEBYTECODE", None)  # what pip installs is compiled,
    write_whole(ROOT / DECODED, decode_files(ROOT))  # and decoded
    body = write_body(msgspec.json.encode(Client().get(f"/appointments/{APPOINTMENT}").json))
    figures: dict[str, Any] = {"loader": LOADER, "python": sys.version.split()[0]}
    figures["rates"] = measure_rates(LOADS, sandbox(), body, options.seconds, options.rounds)
    figures["rates"] |= measure_rates(differing_loads(), filled(TURNS), body, options.seconds, options.rounds)
    figures["coverage"] = measure_coverage(options.seconds, options.rounds)
    figures["start"] = measure_start(body, options.rounds)
    figures["memory"] = measure_memory(body)
    figures["steps"] = measure_steps()
    figures["imports"] = measure_imports()
    figures["plugin"] = measure_plugin(options.rounds)
    figures["probes"] = measure_probes(options.rounds)
    figures["in process"] = measure_in_process()
    figures["growth"] = measure_growth(options.seconds, options.rounds)
    figures["shared"] = measure_shared(
        [LOADS["GET one appointment"], LOADS["POST appointment"]], options.seconds, options.rounds
    )
    body.unlink()
    table = written(figures)
    sys.stdout.write(table)
    if options.write:
        (ROOT / "tests/performance/last.json").write_text(json.dumps(figures, indent=2) + "\n", encoding="utf-8")
        page = ROOT / "src/aniva_sandbox/guide/performance.md"
        text = page.read_text(encoding="utf-8")
        marks = r"(?<=<!-- figures -->\n).*(?=<!-- /figures -->)"
        page.write_text(re.sub(marks, lambda _: table, text, flags=re.DOTALL), encoding="utf-8")


def differing_loads() -> dict[str, Load]:
    """Loads whose requests all differ, for a server that is filled with as many appointments."""
    world = new_world()
    fill(world, TURNS)
    ids = tuple(appointment.id for appointment in world.appointments)[-TURNS:]
    times = tuple(f"{world.now + timedelta(minutes=10 * number):%Y-%m-%dT%H:%M:%SZ}" for number in range(1, TURNS + 1))
    unknown = tuple(world.ids.next_uuid("unknown") for _ in ids)
    booking = BOOKING.replace(b"2026-04-15T10:30:00+02:00", TURN.encode())
    one = f"/api/v1/appointments/{TURN}"
    return {
        f"GET each of {TURNS:,} appointments": Load("GET", one, turns=ids),
        f"POST appointments at {TURNS:,} different times, most outside of open hours": Load(
            "POST", "/api/v1/appointments", booking, turns=times
        ),
        f"refused calls (404) for {TURNS:,} different ids": Load("GET", one, succeeds=False, turns=unknown),
    }


def measure_rates(
    loads: Mapping[str, Load], server: tuple[str, ...], body: Path, seconds: float, rounds: int
) -> dict[str, Any]:
    """Requests per second of a server and of bare: the median of the rounds, and of their ratios. In each round, bare
    is measured twice between two measurements of the server, because the speed of a machine varies."""
    rates: dict[str, Any] = {}
    for name, load in loads.items():
        pairs = []
        for _ in range(rounds):
            with serving(*server) as (port, _), serving(*bare(body)) as (bare_port, _):
                ours = partial(measure_rate, port, load, seconds, LOAD_CORE)
                theirs = partial(measure_rate, bare_port, load._replace(succeeds=True), seconds, LOAD_CORE)
                first, between, last = ours(), (theirs() + theirs()) / 2, ours()
                pairs.append(((first + last) / 2, between))
        rates[name] = {
            "sandbox": statistics.median(ours for ours, _ in pairs),
            "bare": statistics.median(theirs for _, theirs in pairs),
            "ratio": statistics.median(ours / theirs for ours, theirs in pairs),
        }
    return rates


def measure_coverage(seconds: float, rounds: int) -> dict[str, float]:
    """Requests per second of a server that collects coverage and of one that does not, in turn: the median of the
    rounds, and of their ratios."""
    load, pairs = LOADS["GET one appointment"], []
    for _ in range(rounds):
        with serving(*sandbox("--coverage")) as (port, _):
            on = measure_rate(port, load, seconds, LOAD_CORE)
        with serving(*sandbox()) as (port, _):
            pairs.append((on, measure_rate(port, load, seconds, LOAD_CORE)))
    return {
        "on": statistics.median(on for on, _ in pairs),
        "off": statistics.median(off for _, off in pairs),
        "ratio": statistics.median(on / off for on, off in pairs),
    }


def measure_start(body: Path, rounds: int) -> dict[str, float]:
    """Seconds from exec to the first answer."""
    pairs = []
    for _ in range(rounds + 1):
        times = []
        for command in (sandbox(), bare(body)):
            begin = time.perf_counter()
            with serving(*command):
                times.append(time.perf_counter() - begin)
        pairs.append(times)
    pairs = pairs[1:]  # the first fills the disk cache
    return {
        "sandbox": statistics.median(ours for ours, _ in pairs),
        "bare": statistics.median(theirs for _, theirs in pairs),
        "ratio": statistics.median(ours / theirs for ours, theirs in pairs),
    }


def measure_memory(body: Path) -> dict[str, float]:
    """Resident memory at rest in MiB, and for one more appointment (and a tenth of a profile) in KiB."""
    with serving(*sandbox()) as (_, pid):
        ours = resident(pid)
    with serving(*bare(body)) as (_, pid):
        theirs = resident(pid)
    with serving(*filled(0)) as (_, pid):
        empty = resident(pid)
    with serving(*filled(100_000)) as (_, pid):
        full = resident(pid)
    return {
        "sandbox": ours / 1024,
        "bare": theirs / 1024,
        "ratio": ours / theirs,
        "KiB per appointment": (full - empty) / 100_000,
    }


STEPS = """
import json, time
marks = [("", time.perf_counter())]
def mark(name): marks.append((name, time.perf_counter()))
import starlette.applications, starlette.staticfiles, uvicorn; mark("import Starlette and uvicorn")
import msgspec, jsonschema_rs, click; mark("import msgspec, jsonschema-rs and click")
from aniva_sandbox.api import app
from aniva_sandbox.api.beginnings import get_fixture
from aniva_sandbox.laboratory.catalogue import get_catalogue; from aniva_sandbox.engine.store.memory import Worlds
mark("import the sandbox, declare its operations")
from aniva_sandbox.api.domain import DOMAIN; get_catalogue(); mark("read the catalogue")
get_fixture("default"); mark("read the default world")
worlds = Worlds(DOMAIN, get_fixture, ["default"]); worlds.create("default"); mark("make a world")
partner = app.build_partner_api(); mark("read openapi.yaml")
app.build_app(worlds, partner, app.build_control_api()); mark("build the app")
print(json.dumps({name: after - before for (_, before), (name, after) in zip(marks, marks[1:])}))
"""


def measure_steps() -> dict[str, float]:
    """Seconds that each step of the start takes in a fresh process."""
    runs = []
    for _ in range(5):
        done = subprocess.run([sys.executable, "-c", STEPS], capture_output=True, text=True, check=True, cwd=ROOT)
        runs.append(json.loads(done.stdout))
    return {name: statistics.median(run[name] for run in runs) for name in runs[0]}


def measure_imports() -> dict[str, float]:
    """Seconds that the modules of each package take to import (`-X importtime`), without what they import in turn."""
    command = [
        sys.executable,
        "-X",
        "importtime",
        "-c",
        "import aniva_sandbox.engine.serving.app, aniva_sandbox.engine.serving.server",
    ]
    times: Counter[str] = Counter()
    for line in subprocess.run(command, capture_output=True, text=True, check=True, cwd=ROOT).stderr.splitlines():
        found = re.match(r"import time:\s+(\d+) \|\s+\d+ \|\s+([\w]+)", line)
        if found:
            package = found[2] if found[2] not in sys.stdlib_module_names else "the standard library"
            times[package] += int(found[1])
    return {package: time / 1e6 for package, time in times.most_common(8)}


def measure_in_process() -> dict[str, float]:
    """Microseconds of what needs no socket."""
    os.sched_setaffinity(0, {SERVER_CORE})
    world = new_world()
    worlds = new_worlds()
    worlds.create("default")
    get = PipelineRequest("GET", f"/api/v1/appointments/{APPOINTMENT}", b"", "sbx_default")
    post = PipelineRequest("POST", "/api/v1/appointments", b"", "sbx_default", "application/json", BOOKING)
    attach = PipelineRequest(
        "POST", f"/api/v1/appointments/{APPOINTMENT}/shipments", b"", "sbx_default", "application/json", LINK
    )
    detach = replace(attach, method="DELETE")
    collecting = new_worlds(coverage=Coverage(PARTNER, DOMAIN))
    collecting.create("default")
    shipping = Client()
    ship(shipping.world, 1000)
    figures = {
        "a new world": microseconds(new_world, 500),
        "a reset": microseconds(world.reset, 500),
        "GET through the pipeline": microseconds(lambda: respond(PARTNER, worlds, get), 5000),
        "POST through the pipeline": microseconds(lambda: respond(PARTNER, worlds, post), 5000),
        "GET through the pipeline, with coverage": microseconds(lambda: respond(PARTNER, collecting, get), 5000),
        "POST through the pipeline, with coverage": microseconds(lambda: respond(PARTNER, collecting, post), 5000),
        "attach and detach a shipment through the pipeline": microseconds(
            lambda: (respond(PARTNER, worlds, attach), respond(PARTNER, worlds, detach)), 2500
        ),
        "GET the list of 1,000 shipments through the pipeline": microseconds(lambda: shipping.get("/shipments"), 5),
        "a year in which the courier delivers 10,000 shipments": measure_year(),
        **measure_large_world(),
        **measure_snapshots(),
        **measure_laboratory(),
    }
    os.sched_setaffinity(0, {SERVER_CORE, LOAD_CORE})
    return figures


def measure_large_world() -> dict[str, float]:
    """Microseconds of calls in a world with very many records that they are not about."""
    client = Client()
    fill(client.world, 100_000)
    listed = len(client.get("/appointments").json)
    figures = {
        f"GET the {listed:,} appointments of a window, 100,000 in the world": microseconds(
            lambda: client.get("/appointments"), 1
        )
    }
    one = f"/appointments/{APPOINTMENT}"
    for number in range(200_000):
        client.world.faults.add(Fault(f"fault-{number}", Effects(status=503), "create_profile", times=None))
    return figures | {
        "GET one appointment, 200,000 faults for another operation in the world": microseconds(
            lambda: client.get(one), 2000
        )
    }


def measure_snapshots() -> dict[str, float]:
    """Microseconds that the control plane takes to write and to restore a world of 10,000 appointments."""
    client = Client()
    fill(client.world, 10_000)
    get = PipelineRequest("GET", "/_sandbox/worlds/test/snapshot")
    text = respond_to_control(CONTROL, client.worlds, get).body
    put = replace(get, method="PUT", content_type="application/json", body=text)
    if respond_to_control(CONTROL, client.worlds, put).status != 200:
        raise RuntimeError("the snapshot was not restored")
    return {
        "write a snapshot of 10,000 appointments": microseconds(
            lambda: respond_to_control(CONTROL, client.worlds, get), 1
        ),
        "restore a snapshot of 10,000 appointments": microseconds(
            lambda: respond_to_control(CONTROL, client.worlds, put), 1
        ),
    }


def measure_laboratory() -> dict[str, float]:
    """Microseconds of what the laboratory does: coherence of a large set, a large order, a report."""
    orderables = [Orderable(f"single {id}", frozenset({id})) for id in range(400)]
    orderables += [Orderable(f"bundle {first}", frozenset(range(first, first + 12))) for first in range(0, 300, 3)]
    selling = sellers([each for each in orderables if each.name != "single 150"])
    coherent, stranded = frozenset(range(200)), frozenset(range(151)) | frozenset(range(300, 349))
    if find_stranded(coherent, selling) or len(find_stranded(stranded, selling)) != 1:
        raise RuntimeError("the sets are not what they should be")

    client = quiet_client()
    world = client.world
    first, *others = [_order(world, 100) for _ in range(36)]
    happen(world, Event("lab.results_arrived", first))
    content = report_content(world, world.documents[world.orders[first].document_ids[0]])
    arriving, numbers = iter(others), iter(range(1000))
    return {
        f"whether {len(coherent)} biomarkers can be ordered, {len(orderables)} orderables": microseconds(
            lambda: find_stranded(coherent, selling), 200
        ),
        f"why {len(stranded)} biomarkers cannot be ordered, {len(orderables)} orderables": microseconds(
            lambda: find_stranded(stranded, selling), 200
        ),
        "all results of an order of 100 biomarkers arrive": microseconds(
            lambda: happen(world, Event("lab.results_arrived", next(arriving))), 5
        ),
        "GET the results of 100 biomarkers through the pipeline": microseconds(
            lambda: client.get(f"/appointments/{first}/results"), 50
        ),
        "a report of 100 biomarkers": microseconds(
            lambda: render_report(msgspec.structs.replace(content, report_id=str(next(numbers)))), 3
        ),
    }


def _order(world: World, count: int) -> str:
    """A draw for so many biomarkers, of a new profile."""
    id = book(world)
    clinical = [biomarker.id for biomarker in world.catalogue.slugs.values() if biomarker.type == "clinical"]
    world.appointments[id].snapshot = {CUSTOM_PANEL: tuple(sorted(clinical)[:count])}
    run(world, confirm_blood_draw, id, {"barcode": PLAIN})
    return id


def measure_year() -> float:
    """Microseconds that the control plane takes to move a clock by a year, with everything that happens on the way."""
    client = Client()
    ship(client.world, 10_000)
    begin = time.perf_counter()
    moved = client.control("POST", "/worlds/test/clock/advance", {"seconds": 366 * 24 * 60 * 60}).json
    took = time.perf_counter() - begin
    delivered = sum(event["type"] == "courier.delivered" for event in moved["events"])
    if delivered < 10_000:
        raise RuntimeError(f"only {delivered} shipments were delivered")
    return took * 1e6


def microseconds(do: Callable[[], object], number: int) -> float:
    """The median of seven timings of one call."""
    return statistics.median(timeit.repeat(do, number=number, repeat=7)) / number * 1e6


def measure_growth(seconds: float, rounds: int) -> dict[str, Any]:
    """Requests per second with more and more appointments in the world, each after a warm-up of the same length;
    the smallest is the measure of the others."""
    sizes = (10, 10_000, 100_000)
    world = new_world()
    fill(world, 10)
    profile = next(
        profile.id
        for profile in world.profiles
        if sum(1 for _ in world.appointments.of_profile(profile.id)) == PER_PROFILE
    )
    loads = {name: load for name, load in LOADS.items() if name in ("GET one appointment", "POST appointment")} | {
        "GET appointments by profile, 10 found": Load("GET", f"/api/v1/appointments?profile_id={profile}")
    }
    rates: dict[str, dict[int, list[float]]] = {name: {size: [] for size in sizes} for name in loads}
    for name, load in loads.items():
        for _ in range(rounds):
            for size in sizes:
                with serving(*filled(size)) as (port, _):
                    measure_rate(port, load, seconds, LOAD_CORE)
                    rates[name][size].append(measure_rate(port, load, seconds, LOAD_CORE))
    return {
        name: {
            str(size): {
                "rate": statistics.median(found),
                "ratio": statistics.median(rate / first for rate, first in zip(found, by_size[sizes[0]], strict=True)),
            }
            for size, found in by_size.items()
        }
        for name, by_size in rates.items()
    }


def written(figures: dict[str, Any]) -> str:
    """The figures as Markdown."""
    start, memory = figures["start"], figures["memory"]
    lines = [
        f"Python {figures['python']}, 16 connections, load by {figures['loader']}; medians.",
        "",
        "| figure | sandbox | bare | ratio |",
        "|---|---|---|---|",
    ]
    for name, rate in figures["rates"].items():
        lines.append(_row(f"{name}, per second", rate, rate["ratio"]))
    lines += [
        _row("exec to first response, ms", {key: value * 1000 for key, value in start.items()}, start["ratio"]),
        _row("memory at rest, MiB", memory, memory["ratio"]),
        "",
        "| in process | |",
        "|---|---|",
        f"| memory for one more appointment | {memory['KiB per appointment']:.2f} KiB |",
        f"| GET one appointment, rate with coverage to rate without | {figures['coverage']['ratio']:.2f} |",
    ]
    lines += [f"| {name} | {_time(value)} |" for name, value in figures["in process"].items()]
    lines += [f"| pytest: {name} | {_time(value)} |" for name, value in figures["plugin"].items()]
    lines.append(_probes(figures["probes"]))
    lines += [f"| start: {name} | {value * 1000:.1f} ms |" for name, value in figures["steps"].items()]
    imports = ", ".join(f"{package} {value * 1000:.0f}" for package, value in figures["imports"].items())
    lines.append(f"| start: imports by package, ms | {imports} |")
    sizes = list(next(iter(figures["growth"].values())))
    lines += [
        "",
        f"| rate by number of appointments | {' | '.join(f'{int(size):,}' for size in sizes)} |",
        "|---|---|---|---|",
    ]
    for name, by_size in figures["growth"].items():
        cells = [f"{found['rate']:,.0f} ({found['ratio']:.2f})" for found in by_size.values()]
        lines.append(f"| {name} | {' | '.join(cells)} |")
    lines += ["", "| shared worlds | |", "|---|---|"]
    lines += [f"| {name} | {value:.2f} |" for name, value in figures["shared"]["ratios"].items()]
    lines += [f"| {name} | {_time(value)} |" for name, value in figures["shared"]["times"].items()]
    return "\n".join(lines) + "\n"


def _probes(figures: dict[str, float]) -> str:
    name = f"{PROBED} ({figures['changes']:.0f} changes, {figures['runs']:.0f} runs)"
    return f"| pytest: {name} | {_time(figures[PROBED])} |"


def _time(microseconds: float) -> str:
    for unit, size in (("s", 1e6), ("ms", 1e3)):
        if microseconds >= size:
            return f"{microseconds / size:.1f} {unit}"
    return f"{microseconds:.0f} µs"


def _row(name: str, figure: dict[str, float], ratio: float) -> str:
    return f"| {name} | {figure['sandbox']:,.0f} | {figure['bare']:,.0f} | {ratio:.2f} |"


if __name__ == "__main__":
    main()
