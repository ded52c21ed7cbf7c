"""An API that is made when it is first called, for a server that may never be asked for it."""

from collections.abc import Callable
from typing import Any

from aniva_sandbox.engine.contract.api import Api

__all__ = ["DeferredApi"]


class DeferredApi(Api):
    """An API of which only this is known until it is first asked for anything else: what an app is built from."""

    def __init__(self, make: Callable[[], Api], *, prefix: str, public_paths: frozenset[str], max_body: int) -> None:
        """The values are those of the API that ``make`` returns."""
        self._make = make
        self.prefix = prefix
        self.public_paths = public_paths
        self.max_body = max_body

    def __getattr__(self, name: str) -> Any:
        """Called for what is not there yet. The rest comes all at once: another thread never sees a part of it."""
        if name.startswith("__"):
            raise AttributeError(name)
        self.__dict__.update(vars(self._make()))
        return object.__getattribute__(self, name)
