"""Kinds of single value a case is told in, each with its limit or its reference book."""

from __future__ import annotations

from datetime import date, datetime
from decimal import Decimal
from typing import Annotated

from domain.kinds import Between, CodeOf, HasHappened, LiesAhead, Shape, TextLimit
from domain.personal import PersonalText, RestrictedText, StaffText

SHORT_TEXT_MAX = 200
LONG_TEXT_MAX = 8_000
SOURCE_NARRATIVE_MAX = 40_000
"""What another system took in is kept whole: the longest CFPB narrative seen has 16,045."""

ShortPersonalText = Annotated[PersonalText, TextLimit(SHORT_TEXT_MAX)]
LongPersonalText = Annotated[PersonalText, TextLimit(LONG_TEXT_MAX)]
ShortStaffText = Annotated[StaffText, TextLimit(SHORT_TEXT_MAX)]
LongStaffText = Annotated[StaffText, TextLimit(LONG_TEXT_MAX)]
ShortRestrictedText = Annotated[RestrictedText, TextLimit(SHORT_TEXT_MAX)]

_REFERENCE = "Letters A-Z and a-z, digits and . _ : / # -, at most 100; no spaces and no @."
ExternalRef = Annotated[str, Shape("reference", r"[A-Za-z0-9][A-Za-z0-9._:/#-]{0,99}", _REFERENCE)]
"""A key of another system: no spaces, no @, so that no name or mail address hides in it."""
_HAN = r"\u3400-\u4dbf\u4e00-\u9fff"
OwnerRef = Annotated[
    str,
    Shape(
        "owner",
        rf"[A-Za-z0-9{_HAN}][A-Za-z0-9{_HAN}._:/#-]{{0,99}}",
        "A team or a staff id: letters A-Z and a-z, Chinese characters, digits and . _ : / # -, "
        "at most 100; no spaces and no @. Kept in clear, so no person's name.",
    ),
]
"""Who sees to something: a team such as 仓库, or a staff id. Nothing compares it with an actor."""
SubjectRef = Annotated[str, Shape("subject_reference", r"[A-Za-z0-9][A-Za-z0-9._:/#-]{0,200}")]
"""A customer's reference, or `system:external_id` of an imported record that names nobody."""
CaseReference = Annotated[str, Shape("case_reference", r"C-[0-9]{4}-[0-9]{6,}")]
LocalId = Annotated[
    str, Shape("local_id", r"[A-Z][0-9]{1,6}", "A number inside the case, such as S1.")
]
"""A number inside one case: S1 a solution, E1 a piece of evidence, P1 a preventive action."""
Sha256 = Annotated[str, Shape("sha256", r"[0-9a-f]{64}", "64 hexadecimal digits in lower case.")]
MediaType = Annotated[
    str, Shape("media_type", r"[a-z0-9.+-]{1,60}/[a-z0-9.+-]{1,100}", "Such as image/png.")
]
Uri = Annotated[
    str,
    Shape(
        "uri",
        r"(https?|s3|gs|urn):[!-?A-~]{1,2000}",
        "A URI that begins with https:, http:, s3:, gs: or urn:, without spaces and @.",
    ),
]
"""Where a document lies. No @: neither a password nor a mail address hides in it."""
SourceText = Annotated[str, TextLimit(300, least=0)]
"""A value copied from a source's own record, e.g. its wording of an outcome."""
SourceNarrative = Annotated[PersonalText, TextLimit(SOURCE_NARRATIVE_MAX)]
"""The customer's own account, as a source's record gives it."""
VersionName = Annotated[
    str, Shape("version_name", r"[A-Za-z0-9][A-Za-z0-9._:/+-]{0,79}", "Such as sentiment-2.1.")
]

PlaybookStepId = Annotated[
    str,
    Shape(
        "playbook_step",
        r"[a-z_]{1,40}\.[a-z_]{1,40}\.[1-9][0-9]?",
        "A step of the case's playbook, such as customer_types.emotional.2.",
    ),
]
"""Book, code and number of a step, as `GET /v1/cases/{id}/playbook` names it."""

Channel = Annotated[str, CodeOf("channels")]
Currency = Annotated[str, CodeOf("currencies")]
Emotion = Annotated[str, CodeOf("emotions")]
Touchpoint = Annotated[str, CodeOf("touchpoints")]
OneToFive = Annotated[int, Between(1, 5)]
Score = Annotated[int, Between(0, 10)]
Attitude = Annotated[int, Between(-2, 2)]
Priority = Annotated[int, Between(1, 5)]
Count = Annotated[int, Between(0, 1_000_000)]
Ordinal = Annotated[int, Between(1, 1_000_000)]
"""A number that counts from 1: a place in a list, a version of a case."""
Percent = Annotated[int, Between(0, 100)]
Amount = Annotated[Decimal, Between(0, 1_000_000_000)]
SizeBytes = Annotated[int, Between(0, 1 << 40)]
PastInstant = Annotated[datetime, HasHappened()]
PastDay = Annotated[date, HasHappened()]
DueInstant = Annotated[datetime, LiesAhead()]
DueDay = Annotated[date, LiesAhead()]
