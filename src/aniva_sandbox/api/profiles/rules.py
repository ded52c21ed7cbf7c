"""The rules of profiles. Source: the Profiles page, and Create, Get, List and Update Profile in the reference."""

from aniva_sandbox.engine.contract.rules import Measure, Rule

__all__ = [
    "PROFILE_BIRTH_DATE",
    "PROFILE_DUPLICATES",
    "PROFILE_EMAIL",
    "PROFILE_EMAIL_FORM",
    "PROFILE_EMAIL_PLACEHOLDER",
    "PROFILE_GROUP",
    "PROFILE_GROUP_BOTH",
    "PROFILE_GROUP_CONTEXT",
    "PROFILE_GROUP_UNKNOWN",
    "PROFILE_HANDLE",
    "PROFILE_LANGUAGE",
    "PROFILE_LIST_EMAIL",
    "PROFILE_LIST_EMAIL_OLDEST",
    "PROFILE_LIST_PAGE",
    "PROFILE_LIST_PAGE_RANGE",
    "PROFILE_MEASURES",
    "PROFILE_NAME",
    "PROFILE_NAME_ACCENTS",
    "PROFILE_NAME_MARKS",
    "PROFILE_PHONE",
    "PROFILE_REQUIRED",
    "PROFILE_SEX",
    "PROFILE_UPDATE",
    "PROFILE_UPDATE_NULL",
    "RULES",
]

_PAGE = "Profiles page"
_CREATE = "partner documentation, page Create Profile"
_UPDATE = "partner documentation, page Update Profile"
_LIST = "partner documentation, page List Profiles"

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
    source=f"{_PAGE} has only profile_group_slug; Create Profile has profile_group, and deprecates the other",
    statuses=(400,),
    kind="format",
)
PROFILE_GROUP_BOTH = PROFILE_GROUP.clause(
    "both", "If profile_group and profile_group_slug are both given, profile_group wins."
)
PROFILE_GROUP_UNKNOWN = Rule(
    id="profile.group-unknown",
    sentence="The profile group must exist.",
    basis="documented",
    source=_CREATE,
    statuses=(404,),
)
PROFILE_GROUP_CONTEXT = Rule(
    id="profile.group-context",
    sentence="The profile group must be inside the key's access context.",
    basis="documented",
    source=_CREATE,
    statuses=(403,),
)
PROFILE_NAME = Rule(
    id="profile.name",
    sentence="Names consist of 1 to 100 Latin characters.",
    basis="documented",
    source=_PAGE,
    statuses=(400,),
    kind="format",
)
PROFILE_NAME_ACCENTS = PROFILE_NAME.clause(
    "accents",
    "Latin letters with accents are allowed.",
    basis="conflict",
    source=f"{_PAGE} says Latin characters; Create Profile says A to Z, and an example has an umlaut",
)
PROFILE_NAME_MARKS = PROFILE_NAME.clause(
    "marks", "Spaces, apostrophes, hyphens and full stops are allowed in a name that has at least one letter."
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
    measures=(Measure("days"),),
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
)
PROFILE_EMAIL_FORM = PROFILE_EMAIL.clause(
    "form",
    "An e-mail address has the form of RFC 5321, without a display name, and with a domain, not an IP address.",
    statuses=(400,),
    kind="format",
)
PROFILE_EMAIL_PLACEHOLDER = PROFILE_EMAIL.clause(
    "placeholder",
    "The placeholder for an omitted email is an address under placeholder.invalid, a domain that cannot exist.",
)
PROFILE_DUPLICATES = Rule(
    id="profile.duplicates",
    sentence="Several profiles may have the same e-mail address.",
    basis="assumed",
    source="the error table of Create Profile, which is complete, has no 409",
)
PROFILE_HANDLE = Rule(
    id="profile.handle",
    sentence="handle cannot be set through the API: it is ignored like any unknown field. Worlds may set it.",
    basis="conflict",
    source=f"{_PAGE} calls it optional at creation; Create Profile has no such field",
)
PROFILE_UPDATE = Rule(
    id="profile.update",
    sentence="An update of a profile accepts every field of creation except the group, and a password of 8 to 128 "
    "characters that is never returned.",
    basis="documented",
    source=_UPDATE,
    statuses=(400,),
    kind="format",
)
PROFILE_UPDATE_NULL = PROFILE_UPDATE.clause(
    "null",
    "In an update of a profile, null clears last_name, phone, height and weight.",
    source=f"{_PAGE} says that these fields may be null, no page says how they become it",
)
PROFILE_LIST_EMAIL = Rule(
    id="profile.list-email",
    sentence="With ?email= at most one profile is listed, which is in the context and has exactly this address, "
    "compared without case. limit and offset are still checked, but have no effect.",
    basis="documented",
    source=_LIST,
)
PROFILE_LIST_EMAIL_OLDEST = PROFILE_LIST_EMAIL.clause(
    "oldest", "If several profiles have the e-mail address that is searched for, the oldest one is listed."
)
PROFILE_LIST_PAGE = Rule(
    id="profile.list-page",
    sentence="A page holds up to limit profiles, 100 by default and at most 500, starting at offset.",
    basis="documented",
    source=_LIST,
    statuses=(400,),
    kind="format",
)
PROFILE_LIST_PAGE_RANGE = PROFILE_LIST_PAGE.clause(
    "range",
    "A limit that is not from 1 to 500 and an offset below 0 are refused, not adjusted.",
    statuses=(400,),
    kind="format",
)
PROFILE_LIST_PAGE_ORDER = PROFILE_LIST_PAGE.clause(
    "order", "Profiles are listed oldest first.", pervasive="It holds for every list of more than one profile."
)

RULES = (
    PROFILE_REQUIRED,
    PROFILE_GROUP,
    PROFILE_GROUP_BOTH,
    PROFILE_GROUP_UNKNOWN,
    PROFILE_GROUP_CONTEXT,
    PROFILE_NAME,
    PROFILE_NAME_ACCENTS,
    PROFILE_NAME_MARKS,
    PROFILE_SEX,
    PROFILE_BIRTH_DATE,
    PROFILE_PHONE,
    PROFILE_LANGUAGE,
    PROFILE_MEASURES,
    PROFILE_EMAIL,
    PROFILE_EMAIL_FORM,
    PROFILE_EMAIL_PLACEHOLDER,
    PROFILE_DUPLICATES,
    PROFILE_HANDLE,
    PROFILE_UPDATE,
    PROFILE_UPDATE_NULL,
    PROFILE_LIST_EMAIL,
    PROFILE_LIST_EMAIL_OLDEST,
    PROFILE_LIST_PAGE,
    PROFILE_LIST_PAGE_RANGE,
    PROFILE_LIST_PAGE_ORDER,
)
