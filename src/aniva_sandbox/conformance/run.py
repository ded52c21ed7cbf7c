"""Schemathesis against a server: all phases (examples, coverage, fuzzing, stateful) and all checks, with two keys.

Two runs on a sandbox are the same: the seed is fixed, the clock of the world stands still, and each operation (in the
stateful phase, each scenario) begins in a fresh world, so that no verdict hangs on what ran before.
`max_response_time` is the only check of Schemathesis that stays off: its verdict would depend on the machine.
"""

import re
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from copy import deepcopy
from typing import Any

import schemathesis
from hypothesis import strategies as st
from schemathesis.core.result import Err
from schemathesis.engine import from_schema
from schemathesis.errors import InvalidSchema
from schemathesis.generation.feedback import FeedbackSources
from schemathesis.generation.meta import TestPhase
from schemathesis.hooks import GLOBAL_HOOK_DISPATCHER, HookContext
from schemathesis.schemas import BaseSchema
from schemathesis.specs.openapi.formats import get_default_format_strategies, unregister_string_format
from schemathesis.wfc.auth import Header
from schemathesis.wfc.escalation import EscalatingAuthProvider
from schemathesis.wfc.providers import FixedHeaderAuthProvider

from aniva_sandbox.conformance.checks import REPLACED, registered
from aniva_sandbox.conformance.links import add_links
from aniva_sandbox.conformance.report import PHASES, Report
from aniva_sandbox.conformance.subject import Subject
from aniva_sandbox.contract.common import KEY_HEADER
from aniva_sandbox.contract.formats import REQUEST_FORMATS
from aniva_sandbox.resources import partner

__all__ = ["build_config", "run_schemathesis"]

# The links that Schemathesis infers (a location's id for an appointment) would take the steps of those declared.
OPTIONS: dict[str, dict[str, Any]] = {"stateful": {"max-steps": 10, "inference": {"algorithms": []}}}


def build_config(
    examples: int,
    phases: tuple[str, ...] = PHASES,
    *,
    base_url: str | None = None,
    headers: Mapping[str, str] | None = None,
) -> schemathesis.Config:
    """The configuration of a run; ``examples`` bounds the fuzzing of each operation and the stateful scenarios.
    ``headers`` go with every request."""
    return schemathesis.Config.from_dict(
        {
            "seed": 20260413,
            "suppress-health-check": ["all"],  # they look at the machine's clock
            "cache": {"enabled": False},
            "output": {"sanitization": {"enabled": False}},  # the report hides what is secret
            "analysis": {"constants": {"enabled": False}},
            "generation": {"max-examples": examples, "database": "none", "allow-x00": False},
            "phases": {name: {"enabled": name in phases} | OPTIONS.get(name, {}) for name in PHASES},
            "checks": {name: {"enabled": False} for name in REPLACED},
            "request-timeout": 30,
        }
        | ({} if base_url is None else {"base-url": base_url})
        | ({} if headers is None else {"headers": dict(headers)})
    )


def run_schemathesis(schema: BaseSchema, subject: Subject) -> Report:
    """Run all phases that the schema's configuration enables."""
    add_links(schema.raw_schema, partner.OPERATIONS)  # before anything looks at an operation, which is then kept
    report = Report(subject, links=_declared_links(schema))
    report.planned = schema.config.generation.max_examples or 0
    report.operations = {operation.label for operation in _operations(schema)}
    _let_lists_lead_to_creates(schema)
    if subject.key is None:
        _let_calls_follow_calls(schema)
    schema.hooks.register_hook_with_name(_use_examples, "flatmap_case")
    if subject.key is not None:
        schema.auth.providers.append(_identities(subject.key, subject.outsider))
    with registered(subject), _contract_instants(), _fresh_worlds(schema, subject.renew):
        for event in from_schema(schema).execute():
            report.add(event)
    return report


def _identities(key: str, outsider: str | None) -> EscalatingAuthProvider:
    """Who sends requests: always the full key; checks look whether the outsider sees what is its."""
    keys = {"full": key} | ({} if outsider is None else {"outsider": outsider})
    providers = [FixedHeaderAuthProvider([Header(KEY_HEADER, value)]) for value in keys.values()]
    return EscalatingAuthProvider(list(providers), list(keys), peers=tuple(keys), pinned="full")


def _operations(schema: BaseSchema) -> list[Any]:
    """The operations of the document. Raises InvalidSchema for one that cannot be read, and where there are none."""
    found: list[Any] = list(schema.get_all_operations())
    for result in found:
        if isinstance(result, Err):
            raise result.err()
    if not found:
        raise InvalidSchema("it has no operations")
    return [result.ok() for result in found]


def _declared_links(schema: BaseSchema) -> set[str]:
    """The links between the operations, as Schemathesis names them."""
    by_id = {operation.definition.raw.get("operationId"): operation for operation in _operations(schema)}
    return {
        f"{source.label} -> [{status}] {name} -> {by_id[link['operationId']].label}"
        for source in by_id.values()
        for status, response in source.definition.raw.get("responses", {}).items()
        if isinstance(response, dict)
        for name, link in response.get("links", {}).items()
        if isinstance(link, dict) and link.get("operationId") in by_id
    }


def _let_calls_follow_calls(schema: BaseSchema) -> None:
    """The control plane's document says hardly what follows a call: let it be any call on the same resource."""
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


def _let_lists_lead_to_creates(schema: BaseSchema) -> None:
    """Schemathesis starts no scenario with a create that names what no operation makes, such as a profile's group."""
    for item in schema.raw_schema["paths"].values():
        listed = item.get("get", {}).get("responses", {}).get("200")
        create = item.get("post", {})
        if listed is not None and "201" in create.get("responses", {}) and "operationId" in create:
            listed.setdefault("links", {})["create"] = {"operationId": create["operationId"]}


def _use_examples(_context: HookContext, case: schemathesis.Case[Any]) -> st.SearchStrategy[schemathesis.Case[Any]]:
    """Let half of the valid steps of a scenario start from the body that the document shows: made-up ids and dates
    seldom create what later steps need. Values from links are put in afterwards."""
    if case.meta is None or case.meta.phase.name != TestPhase.STATEFUL or not case.meta.generation.mode.is_positive:
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
    if body is not case.body:  # to set what it is already would be looked at anew, and no body count as invalid
        case.body = body
    return case


@contextmanager
def _fresh_worlds(schema: Any, renew: Callable[[], None]) -> Iterator[None]:
    """Renew the world when the next operation begins, and in the stateful phase with each scenario."""
    running: list[tuple[TestPhase, str]] = []
    build = schema.build_state_machine

    def before_call(_context: HookContext, case: schemathesis.Case[Any], _kwargs: dict[str, Any]) -> None:
        if case.meta is None or case.meta.phase.name == TestPhase.STATEFUL:
            return
        if running != [(case.meta.phase.name, case.operation.label)]:
            running[:] = [(case.meta.phase.name, case.operation.label)]
            renew()

    def build_state_machine(**options: Any) -> Any:
        # Without values gathered from earlier answers: with them, Hypothesis finds that scenarios do not replay, and
        # the phase ends early and says nothing.
        machine = build(**options | {"feedback": FeedbackSources()})

        class Scenario(machine):  # type: ignore[misc,valid-type]
            def __init__(self) -> None:
                renew()
                super().__init__()

        return Scenario

    schema.build_state_machine = build_state_machine
    GLOBAL_HOOK_DISPATCHER.register_hook_with_name(before_call, "before_call")
    try:
        yield
    finally:
        GLOBAL_HOOK_DISPATCHER.unregister(before_call)


@contextmanager
def _contract_instants() -> Iterator[None]:
    """Generate the instants that rule `time.input` takes: no schema can say that the ends of the calendar are out."""
    instants = get_default_format_strategies()["date-time"].filter(REQUEST_FORMATS["date-time"])
    schemathesis.openapi.format("date-time", instants)
    try:
        yield
    finally:
        unregister_string_format("date-time")
