"""Waivers: what a project does not count, each with the reason."""

from collections.abc import Callable, Iterable

__all__ = ["DemandError", "read_waivers"]


class DemandError(ValueError):
    """What is demanded of a run cannot be read; the message says which, and why."""


def read_waivers(
    texts: Iterable[str], split: Callable[[str], tuple[str, str]], *, noun: str, example: str
) -> dict[str, str]:
    """Reasons by what is waived, in the order of the lines. ``split`` parts a line into the two. Raises
    :exc:`DemandError`."""
    found: dict[str, str] = {}
    for text in texts:
        waived, reason = split(text.strip())
        if not (waived and reason):
            raise DemandError(f"{text!r}: write {noun} and the reason, such as {example!r}")
        if waived in found:
            raise DemandError(f"{text!r}: {waived} is waived twice")
        found[waived] = reason
    return found
