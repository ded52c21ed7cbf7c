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
    sentence="Creating a profile requires first_name, sex, date_of_birth and a group.",
    basis="documented",
    source=_PAGE,
    statuses=(400,),
    kind="format",
)
PROFILE_GROUP = Rule(
    id="profile.group",
    sentence="A new profile names its group in profile_group, by UUID or slug, or in profile_group_slug, by slug.",
    basis="conflict",
    source=f"{_PAGE} has only the slug field; other pages deprecate it",
    statuses=(400,),
    kind="format",
    assumption="Both work, and profile_group wins if both are given.",
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
    sentence="The profile group must be inside the key's access context.",
    basis="documented",
    source=_OPERATION,
    statuses=(403,),
)
PROFILE_NAME = Rule(
    id="profile.name",
    sentence="Names are 1 to 100 Latin letters (accents allowed), spaces, apostrophes, hyphens and full stops, with at "
    "least one letter. The message names the first few characters that are not allowed.",
    basis="conflict",
    source=f"{_PAGE} says Latin characters; another page says A to Z, and an example has an umlaut",
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
    sentence="date_of_birth is a calendar date, written YYYY-MM-DD, before today in UTC.",
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
    sentence="language is en, de or fi; en by default.",
    basis="documented",
    source=_PAGE,
    statuses=(400,),
    kind="format",
)
PROFILE_MEASURES = Rule(
    id="profile.measures",
    sentence="height (cm) and weight (kg) are numbers above 0.",
    basis="assumed",
    source="not documented",
    statuses=(400,),
    kind="format",
)
PROFILE_EMAIL = Rule(
    id="profile.email",
    sentence="email is an e-mail address; if omitted, a placeholder unique to the profile is generated.",
    basis="documented",
    source=_PAGE,
    statuses=(400,),
    kind="format",
    assumption="The form of the placeholder: an address under a reserved domain.",
)
PROFILE_DUPLICATES = Rule(
    id="profile.duplicates",
    sentence="Several profiles may have the same e-mail address.",
    basis="assumed",
    source="the complete error table of the operation has no 409",
)
PROFILE_HANDLE = Rule(
    id="profile.handle",
    sentence="handle cannot be set through the API.",
    basis="conflict",
    source=f"{_PAGE} calls it optional at creation; the page of the operation has no such field",
    assumption="It is ignored like any unknown field; worlds may set it.",
)
PROFILE_UPDATE = Rule(
    id="profile.update",
    sentence="An update accepts every field of creation except the group, and a password of 8 to 128 characters that "
    "is never returned; null clears last_name, phone, height and weight.",
    basis="documented",
    source=_OPERATION,
    statuses=(400,),
    kind="format",
    assumption="Which fields may be null; {} changes nothing.",
)
PROFILE_LIST_EMAIL = Rule(
    id="profile.list-email",
    sentence="With ?email= at most one profile is listed: the oldest in the context with exactly this address, "
    "compared without case. limit and offset are still checked, but have no effect.",
    basis="documented",
    source=_OPERATION,
    assumption="The oldest is listed.",
)
PROFILE_LIST_PAGE = Rule(
    id="profile.list-page",
    sentence="A page holds up to limit profiles, 100 by default and at most 500, starting at offset; oldest first.",
    basis="documented",
    source=_OPERATION,
    statuses=(400,),
    kind="format",
    assumption="The order; values out of range are refused.",
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
