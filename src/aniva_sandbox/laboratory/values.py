"""The values that fields of medical records may have."""

from typing import Annotated, Final, Literal

from aniva_sandbox.engine.contract.values import (
    free,
    whole,
)

__all__ = [
    "BARCODE_LENGTH",
    "COMMENT_LENGTH",
    "NAME",
    "NAME_CHARACTERS",
    "NAME_HINT",
    "NAME_LENGTH",
    "Barcode",
    "Comment",
    "FileName",
    "Language",
    "Name",
]


# Latin-1 letters, Latin Extended-A and -B with the one lower-case letter of theirs that is encoded elsewhere, and Latin
# Extended Additional.
_LETTER = "A-Za-z\u00c0-\u00d6\u00d8-\u00f6\u00f8-\u024f\u0259\u1e00-\u1eff"
_MARK = " '.-"
NAME_CHARACTERS: Final = _LETTER + _MARK
"""A character class of a regular expression, without its brackets."""
NAME: Final = rf"[{_MARK}]*[{_LETTER}][{_LETTER}{_MARK}]*"
NAME_HINT: Final = "must be Latin letters, spaces, apostrophes, hyphens and full stops, with at least one letter"
NAME_LENGTH: Final = 100
BARCODE_LENGTH: Final = 64
COMMENT_LENGTH: Final = 500
Name = Annotated[str, whole(NAME, NAME_HINT, min_length=1, max_length=NAME_LENGTH)]
Barcode = Annotated[str, whole(f"[0-9]{{1,{BARCODE_LENGTH}}}", f"must be 1 to {BARCODE_LENGTH} digits")]
Comment = Annotated[str, free(COMMENT_LENGTH)]
FileName = Annotated[
    str,
    whole(
        r'[^\x00-\x1f\x7f-\x9f"/\\:*?<>|\u2028\u2029]+\.pdf',
        "must be the name of a PDF file, such as report.pdf, without slashes, quotes or line breaks",
        max_length=128,
    ),
]
Language = Literal["en", "de", "fi"]
"""The language of texts to a person, and of reports."""
