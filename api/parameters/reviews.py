"""Parameters and fields of addresses, their review and the names learned from it."""

from typing import Annotated, Literal

from fastapi import Query
from pydantic import AfterValidator, Field

from api.parameters.definition import Usage, choice, define
from api.parameters.parsers import NAME, code_field, person_of
from geo.geocoding.aliases import STATES as ALIAS_STATES

REVIEW_STATES = ("open", "accept", "pick", "unknown", "not_in_banner", "settled")

_Q = Usage(
    "应为文字，例如 锡尼镇金鼎小区3号楼2单元501 或 jdxq",
    "it takes a text, for example 锡尼镇金鼎小区3号楼2单元501 or jdxq",
)
_ACTOR = Usage(
    "应写明由谁判定：1 至 100 字，首尾不为空格，不含控制字符，例如 王某（建安社区）",
    "it names who decides: 1 to 100 characters, no blank at either end and no control "
    "character, for example Wang, Jian'an community",
)
_ACTION = Usage(
    "应取其一：accept（接受）、pick（选定一处）、unknown（无法确定）、not_in_banner（不在本地）",
    "it takes one of: accept, pick, unknown, not_in_banner",
)

Address = Annotated[
    str,
    _Q,
    Query(
        description="An address as people write it, of any length, in any form.",
        examples=["锡尼镇金鼎小区3号楼2单元501"],
    ),
]
Typed = Annotated[
    str,
    _Q,
    Query(
        description="What was typed so far: characters, full pinyin or initials.",
        examples=["jdxq"],
    ),
]
ReviewState = Annotated[
    str | None,
    *choice(
        Usage(
            "应取其一：open（待核）、accept、pick、unknown、not_in_banner、settled",
            "it takes one of: open, accept, pick, unknown, not_in_banner, settled",
        ),
        *REVIEW_STATES,
        examples=["open"],
    ),
    Query(description="Only those in this state; open where none is named."),
]
AliasStanding = Annotated[
    str | None,
    *choice(
        Usage(
            "应取其一：proposed（待确认）、confirmed、withdrawn、dismissed",
            "it takes one of: proposed, confirmed, withdrawn, dismissed",
        ),
        *ALIAS_STATES,
        examples=["proposed"],
    ),
    Query(description="Only aliases that stand so; all where none is named."),
]
Actor = Annotated[
    str,
    *define(
        person_of,
        _ACTOR,
        type="string",
        minLength=1,
        maxLength=100,
        pattern=f"^{NAME}$",
        examples=["王某"],
    ),
    Query(description="Who does it, for the record."),
]
ActorField = Annotated[
    str,
    Field(
        min_length=1,
        max_length=100,
        pattern=f"^{NAME}$",
        description="Who decides, for the record and to tell two people from one.",
    ),
    AfterValidator(person_of),
    _ACTOR,
]
SayAction = Annotated[Literal["accept", "unknown", "not_in_banner"], _ACTION]
PickAction = Annotated[Literal["pick"], _ACTION]
TargetKind = Annotated[
    Literal["household", "building", "compound", "landmark", "organisation", "grid"],
    Usage(
        "选定一处（pick）时应写明类别：household、building、compound、landmark、"
        "organisation、grid；其他判定不写",
        "with pick it takes one of: household, building, compound, landmark, organisation, "
        "grid; it is left out otherwise",
    ),
]
TargetId = Annotated[
    str,
    Field(
        min_length=1,
        max_length=100,
        pattern=f"^{NAME}$",
        description="Its number as candidates and suggestions give it; of a grid, its code.",
    ),
    AfterValidator(code_field),
    Usage(
        "选定一处（pick）时应写明其编号（网格为编码），1 至 100 字；其他判定不写",
        "with pick it takes the number of the place (a grid's code), 1 to 100 characters; it "
        "is left out otherwise",
    ),
]
