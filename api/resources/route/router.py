"""Who answers for a point or an address: one grid, its people, its department, and why."""

from datetime import date
from typing import TYPE_CHECKING, Annotated, cast

from fastapi import APIRouter, Depends, Request, Response
from fastapi.exceptions import RequestValidationError

from api.auth.principal import principal_of
from api.http import deps
from api.http.deps import CallerLanguage, SiteSettings
from api.http.openapi import example, problem_responses
from api.resources.route.question import Question, answer_point, check_category, private_answer
from api.resources.route.schemas import ROUTED, RouteAnswer
from api.resources.route.writer import AnswerWriter, LiveWriters
from geo.calendar import today
from geo.errors import Language
from geo.geocoding import service
from geo.settings import Settings

if TYPE_CHECKING:
    from geo.geocoding.service import GeocoderCache
    from geo.routing.live import Routers

router = APIRouter(prefix="/v1", tags=["routing"])


@router.get(
    "/route",
    operation_id="route",
    summary="Who answers for a point or an address: grid, people, department, and why",
    response_model=RouteAnswer,
    responses={**example(ROUTED), **problem_responses(401, 404, 422, 500, 503)},
)
def route(
    request: Request,
    settings: SiteSettings,
    language: CallerLanguage,
    question: Annotated[Question, Depends()],
) -> Response:
    """Give the grid of a point on a day, who holds its posts, and who answers for a category.

    Name longitude, latitude and datum, or an address. A point on a border belongs to the code that
    sorts first. An address that is not certain enough is not routed; the answer says so.
    """
    if question.address is not None:
        return private_answer(
            _by_address(request, settings, question.address, question.category, language)
        )
    if question.missing():
        raise _missing(question)
    writer = _writer(request, question.at, question.edition)
    return private_answer(answer_point(question, writer, language))


def _missing(question: Question) -> RequestValidationError:
    return RequestValidationError(
        [{"type": "missing", "loc": ("query", name), "input": None} for name in question.missing()]
    )


def _writer(request: Request, at: date | None, edition: int | None) -> AnswerWriter:
    routers = cast("Routers", request.app.state.routers)
    live = cast("LiveWriters", request.app.state.writers)
    with deps.translate_db_errors():
        if at is None and edition is None:
            return live.of(routers.today(), principal_of(request))
        with deps.open_session(request, request.app.state.engine) as session:
            return AnswerWriter(routers.on(session, at or today(), edition))


def _by_address(
    request: Request,
    settings: Settings,
    address: str,
    category: str | None,
    language: Language,
) -> bytes:
    routers = cast("Routers", request.app.state.routers)
    loaded = deps.gazetteer(request)
    with deps.translate_db_errors():
        writer = cast("LiveWriters", request.app.state.writers).of(
            routers.today(), principal_of(request)
        )
        if writer.router.snapshot.edition != loaded.edition:
            # Published this moment: one session sees one edition, of which both are.
            with deps.open_session(request, request.app.state.engine) as session:
                cache = cast("GeocoderCache", request.app.state.geocoders)
                loaded = cache.get(session, settings=settings)
                writer = AnswerWriter(routers.on(session, today()))
    check_category(writer.router.categories, category)
    found = service.located(loaded, [address], settings=settings).iloc[0]
    code = found["grid_code"]
    likely = code if code in writer.router.snapshot.names.index else None
    accepted = bool(found["accepted"]) and likely is not None
    decision = writer.router.decide_in(str(likely), category) if accepted else None
    return writer.of_address(
        decision,
        address={
            "level": found["level"],
            "probability": float(found["probability"]),
            "grid_probability": float(found["grid_probability"]),
            "accepted": accepted,
            "likely_grid": writer.named(likely),
            "faults": list(found["faults"]),
            "longitude": round(float(found["longitude"]), 7) if accepted else None,
            "latitude": round(float(found["latitude"]), 7) if accepted else None,
        },
        category=category,
        language=language,
        accept=settings.geocode_accept,
    )
