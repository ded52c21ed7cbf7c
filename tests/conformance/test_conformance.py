"""The suite's own run of Schemathesis, in this process and less deep than the command."""

import schemathesis

from aniva_sandbox.serving.app import build_app
from tests.conformance.checks import WORLD
from tests.conformance.run import PHASES, build_config, run_schemathesis
from tests.support import CONTROL, PARTNER, new_worlds


def test_the_sandbox_conforms_to_its_document() -> None:
    """All phases and checks pass, every operation answers 2xx at least once, and links lead from answer to call."""
    worlds = new_worlds()
    schema = schemathesis.openapi.from_asgi(
        "/openapi.json", build_app(worlds, PARTNER, CONTROL), config=build_config(examples=40)
    )

    report = run_schemathesis(schema, lambda: worlds.create(WORLD))

    assert not report.problems(), "\n\n".join(report.problems())
    assert set(report.phases) == set(PHASES)
    assert len(report.followed) > len(report.links) / 3, report.summary()
