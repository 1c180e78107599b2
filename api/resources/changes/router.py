"""What happened, in order: by pages, or as server-sent events."""

from functools import partial
from typing import cast

from fastapi import APIRouter, Request, Response
from sqlalchemy import Engine
from sqlalchemy.orm import Session
from starlette.responses import StreamingResponse

from api.auth.principal import Principal, principal_of, session_info
from api.http.deps import ReadSession
from api.http.openapi import example, problem_responses
from api.parameters.changes import ChangeCursor, ChangeKinds, LastEventId
from api.parameters.common import PageLimit
from api.resources.changes import schemas as shapes
from api.resources.changes import streams
from geo.changes import repository
from geo.changes.live import PAGE, Feed, take_numbers
from geo.changes.model import Page
from geo.changes.rules import LATEST, Cursor, cursor_of

router = APIRouter(prefix="/v1", tags=["changes"])

DEFAULT_LIMIT = 100


@router.get(
    "/changes",
    operation_id="changes",
    summary="What happened since a cursor, in order, without gaps or repeats",
    response_model=shapes.Changes,
    responses={
        200: {
            "content": {
                **example(shapes.CHANGES)[200]["content"],
                **example(shapes.STREAM, media_type=streams.MEDIA_TYPE)[200]["content"],
            }
        },
        **problem_responses(401, 410, 422, 500, 503),
    },
)
def changes(
    request: Request,
    response: Response,
    session: ReadSession,
    cursor: ChangeCursor = None,
    kind: ChangeKinds = None,
    limit: PageLimit = DEFAULT_LIMIT,
    last_event_id: LastEventId = None,
) -> shapes.Changes | Response:
    """Give what follows a cursor; with Accept: text/event-stream, go on as things happen.

    Send `next` back as `cursor`. Without one the feed begins with the oldest change that is kept;
    `latest` is its present end: take that cursor first, then read everything, then follow. An
    event's id is a cursor too, and Last-Event-ID comes before `cursor`.
    """
    kinds = frozenset(kind.split(",")) if kind else frozenset()
    streamed = streams.MEDIA_TYPE in request.headers.get("accept", "")
    named = (last_event_id if streamed else None) or cursor
    # In a transaction of its own, and before this request's session sees its one state.
    take_numbers(request.app.state.writing)
    start = _start(session, named)
    if streamed:
        return _stream(request, session, start, kinds)
    response.headers["Cache-Control"] = "no-store"
    page = repository.after(session, start, limit=limit or DEFAULT_LIMIT, kinds=kinds)
    return shapes.Changes(
        changes=[shapes.Change.model_validate(each, from_attributes=True) for each in page.changes],
        next=page.next,
        more=page.more,
    )


def _start(session: Session, named: str | None) -> Cursor | None:
    if named is None:
        return None
    return repository.latest(session) if named == LATEST else cursor_of(named)


def _stream(
    request: Request, session: Session, start: Cursor | None, kinds: frozenset[str]
) -> Response:
    cast("Feed", request.app.state.feed).check_room()
    # A cursor of no use is told now, while there is a status to tell it by.
    repository.after(session, start, limit=1)
    follow = cast("streams.Streams", request.app.state.streams).follow(
        start, kinds, principal_of(request)
    )
    return StreamingResponse(
        follow, media_type=streams.MEDIA_TYPE, headers={"Cache-Control": "no-store"}
    )


def page_reader(writing: Engine, reading: Engine) -> partial[Page]:
    """Give the function by which streams read from the database: the page behind a cursor."""
    return partial(_page, writing, reading)


def _page(writing: Engine, reading: Engine, cursor: Cursor | None, principal: Principal) -> Page:
    take_numbers(writing)
    with Session(reading, info=session_info(principal)) as session:
        return repository.after(session, cursor, limit=PAGE)
