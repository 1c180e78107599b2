"""Who answers for a point or an address: one grid, its people, its department, and why."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from typing import TYPE_CHECKING, Annotated, cast

from fastapi import APIRouter, Depends, Request, Response
from fastapi.exceptions import RequestValidationError
from sqlalchemy.orm import Session

from api import deps
from api.deps import CallerLanguage, SiteSettings
from api.errors import ParameterError
from api.openapi import example, problem_responses
from api.parameters import (
    AccuracyM,
    CategoryCode,
    Day,
    EditionNumber,
    OptionalDatum,
    OptionalLatitude,
    OptionalLongitude,
    RouteAddress,
)
from api.route_answers import Answers, LiveAnswers
from api.schemas.route import ROUTED, RouteAnswer
from geo.calendar import today
from geo.crs import one_to_cgcs2000
from geo.errors import Language
from geo.geocoding import service
from geo.routing.model import Category
from geo.settings import Settings

if TYPE_CHECKING:
    from geo.geocoding.service import GeocoderCache
    from geo.routing.live import Routers

router = APIRouter(prefix="/v1", tags=["routing"])


class PointAndAddressError(ParameterError):
    """A point and an address at once: they may disagree."""

    code = "route.point_and_address"
    zh = "address 与 {given} 不能同时给出：两者可能指向不同的地方。请只保留坐标或只保留 address。"
    en = "address and {given} cannot both be given: they may disagree. Keep the point or address."


class PastAddressError(ParameterError):
    """The gazetteer is of today."""

    code = "route.past_address"
    zh = "地址只能按今天的地名库和网格定位，不能与 {parameter} 同用。请改用坐标查询过去的日期。"
    en = (
        "Addresses are read with today's gazetteer and grids; {parameter} cannot be named with "
        "one. Ask for a past day by a point."
    )


class CategoryUnknownError(ParameterError):
    """A category that is not in the list."""

    code = "category.unknown"
    zh = "没有编码为“{got}”的事项类别；相近的有：{near}。/v1/categories 列出全部。"
    en = "There is no category {got!r}; near to it: {near}. /v1/categories lists them all."


POINT = ("longitude", "latitude", "datum")


@dataclass(frozen=True)
class Question:
    """A point in the datum that the caller names, or an address; what it is about, and when.

    Raises
    ------
    PointAndAddressError, PastAddressError
        If what is named does not go together.
    """

    longitude: OptionalLongitude = None
    latitude: OptionalLatitude = None
    datum: OptionalDatum = None
    accuracy_m: AccuracyM = None
    category: CategoryCode = None
    address: RouteAddress = None
    at: Day = None
    edition: EditionNumber = None

    def __post_init__(self) -> None:
        if self.address is None:
            return
        given = [name for name in (*POINT, "accuracy_m") if getattr(self, name) is not None]
        if given:
            raise PointAndAddressError("address", given=", ".join(given))
        for name in ("at", "edition"):
            if getattr(self, name) is not None:
                raise PastAddressError(name)


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
    asked: Annotated[Question, Depends()],
) -> Response:
    """Give the grid of a point on a day, who holds its posts, and who answers for a category.

    Name longitude, latitude and datum, or an address. A point on a border belongs to the code that
    sorts first. An address that is not certain enough is not routed; the answer says so.
    """
    if asked.address is not None:
        return _private(_by_address(request, settings, asked.address, asked.category, language))
    if asked.longitude is None or asked.latitude is None or asked.datum is None:
        raise _missing(asked)
    answers = _answers(request, asked.at, asked.edition)
    check_category(answers.router.categories, asked.category)
    longitude, latitude = one_to_cgcs2000(
        longitude=asked.longitude, latitude=asked.latitude, datum=asked.datum
    )
    decision = answers.router.decide(
        longitude=longitude,
        latitude=latitude,
        category=asked.category,
        accuracy_m=asked.accuracy_m,
    )
    body = answers.of(
        decision,
        longitude=longitude,
        latitude=latitude,
        category=asked.category,
        language=language,
        accuracy_m=asked.accuracy_m,
    )
    return _private(body)


def _missing(asked: Question) -> RequestValidationError:
    names = [name for name in POINT if getattr(asked, name) is None]
    return RequestValidationError(
        [{"type": "missing", "loc": ("query", name), "input": None} for name in names]
    )


def _private(body: bytes) -> Response:
    # A position is nobody's business but the caller's.
    headers = {"Cache-Control": "no-store"}
    return Response(body, media_type="application/json", headers=headers)


def _answers(request: Request, at: date | None, edition: int | None) -> Answers:
    routers = cast("Routers", request.app.state.routers)
    live = cast("LiveAnswers", request.app.state.answers)
    with deps.told():
        if at is None and edition is None:
            return live.of(routers.today())
        with Session(request.app.state.engine) as session:
            return Answers(routers.on(session, at or today(), edition))


def check_category(categories: Mapping[str, Category], category: str | None) -> None:
    """Refuse the code of a category that there is not; name those near it.

    Raises
    ------
    CategoryUnknownError
    """
    if category is not None and category not in categories:
        from difflib import get_close_matches  # noqa: PLC0415 - only who is refused waits for it

        near = get_close_matches(category, categories, n=3, cutoff=0.0)
        raise CategoryUnknownError("category", got=category[:60], near=", ".join(near) or "—")


def _by_address(
    request: Request,
    settings: Settings,
    address: str,
    category: str | None,
    language: Language,
) -> bytes:
    cache = cast("GeocoderCache", request.app.state.geocoders)
    routers = cast("Routers", request.app.state.routers)
    with deps.told(), Session(request.app.state.engine) as session:
        # One session sees one edition: the gazetteer's grids are the router's.
        loaded = cache.get(session, settings=settings)
        answers = Answers(routers.on(session, today()))
    check_category(answers.router.categories, category)
    found = service.located(loaded, [address], settings=settings).iloc[0]
    code = found["grid_code"]
    likely = code if code in answers.router.snapshot.names.index else None
    accepted = bool(found["accepted"]) and likely is not None
    decision = answers.router.decide_in(str(likely), category) if accepted else None
    return answers.of_address(
        decision,
        address={
            "level": found["level"],
            "probability": float(found["probability"]),
            "grid_probability": float(found["grid_probability"]),
            "accepted": accepted,
            "likely_grid": answers.named(likely),
            "faults": list(found["faults"]),
            "longitude": round(float(found["longitude"]), 7) if accepted else None,
            "latitude": round(float(found["latitude"]), 7) if accepted else None,
        },
        category=category,
        language=language,
        accept=settings.geocode_accept,
    )
