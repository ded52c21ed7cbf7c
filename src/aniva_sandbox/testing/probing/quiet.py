"""Around the runs of a probed test: its output, warnings and records go nowhere, and nothing that watches Python looks.

Fixtures of wider scopes are set up in the first run, for the test and for others; so around them, everything is as it
would be without probes, and what they print and warn of is kept for the test's own run.
"""

import logging
import pdb
import sys
import warnings
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, ExitStack, contextmanager, suppress
from typing import Any, Final

import pytest
from _pytest.capture import FDCapture, MultiCapture

__all__ = ["Quiet"]

_SILENT: Final = frozenset(
    {
        *("pytest_runtest_logreport", "pytest_runtest_logstart", "pytest_runtest_logfinish"),
        *("pytest_exception_interact", "pytest_warning_recorded"),
    }
)
"""Hooks that are not called: those of what reports, and the debugger's."""
_CAPTURES: Final = ("no", "tee-sys")
"""How pytest captures where output would be seen."""


class Quiet:
    """Around all runs of an item: :meth:`around`. In these, it is quiet between :meth:`begin` and :meth:`pause`."""

    def __init__(self, item: pytest.Item, note_folder: Callable[[Any], object]) -> None:
        """``note_folder`` is called with each temporary folder that is made while it is quiet."""
        self._item = item
        self._note_folder = note_folder
        self._undo: ExitStack | None = None
        self._log: list[warnings.WarningMessage] = []
        self._silenced = 0
        """The number of warnings that are not kept."""
        self._warnings: list[warnings.WarningMessage] = []
        self._captures = item.config.pluginmanager.getplugin("capturemanager")
        self._is_seen = item.config.getoption("capture", "no") in _CAPTURES
        self._own: MultiCapture[str] | None = None
        self._is_in_phase = False
        self._logs: Any = getattr(item.config.pluginmanager.getplugin("logging-plugin"), "report_handler", None)
        self._out = self._err = self._logged = ""
        """What fixtures of wider scopes printed and logged."""

    @contextmanager
    def around(self) -> Iterator[None]:
        """Around all runs of an item."""
        try:
            with warnings.catch_warnings(record=True) as log:
                self._log = log
                with _silent_hooks(self._item.session):
                    yield
                self.pause()
                self._keep_warnings()
        finally:
            self.pause()
            if self._own is not None:
                self._own.stop_capturing()
        for each in self._warnings:  # into the log of the test's own run
            warnings.showwarning(each.message, each.category, each.filename, each.lineno, each.file, each.line)

    # Quiet or not

    @property
    def is_quiet(self) -> bool:
        """Whether it is quiet now."""
        return self._undo is not None

    def begin(self) -> None:
        """Be quiet."""
        if self._undo is not None:
            return
        self._read(is_kept=True)
        self._keep_warnings()
        with ExitStack() as undo:
            for part in (_no_coverage, _no_live_logs, _no_unraisable, _no_breakpoints, self._folders, self._no_details):
                undo.enter_context(part())
            self._undo = undo.pop_all()
        if self._is_seen:
            self._capture()

    def pause(self) -> None:
        """Be quiet no longer."""
        if self._undo is None:
            return
        undo, self._undo = self._undo, None
        if self._own is not None:
            with suppress(Exception):
                sys.stdout.flush()
                sys.stderr.flush()
            self._own.suspend_capturing(in_=True)
            self._own.readouterr()
        self._read(is_kept=False)
        self._silenced = len(self._log)
        undo.close()

    # Output

    @contextmanager
    def phase(self) -> Iterator[None]:
        """Around the setup, the call or the teardown of a run, in which pytest captures."""
        self._is_in_phase = True
        try:
            yield
        finally:
            self._read(is_kept=not self.is_quiet)
            self._is_in_phase = False

    def show_kept(self) -> None:
        """Print and log what fixtures of wider scopes did: the setup of the test's own run begins."""
        sys.stdout.write(self._out)
        sys.stderr.write(self._err)
        if self._logs is not None:
            self._logs.stream.write(self._logged)

    @contextmanager
    def report(self) -> Iterator[None]:
        """Around what reports on a phase: what it prints is dropped, where pytest would not capture."""
        captures = self._captures
        if captures is not None:
            captures.resume_global_capture()
        try:
            yield
        finally:
            if captures is not None and captures.is_globally_capturing():
                captures.suspend_global_capture()
                captures.read_global_capture()

    def _read(self, *, is_kept: bool) -> None:
        """Take what pytest captured so far."""
        captures, logs = self._captures, self._logs
        if not self._is_in_phase:
            return
        if logs is not None:
            if is_kept:
                self._logged += logs.stream.getvalue()
            logs.reset()
        if captures is None or not captures.is_globally_capturing():
            return
        out, err = captures.read_global_capture()
        if is_kept and not self._is_seen:  # what was seen is not shown again
            self._out += out
            self._err += err

    def _capture(self) -> None:
        """Capture in the place of pytest, which was asked not to."""
        if self._own is None:
            self._own = MultiCapture(in_=FDCapture(0), out=FDCapture(1), err=FDCapture(2))
            self._own.start_capturing()
        else:
            self._own.resume_capturing()

    # Warnings

    def _keep_warnings(self) -> None:
        """Keep the warnings that came when it was not quiet."""
        if self._undo is None:
            self._warnings += self._log[self._silenced :]
        self._silenced = len(self._log)

    # Files, and what is shown

    @contextmanager
    def _folders(self) -> Iterator[None]:
        """Note the temporary folders."""
        factory: Any = getattr(self._item.config, "_tmp_path_factory", None)

        def make_noted(*arguments: Any, **options: Any) -> Any:
            folder = make(*arguments, **options)
            self._note_folder(folder)
            return folder

        if factory is None:
            yield
            return
        make = factory.mktemp
        with _replaced(factory, "mktemp", make_noted):
            yield

    @contextmanager
    def _no_details(self) -> Iterator[None]:
        """Show no fixtures, as --setup-show does, and write no tracebacks, which takes longer than most tests."""
        option = self._item.config.option
        with _replaced(option, "setupshow", False), _replaced(option, "tbstyle", "no"):
            yield


class _SilentHooks:
    """The hooks of an item, without those that report."""

    def __init__(self, hooks: Any) -> None:
        self._hooks = hooks

    def __getattr__(self, name: str) -> Any:
        return _nothing if name in _SILENT else getattr(self._hooks, name)


def _nothing(**_arguments: Any) -> list[Any]:
    return []


def _silent_hooks(session: Any) -> AbstractContextManager[None]:
    """All hooks that are called through items, without those that report."""
    find = session.gethookproxy
    return _replaced(session, "gethookproxy", lambda path: _SilentHooks(find(path)))


@contextmanager
def _replaced(owner: Any, name: str, value: Any) -> Iterator[None]:
    """An attribute of an instance with another value."""
    fields = vars(owner)
    before = {name: fields[name]} if name in fields else {}
    fields[name] = value
    try:
        yield
    finally:
        del fields[name]
        fields.update(before)


@contextmanager
def _no_coverage() -> Iterator[None]:
    """Pause the measurement of Python's coverage."""
    library: Any = sys.modules.get("coverage")
    measured = library.Coverage.current() if library is not None and hasattr(library, "Coverage") else None
    if measured is None or not getattr(measured, "_started", False):
        yield
        return
    measured.stop()
    try:
        yield
    finally:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # that what is measured was imported before
            measured.start()


class _Nothing(logging.Filter):
    def filter(self, record: logging.LogRecord) -> bool:  # noqa: ARG002
        return False


@contextmanager
def _no_live_logs() -> Iterator[None]:
    """Show no log records, and write none to the log file of pytest."""
    nothing = _Nothing()
    handlers = [each for each in logging.getLogger().handlers if type(each).__module__ == "_pytest.logging"]
    shown = [each for each in handlers if type(each).__name__ in ("_LiveLoggingStreamHandler", "_FileHandler")]
    for handler in shown:
        handler.addFilter(nothing)
    try:
        yield
    finally:
        for handler in shown:
            handler.removeFilter(nothing)


@contextmanager
def _no_unraisable() -> Iterator[None]:
    """Pass over errors in finalizers: when they come depends on the memory, not on the test."""
    hook = sys.unraisablehook
    sys.unraisablehook = lambda _unraisable: None
    try:
        yield
    finally:
        sys.unraisablehook = hook


@contextmanager
def _no_breakpoints() -> Iterator[None]:
    """Pass over breakpoints."""
    hook, trace = sys.breakpointhook, pdb.set_trace
    sys.breakpointhook = pdb.set_trace = _no_breakpoint
    try:
        yield
    finally:
        sys.breakpointhook, pdb.set_trace = hook, trace


def _no_breakpoint(*_arguments: Any, **_options: Any) -> None:
    pass
