"""A place through the months: what it was, on the grids of today, and whether it falls behind."""

from fastapi import APIRouter, Request, Response
from pydantic_core import to_json

from api.http.deps import Cache, CallerLanguage, ReadSession, SiteSettings
from api.http.openapi import problem_responses
from api.parameters.figures import (
    PICTURED_FORMS,
    Fields,
    MeasureName,
    PicturedForm,
    names_of,
)
from api.parameters.places import PlaceCode
from api.products import figures, forms, place_pictures
from api.products import series as answers
from api.resources.series.schemas import SERIES, Series

router = APIRouter(prefix="/v1", tags=["coverage"])


@router.get(
    "/series/{code}",
    operation_id="series",
    summary="The months of a grid, a town or the banner",
    response_model=Series,
    responses={
        **forms.described(SERIES, *PICTURED_FORMS),
        **problem_responses(401, 404, 410, 422, 500, 503),
    },
)
def series(  # noqa: PLR0913 - one for each parameter
    *,
    request: Request,
    session: ReadSession,
    settings: SiteSettings,
    cache: Cache,
    language: CallerLanguage,
    code: PlaceCode,
    fields: Fields = None,
    form: PicturedForm = None,
    measure: MeasureName = None,
) -> Response:
    """Give the figures of a place month by month, oldest first, on the grids of today.

    Months that are known only as totals of the grids of that time are carried over: then
    `interpolated` says which share of the households had to be divided. `redraw` marks months in
    which an edition gave the place households or took some. `trend` compares a compound's last
    months with those of its community. A picture shows one `measure`.
    """
    form = form or "json"

    def make() -> bytes:
        every = cache.months(session)
        rows = answers.months_of(session, every, code=code, settings=settings)
        if form in ("png", "html"):
            draw = place_pictures.series_page if form == "html" else place_pictures.series_picture
            return draw(session, every, rows, measure=measure or "coverage", language=language)
        if form != "json":
            names = [*names_of(fields), *answers.BESIDE]
            return figures.file(session, rows, form, language=language, names=names)
        return to_json(answers.answer(session, every, rows, code=code, fields=fields))

    key = ("series", form, code, fields, measure, language)
    name = f"series-{code}"
    return cache.get(session, key, lambda: forms.cached_body(make(), form, name=name)).respond(
        request
    )
