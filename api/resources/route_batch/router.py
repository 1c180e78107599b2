"""Files of points: CSV, JSON lines or GeoParquet in, the same with an answer in each row out."""

from dataclasses import replace
from datetime import date
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any, cast

from fastapi import APIRouter, Request, Response
from starlette.exceptions import HTTPException
from starlette.requests import ClientDisconnect

from api.auth.principal import principal_of
from api.http import deps
from api.http.deps import CallerLanguage
from api.http.openapi import problem_responses
from api.http.strict_bodies import BodyRoute
from api.parameters.days import Day, EditionNumber
from api.parameters.incidents import CategoryCode
from api.parameters.places import DatumName
from api.resources.route.question import check_category
from api.resources.route_batch.schemas import ASKED, ROUTED_ROWS
from api.workers.batches import BatchAnswer, Batches, Turn, turn_of
from geo.calendar import today
from geo.files.limits import Limits
from geo.files.model import Kind
from geo.routing import days as routing_days
from geo.routing import repository
from geo.routing.batch import Job, Supply

if TYPE_CHECKING:
    from geo.routing.live import Routers
    from geo.settings import Settings

router = APIRouter(prefix="/v1", tags=["routing"], route_class=BodyRoute)

PATH = "/v1/route/batch"
UNSUPPORTED = 415
UNHEARD = 400  # whoever sent half a file and left
CSV, LINES, PARQUET = "text/csv", "application/x-ndjson", "application/vnd.apache.parquet"
KINDS: dict[str, Kind] = {CSV: "csv", LINES: "ndjson", PARQUET: "parquet"}
_PARTICULARS: dict[str, dict[str, Any]] = {
    CSV: {"schema": {"type": "string"}},
    LINES: {"schema": {"type": "string"}},
    PARQUET: {"schema": {"type": "string", "format": "binary"}},
}


@router.post(
    "/route/batch",
    operation_id="route_batch",
    summary="Route a file of points: one row out for each row in, in order",
    response_class=Response,
    responses={
        200: {
            "content": {m: {**how, "example": ROUTED_ROWS[m]} for m, how in _PARTICULARS.items()}
        },
        **problem_responses(401, 404, 413, 415, 422, 500, 503),
    },
    openapi_extra={
        "requestBody": {
            "required": True,
            "content": {m: {**how, "example": ASKED[m]} for m, how in _PARTICULARS.items()},
        }
    },
)
async def route_batch(
    request: Request,
    language: CallerLanguage,
    datum: DatumName,
    category: CategoryCode = None,
    at: Day = None,
    edition: EditionNumber = None,
) -> Response:
    """Give each row its grid and department, or what is wrong with it.

    Columns longitude and latitude (or the geometry of a GeoParquet file), and if there are any
    category, accuracy_m and at (a day), by these or the usual Chinese and English headings.
    `category` is for rows that name none; `at` is for all rows. A row that cannot be routed has a
    `problem`. Files may have millions of rows; the answer comes as it is made, in the form of the
    file unless Accept names another of the three.
    """
    came, wanted = _forms(request)
    settings = cast("Settings", request.app.state.settings)
    batches = cast("Batches", request.app.state.batches)
    try:
        async with turn_of(batches, f".{KINDS[came]}") as turn:
            await batches.save(turn, request.stream())
            job = Job(
                path=turn.path,
                kind=KINDS[wanted],
                datum=datum,
                charset=_charset(request),
                category=category,
                at=at,
                today=today(),
                language=language,
                limits=replace(Limits.of(settings), file_mb=settings.route_batch_mb),
            )
            await batches.begin(turn, job, partial(_supply, request, turn, job, edition))
            media_type = f"{wanted}; charset=utf-8" if wanted == CSV else wanted
            return BatchAnswer(batches, turn, media_type=media_type)
    except ClientDisconnect:
        return Response(status_code=UNHEARD)


def _forms(request: Request) -> tuple[str, str]:
    """Give the form of the body, and that of the answer: the first of ours that is accepted."""
    came = _plain(request.headers.get("content-type", ""))
    if came not in KINDS:
        raise HTTPException(UNSUPPORTED)
    accepted = map(_plain, request.headers.get("accept", "").split(","))
    return came, next((each for each in accepted if each in KINDS), came)


def _plain(media_type: str) -> str:
    return media_type.partition(";")[0].strip().lower()


def _charset(request: Request) -> str | None:
    for part in request.headers.get("content-type", "").split(";")[1:]:
        name, _, value = part.strip().partition("=")
        if name.strip().lower() == "charset":
            return value.strip().strip('"') or None
    return None


def _supply(
    request: Request, turn: Turn, job: Job, edition: int | None, *, dated: bool, days: set[date]
) -> Path:
    """Write what a file is routed with to the disk; called in a thread.

    Raises
    ------
    BannerGridError
        As a single question would be told.
    """
    live = cast("Routers", request.app.state.routers)
    batches = cast("Batches", request.app.state.batches)
    with deps.translate_db_errors():
        if not dated and job.at is None and edition is None:
            now = live.today()
            check_category(now.categories, job.category)
            routers = {job.today: routing_days.without_posts(now)}
            key = (principal_of(request), now)
            return batches.supply(key, lambda: Supply(routers, now.categories), turn)
        with deps.open_session(request, request.app.state.engine) as session:
            categories = repository.categories(session)
            check_category(categories, job.category)
            routers = routing_days.routers(live, session, days, edition)
            day = job.at or job.today
            if not dated and day not in routers:
                live.on(session, day, edition)  # which says why there is none
    return batches.supply(None, lambda: Supply(routers, categories), turn)
