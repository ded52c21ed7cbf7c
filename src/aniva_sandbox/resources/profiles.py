"""Profiles: patients, each in a profile group. Source: the Profiles page and the pages of the four operations."""

import re
from datetime import date
from typing import Annotated, Any, ClassVar, get_args

import msgspec
from msgspec import UNSET, UnsetType

from aniva_sandbox.contract.common import AUTH_CONTEXT, FORBIDDEN, PATH_UNKNOWN, UPDATE_EMPTY, WORLD_FULL
from aniva_sandbox.contract.formats import parse_date
from aniva_sandbox.contract.operations import Call, Link, NoBody, NoQuery, operation, sent_fields
from aniva_sandbox.contract.rules import Rule
from aniva_sandbox.contract.schemas import Timestamp, Uuid, field, needs_one
from aniva_sandbox.resources.common import find_profile, rely_on, require_room, visible_profile
from aniva_sandbox.world import tables
from aniva_sandbox.world.tables import Profile, ProfileGroup
from aniva_sandbox.world.values import NAME, NAME_CHARACTERS, NAME_HINT, NAME_LENGTH, PHONE, PHONE_HINT
from aniva_sandbox.world.world import World

__all__ = ["OPERATIONS", "RULES", "ProfileCreate", "ProfileQuery", "ProfileUpdate", "ProfileView", "profile_view"]

TAG = "Profiles"
_PAGE = "Profiles page"
_CREATE_PAGE = "partner documentation, page of the operation"
_LIST_PAGE = "partner documentation, page of the operation"

# Rules

PROFILE_REQUIRED = Rule(
    id="profile.required",
    sentence="Creating a profile needs first_name, sex, date_of_birth and a group.",
    basis="documented",
    source=_PAGE,
    statuses=(400,),
    kind="format",
)
PROFILE_GROUP = Rule(
    id="profile.group",
    sentence="A new profile names its group: in profile_group by UUID or slug, or in profile_group_slug by slug.",
    basis="conflict",
    source=f"{_PAGE} has no field but the slug; elsewhere that one is deprecated",
    statuses=(400,),
    kind="format",
    assumption="Both work, and profile_group wins where both are given.",
)
PROFILE_GROUP_UNKNOWN = Rule(
    id="profile.group-unknown",
    sentence="The profile group must exist.",
    basis="documented",
    source=_CREATE_PAGE,
    statuses=(404,),
)
PROFILE_GROUP_CONTEXT = Rule(
    id="profile.group-context",
    sentence="The profile group must be inside the key's context.",
    basis="documented",
    source=_CREATE_PAGE,
    statuses=(403,),
)
PROFILE_NAME = Rule(
    id="profile.name",
    sentence="Names are 1 to 100 Latin letters (accents allowed), spaces, apostrophes, hyphens and full stops, with "
    "at least one letter. The message names the first few characters that are not allowed.",
    basis="conflict",
    source=f"{_PAGE} says Latin characters; elsewhere it is A to Z, and an example has an umlaut",
    statuses=(400,),
    kind="format",
    assumption="The exact set of characters.",
)
PROFILE_SEX = Rule(
    id="profile.sex",
    sentence="sex is 1 (male) or 2 (female), as in ISO/IEC 5218.",
    basis="documented",
    source=_PAGE,
    statuses=(400,),
    kind="format",
)
PROFILE_BIRTH_DATE = Rule(
    id="profile.birth-date",
    sentence="date_of_birth is a day of the calendar, written YYYY-MM-DD, that is over in UTC.",
    basis="documented",
    source=_PAGE,
    statuses=(400,),
    kind="domain",
)
PROFILE_PHONE = Rule(
    id="profile.phone",
    sentence="phone is an E.164 number.",
    basis="documented",
    source=_PAGE,
    statuses=(400,),
    kind="format",
)
PROFILE_LANGUAGE = Rule(
    id="profile.language",
    sentence="language is en, de or fi; en where it is left out.",
    basis="documented",
    source=_PAGE,
    statuses=(400,),
    kind="format",
)
PROFILE_MEASURES = Rule(
    id="profile.measures",
    sentence="height (cm) and weight (kg) are numbers above 0.",
    basis="assumed",
    source="no page says",
    statuses=(400,),
    kind="format",
)
PROFILE_EMAIL = Rule(
    id="profile.email",
    sentence="email is an e-mail address; where it is left out, a placeholder unique to the profile is made.",
    basis="documented",
    source=_PAGE,
    statuses=(400,),
    kind="format",
    assumption="The placeholder's form: it lies under a reserved domain.",
)
PROFILE_DUPLICATES = Rule(
    id="profile.duplicates",
    sentence="An e-mail address may belong to several profiles.",
    basis="assumed",
    source="the complete error table of the operation has no 409",
)
PROFILE_HANDLE = Rule(
    id="profile.handle",
    sentence="handle cannot be set through the API.",
    basis="conflict",
    source=f"{_PAGE} calls it optional at creation, the page of the operation has no such field",
    assumption="It is ignored like any unknown field; worlds may carry one.",
)
PROFILE_UPDATE = Rule(
    id="profile.update",
    sentence="An update takes every field of creation but the group, and a password of 8 to 128 characters that is "
    "never returned; last_name, phone, height and weight may be cleared with null.",
    basis="documented",
    source=_CREATE_PAGE,
    statuses=(400,),
    kind="format",
    assumption="Which fields may be null, and that {} changes nothing.",
)
PROFILE_LIST_EMAIL = Rule(
    id="profile.list-email",
    sentence="With ?email= at most one profile is listed: the oldest in the context that has exactly this address, in "
    "any case. limit and offset must then be right, but do nothing.",
    basis="documented",
    source=_LIST_PAGE,
    assumption="That it is the oldest.",
)
PROFILE_LIST_PAGE = Rule(
    id="profile.list-page",
    sentence="A page has up to limit profiles, 100 if not said and at most 500, from offset on; oldest first.",
    basis="documented",
    source=_LIST_PAGE,
    statuses=(400,),
    kind="format",
    assumption="The order, and that values out of range are refused.",
)

RULES = (
    PROFILE_REQUIRED,
    PROFILE_GROUP,
    PROFILE_GROUP_UNKNOWN,
    PROFILE_GROUP_CONTEXT,
    PROFILE_NAME,
    PROFILE_SEX,
    PROFILE_BIRTH_DATE,
    PROFILE_PHONE,
    PROFILE_LANGUAGE,
    PROFILE_MEASURES,
    PROFILE_EMAIL,
    PROFILE_DUPLICATES,
    PROFILE_HANDLE,
    PROFILE_UPDATE,
    PROFILE_LIST_EMAIL,
    PROFILE_LIST_PAGE,
)

# Wire types

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
Email = Annotated[str, field(rule=PROFILE_EMAIL, examples=["jane.doe@example.com"], extra={"format": "email"})]
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
_LANGUAGES = {"enum": list(get_args(tables.Language))}
Language = Annotated[str, field("For texts to the patient.", rule=PROFILE_LANGUAGE, extra=_LANGUAGES)]
ProfileId = Annotated[Uuid, field("The profile's id.", examples=["a3f1c2d4-8b7e-4f2a-9c1d-2e3f4a5b6c7d"])]


class ProfileView(msgspec.Struct, frozen=True):
    """A patient as partners see one. All keys are always present."""

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
    handle: Annotated[str | None, field("A user name, where there is one.")]
    first_name: Annotated[str, field("Given name.")]
    last_name: Annotated[str | None, field("Family name.")]
    email: Annotated[str | None, field("E-mail address; a placeholder where none was given.")]
    phone: Annotated[str | None, field("E.164.")]
    sex: Annotated[int | None, field("1 male, 2 female.", extra={"enum": [1, 2]})]
    date_of_birth: Annotated[date | None, field("Date of birth.")]
    height: Annotated[float | None, field("Centimetres.")]
    weight: Annotated[float | None, field("Kilograms.")]
    language: Annotated[str, field("Language of texts to the patient.", extra=_LANGUAGES)]
    created_at: Annotated[Timestamp, field("When it was created, in UTC.")]
    updated_at: Annotated[Timestamp | None, field("When it was last changed, in UTC; null if never.")]


class ProfileCreate(msgspec.Struct, frozen=True, kw_only=True):
    """What creating a profile takes."""

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
                "Slug of the group; profile_group takes it, too, and wins where both are given.",
                rule=PROFILE_GROUP,
                min_length=1,
                examples=["acme-clinic-berlin"],
            ),
        ]
        | UnsetType
    ) = UNSET
    last_name: Annotated[Name, field("Family name.", examples=["Doe"])] | UnsetType = UNSET
    email: Annotated[Email, field("E-mail address; a placeholder is made where it is left out.")] | UnsetType = UNSET
    phone: Phone | UnsetType = UNSET
    height: Height | UnsetType = UNSET
    weight: Weight | UnsetType = UNSET
    language: Language = "en"


class ProfileUpdate(msgspec.Struct, frozen=True, kw_only=True):
    """What can be changed of a profile; what is left out stays."""

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


class ProfileQuery(msgspec.Struct, frozen=True, kw_only=True):
    """Which profiles to list."""

    email: (
        Annotated[
            str, field("Only the profile with this e-mail address, in any case; a + is %2B.", extra={"x-spaces": False})
        ]
        | UnsetType
    ) = UNSET
    limit: Annotated[int, field("How many at the most.", rule=PROFILE_LIST_PAGE, ge=1, le=500)] = 100
    offset: Annotated[int, field("How many to pass over.", rule=PROFILE_LIST_PAGE, ge=0)] = 0


def profile_view(profile: Profile) -> ProfileView:
    """A profile as partners see it: the group stays inside."""
    return ProfileView(
        profile.id,
        profile.handle,
        profile.first_name,
        profile.last_name,
        profile.email,
        profile.phone,
        profile.sex,
        profile.date_of_birth,
        profile.height,
        profile.weight,
        profile.language,
        profile.created_at,
        profile.updated_at,
    )


# Operations


@operation(
    "POST",
    "/profiles",
    tag=TAG,
    status=201,
    permissions=("create_user",),
    refuses=(PROFILE_GROUP_UNKNOWN, PROFILE_GROUP_CONTEXT, PROFILE_BIRTH_DATE, WORLD_FULL),
    links=(
        Link("get_profile", {"id": "$response.body#/id"}),
        Link("update_profile", {"id": "$response.body#/id"}),
        Link("list_appointments", {"profile_id": "$response.body#/id"}),
        Link(
            "create_appointment",
            body={
                "profile_id": "$response.body#/id",
                "location_id": "b7e2d1f5-3c4a-4e8b-a2f1-9d0c1e2f3a4b",
                "scheduled_at": "2026-04-15T10:30:00+02:00",
            },
        ),
    ),
    example={
        "first_name": "Jane",
        "last_name": "Doe",
        "email": "jane.doe@example.com",
        "sex": 2,
        "date_of_birth": "1990-06-15",
        "profile_group_slug": "acme-clinic-berlin",
    },
)
def create_profile(world: World, call: Call[NoQuery, ProfileCreate]) -> ProfileView:
    """Create a profile

    Registers a patient in one of the key's profile groups.
    """
    body = call.body
    group = _find_group(world, body)
    if group is None:
        PROFILE_GROUP_UNKNOWN.refuse("The profile group does not exist")
    if group.id not in call.access.profile_groups:
        PROFILE_GROUP_CONTEXT.refuse(FORBIDDEN)
    born = _past_date(world, body.date_of_birth)
    require_room(world)
    if body.profile_group is not UNSET and body.profile_group_slug is not UNSET:
        rely_on(PROFILE_GROUP, world)
    _rely_on_names(world, body.first_name, body.last_name)
    _rely_on_email(world, body.email)

    id = world.ids.next_uuid("profile")
    profile = Profile(
        id=id,
        group=group.id,
        handle=None,
        first_name=body.first_name,
        last_name=body.last_name or None,
        email=body.email or f"{id}@placeholder.invalid",
        phone=body.phone or None,
        sex=1 if body.sex == 1 else 2,
        date_of_birth=born,
        height=body.height or None,
        weight=body.weight or None,
        language=body.language,
        created_at=world.now,
    )
    world.profiles.add(profile)
    return profile_view(profile)


@operation(
    "GET",
    "/profiles",
    tag=TAG,
    permissions=("profiles_view", "impersonate"),
    links=(
        Link("get_profile", {"id": "$response.body#/0/id"}),
        Link("update_profile", {"id": "$response.body#/0/id"}),
    ),
)
def list_profiles(world: World, call: Call[ProfileQuery, NoBody]) -> list[ProfileView]:
    """List profiles

    All profiles of the key's groups, oldest first, a page at a time; or, by `email`, none or one.
    """
    query = call.query
    if query.email is not UNSET:
        matches = [p for p in world.profiles.with_email(query.email) if visible_profile(call.access, p)]
        return [profile_view(profile) for profile in matches[:1]]
    visible = [profile for profile in world.profiles if visible_profile(call.access, profile)]
    return [profile_view(profile) for profile in visible[query.offset : query.offset + query.limit]]


@operation(
    "GET",
    "/profiles/{id}",
    tag=TAG,
    path_id=ProfileId,
    permissions=("profiles_view", "impersonate"),
    refuses=(PATH_UNKNOWN, AUTH_CONTEXT),
    links=(
        Link("update_profile", {"id": "$response.body#/id"}),
        Link("list_appointments", {"profile_id": "$response.body#/id"}),
    ),
)
def get_profile(world: World, call: Call[NoQuery, NoBody]) -> ProfileView:
    """Get a profile"""
    return profile_view(find_profile(world, call.access, call.id, PATH_UNKNOWN))


@operation(
    "PATCH",
    "/profiles/{id}",
    tag=TAG,
    path_id=ProfileId,
    permissions=("create_user",),
    refuses=(PATH_UNKNOWN, AUTH_CONTEXT, PROFILE_BIRTH_DATE),
    links=(Link("get_profile", {"id": "$response.body#/id"}),),
    example={"phone": "+14155552671", "height": 168, "weight": 65},
)
def update_profile(world: World, call: Call[NoQuery, ProfileUpdate]) -> ProfileView:
    """Update a profile

    Changes the fields that are sent; the group of a profile never changes.
    """
    profile = find_profile(world, call.access, call.id, PATH_UNKNOWN)
    changes = sent_fields(call.body)
    if "date_of_birth" in changes:
        changes["date_of_birth"] = _past_date(world, changes["date_of_birth"])

    if changes:
        profile.updated_at = world.now
    else:
        rely_on(UPDATE_EMPTY, world)
    _rely_on_names(world, changes.get("first_name"), changes.get("last_name"))
    _rely_on_email(world, changes.get("email"), but=profile.id)
    changes.pop("password", None)
    if "email" in changes:
        world.profiles.change_email(profile, changes.pop("email"))
    for name, value in changes.items():
        setattr(profile, name, value)
    return profile_view(profile)


def _find_group(world: World, body: ProfileCreate) -> ProfileGroup | None:
    """The group that a new profile asks for: `profile_group` by slug or id, else `profile_group_slug` by slug alone."""
    groups = world.profile_groups
    if body.profile_group is UNSET:
        return groups.get(body.profile_group_slug or "")
    name = body.profile_group
    return groups.get(name) or next((group for group in groups.values() if group.id == name.lower()), None)


def _rely_on_names(world: World, *names: str | UnsetType | None) -> None:
    """One page knows only the letters from A to Z."""
    if any(name and not _PLAIN_NAME.fullmatch(name) for name in names):
        rely_on(PROFILE_NAME, world)


def _rely_on_email(world: World, email: str | UnsetType | None, *, but: str | None = None) -> None:
    if email and any(profile.id != but for profile in world.profiles.with_email(email)):
        rely_on(PROFILE_DUPLICATES, world)


_PLAIN_NAME = re.compile("[A-Za-z]+")


def _past_date(world: World, text: str) -> date:
    born = parse_date(text)
    if born >= world.now.date():
        PROFILE_BIRTH_DATE.refuse("date_of_birth must be in the past")
    return born


OPERATIONS = (list_profiles, create_profile, get_profile, update_profile)
