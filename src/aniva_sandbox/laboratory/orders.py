"""The records of lab orders: what was sent where, what came back, and the reports."""

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
    """Also None if it is computed from what cannot be measured."""
    operator: Operator | None = None
    """Outside the measurable range, ``value`` is the limit, and this says on which side the true value is."""
    exact: float | None = None
    """The true value in the blood, whether it can be measured or not."""
    genotype: str | None = None
    comment: Comment | None = None
    chosen: bool = False
    """Whether an event chose it."""


class Submission(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """The biomarkers that one laboratory measures from the blood of one draw; when all have arrived, a report
    follows."""

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
    """The results that have arrived, by biomarker."""
    document_ids: list[Annotated[str, refers_to("document")]] = []

    @property
    def biomarker_ids(self) -> list[int]:
        """The ordered biomarkers."""
        return sorted(id for submission in self.submissions for id in submission.biomarker_ids)

    @property
    def outstanding(self) -> list[int]:
        """The biomarkers that have not arrived yet."""
        return [id for id in self.biomarker_ids if id not in self.results]


class Document(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """A report: the results of a submission when it was issued. The PDF is made when it is first read."""

    id: UuidText
    appointment_id: Annotated[str, refers_to("lab order")]
    submission: Submission
    patient: Patient
    file_name: FileName
    issued_at: datetime
    corrected: bool
    results: dict[int, Result]
