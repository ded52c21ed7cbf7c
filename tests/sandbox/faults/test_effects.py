"""One effect a class: everything else is derived from it, and what is written by hand names them all."""

import inspect
import json
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import get_args

import msgspec
import pytest

from aniva_sandbox import guide
from aniva_sandbox.engine.faults.effect import Effect
from aniva_sandbox.engine.faults.effects import EFFECTS, Drop, Latency, Malformed, Status, Trickle, Truncate
from aniva_sandbox.engine.faults.record import FIELDS, Effects
from aniva_sandbox.testing.injection import Faults

ROOT = Path(__file__).parents[3]


def test_a_new_effect_is_one_class() -> None:
    """A class that is registered is in the document, is taken, shown and refused by the control plane and the header,
    is kept by snapshots, and acts: on the body and on the way."""
    script = [sys.executable, "-m", "tests.sandbox.faults.new_effect"]
    run = subprocess.run(script, cwd=ROOT, capture_output=True, text=True, timeout=60)
    assert run.returncode == 0, run.stderr
    met = json.loads(run.stdout)
    described = {"description": "The number of spaces after the body.", "type": "integer"}
    assert met["documented"] == [described | {"minimum": 1, "maximum": 100}, {"type": "integer"}]
    assert met["shown"] == {"id": "fault-1", "times": 1, "after": 0, "fired": 0, "method": "GET", "pad": 2}
    assert (met["saved"], met["restored"]) == ({"pad": 2}, 200)
    assert met["refused"] == [
        "Validation failed: pad must be at least 1",
        "A page is not padded; pad and malformed cannot be combined",
        "The snapshot cannot be restored: faults[0].effect.pad: must be at most 100",
    ]
    assert "not pad with malformed" in met["sentence"]
    assert met["headers"] == ["fault-1: pad=2", "X-Sandbox-Fault: status=503; pad=3"]
    error = '{"error":"Service Unavailable (injected by the sandbox)"}   '
    assert met["longer"] == [2, error]
    assert met["pieces"] == [error, "\n"]
    assert met["journal"] == "X-Sandbox-Fault: status=503; pad=3"


def test_the_plugin_takes_every_effect() -> None:
    """The names that a test gives are those of the control plane."""
    given = set(inspect.signature(Faults.add).parameters) - {"self"}
    assert given == {"operation", "method", "path", "times", "after", *FIELDS}


def test_the_guide_names_every_effect() -> None:
    """So does the table of the manual."""
    table = [line for line in guide.read("faults").splitlines() if line.startswith("| `")]
    assert {name for name in FIELDS for line in table if f"`{name}`" in line.split("|")[1]} == set(FIELDS)


@pytest.mark.parametrize(
    ("effects", "parts"),
    [
        (Effects(), ()),
        (Effects(latency_ms=1), (Latency(1),)),
        (Effects(truncate=False, trickle_ms=2), (Trickle(2),)),
        (Effects(malformed=True, retry_after=0, status=429), (Status(429, 0), Malformed(True))),
        (Effects(drop="before", latency_ms=3), (Latency(3), Drop("before"))),
    ],
    ids=["none", "latency", "trickle", "status and malformed", "latency and drop"],
)
def test_effects_come_apart(effects: Effects, parts: tuple[Effect, ...]) -> None:
    """What a fault holds are the effects that it has, in the order in which they act."""
    assert effects.parts() == parts


def test_effects_only_exclude_effects() -> None:
    """What an effect does not go together with is another one."""
    names = [effect.__struct_fields__[0] for effect in EFFECTS]
    assert len(set(names)) == len(EFFECTS)
    for effect, name in zip(EFFECTS, names, strict=True):
        assert set(effect.excludes) <= set(names) - {name}


def test_effects_act_where_they_should() -> None:
    """Only a status, and a drop before, replace the call; only a malformed body is another."""
    acting = [Latency(1), Status(503), Drop("before"), Drop("after"), Truncate(True), Malformed(True), Trickle(1)]
    assert [type(effect) for effect in acting if effect.instead() is not None] == [Status, Drop]
    assert [type(effect) for effect in acting if effect.change_body(b"{}") != b"{}"] == [Malformed]


def bounds() -> Iterator[tuple[str, int, int]]:
    """The fields that count, with each of their bounds and what is just outside."""
    for name, type in FIELDS.items():
        plain, meta = get_args(type)
        if plain is int:
            yield name, meta.ge, meta.ge - 1
            yield name, meta.le, meta.le + 1


@pytest.mark.parametrize(("name", "inside", "outside"), list(bounds()))
def test_a_record_has_the_bounds_of_a_request(name: str, inside: int, outside: int) -> None:
    """A snapshot may hold what a request may bring, and nothing else."""
    assert getattr(msgspec.convert({name: inside}, Effects), name) == inside
    for value in (outside, None, str(inside)):
        with pytest.raises(msgspec.ValidationError):
            msgspec.convert({name: value}, Effects)
