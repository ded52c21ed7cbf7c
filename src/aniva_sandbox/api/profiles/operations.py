"""Profiles: patients, each in a profile group. Source: the Profiles page, and Create, Get, List and Update Profile in
the reference."""

from datetime import date
from typing import cast

from msgspec import UNSET, UnsetType

from aniva_sandbox.api.access import find_group, find_profile, visible_profiles
from aniva_sandbox.api.profiles.records import Profile, ProfileGroup
from aniva_sandbox.api.profiles.rules import (
    PROFILE_BIRTH_DATE,
    PROFILE_DUPLICATES,
    PROFILE_EMAIL_PLACEHOLDER,
    PROFILE_GROUP_BOTH,
    PROFILE_GROUP_CONTEXT,
    PROFILE_GROUP_UNKNOWN,
    PROFILE_HANDLE,
    PROFILE_LIST_EMAIL,
    PROFILE_LIST_EMAIL_OLDEST,
    PROFILE_NAME_ACCENTS,
    PROFILE_NAME_MARKS,
    PROFILE_UPDATE_NULL,
)
from aniva_sandbox.api.profiles.wire import (
    ProfileCreate,
    ProfileId,
    ProfileQuery,
    ProfileUpdate,
    ProfileView,
    kept_profile_view,
)
from aniva_sandbox.api.rules import AUTH_CONTEXT, ID_FORMAT_CASE, PATH_UNKNOWN, UPDATE_EMPTY
from aniva_sandbox.api.world import World
from aniva_sandbox.engine.contract.formats import parse_date
from aniva_sandbox.engine.contract.ground_rules import WORLD_FULL
from aniva_sandbox.engine.contract.operations import Call, Link, NoBody, NoQuery, operation, sent_fields
from aniva_sandbox.engine.contract.trace import Page, Trace
from aniva_sandbox.engine.world.state import require_room
from aniva_sandbox.laboratory.values import Language

__all__ = ["OPERATIONS"]

TAG = "Profiles"


@operation(
    "POST",
    "/profiles",
    tag=TAG,
    status=201,
    permissions=("create_user",),
    refuses=(PROFILE_GROUP_UNKNOWN, PROFILE_GROUP_CONTEXT, PROFILE_BIRTH_DATE, WORLD_FULL),
    follows=(PROFILE_DUPLICATES, PROFILE_HANDLE),
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
    group = _find_group(world, call)
    born = _past_date(world, body.date_of_birth, call.trace)
    require_room(world)
    if body.profile_group is not UNSET and body.profile_group_slug is not UNSET:
        call.trace.lean_on(PROFILE_GROUP_BOTH)
    _note_names(call.trace, body.first_name, body.last_name)
    _note_handle(call.trace)
    if not body.email:
        call.trace.lean_on(PROFILE_EMAIL_PLACEHOLDER)
    _note_email(world, body.email, call.trace)

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
        language=cast(Language, body.language),
        created_at=world.now,
    )
    world.profiles.add(profile)
    return kept_profile_view(world, profile)


@operation(
    "GET",
    "/profiles",
    tag=TAG,
    permissions=("profiles_view", "impersonate"),
    follows=(PROFILE_LIST_EMAIL,),
    links=(
        Link("get_profile", {"id": "$response.body#/0/id"}),
        Link("update_profile", {"id": "$response.body#/0/id"}),
    ),
)
def list_profiles(world: World, call: Call[ProfileQuery, NoBody]) -> list[ProfileView]:
    """List profiles

    All profiles of the key's groups, oldest first, a page at a time; or, by `email`, at most one.
    """
    query = call.query
    if query.email is not UNSET:
        matches = visible_profiles(call.access, world.profiles.with_email(query.email))
        if len(matches) > 1:
            call.trace.lean_on(PROFILE_LIST_EMAIL_OLDEST)
        return [kept_profile_view(world, profile) for profile in matches[:1]]
    visible = visible_profiles(call.access, world.profiles)
    end = query.offset + query.limit
    page = visible[query.offset : end]
    call.trace.page = Page("profiles", query.offset, len(page), len(visible), f"offset={end}")
    return [kept_profile_view(world, profile) for profile in page]


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
    return kept_profile_view(world, find_profile(world, call, call.id))


@operation(
    "PATCH",
    "/profiles/{id}",
    tag=TAG,
    path_id=ProfileId,
    permissions=("create_user",),
    refuses=(PATH_UNKNOWN, AUTH_CONTEXT, PROFILE_BIRTH_DATE),
    follows=(UPDATE_EMPTY, PROFILE_DUPLICATES, PROFILE_HANDLE),
    links=(Link("get_profile", {"id": "$response.body#/id"}),),
    example={"phone": "+14155552671", "height": 168, "weight": 65},
)
def update_profile(world: World, call: Call[NoQuery, ProfileUpdate]) -> ProfileView:
    """Update a profile

    Changes the fields that are sent. The group of a profile never changes.
    """
    profile = find_profile(world, call, call.id)
    changes = sent_fields(call.body)
    if "date_of_birth" in changes:
        changes["date_of_birth"] = _past_date(world, changes["date_of_birth"], call.trace)

    if changes:
        profile.updated_at = world.now
    else:
        call.trace.lean_on(UPDATE_EMPTY)
    if None in changes.values():
        call.trace.lean_on(PROFILE_UPDATE_NULL)
    _note_handle(call.trace)
    _note_names(call.trace, changes.get("first_name"), changes.get("last_name"))
    _note_email(world, changes.get("email"), call.trace, except_id=profile.id)
    changes.pop("password", None)
    if "email" in changes:
        world.profiles.change_email(profile, changes.pop("email"))
    for name, value in changes.items():
        setattr(profile, name, value)
    return kept_profile_view(world, profile)


def _find_group(world: World, call: Call[NoQuery, ProfileCreate]) -> ProfileGroup:
    """The group that a new profile names: `profile_group` by slug or id, otherwise `profile_group_slug` by slug
    only."""
    body = call.body
    slug, id = body.profile_group_slug or "", ""
    if body.profile_group is not UNSET:
        slug, id = body.profile_group, body.profile_group.lower()
    group = find_group(world, call, slug=slug, id=id, unknown=PROFILE_GROUP_UNKNOWN, outside=PROFILE_GROUP_CONTEXT)
    if id == group.id != slug:
        call.trace.lean_on(ID_FORMAT_CASE)
    return group


def _note_names(trace: Trace, *names: str | UnsetType | None) -> None:
    """One page allows only the letters A to Z."""
    if any(name and not name.isascii() for name in names):
        trace.lean_on(PROFILE_NAME_ACCENTS)
    if any(name and not name.isalpha() for name in names):
        trace.lean_on(PROFILE_NAME_MARKS)


def _note_handle(trace: Trace) -> None:
    if "handle" in trace.unknown_fields:
        trace.lean_on(PROFILE_HANDLE)


def _note_email(world: World, email: str | UnsetType | None, trace: Trace, *, except_id: str | None = None) -> None:
    if email and any(profile.id != except_id for profile in world.profiles.with_email(email)):
        trace.lean_on(PROFILE_DUPLICATES)


def _past_date(world: World, text: str, trace: Trace) -> date:
    born = parse_date(text)
    days = (born - world.now.date()).days
    if trace.weigh(PROFILE_BIRTH_DATE, days) and days >= 0:
        PROFILE_BIRTH_DATE.refuse("date_of_birth must be in the past")
    return born


OPERATIONS = (list_profiles, create_profile, get_profile, update_profile)
