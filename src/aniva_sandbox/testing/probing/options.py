"""The options of probes, and whether a run asks for them."""

from __future__ import annotations

from copy import copy
from typing import Final

import pytest

__all__ = ["INI", "MARKER", "add_options", "asks_for_probes", "give_kinds"]

INI: Final = "aniva_probe_waive"
MARKER: Final = (
    "aniva_probe(skip=[...], recovers=[...], reason=...): the kinds of probes, the faults, or the patterns of ids that "
    "are left out for this test, and why; the faults that it claims to recover from"
)
_ALL: Final = "faults,times,responses,rules"
_PROBE: Final = "--aniva-probe"
_OTHERS: Final = (
    "--aniva-probe-only",
    "--aniva-probe-budget",
    "--aniva-probe-report",
    "--aniva-probe-waive",
    "--aniva-probe-advisory",
    "--aniva-probe-exhaustive",
    "--aniva-probe-sleep",
)


def add_options(parser: pytest.Parser) -> None:
    """Add the options and the ini key."""
    group = parser.getgroup("aniva", "Aniva sandbox")
    group.addoption(
        _PROBE,
        nargs="?",
        const=_ALL,
        metavar="KIND,...",
        help=f"run each test again with one change at a time, and judge what the client makes of it: {_ALL}; see the "
        "guide",
    )
    group.addoption("--aniva-probe-only", metavar="ID", help="run one test, with this change")
    group.addoption(
        "--aniva-probe-budget",
        type=float,
        metavar="SECONDS",
        help="begin no further run after this time, counted from the start",
    )
    group.addoption(
        "--aniva-probe-report",
        action="append",
        default=[],
        metavar="KIND:PATH",
        help="write a report: html, json, md or junit (repeatable)",
    )
    group.addoption(
        "--aniva-probe-waive", action="append", default=[], metavar="ID: REASON", help="accept a finding (repeatable)"
    )
    group.addoption("--aniva-probe-advisory", action="store_true", help="findings do not fail the run")
    group.addoption(
        "--aniva-probe-exhaustive", action="store_true", help="also run the changes that can show nothing new"
    )
    group.addoption(
        "--aniva-probe-sleep",
        choices=("virtual", "real"),
        help="whether waits of 50 ms and more take no time, and move the clocks of the client and of the world "
        "instead (virtual)",
    )
    parser.addini(INI, "lines ID: REASON, as for --aniva-probe-waive", type="linelist", default=[])


def asks_for_probes(config: pytest.Config) -> bool:
    """Whether a run asks for probes."""
    given = [config.getoption(name) for name in (_PROBE, *_OTHERS)]
    return any(value is not None and value is not False and value != [] for value in given)


def give_kinds(early_config: pytest.Config, parser: pytest.Parser, args: list[str]) -> None:
    """Give ``--aniva-probe`` all kinds if no value was given, so that it does not take a path that follows it."""
    if _PROBE not in args:
        return
    end = args.index("--") if "--" in args else len(args)
    for place, name in enumerate(args[:end]):
        if name == _PROBE:
            args[place] = f"{_PROBE}={_ALL}"
    early_config.known_args_namespace = parser.parse_known_args(args, namespace=copy(early_config.option))
