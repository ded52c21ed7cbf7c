"""What a process has had to do with the store."""

from collections import Counter

__all__ = ["Meter"]


class Meter:
    """Counts since the process started; times are in nanoseconds."""

    def __init__(self) -> None:
        self.asked = 0
        """How often the store was asked for logs."""
        self.waited = 0
        """How long that took altogether."""
        self.own = 0
        """Entries of this process that were applied."""
        self.others = 0
        """Entries of other processes that were applied."""
        self.caught_up = 0
        """How often there were any."""
        self.catching_up = 0
        """How long it took to apply them."""
        self.loaded = 0
        """Snapshots that were loaded."""
        self.offered = 0
        """Snapshots that were offered to the store."""
        self.differences = 0
        """Copies that differed from what another process had."""
        self.refusals: Counter[str] = Counter()
        """Requests that were refused because of the store, by the id of the rule."""
