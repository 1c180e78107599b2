"""Parameters and fields of incidents: what they are about, their numbers, keys, tags and texts."""

from typing import Annotated, Literal

from fastapi import Header, Path, Query
from pydantic import AfterValidator, BeforeValidator, Field

from api.parameters.definition import Usage, choice, define
from api.parameters.parsers import (
    CATEGORY,
    KEY,
    LINES,
    MAX_CATEGORY,
    NAME,
    category_of,
    code_field,
    key_of,
    name_of,
    shown_text,
    tags_of,
    whole_text,
)
from geo.incidents.model import UNPLACED
from geo.incidents.rules import states
from geo.text import plain

LISTED_STATES = (*states(), UNPLACED)

_CATEGORY = Usage(
    "应为事项类别编码，例如 city.heating；/v1/categories 列出全部",
    "it takes the code of a category, for example city.heating; /v1/categories lists them",
    "category.invalid",
)
_STATES = "collected、filed、dispatched、handled、reported、closed、evaluated"
_STATES_EN = _STATES.replace("、", ", ")
_NUMBER = Usage(
    "应为编号：1 至 100 字，首尾不为空格，不含控制字符，例如 E0000017",
    "it takes a number: 1 to 100 characters, no blank at either end and no control "
    "character, for example E0000017",
)
_AFTER = Usage(
    "应为上一页最后一个事件的编号，照 next 书写即可",
    "it takes the number of the last incident of the page before; `next` has it",
)

CategoryCode = Annotated[
    str | None,
    *define(
        category_of,
        _CATEGORY,
        type="string",
        pattern=f"^{CATEGORY}$",
        maxLength=MAX_CATEGORY,
        examples=["city.heating"],
    ),
    Query(description="What it is about: a network or a matter of it, see /v1/categories."),
]
IncidentCategory = Annotated[
    str | None,
    *define(
        category_of,
        _CATEGORY,
        type="string",
        pattern=f"^{CATEGORY}$",
        maxLength=MAX_CATEGORY,
        examples=["city.heating"],
    ),
    Query(description="Only of this category; a network means its matters too."),
]
IdempotencyKey = Annotated[
    str,
    *define(
        key_of,
        Usage(
            "应为这一次上报的键：1 至 200 个 ASCII 可见字符，首尾不为空格，例如一个 UUID；"
            "重发同一份上报时写同一个键",
            "it names this report: 1 to 200 visible ASCII characters, no blank at either end, for "
            "example a UUID; the same report sent again has the same key",
            "incident.key",
        ),
        type="string",
        minLength=1,
        maxLength=200,
        pattern=f"^{KEY}$",
        examples=["5f0c7f7e-8f8e-4d0b-9a53-0c1f9e0d3b11"],
    ),
    Header(
        alias="Idempotency-Key",
        description="Names this report, for example a UUID. Sent again with the same report, after "
        "an answer that got lost, it makes no second incident.",
    ),
]
IfMatch = Annotated[
    str | None,
    *define(
        tags_of,
        Usage(
            "应原样写所见事件的 ETag；无论现状如何都要改则写 *",
            "it takes the ETag of the incident that you saw, as it came; * whatever it is now",
            "incident.version",
        ),
        type="string",
        pattern=r'^(\*|(W/)?"[!#-~]*")$',
        examples=['"9c1185a5c5e9fc54"'],
    ),
    Header(
        alias="If-Match",
        description="The ETag of the incident as you saw it; `*` changes it whatever became of it.",
    ),
]
ExternalId = Annotated[
    str,
    *define(
        name_of,
        _NUMBER,
        type="string",
        minLength=1,
        maxLength=100,
        pattern=f"^{NAME}$",
        examples=["E0000017"],
    ),
    Path(description="Number of an incident; slashes in it may stay as they are."),
]
AfterIncident = Annotated[
    str | None,
    *define(
        name_of,
        _AFTER,
        type="string",
        minLength=1,
        maxLength=100,
        pattern=f"^{NAME}$",
        examples=["E0000017"],
    ),
    Query(description="Only incidents whose number sorts after this one."),
]
IncidentState = Annotated[
    str | None,
    *choice(
        Usage(
            f"应取其一：{_STATES}，或 unplaced（没有网格、待定位）",
            f"it takes one of: {_STATES_EN}; or unplaced: those that wait for a grid",
        ),
        *LISTED_STATES,
        examples=[UNPLACED],
    ),
    Query(
        description="Only those in this state; `unplaced`: those that have no grid and have not "
        "ended, each with the reason."
    ),
]

StateField = Annotated[
    Literal["collected", "filed", "dispatched", "handled", "reported", "closed", "evaluated"],
    Usage(f"应取其一：{_STATES}", f"it takes one of: {_STATES_EN}"),
]
Level = Literal["grid", "community", "above"]
LevelField = Annotated[
    Level,
    Usage(
        "结案时取其一：grid（网格）、community（社区）、above（社区以上）",
        "with the state closed it takes one of: grid, community, above",
    ),
]
CategoryField = Annotated[
    str,
    BeforeValidator(lambda given: plain(given) if isinstance(given, str) else given),
    Field(
        pattern=f"^{CATEGORY}$",
        max_length=MAX_CATEGORY,
        description="Code of a network or a matter, see /v1/categories.",
    ),
    _CATEGORY,
]
NumberField = Annotated[
    str,
    Field(min_length=1, max_length=100, pattern=f"^{NAME}$"),
    AfterValidator(code_field),
    _NUMBER,
]
AddressField = Annotated[
    str,
    Field(
        min_length=1,
        max_length=500,
        pattern=r"^[^\x00-\x20\x7f]([^\x00-\x1f\x7f]{0,498}[^\x00-\x20\x7f])?$",
    ),
    AfterValidator(shown_text),
    Usage(
        "应为文字地址，1 至 500 字，首尾不为空格，不含控制字符，例如 锡尼镇金鼎小区3号楼",
        "it takes an address of 1 to 500 characters, no blank at either end and no control "
        "character, for example 锡尼镇金鼎小区3号楼",
    ),
]
DescriptionField = Annotated[
    str,
    Field(max_length=4000, pattern=f"^{LINES}*$"),
    AfterValidator(whole_text),
    Usage(
        "应为文字，至多 4000 字，不含控制字符（换行除外）",
        "it takes a text of at most 4000 characters, without control characters but for new lines",
    ),
]
NoteField = Annotated[
    str,
    Field(min_length=1, max_length=1000, pattern=f"^{LINES}+$"),
    AfterValidator(shown_text),
    Usage(
        "应为文字，1 至 1000 字，不含控制字符（换行除外）",
        "it takes a text of 1 to 1000 characters, without control characters but for new lines",
    ),
]
