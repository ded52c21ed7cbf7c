"""What several commands share."""

from collections.abc import Callable, Iterable
from typing import TYPE_CHECKING, Final

import click

if TYPE_CHECKING:
    from aniva_sandbox.engine.evidence.reports.files import ReportFile

__all__ = ["BEARER_FROM", "KEY", "STORE_FROM", "CannotRun", "report_option", "write_reports"]

KEY: Final = "sbx_default"
BEARER_FROM: Final = "ANIVA_SANDBOX_TOKEN"
STORE_FROM: Final = "ANIVA_SANDBOX_STORE"


class CannotRun(click.ClickException):
    """Nothing was judged: neither good nor bad."""

    exit_code = 2


report_option = click.option(
    "--report",
    "reports",
    multiple=True,
    metavar="KIND:PATH",
    help="Write a report: html, json, md (as for $GITHUB_STEP_SUMMARY) or junit; repeatable.",
)
"""The option for files to write a report to."""


def write_reports(files: Iterable["ReportFile"], write: "Callable[[ReportFile], None]") -> None:
    """Write each file of a report, and say so. Raises :exc:`CannotRun`."""
    for file in files:
        try:
            write(file)
        except OSError as error:
            raise CannotRun(f"{file.path} cannot be written: {error.strerror}") from None
        click.echo(f"wrote {file.path}")
