"""The rules of profiles. Source: the Profiles page and the pages of the four operations."""

from aniva_sandbox.engine.contract.rules import Rule

__all__ = [
    "PROFILE_BIRTH_DATE",
    "PROFILE_DUPLICATES",
    "PROFILE_EMAIL",
    "PROFILE_GROUP",
    "PROFILE_GROUP_CONTEXT",
    "PROFILE_GROUP_UNKNOWN",
    "PROFILE_HANDLE",
    "PROFILE_LANGUAGE",
    "PROFILE_LIST_EMAIL",
    "PROFILE_LIST_PAGE",
    "PROFILE_MEASURES",
    "PROFILE_NAME",
    "PROFILE_PHONE",
    "PROFILE_REQUIRED",
    "PROFILE_SEX",
    "PROFILE_UPDATE",
    "RULES",
]

_PAGE = "Profiles page"
_OPERATION = "partner documentation, page of the operation"

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
    source=_OPERATION,
    statuses=(404,),
)
PROFILE_GROUP_CONTEXT = Rule(
    id="profile.group-context",
    sentence="The profile group must be inside the key's context.",
    basis="documented",
    source=_OPERATION,
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
    source=_OPERATION,
    statuses=(400,),
    kind="format",
    assumption="Which fields may be null, and that {} changes nothing.",
)
PROFILE_LIST_EMAIL = Rule(
    id="profile.list-email",
    sentence="With ?email= at most one profile is listed: the oldest in the context that has exactly this address, in "
    "any case. limit and offset must then be right, but do nothing.",
    basis="documented",
    source=_OPERATION,
    assumption="That it is the oldest.",
)
PROFILE_LIST_PAGE = Rule(
    id="profile.list-page",
    sentence="A page has up to limit profiles, 100 if not said and at most 500, from offset on; oldest first.",
    basis="documented",
    source=_OPERATION,
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
