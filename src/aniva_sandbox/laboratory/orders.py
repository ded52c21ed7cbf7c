"""The records of laboratory orders: what was sent where, what came back, and the reports on it."""

from datetime import date, datetime
from typing import Annotated, Literal

import msgspec

from aniva_sandbox.engine.contract.values import UuidText, refers_to
from aniva_sandbox.laboratory.measurements import Sex
from aniva_sandbox.laboratory.values import Barcode, Comment, FileName, Language, Name

__all__ = ["Document", "LabOrder", "Operator", "Patient", "Result", "Submission"]

Operator = Literal["eq", "lt", "gt"]


class Result(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """What came back for one biomarker: a value in its unit, or a genotype."""

    status: Literal["received", "corrected"]
    tested_on: date
    value: float | None = None
    """None also where it would be computed from what cannot be measured."""
    operator: Operator | None = None
    """Beyond what can be measured, ``value`` is the limit, and this says on which side of it the truth is."""
    exact: float | None = None
    """What is in the blood, whatever can be measured of it."""
    genotype: str | None = None
    comment: Comment | None = None
    chosen: bool = False
    """Whether an event chose it."""


class Submission(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """What one laboratory is to find out from the blood of one draw; a report follows when all of it is there."""

    laboratory: Annotated[str, refers_to("laboratory")]
    kind: Literal["clinical", "genetic"]
    biomarker_ids: tuple[Annotated[int, refers_to("biomarker")], ...]


class Patient(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Who the blood is from, as the profile was at that time."""

    profile_id: Annotated[str, refers_to("profile")]
    first_name: Name
    last_name: Name | None
    sex: Sex
    date_of_birth: date
    language: Language


class LabOrder(msgspec.Struct, forbid_unknown_fields=True):
    """What was ordered with a draw. Its id is the appointment's."""

    id: Annotated[UuidText, refers_to("appointment")]
    barcode: Barcode
    placed_at: datetime
    drawn_on: date
    """The day of ``placed_at`` where the blood was drawn."""
    patient: Patient
    submissions: tuple[Submission, ...]
    failed: bool = False
    results: dict[int, Result] = {}
    """What has arrived, by biomarker."""
    document_ids: list[Annotated[str, refers_to("document")]] = []

    @property
    def biomarker_ids(self) -> list[int]:
        """Everything that was ordered."""
        return sorted(id for submission in self.submissions for id in submission.biomarker_ids)

    @property
    def outstanding(self) -> list[int]:
        """What has not arrived yet."""
        return [id for id in self.biomarker_ids if id not in self.results]


class Document(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """A report: the results of a submission as they were when it was issued. It is made when it is first read."""

    id: UuidText
    appointment_id: Annotated[str, refers_to("order to a laboratory")]
    submission: Submission
    patient: Patient
    file_name: FileName
    issued_at: datetime
    corrected: bool
    results: dict[int, Result]
