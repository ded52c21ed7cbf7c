"""The pipeline: from the bytes of a request to the bytes of its response, without a socket."""

from aniva_sandbox.engine.contract.access import Access
from aniva_sandbox.engine.contract.api import Api, Endpoint
from aniva_sandbox.engine.contract.ground_rules import AUTH_KEY, AUTH_PERMISSION_UNNAMED, FORBIDDEN, HTTP_METHOD
from aniva_sandbox.engine.contract.outcomes import Outcome
from aniva_sandbox.engine.contract.requests import Request
from aniva_sandbox.engine.contract.rules import Refusal
from aniva_sandbox.engine.contract.tally import PLAIN
from aniva_sandbox.engine.contract.trace import Hint, Trace
from aniva_sandbox.engine.control.server_rules import WORLD_LIMIT
from aniva_sandbox.engine.evidence.habits import interrupt, note_call
from aniva_sandbox.engine.evidence.hints import find_hints
from aniva_sandbox.engine.evidence.journal import record
from aniva_sandbox.engine.evidence.secrets import hide_in_path
from aniva_sandbox.engine.faults.faults import Injected, find_fault
from aniva_sandbox.engine.serving.causes import find_causes, printable
from aniva_sandbox.engine.serving.outcomes import act, broken, changed, failed, refused, written
from aniva_sandbox.engine.serving.responses import (
    Response,
    respond_with_refusal,
    respond_without_memory,
    write_response,
)
from aniva_sandbox.engine.store.memory import FullError, Worlds
from aniva_sandbox.engine.world.clock import stopwatch
from aniva_sandbox.engine.world.events import settle
from aniva_sandbox.engine.world.state import Prober, World

__all__ = ["Request", "Response", "respond", "respond_to_control", "respond_with_refusal", "respond_without_memory"]

_OPERATOR = Access("operator", frozenset())
"""The caller of the control plane, which requires no key."""


def respond(api: Api, worlds: Worlds, request: Request) -> Response:
    """Respond to a request to the API; with 507 if memory runs out."""
    try:
        return _respond(api, worlds, request)
    except MemoryError:
        return respond_without_memory(worlds, request.method)


def _respond(api: Api, worlds: Worlds, request: Request) -> Response:
    """All steps, in order; a refusal skips the steps up to the check of the response."""
    began = stopwatch()
    coverage = worlds.coverage
    trace = Trace() if coverage is None else coverage.begin(request)
    world = endpoint = described = injected = probe = None
    values: list[str] = []
    past = 0
    try:
        # 1. The key finds the world.
        found = _find(worlds, request.key)
        if found is not None:
            world, trace.persona = found[0], found[1].persona
            world.last_call, probe, past = began, world.probe, len(world.history)
            # 2. All events that are due in that world happen.
            settle(world)
        # 3. Method and path find the operation.
        endpoint, values = api.route(request.method, request.path)
        trace.operation = endpoint.id
        # 4. An injected fault may replace the call.
        if world is not None and (world.faults.held or request.fault is not None or probe is not None):
            injected = _begin(world, endpoint, request, trace)
        if injected is not None and injected.outcome is not None:
            outcome = injected.outcome
        else:
            described = endpoint  # responses from here on are checked against the document
            # 5. The key and its permissions are checked.
            world, access = _authorized(api, found, endpoint, trace)
            if request.method == "HEAD":
                trace.lean_on(HTTP_METHOD)
            # 6. All formats are checked at once.
            call = endpoint.read_call(access, values, request, trace)
            # 7. The operation runs.
            outcome = act(endpoint, world, call)
    except Refusal as refusal:
        outcome = refused(api, request, endpoint, refusal)
    except Exception as error:
        outcome = failed(api, endpoint, trace, error)
    if is_observed := probe is not None or coverage is not None:
        outcome = changed(probe, described, request, outcome, trace)
    # 8. The response is written, and checked against the document.
    outcome, body = written(api, described, outcome)
    trace.end(outcome)
    is_plain = outcome.status in PLAIN
    is_odd = not is_plain or request.query or trace.unknown_fields or trace.deprecated_fields
    if world is None or endpoint is None:
        trace.hints += _note_unmatched(api, worlds, request, world, outcome)
    elif is_odd or endpoint.is_deprecated:
        trace.hints += find_hints(trace, world, endpoint, values, request, outcome.status)
    if world is not None:
        note_call(world, request, outcome, trace, injected)
    response = write_response(request.method, outcome, body, trace, world, injected)
    # 9. The journal records the exchange.
    if world is not None:
        trace.events = tuple(world.history[past:]) if len(world.history) > past else ()
        record(world, request, outcome, response.body, trace, stopwatch() - began)
    worlds.tally.calls[endpoint] += 1
    if is_observed or worlds.on_exchange is not None or outcome.mismatch is not None or not is_plain:
        _report(worlds, world, probe, endpoint, values, request, outcome, trace, injected)
    # 10. The response is returned.
    return response


def respond_to_control(api: Api, worlds: Worlds, request: Request) -> Response:
    """Respond to a request to the control plane, which has no key, world or journal."""
    try:
        return _respond_to_control(api, worlds, request)
    except MemoryError:
        return respond_without_memory(worlds, request.method)


def _respond_to_control(api: Api, worlds: Worlds, request: Request) -> Response:
    trace = Trace()
    endpoint = None
    try:
        endpoint, values = api.route(request.method, request.path)
        if worlds.coverage is not None and "{world}" in endpoint.path:
            worlds.coverage.name_world_for(values[0], request)
        changes = worlds.changes
        outcome = act(endpoint, worlds, endpoint.read_call(_OPERATOR, values, request, trace))
        if request.method not in ("GET", "HEAD") and values and (world := worlds.get(values[0])) is not None:
            interrupt(world)
            if worlds.changes == changes:  # it was not created, reset or replaced, which is noted there
                worlds.note_change(world)
    except Refusal as refusal:
        outcome = refused(api, request, endpoint, refusal)
    except Exception as error:
        outcome = broken(api, endpoint, error)
    outcome, body = written(api, endpoint, outcome)
    trace.end(outcome)
    worlds.tally.note_control(endpoint, outcome)
    return write_response(request.method, outcome, body, trace)


def _find(worlds: Worlds, key: str | None) -> tuple[World, Access] | None:
    """The world and access of a key; None for an unknown key."""
    try:
        return worlds.find(key) if key else None
    except FullError as error:
        WORLD_LIMIT.refuse(str(error))


def _begin(world: World, endpoint: Endpoint, request: Request, trace: Trace) -> Injected | None:
    """Tell the probe of the world about the call. Returns the fault that fires on it, which may be the probe's."""
    probe = world.probe
    if probe is not None:
        trace.probe, trace.collects = probe, True
        probe.begin(world, endpoint, request)
    injected = find_fault(
        world,
        operation=endpoint.id,
        method=request.method,
        template=endpoint.path,
        path=request.path,
        header=request.fault,
    )
    if injected is None and probe is not None:
        injected = probe.fault(endpoint)
    trace.fault = injected.name if injected is not None else None
    return injected


def _authorized(api: Api, found: tuple[World, Access] | None, endpoint: Endpoint, trace: Trace) -> tuple[World, Access]:
    """The world and access of a key, if it has a permission that the operation accepts; refused otherwise."""
    if found is None:
        AUTH_KEY.refuse(FORBIDDEN)
    is_refused = endpoint.permissions and found[1].permissions.isdisjoint(endpoint.permissions)
    if is_refused and trace.is_in_force(endpoint.permission_rule):
        endpoint.permission_rule.refuse(FORBIDDEN)
    if (
        endpoint.assumed_permissions
        and found[1].permissions.isdisjoint(endpoint.named_permissions)
        and not found[1].permissions >= api.permissions  # a key with all is admitted whatever the operation needs
    ):
        trace.lean_on(AUTH_PERMISSION_UNNAMED)
    return found


def _report(
    worlds: Worlds,
    world: World | None,
    probe: Prober | None,
    endpoint: Endpoint | None,
    values: list[str],
    request: Request,
    outcome: Outcome,
    trace: Trace,
    injected: Injected | None,
) -> None:
    """Report a call to whatever collects calls."""
    worlds.tally.note(endpoint, outcome)
    if world is not None and outcome.mismatch is not None:
        worlds.mismatches.append((world.name, outcome.mismatch))
    if worlds.coverage is not None:
        kinds = injected.kinds if injected is not None else ()
        worlds.coverage.note(world, endpoint, values, request, outcome, trace, kinds)
    if probe is not None and world is not None:
        probe.end(world, endpoint, values, request, outcome, trace, injected)
    if worlds.on_exchange is not None:
        worlds.on_exchange(world, request, outcome.status, trace)


def _note_unmatched(
    api: Api, worlds: Worlds, request: Request, world: World | None, outcome: Outcome
) -> tuple[Hint, ...]:
    """Record an unmatched call. Returns what is wrong with it."""
    causes = find_causes(api, worlds, request, known=world is not None, error=outcome.value["error"])
    if causes:  # none if a defect occurred before routing
        worlds.tally.unmatched += 1
        worlds.unmatched.note(
            method=printable(request.method),
            path=printable(hide_in_path(request.path)),
            status=outcome.status,
            rules=outcome.rules,
            world=world.name if world is not None else None,
            causes=causes,
        )
    return tuple(Hint("", cause.message) for cause in causes)
