"""Parameters of the feed of changes."""

from typing import Annotated

from fastapi import Header, Query

from api.parameters.definition import Usage, define
from api.parameters.parsers import CHANGE_KIND, CURSOR, change_cursor, change_kinds, event_id
from geo.changes.rules import LATEST, CursorError

ChangeCursor = Annotated[
    str | None,
    *define(
        change_cursor,
        Usage(
            "应原样写上次答复中的 next；latest 为当前末尾；从头开始则不写",
            "it takes the `next` of the answer before, as it came, or latest; none to begin at "
            "the beginning",
            CursorError.code,
        ),
        type="string",
        pattern=f"^({LATEST}|{CURSOR})$",
        examples=["latest", "0"],
    ),
    Query(description="The `next` of the answer before; `latest` for the present end."),
]
LastEventId = Annotated[
    str | None,
    *define(
        event_id,
        Usage(
            "应为上一个事件的 id，原样写",
            "it takes the id of the last event, as it came",
            CursorError.code,
        ),
        type="string",
        pattern=f"^({CURSOR})$",
        examples=["0"],
    ),
    Header(
        alias="Last-Event-ID",
        description="Of a stream: the id of the last event that came. Browsers send it.",
    ),
]
ChangeKinds = Annotated[
    str | None,
    *define(
        change_kinds,
        Usage(
            "应取其一或以逗号分隔的几个：edition、household、incident、post、rules、categories",
            "it takes one or more of: edition, household, incident, post, rules, categories, "
            "separated by commas",
        ),
        type="string",
        pattern=f"^({CHANGE_KIND})(,({CHANGE_KIND}))*$",
        examples=["edition,post"],
    ),
    Query(description="Only changes of these kinds, separated by commas; all where none."),
]
