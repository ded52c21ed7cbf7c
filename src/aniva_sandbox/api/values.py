"""The values that fields of the API's records may have, in a request, a world file or a snapshot."""

from typing import Annotated, Final

from aniva_sandbox.engine.contract.values import free, whole

__all__ = [
    "NOTES_LENGTH",
    "PHONE",
    "PHONE_HINT",
    "REFERENCE",
    "REFERENCE_HINT",
    "TRACKING_LENGTH",
    "WORDING_LENGTH",
    "CountryCode",
    "Notes",
    "Phone",
    "ShipmentId",
    "Telephone",
    "TrackingNumber",
    "Wording",
]


PHONE: Final = r"\+[1-9][0-9]{1,14}"
PHONE_HINT: Final = "must be an E.164 number such as +14155552671"
REFERENCE: Final = "P[0-9]{10}"
REFERENCE_HINT: Final = "must be P and ten digits, such as P2604154821"
NOTES_LENGTH: Final = 128
WORDING_LENGTH: Final = 128
TRACKING_LENGTH: Final = 64
ShipmentId = Annotated[str, whole(REFERENCE, REFERENCE_HINT)]
Phone = Annotated[str, whole(PHONE, PHONE_HINT)]
Telephone = Annotated[str, whole(r"\+?[0-9][0-9 ()/.-]{0,31}", "must be a telephone number")]
CountryCode = Annotated[str, whole("[A-Z]{2}", "must be two capital letters such as DE (ISO 3166-1)")]
Notes = Annotated[str, free(NOTES_LENGTH, 0)]
Wording = Annotated[str, free(WORDING_LENGTH)]
TrackingNumber = Annotated[str, free(TRACKING_LENGTH)]
