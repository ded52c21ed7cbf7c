"""What probes need to know of an API: where it is, and where there is none."""

import subprocess
import sys

from aniva_sandbox.api.domain import DOMAIN
from aniva_sandbox.engine.world.domain import Probing
from tests.engine.toy import TODO


def test_it_is_made_when_it_is_needed() -> None:
    """A server does not load it; where it is asked for, it is the same each time."""
    program = "import sys, aniva_sandbox.api.app\nprint([name for name in sys.modules if 'api.probing' in name])"
    ran = subprocess.run([sys.executable, "-c", program], capture_output=True, check=True)
    assert ran.stdout.split() == [b"[]"]
    assert DOMAIN.probing() is DOMAIN.probing()


def test_an_api_may_have_none() -> None:
    """An API that says nothing has no special instants, and leaves nothing open."""
    probing = TODO.domain.probing()
    assert probing == Probing()
    assert not probing.describe
    assert not probing.unordered
    assert list(probing.instants(TODO.fixture.start)) == []
