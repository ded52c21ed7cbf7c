"""How profiles are shown."""

from collections.abc import Iterator
from typing import Final

from aniva_sandbox.api.profiles.records import Profile, ProfileGroup
from aniva_sandbox.api.profiles.wire import profile_view
from aniva_sandbox.api.showing.common import (
    access_fact,
    patient_name,
    related_appointment,
    related_document,
    related_order,
)
from aniva_sandbox.api.world import World
from aniva_sandbox.engine.world.showing import Column, RecordFact, RelatedRecord, SectionShowing, write_instant

__all__ = ["PROFILES"]


def _group(world: World, profile: Profile) -> ProfileGroup:
    return next(group for group in world.profile_groups.values() if group.id == profile.group)


def _facts(world: World, profile: Profile) -> Iterator[RecordFact]:
    group = _group(world, profile)
    yield RecordFact("Group", group.slug, group.name)
    yield access_fact(world, profile)
    same = [each.id for each in world.profiles.with_email(profile.email) if each is not profile]
    if same:
        yield RecordFact("Same e-mail address", ", ".join(same), "A list by e-mail returns the oldest of them.")


def _related(world: World, profile: Profile) -> Iterator[RelatedRecord]:
    group = _group(world, profile)
    yield RelatedRecord("profile_groups", group.slug, group.name, "group")
    for appointment in reversed([*world.appointments.of_profile(profile.id)]):
        yield related_appointment(world, appointment)
        order = world.orders.get(appointment.id)
        if order is not None:
            yield related_order(world, order)
            for id in order.document_ids:
                yield related_document(world, world.documents[id])


PROFILES: Final = SectionShowing(
    title="Profiles",
    columns=(
        Column("Name", lambda _world, profile: patient_name(profile)),
        Column("E-mail", lambda _world, profile: profile.email),
        Column("Born", lambda _world, profile: str(profile.date_of_birth)),
        Column("Group", lambda world, profile: _group(world, profile).slug),
        Column("Created", lambda _world, profile: write_instant(profile.created_at), lambda _world, each: each.ordinal),
    ),
    name=lambda _world, profile: patient_name(profile),
    fields=lambda _world, profile: profile_view(profile),
    newest_first=True,
    facts=_facts,
    related=_related,
)
