"""Schemathesis against a server: all phases (examples, coverage, fuzzing, stateful) and all checks, with two keys.

Runs on a sandbox are reproducible: the seed is fixed, the clock of the world is frozen, and each operation (in the
stateful phase, each scenario) starts in a fresh world. `max_response_time` is the only check of Schemathesis that is
off: its result would depend on the machine.

Three phases run in Schemathesis' engine. The stateful phase runs in its own state machine, because the engine could not
start each scenario in a fresh world.
"""

import json
import re
from collections.abc import Callable, Mapping
from copy import deepcopy
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import schemathesis
from hypothesis import strategies as st
from schemathesis.engine import from_schema
from schemathesis.errors import InvalidSchema

from aniva_sandbox.api import partner
from aniva_sandbox.conformance.checks import REPLACED, excuse
from aniva_sandbox.conformance.current import Run, running
from aniva_sandbox.conformance.links import add_links
from aniva_sandbox.conformance.report import PHASES, Report
from aniva_sandbox.conformance.scenarios import STATEFUL, find_transitions, run_scenarios
from aniva_sandbox.conformance.subject import Subject
from aniva_sandbox.engine.contract.formats import REQUEST_FORMATS
from aniva_sandbox.engine.contract.ground_rules import KEY_HEADER

__all__ = ["Load", "run_schemathesis"]

Load = Callable[[schemathesis.Config], schemathesis.BaseSchema]
"""Loads the document with a configuration, through one of the loaders of ``schemathesis.openapi``."""

SEED = 20260413
FULL, OUTSIDER = "full", "outsider"
"""The names of the identities."""

# Links that Schemathesis infers (a location's id for an appointment) would replace steps along the declared ones.
OPTIONS: dict[str, dict[str, Any]] = {STATEFUL: {"inference": {"algorithms": []}}}

INSTANTS = st.builds(
    "{}T{:%H:%M:%S}{}{}".format,
    st.dates(),
    st.times(),
    st.just("") | st.integers(min_value=0, max_value=999_999).map(".{}".format),
    st.just("Z")
    | st.builds(
        "{}{:02}:{:02}".format,
        st.sampled_from("+-"),
        st.integers(min_value=0, max_value=23),
        st.integers(min_value=0, max_value=59),
    ),
).filter(REQUEST_FORMATS["date-time"])
"""The instants that the rule `time.input` accepts: no schema can exclude the ends of the calendar."""


def run_schemathesis(
    load: Load,
    subject: Subject,
    *,
    examples: int,
    phases: tuple[str, ...] = PHASES,
    base_url: str | None = None,
    headers: Mapping[str, str] | None = None,
) -> Report:
    """Run these phases. ``examples`` limits the fuzzing of each operation and the stateful scenarios; ``headers`` are
    sent with every request. The document is loaded twice, and changed. Raises InvalidSchema and LoaderError."""
    schemathesis.openapi.format("date-time", INSTANTS)
    report = Report(subject, planned=examples)
    unit = tuple(name for name in phases if name != STATEFUL)
    # Even without a phase, the engine finds problems of the document.
    schema = _load(load, subject, _options(subject, examples=examples, phases=unit, base_url=base_url, headers=headers))
    operations = _operations(schema)
    report.operations = {operation.label for operation in operations}
    report.links = {transition.id for transition in find_transitions(operations)}
    with running(Run(schema, subject)):
        _register_hooks(schema, subject, report)
        for event in from_schema(schema).execute():
            report.add(event)
    if STATEFUL in phases:
        stateful = _options(subject, examples=examples, phases=(STATEFUL,), base_url=base_url, headers=headers)
        schema = _load(load, subject, stateful)
        _let_lists_lead_to_creates(schema)
        if subject.key is None:
            _let_calls_follow_calls(schema)
        with running(Run(schema, subject, find_transitions(_operations(schema)))) as run:
            _register_hooks(schema, subject, report)
            run_scenarios(run, report, examples=examples, seed=SEED)
    return report


def _options(
    subject: Subject,
    *,
    examples: int,
    phases: tuple[str, ...],
    base_url: str | None,
    headers: Mapping[str, str] | None,
) -> dict[str, Any]:
    """The configuration of these phases, without the identities."""
    replaced = REPLACED if subject.key is not None else (*REPLACED, "use_after_free")
    return (
        {
            "seed": SEED,
            "suppress-health-check": ["all"],  # they depend on the machine's clock
            "cache": {"enabled": False},
            "output": {"sanitization": {"enabled": False}},  # the report hides secrets
            "analysis": {"constants": {"enabled": False}},
            "generation": {"max-examples": examples, "database": "none", "allow-x00": False},
            "phases": {name: {"enabled": name in phases} | OPTIONS.get(name, {}) for name in PHASES},
            "checks": {name: {"enabled": False} for name in replaced},
            "request-timeout": 30,
        }
        | ({} if base_url is None else {"base-url": base_url})
        | ({} if headers is None else {"headers": dict(headers)})
    )


def _load(load: Load, subject: Subject, options: dict[str, Any]) -> schemathesis.BaseSchema:
    """The document with our links, loaded for the subject's keys. The full key calls it; a check of Schemathesis
    compares what the outsider sees."""
    keys = {FULL: subject.key, OUTSIDER: subject.outsider}
    known = {name: key for name, key in keys.items() if key is not None}
    with TemporaryDirectory() as folder:
        if known:
            document = Path(folder, "identities.json")
            identities = [
                {"name": name, "fixedHeaders": [{"name": KEY_HEADER, "value": key}]} for name, key in known.items()
            ]
            document.write_text(json.dumps({"auth": identities}), encoding="utf-8")
            peers = {"peers": list(known)} if len(known) > 1 else {}
            options = options | {"auth": {"wfc": {"path": str(document), "user": FULL} | peers}}
        schema = load(schemathesis.Config.from_dict(options))
    add_links(schema.raw_schema, partner.OPERATIONS)  # before operations are accessed, as Schemathesis caches them
    return schema


def _register_hooks(schema: schemathesis.BaseSchema, subject: Subject, report: Report) -> None:
    """Let Schemathesis report the calls of this schema, and apply our changes to cases and failures."""

    def flatmap_case(
        _context: schemathesis.HookContext, case: schemathesis.Case[Any]
    ) -> st.SearchStrategy[schemathesis.Case[Any]]:
        return _start_from_examples(case)

    def filter_failure(
        _context: schemathesis.HookContext, failure: Any, case: schemathesis.Case[Any], response: schemathesis.Response
    ) -> bool:
        return not excuse(failure.code, failure.operation, response=response, case=case, subject=subject)

    def after_call(
        _context: schemathesis.HookContext, case: schemathesis.Case[Any], response: schemathesis.Response
    ) -> None:
        report.count(case.operation.label, response)

    for hook in (flatmap_case, filter_failure, after_call):
        schema.hooks.hook(hook)


def _operations(schema: schemathesis.BaseSchema) -> list[Any]:
    """The operations of the document. Raises InvalidSchema if one cannot be read or there are none."""
    found: list[Any] = []
    for result in schema.get_all_operations():
        if not hasattr(result, "ok"):
            raise result.err()
        found.append(result.ok())
    if not found:
        raise InvalidSchema("it has no operations")
    return found


def _let_calls_follow_calls(schema: schemathesis.BaseSchema) -> None:
    """Add links between all operations on the same resource: the control plane's document hardly has any."""
    operations = [(path, called) for path, item in schema.raw_schema["paths"].items() for called in item.values()]
    for path, called in operations:
        success = next(response for status, response in called["responses"].items() if status.startswith("2"))
        links = success.setdefault("links", {})
        for other, following in operations:
            shared = {
                name: f"$request.path.{name}"
                for name in re.findall(r"{(\w+)}", path)
                if other.startswith(path.partition(f"{{{name}}}")[0] + f"{{{name}}}")
            }
            if shared:
                links.setdefault(
                    following["operationId"], {"operationId": following["operationId"], "parameters": shared}
                )


def _let_lists_lead_to_creates(schema: schemathesis.BaseSchema) -> None:
    """Add links from lists to creates: Schemathesis starts no scenario with a create that refers to something that no
    operation creates, such as a profile's group."""
    for item in schema.raw_schema["paths"].values():
        listed = item.get("get", {}).get("responses", {}).get("200")
        create = item.get("post", {})
        if listed is not None and "201" in create.get("responses", {}) and "operationId" in create:
            listed.setdefault("links", {})["create"] = {"operationId": create["operationId"]}


def _start_from_examples(case: schemathesis.Case[Any]) -> st.SearchStrategy[schemathesis.Case[Any]]:
    """Start half of the valid steps of a scenario from the examples of the document, as generated ids and dates rarely
    create what later steps need. Values from links are inserted afterwards."""
    if case.meta is None or case.meta.phase.name != STATEFUL or not case.meta.generation.mode.is_positive:
        return st.just(case)
    content = case.operation.definition.raw.get("requestBody", {}).get("content", {})
    shown = [media["example"] for media in content.values() if "example" in media]
    shown += [
        example["value"]
        for media in content.values()
        for example in media.get("examples", {}).values()
        if "value" in example
    ]
    return st.sampled_from([case.body, *deepcopy(shown)]).map(lambda body: _with_body(case, body))


def _with_body(case: schemathesis.Case[Any], body: Any) -> schemathesis.Case[Any]:
    if (
        body is not case.body
    ):  # setting an equal body would make Schemathesis classify it again, and a missing body as invalid
        case.body = body
    return case
