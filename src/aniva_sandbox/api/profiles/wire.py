"""Profiles as partners see and send them."""

from datetime import date
from typing import Annotated, Any, ClassVar, get_args

import msgspec
from msgspec import UNSET, UnsetType

from aniva_sandbox.api.profiles.records import Profile
from aniva_sandbox.api.profiles.rules import (
    PROFILE_BIRTH_DATE,
    PROFILE_EMAIL,
    PROFILE_EMAIL_FORM,
    PROFILE_GROUP,
    PROFILE_LANGUAGE,
    PROFILE_LIST_PAGE,
    PROFILE_LIST_PAGE_RANGE,
    PROFILE_MEASURES,
    PROFILE_NAME,
    PROFILE_PHONE,
    PROFILE_REQUIRED,
    PROFILE_SEX,
    PROFILE_UPDATE,
)
from aniva_sandbox.api.values import PHONE, PHONE_HINT
from aniva_sandbox.api.wire import Uuid
from aniva_sandbox.api.world import World
from aniva_sandbox.engine.contract.schemas import Timestamp, field, needs_one
from aniva_sandbox.engine.contract.views import View
from aniva_sandbox.laboratory.values import NAME, NAME_CHARACTERS, NAME_HINT, NAME_LENGTH
from aniva_sandbox.laboratory.values import Language as Language_

__all__ = [
    "ProfileCreate",
    "ProfileId",
    "ProfileQuery",
    "ProfileUpdate",
    "ProfileView",
    "kept_profile_view",
    "profile_view",
]

Name = Annotated[
    str,
    field(
        rule=PROFILE_NAME,
        pattern=f"^{NAME}$",
        min_length=1,
        max_length=NAME_LENGTH,
        extra={"x-hint": NAME_HINT, "x-characters": NAME_CHARACTERS},
    ),
]
Sex = Annotated[int, field("Biological sex: 1 male, 2 female.", rule=PROFILE_SEX, extra={"enum": [1, 2]})]
BirthDate = Annotated[
    str,
    field("YYYY-MM-DD, in the past.", rule=PROFILE_BIRTH_DATE, examples=["1990-06-15"], extra={"format": "date"}),
]
Email = Annotated[
    str,
    field(
        rule=PROFILE_EMAIL,
        examples=["jane.doe@example.com"],
        extra={"format": "email", "x-rules": {"format": PROFILE_EMAIL_FORM.id}},
    ),
]
Phone = Annotated[
    str,
    field(
        "E.164.",
        rule=PROFILE_PHONE,
        pattern=f"^{PHONE}$",
        examples=["+14155552671"],
        extra={"x-hint": PHONE_HINT, "x-characters": "+0-9"},
    ),
]
Height = Annotated[float, field("Centimetres.", rule=PROFILE_MEASURES, gt=0, examples=[168])]
Weight = Annotated[float, field("Kilograms.", rule=PROFILE_MEASURES, gt=0, examples=[65])]
_LANGUAGES = {"enum": list(get_args(Language_))}
Language = Annotated[str, field("For texts to the patient.", rule=PROFILE_LANGUAGE, extra=_LANGUAGES)]
ProfileId = Annotated[Uuid, field("The profile's id.", examples=["a3f1c2d4-8b7e-4f2a-9c1d-2e3f4a5b6c7d"])]


class ProfileView(View, frozen=True, kw_only=True):
    """A patient as partners see them. All keys are always present."""

    SCHEMA: ClassVar[dict[str, Any]] = {
        "examples": [
            {
                "id": "a3f1c2d4-8b7e-4f2a-9c1d-2e3f4a5b6c7d",
                "handle": None,
                "first_name": "Maria",
                "last_name": "Schmidt",
                "email": "maria.schmidt@example.com",
                "phone": "+4930123456789",
                "sex": 2,
                "date_of_birth": "1985-03-22",
                "height": 168.0,
                "weight": 65.0,
                "language": "de",
                "created_at": "2025-11-14T08:15:00Z",
                "updated_at": "2026-01-14T09:40:00Z",
            }
        ]
    }

    id: ProfileId
    handle: Annotated[str | None, field("A user name, if there is one.")]
    first_name: Annotated[str, field("Given name.")]
    last_name: Annotated[str | None, field("Family name.")]
    email: Annotated[str | None, field("E-mail address; a placeholder if none was given.")]
    phone: Annotated[str | None, field("E.164.")]
    sex: Annotated[int | None, field("1 male, 2 female.", extra={"enum": [1, 2]})]
    date_of_birth: Annotated[date | None, field("Date of birth.")]
    height: Annotated[float | None, field("Centimetres.")]
    weight: Annotated[float | None, field("Kilograms.")]
    language: Annotated[str, field("Language of texts to the patient.", extra=_LANGUAGES)]
    created_at: Annotated[Timestamp, field("When it was created, in UTC.")]
    updated_at: Annotated[Timestamp | None, field("When it was last changed, in UTC; null if never.")]


class ProfileCreate(msgspec.Struct, frozen=True, kw_only=True):
    """The body that creates a profile."""

    SCHEMA: ClassVar[dict[str, Any]] = needs_one(PROFILE_GROUP, "profile_group", "profile_group_slug") | {
        "x-rules": {"required": PROFILE_REQUIRED.id}
    }

    first_name: Annotated[Name, field("Given name.", examples=["Jane"])]
    sex: Sex
    date_of_birth: BirthDate
    profile_group: (
        Annotated[
            str,
            field("UUID or slug of the group.", rule=PROFILE_GROUP, min_length=1, examples=["acme-clinic-berlin"]),
        ]
        | UnsetType
    ) = UNSET
    profile_group_slug: (
        Annotated[
            str,
            field(
                "Slug of the group; profile_group accepts it, too, and wins if both are given.",
                rule=PROFILE_GROUP,
                min_length=1,
                examples=["acme-clinic-berlin"],
            ),
        ]
        | UnsetType
    ) = UNSET
    last_name: Annotated[Name, field("Family name.", examples=["Doe"])] | UnsetType = UNSET
    email: Annotated[Email, field("E-mail address; a placeholder is generated if it is omitted.")] | UnsetType = UNSET
    phone: Phone | UnsetType = UNSET
    height: Height | UnsetType = UNSET
    weight: Weight | UnsetType = UNSET
    language: Language = "en"


class ProfileUpdate(msgspec.Struct, frozen=True, kw_only=True):
    """The fields of a profile that can be changed; omitted fields stay as they are."""

    first_name: Annotated[Name, field("Given name.", examples=["Jane"])] | UnsetType = UNSET
    last_name: Annotated[Name | None, field("Family name; null clears it.", examples=["Doe"])] | UnsetType = UNSET
    email: Annotated[Email, field("E-mail address.")] | UnsetType = UNSET
    phone: Annotated[Phone | None, field("E.164; null clears it.")] | UnsetType = UNSET
    sex: Sex | UnsetType = UNSET
    date_of_birth: BirthDate | UnsetType = UNSET
    height: Annotated[Height | None, field("Centimetres; null clears it.")] | UnsetType = UNSET
    weight: Annotated[Weight | None, field("Kilograms; null clears it.")] | UnsetType = UNSET
    language: Language | UnsetType = UNSET
    password: (
        Annotated[
            str,
            field(
                "Never returned.",
                rule=PROFILE_UPDATE,
                min_length=8,
                max_length=128,
                examples=["correct horse battery staple"],
                extra={"writeOnly": True},
            ),
        ]
        | UnsetType
    ) = UNSET


_RANGE = {"x-rules": {"minimum": PROFILE_LIST_PAGE_RANGE.id, "maximum": PROFILE_LIST_PAGE_RANGE.id}}


class ProfileQuery(msgspec.Struct, frozen=True, kw_only=True):
    """Which profiles to list."""

    email: (
        Annotated[
            str,
            field(
                "Only the profile with this e-mail address, in any case; encode + as %2B.", extra={"x-spaces": False}
            ),
        ]
        | UnsetType
    ) = UNSET
    limit: Annotated[
        int, field("Maximum number of profiles to return.", rule=PROFILE_LIST_PAGE, ge=1, le=500, extra=_RANGE)
    ] = 100
    offset: Annotated[int, field("Number of profiles to skip.", rule=PROFILE_LIST_PAGE, ge=0, extra=_RANGE)] = 0


def kept_profile_view(world: World, profile: Profile) -> ProfileView:
    """The view of a profile of a world: the same as the last time, unless a field of the profile has changed."""
    kept = world.profile_views.get(profile.id)
    if kept is not None and kept[0] == (profile,):
        return kept[1]
    return world.profile_views.keep_view(profile.id, (msgspec.structs.replace(profile),), profile_view(profile))


def profile_view(profile: Profile) -> ProfileView:
    """A profile as partners see it, without its group."""
    return ProfileView(
        id=profile.id,
        handle=profile.handle,
        first_name=profile.first_name,
        last_name=profile.last_name,
        email=profile.email,
        phone=profile.phone,
        sex=profile.sex,
        date_of_birth=profile.date_of_birth,
        height=profile.height,
        weight=profile.weight,
        language=profile.language,
        created_at=profile.created_at,
        updated_at=profile.updated_at,
    )
