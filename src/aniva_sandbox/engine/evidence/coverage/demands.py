"""What a project demands of its coverage: a scope, thresholds, and waivers of single items."""

from collections.abc import Iterable, Iterator, Mapping
from math import floor

import msgspec

from aniva_sandbox.engine.evidence.coverage.collected import Collected
from aniva_sandbox.engine.evidence.coverage.items import Items
from aniva_sandbox.engine.evidence.coverage.report import AXES, AxisName, CoverageReport
from aniva_sandbox.engine.evidence.reports.waivers import DemandError, read_waivers
from aniva_sandbox.engine.texts import listed, suggest

__all__ = ["Demands", "parse_scope", "parse_thresholds", "parse_waivers"]


def parse_scope(texts: Iterable[str], items: Items) -> tuple[str, ...] | None:
    """The operations of a scope, in the order of the contract; None if none is named. Each text names one or several,
    with commas between them. Raises :exc:`DemandError`."""
    named = _parts(texts)
    for name in named:
        if name not in items.operations:
            raise DemandError(f"there is no operation {name!r}{suggest(name, items.operations)}")
    return tuple(each for each in items.operations if each in named) or None


def parse_thresholds(texts: Iterable[str]) -> dict[AxisName, float]:
    """Thresholds by axis, from ``rules:80,faults:50``. Raises :exc:`DemandError`."""
    found: dict[AxisName, float] = {}
    for text in _parts(texts):
        axis, colon, number = (part.strip() for part in text.partition(":"))
        name = next((each for each in AXES if each == axis), None)
        if not colon:
            raise DemandError(f"{text!r}: write an axis and a number, such as rules:80")
        if name is None:
            raise DemandError(f"{text!r}: there is no axis {axis!r}{suggest(axis, AXES)}")
        if name in found:
            raise DemandError(f"{text!r}: {axis} is given twice")
        try:
            found[name] = float(number)
        except ValueError:
            raise DemandError(f"{text!r}: {number!r} is not a number") from None
        if name == "assumptions":
            if not number.isdecimal():
                raise DemandError(f"{text!r}: must be the maximum number of assumptions, such as assumptions:5")
        elif not 0 <= found[name] <= 100:
            raise DemandError(f"{text!r}: must be a percentage from 0 to 100")
    return found


def parse_waivers(texts: Iterable[str], items: Items) -> dict[str, str]:
    """Reasons by item, from lines such as ``link.window at: our clock counts whole hours``. Raises
    :exc:`DemandError`."""
    return read_waivers(texts, lambda text: _split(text, items), noun="an item", example="link.window at: the reason")


def _split(text: str, items: Items) -> tuple[str, str]:
    """An item and a reason. Some items have a colon too, so the longest that exists is meant."""
    places = [place for place, character in enumerate(text) if character == ":"]
    known = [place for place in places if text[:place].strip() in items.by_id]
    place = known[-1] if known else text.find(": ") if ": " in text else len(text)
    return text[:place].strip(), text[place + 1 :].strip()


def _parts(texts: Iterable[str]) -> list[str]:
    return [part.strip() for text in texts for part in text.split(",") if part.strip()]


class Demands(msgspec.Struct, frozen=True, kw_only=True):
    """What a project demands of its coverage."""

    thresholds: Mapping[AxisName, float] = {}
    """Percentages of counted items that must be met; of assumptions, the maximum number that may be."""
    waivers: Mapping[str, str] = {}
    """Reasons by item."""

    def problems(self, report: CoverageReport, items: Items, collected: Collected) -> list[str]:
        """Why a report does not fulfil them, a sentence each."""
        return [*self._missed(report), *self._wrong_waivers(items, collected)]

    def _missed(self, report: CoverageReport) -> Iterator[str]:
        for name, threshold in self.thresholds.items():
            axis = report.axes[name]
            if name == "assumptions":
                if axis.met > threshold:
                    those = listed([entry.id for entry in axis.list if entry.met and entry.is_counted])
                    yield f"{name}: {axis.met} were met, more than {threshold:g}: {those}"
            elif threshold and not report.axes["responses"].list:
                yield f"{name}: no operation was called"
            elif axis.items and axis.met * 100 / axis.items < threshold:  # rounded as the threshold is
                share = floor(axis.met * 1000 / axis.items) / 10
                yield f"{name}: {axis.met} of {axis.items} items were met ({share:g} %), fewer than {threshold:g} %"

    def _wrong_waivers(self, items: Items, collected: Collected) -> Iterator[str]:
        assumptions = {item.id for item in items.axes["assumptions"]}
        for id in self.waivers:
            item = items.by_id.get(id)
            if item is None:
                yield f"the waiver {id!r} names no item{suggest(id, items.by_id)}"
            elif id in assumptions:
                if id not in collected:
                    yield f"the waiver {id!r} is not needed: no call relied on this rule"
            elif id in collected:
                yield f"the waiver {id!r} is not needed: the item was met"
            elif item.reason:
                yield f"the waiver {id!r} is not needed: the item is not counted: {item.reason}"
