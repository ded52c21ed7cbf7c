"""The records of profiles and their groups."""

from collections.abc import Iterable
from datetime import date, datetime
from operator import attrgetter
from typing import Annotated, Literal

import msgspec
from msgspec import Meta

from aniva_sandbox.api.values import Phone
from aniva_sandbox.engine.contract.values import Email, Label, Measure, Slug, UuidText, refers_to
from aniva_sandbox.engine.world.sections import Section, Written, by_key
from aniva_sandbox.engine.world.tables import Table
from aniva_sandbox.laboratory.values import Language, Name

__all__ = ["PROFILES", "PROFILE_GROUPS", "Profile", "ProfileGroup", "Profiles"]


class ProfileGroup(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """A group of a partner's profiles."""

    id: UuidText
    slug: Slug
    name: Label


class Profile(msgspec.Struct, gc=False, forbid_unknown_fields=True):
    """A patient. Passwords are not stored anywhere."""

    id: UuidText
    group: Annotated[str, refers_to("profile group")]
    handle: Annotated[Label, Meta(description="A user name.")] | None
    first_name: Name
    last_name: Name | None
    email: Email
    phone: Phone | None
    sex: Annotated[Literal[1, 2], Meta(description="1 male, 2 female.")]
    date_of_birth: date
    height: Annotated[Measure, Meta(description="Centimetres.")] | None
    weight: Annotated[Measure, Meta(description="Kilograms.")] | None
    language: Annotated[Language, Meta(description="The language of texts to the patient, and of reports.")]
    created_at: datetime
    updated_at: datetime | None = None
    ordinal: int = 0
    """Its position in the order of creation; set by the table."""


_ordinal = attrgetter("ordinal")


class Profiles(Table[Profile]):
    """Profiles, also indexed by e-mail (which is not unique)."""

    def __init__(self, records: Iterable[Profile] = ()) -> None:
        self._by_email: dict[str, dict[str, Profile]] = {}
        super().__init__(records)

    def add(self, record: Profile) -> None:
        record.ordinal = len(self)
        super().add(record)
        self._index(record)

    def change_email(self, record: Profile, email: str) -> None:
        """Change the e-mail address of a profile."""
        del self._by_email[record.email.lower()][record.id]
        record.email = email
        self._index(record)

    def with_email(self, email: str) -> list[Profile]:
        """The profiles with this e-mail address, compared without case, oldest first."""
        return sorted(self._by_email.get(email.lower(), {}).values(), key=_ordinal)

    def _index(self, record: Profile) -> None:
        self._by_email.setdefault(record.email.lower(), {})[record.id] = record


PROFILE_GROUPS = Section(
    name="profile_groups",
    record=ProfileGroup,
    noun="profile group",
    key="slug",
    unique=("slug", "id"),
    table=by_key("slug"),
    fixed=True,
    description="The groups that profiles belong to.",
    written=Written(),
)
PROFILES = Section(
    hinted=True,
    name="profiles",
    record=Profile,
    noun="profile",
    table=Profiles,
    counted=True,
    ids="profile",
    description="Patients, in order of creation.",
    written=Written(
        left_out=frozenset({"ordinal"}), defaults={"language": "en"}, lookups={"group": ("profile_groups", "slug")}
    ),
)
