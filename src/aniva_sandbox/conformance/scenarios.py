"""The stateful phase: scenarios of calls that use values from earlier responses."""

from typing import Any

import schemathesis
from hypothesis import seed as seeded
from hypothesis import settings
from schemathesis.engine import Status
from schemathesis.errors import FailureGroup, NoLinksFound

from aniva_sandbox.conformance.current import Run
from aniva_sandbox.conformance.links import Exchange, Transition
from aniva_sandbox.conformance.report import Report

__all__ = ["STATEFUL", "find_transitions", "run_scenarios"]

STATEFUL = "stateful"
"""The name of the phase."""
STEPS = 10
"""The number of steps of a scenario."""


def run_scenarios(run: Run, report: Report, *, examples: int, seed: int) -> None:
    """Run ``examples`` scenarios. A failed check does not end a scenario."""

    def after_validate(
        _context: schemathesis.HookContext,
        case: schemathesis.Case[Any],
        response: schemathesis.Response,
        results: list[schemathesis.CheckResult],
    ) -> None:
        for result in results:
            if result.failure is not None:
                curl = case.as_curl_command(headers=dict(response.request.headers), verify=response.verify)
                report.fail(result.name, failure=result.failure, curl=curl)

    run.schema.hooks.hook(after_validate)
    report.phases[STATEFUL] = Status.SUCCESS
    try:
        machine = _build_machine(run, report, seed)
        limits = settings(machine.TestCase.settings, max_examples=examples, stateful_step_count=STEPS, database=None)
        seeded(seed)(machine).run(settings=limits)
    except NoLinksFound:
        del report.phases[STATEFUL]
    except Exception as error:  # whatever stops the phase; the report keeps the results so far
        report.phases[STATEFUL] = Status.ERROR
        report.errors.append(f"stateful scenarios: {type(error).__name__}: {error}")


def _build_machine(run: Run, report: Report, seed: int) -> Any:
    """The state machine that generates the scenarios."""

    class Scenario(run.schema.as_state_machine()):  # type: ignore[misc]
        rule_order_seed = seed  # the first call of a scenario is random, if Schemathesis supports that

        def setup(self) -> None:
            run.begin_scenario()

        def after_call(self, response: schemathesis.Response, case: schemathesis.Case[Any]) -> None:
            super().after_call(response, case)
            run.add(Exchange(case, response))
            report.follow([transition.id for transition in run.arrivals])

        def validate_response(self, *arguments: Any, **options: Any) -> None:
            try:
                super().validate_response(*arguments, **options)
            except FailureGroup:
                report.phases[STATEFUL] = Status.FAILURE  # the hook has added the failed checks to the report

        def teardown(self) -> None:
            report.scenarios += bool(run.scenario)

    return Scenario


def find_transitions(operations: list[Any]) -> list[Transition]:
    """The links between these operations."""
    by_id = {operation.definition.raw.get("operationId"): operation for operation in operations}
    return [
        Transition(
            id=f"{source.label} -> [{status}] {name} -> {by_id[link['operationId']].label}",
            source=source.label,
            status=str(status),
            target=by_id[link["operationId"]].label,
            parameters=link.get("parameters") or {},
            body=link.get("requestBody"),
        )
        for source in by_id.values()
        for status, response in source.definition.raw.get("responses", {}).items()
        if isinstance(response, dict)
        for name, link in response.get("links", {}).items()
        if isinstance(link, dict) and link.get("operationId") in by_id
    ]
